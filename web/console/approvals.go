package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

var inboxTabs = []struct {
	tab  command.Tab
	text string
}{
	{command.TabForMe, "For me"},
	{command.TabOpen, "All open"},
	{command.TabMine, "My requests"},
	{command.TabDecided, "Decided"},
}

func tabOf(r *http.Request) command.Tab {
	t := command.Tab(r.URL.Query().Get("tab"))
	for _, x := range inboxTabs {
		if x.tab == t {
			return t
		}
	}
	return command.TabForMe
}

// approvals is the inbox: what waits for a second person.
func (s *Server) approvals(w http.ResponseWriter, r *http.Request) error {
	return s.inbox(w, r, ui.SplitView{Label: "Proposal", Hint: "Choose a proposal to see the facts, the rule that demanded a second person, and what an approval binds."}, "")
}

// approval is the inbox with one proposal open beside it.
func (s *Server) approval(w http.ResponseWriter, r *http.Request) error {
	return s.proposal(w, r, nil)
}

// proposal draws one proposal; f is what was wrong with an answer.
func (s *Server) proposal(w http.ResponseWriter, r *http.Request, f *core.Fault) error {
	a, _ := s.actor(r)
	v, err := command.Ask(r.Context(), s.Road, a, command.ViewProposalQuery(s.Road),
		command.ViewProposal{Proposal: core.Ref(r.PathValue("id")), Payload: r.URL.Query().Has("payload")})
	if err != nil {
		return err
	}
	tab := url.Values{"tab": {string(tabOf(r))}}.Encode()
	split := ui.SplitView{Label: "Proposal", Back: "/approvals?" + tab, Panel: s.proposalPanel(r, v, f)}
	if ui.WantsFragment(r, "panel") {
		return s.draw(w, r, ui.PanelFragment(split))
	}
	return s.inbox(w, r, split, v.ID)
}

func (s *Server) inbox(w http.ResponseWriter, r *http.Request, split ui.SplitView, opened core.Ref) error {
	a, _ := s.actor(r)
	in := command.ListInbox{Tab: tabOf(r), Page: core.PageRequest{After: core.Cursor(r.URL.Query().Get("after"))}}
	page, err := command.Ask(r.Context(), s.Road, a, command.ListInboxQuery, in)
	if err != nil {
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Approvals", Sub: []ui.MetaView{{Text: "What waits for a second person"}}})
	for _, t := range inboxTabs {
		x := ui.TabView{Text: t.text, Href: "/approvals?tab=" + string(t.tab), Current: t.tab == in.Tab}
		if t.tab == in.Tab && in.Tab == command.TabForMe {
			x.Count = decidable(page.Rows)
		}
		v.Head.Tabs = append(v.Head.Tabs, x)
	}
	return s.renderSplit(w, r, v, split, inboxBody(s.inboxTable(r, in, page, opened, v.Now)))
}

func (s *Server) inboxTable(r *http.Request, in command.ListInbox, page core.Page[command.InboxRow], opened core.Ref, now core.Instant) ui.TableView {
	var refs []core.Ref
	for _, p := range page.Rows {
		refs = append(refs, p.Maker, p.Subject)
	}
	name := s.names(r, refs...)
	here := "?tab=" + string(in.Tab)
	t := ui.TableView{Caption: "Proposals", Peek: true, Empty: inboxEmpty(in.Tab), Columns: []ui.Column{
		{Title: "Part"},
		{Title: "What, and about whom", Primary: true},
		{Title: "Asked by"},
		{Title: "Approvals", Tight: true},
		{Title: "State", Tight: true},
	}}
	for _, p := range page.Rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(p.ID), Href: "/approvals/" + string(p.ID) + here, Current: p.ID == opened, Cells: []templ.Component{
			ui.Kinded(ui.KindOf(string(p.Action))), twoLines(s.titleOf(p.Action), actorName(p.Subject, name)),
			twoLines(actorName(p.Maker, name), p.Created.Time().Format("2 Jan 15:04")+" · "+ui.LongAgo(now.Sub(p.Created))),
			ui.Text(ui.Count(p.Filled()) + " of " + ui.Count(len(p.Seats))), stateCell(stateOf(p), expiryOf(p, now)),
		}})
	}
	if page.Next != "" {
		t.Pager.Next = "/approvals" + here + "&after=" + string(page.Next)
	}
	if in.Page.After != "" {
		t.Pager.First = "/approvals" + here
	}
	return t
}

// decidable counts what the reader can decide now.
func decidable(rows []command.InboxRow) (n int) {
	for _, p := range rows {
		if p.MayDecide {
			n++
		}
	}
	return n
}

func expiryOf(p command.InboxRow, now core.Instant) string {
	if p.State != command.Open {
		return ""
	}
	switch turn := turnOf(p); {
	case p.NotBefore > now:
		return "from " + ui.Stamp(p.NotBefore)
	case p.Later && turn != "":
		return "first a " + turn
	}
	return "expires " + ui.Ago(now.Sub(p.Expires))
}

// turnOf names whose turn it is.
func turnOf(p command.InboxRow) string {
	var out []string
	for _, s := range p.Seats {
		if s.Turn {
			out = append(out, rolesText(s.Roles))
		}
	}
	return enumerated(out, "and a")
}

// stateOf is what a proposal's row says about it to this reader.
func stateOf(p command.InboxRow) ui.StatusView {
	switch p.State {
	case command.Executed:
		return ui.StatusView{Text: "Executed", Tone: ui.Good}
	case command.Declined:
		return ui.StatusView{Text: "Refused", Tone: ui.Bad}
	case command.Closed:
		return ui.StatusView{Text: "Closed", Tone: ui.Bad}
	case command.Withdrawn, command.Expired:
		return ui.StatusView{Text: titled(string(p.State)), Tone: ui.Warn}
	}
	if p.MayDecide {
		return ui.StatusView{Text: "For you", Tone: ui.Note, Icon: "inbox"}
	}
	if p.Later && p.MayRefuse {
		return ui.StatusView{Text: "Waits", Tone: ui.Neutral, Icon: "clock"}
	}
	if p.Later {
		return ui.StatusView{Text: "Not your turn", Tone: ui.Neutral, Icon: "clock"}
	}
	return ui.StatusView{Text: "Open", Icon: "hourglass"}
}

func inboxEmpty(t command.Tab) ui.EmptyView {
	switch t {
	case command.TabMine:
		return ui.EmptyView{Title: "You have asked for nothing", Text: "What you ask for and another person must approve stands here, whatever becomes of it."}
	case command.TabDecided:
		return ui.EmptyView{Title: "Nothing has been decided yet", Text: "Proposals that were executed, refused, taken back or not decided in time stand here."}
	case command.TabOpen:
		return ui.EmptyView{Title: "No proposal is open", Text: "A command that a rule will not let one person do alone waits here."}
	}
	return ui.EmptyView{
		Title: "Nothing waits for you", Text: "Proposals that you may decide stand here. What waits for others is under All open.",
		Actions: []ui.ButtonView{{Text: "All open", Href: "/approvals?tab=open"}},
	}
}

// decide answers a proposal.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, approve bool) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	id := core.Ref(r.PathValue("id"))
	d := command.Decide{
		Proposal: id, Hash: r.PostForm.Get(ui.ApprovalHashField), Approve: approve,
		Words: strings.TrimSpace(r.PostForm.Get(ui.ApprovalReasonField)),
	}
	next := core.Ref("")
	if r.PostForm.Get(ui.ApprovalNextField) == "next" {
		next = s.after(r, id)
	}
	out, err := s.Road.Approve(r.Context(), a, command.Key(r.PostForm.Get(ui.IdempotencyField)), d)
	if err != nil {
		return s.mend(w, r, err, func(f *core.Fault) error { return s.proposal(w, r, f) })
	}
	s.flash(w, decided(out, approve))
	to := "/approvals/" + string(id)
	if r.PostForm.Get(ui.ApprovalNextField) == "next" {
		to = "/approvals"
		if next != "" {
			to += "/" + string(next)
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func decided(out command.Outcome, approve bool) ui.NoticeView {
	n := ui.NoticeView{
		Tone: ui.Good, Title: "Refused", Text: "The proposal is closed; your reason stands with it.",
		Actions: []ui.Link{{Text: "See the evidence", Href: "/events/" + out.Event}},
	}
	if approve {
		n.Title, n.Text = "Approved", "What happened next stands with the proposal."
		if out.State == command.StateProposed {
			n.Text = "Your approval is recorded; another one is still needed."
		}
	}
	return n
}

// after is the proposal that waits for the reader after this one, or the first
// that does; asked before the answer takes this one out of the list.
func (s *Server) after(r *http.Request, id core.Ref) (next core.Ref) {
	a, _ := s.actor(r)
	page, err := command.Ask(r.Context(), s.Road, a, command.ListInboxQuery, command.ListInbox{Tab: command.TabForMe, Page: core.PageRequest{Limit: core.MaxPage}})
	if err != nil {
		s.report(err)
	}
	passed := false
	for _, p := range page.Rows {
		switch {
		case p.ID == id:
			passed = true
		case !p.MayDecide: // its time, or their turn, is still to come
		case passed:
			return p.ID
		case next == "":
			next = p.ID
		}
	}
	return next
}

func (s *Server) approve(w http.ResponseWriter, r *http.Request) error { return s.decide(w, r, true) }

func (s *Server) refuse(w http.ResponseWriter, r *http.Request) error { return s.decide(w, r, false) }

// withdrawProposal takes one's own proposal back.
func (s *Server) withdrawProposal(w http.ResponseWriter, r *http.Request) error {
	var in command.WithdrawProposal
	if err := decodeForm(r, &in); err != nil {
		return err
	}
	in.Proposal = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, "/approvals/"+r.PathValue("id")+"?tab=mine", func(f *core.Fault) error { return s.proposal(w, r, f) })
}
