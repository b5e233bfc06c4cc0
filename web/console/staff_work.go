package console

import (
	"net/http"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/web/ui"
)

// staffWork is what somebody has in hand: what must find another owner when
// they leave or move, so that nothing is orphaned.
func (s *Server) staffWork(w http.ResponseWriter, r *http.Request) error {
	x, v, err := s.staffFrame(r, "/work")
	if err != nil {
		return err
	}
	a, _ := s.actor(r)
	p := workParts{Left: x.Status != access.Active}
	page := core.PageRequest{Limit: 100}
	if s.may(r, "cases.case.list", core.KindCase) {
		found, err := command.Ask(r.Context(), s.Road, a, cases.ListCasesQuery, cases.ListCases{State: cases.StateOpen, Owner: x.ID, Page: page})
		if err != nil {
			return err
		}
		p.add("Cases that they own", "Open one to give it another owner.", s.caseTable(r, found.Rows))
	}
	if s.mayAbout(r, "cases.finding.list", core.KindFinding, x.ID) {
		found, err := command.Ask(r.Context(), s.Road, a, cases.ListFindingsQuery, cases.ListFindings{About: x.ID, Waiting: true, Page: page})
		if err != nil {
			return err
		}
		p.add("Findings about them that wait", "Somebody else explains them by a case, in their own words.", findingLines(found.Rows))
	}
	if s.may(r, "command.proposal.list", core.KindProposal) {
		found, err := command.Ask(r.Context(), s.Road, a, command.ListInboxQuery, command.ListInbox{Tab: command.TabOpen, Maker: x.ID, Page: page})
		if err != nil {
			return err
		}
		p.add("What they asked for and nobody has decided", "Whose maker has left cannot be executed any more: refuse it, and let a colleague ask anew.", s.proposalLines(found.Rows))
	}
	mine, err := s.elsewhereAccounts(r, elsewhere.ListAccounts{Holder: x.ID, Show: elsewhere.ShowOpen, Page: page})
	if err != nil {
		return err
	}
	p.add("Accounts in systems elsewhere", "Once they have left, each is to be closed there, with proof, by two others.", s.accountsElsewhere(r, mine.Rows))
	p.add("People who work for them", "Move them to another manager.", reportLines(x))
	return s.render(w, r, v, workBody(p))
}

// workParts are the lists of the page.
type workParts struct {
	Left  bool
	Lists []workList
}

type workList struct {
	Title, Text string
	Table       ui.TableView
}

func (p *workParts) add(title, text string, t ui.TableView) {
	t.Caption = title
	p.Lists = append(p.Lists, workList{title, text, t})
}

// open counts what waits.
func (p workParts) open() (n int) {
	for _, l := range p.Lists {
		n += len(l.Table.Rows)
	}
	return n
}

func findingLines(rows []cases.FindingView) ui.TableView {
	t := ui.TableView{Columns: []ui.Column{{Title: "Finding", Primary: true, Tight: true}, {Title: "What was found"}, {Title: "Severity", Tight: true}}}
	for _, f := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(f.ID), Href: findingPath(f.ID), Cells: []templ.Component{
			ui.Val(ui.Code(f.ID.Short())), ui.Val(seen(f.Text, f.TextMasked)), ui.Status(severity(f.Severity)),
		}})
	}
	return t
}

func (s *Server) proposalLines(rows []command.InboxRow) ui.TableView {
	t := ui.TableView{Columns: []ui.Column{{Title: "Proposal", Primary: true, Tight: true}, {Title: "What was asked for"}, {Title: "Until", Tight: true}}}
	for _, p := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(p.ID), Href: "/approvals/" + string(p.ID), Cells: []templ.Component{
			ui.Val(ui.Code(p.ID.Short())), ui.Text(s.titleOf(p.Action)), ui.Text(day(p.Expires)),
		}})
	}
	return t
}

func reportLines(x access.StaffView) ui.TableView {
	t := ui.TableView{Columns: []ui.Column{{Title: "Name", Primary: true}, {Title: "Function"}}}
	for _, m := range x.Reports {
		if m.Status == access.Active {
			t.Rows = append(t.Rows, ui.Row{ID: string(m.ID), Href: "/staff/" + string(m.ID), Cells: []templ.Component{
				ui.Text(colleagueName(m)), ui.Text(titled(string(m.Function))),
			}})
		}
	}
	return t
}
