package console

import (
	"net/http"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/web/ui"
)

// withdrawalForms is what was written into the forms of a withdrawal's page.
// Acted names the form that was sent.
type withdrawalForms struct {
	Acted   string // clear, release, refuse or resolve
	Risk    string
	Release payments.ReleaseWithdrawal
	Refuse  payments.RefuseWithdrawal
	Resolve payments.ResolveWithdrawal
	Fault   *core.Fault
}

// withdrawalParts is the page of one withdrawal.
type withdrawalParts struct {
	payments.WithdrawalStory
	In       withdrawalForms
	Now      core.Instant
	Names    func(core.Ref) string
	Client   ui.Value
	Waiting  []command.InboxRow // proposals about it that are open
	Answered []command.InboxRow // and those that are closed, newest first
	Cases    []ui.OptionView    // open cases that a release may name
	Problem  *ui.ProblemView
	Reads    bool   // the reader may open its events
	Base     string // base currency of its entity
	forms    func(act string) ui.FormView
}

func (s *Server) withdrawalPage(w http.ResponseWriter, r *http.Request) error {
	return s.drawWithdrawal(w, r, withdrawalForms{})
}

func (s *Server) drawWithdrawal(w http.ResponseWriter, r *http.Request, f withdrawalForms) error {
	v, err := s.withdrawalOf(r)
	if err != nil {
		return err
	}
	p := withdrawalParts{WithdrawalStory: v, In: f, Now: s.Road.Clock.Now(), Client: s.clientNames(r, v.Client)(v.Client), Problem: s.problem(f.Fault)}
	if p.Waiting, p.Answered, err = s.proposalsAbout(r, v.ID); err != nil {
		return err
	}
	p.Reads = s.reads(r, command.Resource{Kind: core.KindWithdrawal, Ref: v.ID, Entity: v.Entity})
	p.Names = s.names(r, p.people()...)
	p.Base = s.entityRow(r, v.Entity).Currency
	if v.Release.Allowed && v.Mismatched() {
		p.Cases = s.casesFor(r, payments.ReleaseWithdrawal{}.Action(), v.Client, v.ID)
	}
	p.forms = func(act string) ui.FormView {
		form := ui.FormView{ID: act, Action: withdrawalPath(v.ID) + "/" + act, Key: s.key()}
		if f.Acted == act {
			form.Problem = p.Problem
		}
		return form
	}
	return s.render(w, r, s.page(r, s.withdrawalHead(r, v, "")), withdrawalBody(p))
}

// stray is what was wrong with an act whose form is not on the page any more.
func (p withdrawalParts) stray() *ui.ProblemView {
	offered := map[string]bool{"clear": p.Clear.Offered, "release": p.Release.Offered, "refuse": p.Refuse.Offered, "resolve": p.Resolve.Offered}
	if offered[p.In.Acted] {
		return nil
	}
	return p.Problem
}

// people are all who had a part in it.
func (p withdrawalParts) people() []core.Ref {
	out := []core.Ref{p.RequestedBy, p.ClearedBy, p.Releaser}
	out = append(out, p.Approvers...)
	for _, x := range p.Steps {
		out = append(append(out, x.Actor, x.For, x.Maker), x.Approvers...)
	}
	for _, x := range slices.Concat(p.Waiting, p.Answered) {
		out = append(out, x.Maker)
		for _, seat := range x.Seats {
			out = append(out, seat.By)
		}
	}
	return out
}

// proposalsAbout are the proposals about a record that the reader may see.
func (s *Server) proposalsAbout(r *http.Request, ref core.Ref) (waiting, closed []command.InboxRow, err error) {
	a, _ := s.actor(r)
	ask := func(tab command.Tab) ([]command.InboxRow, error) {
		page, err := command.Ask(r.Context(), s.Road, a, command.ListInboxQuery, command.ListInbox{Tab: tab, About: ref})
		return page.Rows, err
	}
	if waiting, err = ask(command.TabOpen); err != nil {
		return nil, nil, err
	}
	closed, err = ask(command.TabDecided)
	return waiting, closed, err
}

// err is the text for one field of a form.
func (p withdrawalParts) err(act, field string) string {
	if p.In.Acted != act {
		return ""
	}
	return ui.FieldError(p.In.Fault, field)
}

// id is the element of a form's field. The form with a problem has the plain
// ids, to which the lines of its problem lead.
func (p withdrawalParts) id(act, field string) string {
	if p.In.Acted == act && p.In.Fault != nil {
		return ui.FieldID(field)
	}
	return act + "-" + field
}

// person is somebody who did something, with their page.
func (p withdrawalParts) person(ref core.Ref) ui.Value {
	if ref == "" {
		return ui.Value{}
	}
	return ui.Value{Text: actorName(ref, p.Names), Href: hrefOf(ref)}
}

func (p withdrawalParts) persons(refs ...core.Ref) (out []ui.Value) {
	for _, ref := range refs {
		if ref != "" {
			out = append(out, p.person(ref))
		}
	}
	return out
}

// names holds the two names against each other: as they were when it was
// cleared, and before that as they are.
func (p withdrawalParts) names() ui.VersusView {
	name, match, when := payField(p.ClientName, core.Personal), p.Match, "as it was when this was cleared"
	if p.Cleared == 0 {
		name, when = payField(p.NameNow, core.Personal), "as it is now"
	}
	account := payField(p.Account, core.Bank)
	account.Mono = !account.Masked
	v := ui.VersusView{
		Left:   ui.SideView{Label: "Client’s legal name", Value: name, Notes: []ui.Def{ui.DefText("Name", when)}},
		Right:  ui.SideView{Label: "Account holder", Value: payField(p.Holder, core.Bank), Notes: []ui.Def{ui.DefVal("Account", account), ui.DefVal("Bank", payField(p.Bank, core.Bank))}},
		Result: matchState(match), Note: matchNote(match),
	}
	if match == "" && p.Compared != "" {
		now := matchState(p.Compared)
		v.Result, v.Note = ui.StatusView{Text: "at this moment: " + now.Text, Tone: now.Tone}, matchNote("")
	}
	return v
}

// record is the definition list of what was decided and why.
func (p withdrawalParts) record() []ui.Def {
	defs := []ui.Def{{Term: "Client", Body: ui.Val(p.Client)}, {Term: "Amount", Body: ui.Money(p.Amount())}, ui.DefVal("Asked for by", p.person(p.RequestedBy))}
	if p.Cleared != 0 {
		defs = append(defs, ui.DefVal("Cleared by", p.person(p.ClearedBy)), ui.DefVal("Risk", ui.V(p.Risk)))
		if p.Blocks != "" {
			defs = append(defs, ui.DefText("Stood against it", strings.ReplaceAll(p.Blocks, " ", ", ")))
		}
	}
	if p.Releaser != "" {
		defs = append(defs, ui.DefVal("Released by", p.person(p.Releaser)))
	}
	for i, ref := range p.Approvers {
		defs = append(defs, ui.DefVal([]string{"First approver", "Second approver", "Approver"}[min(i, 2)], p.approver(ref)))
	}
	if p.Reason != "" {
		defs = append(defs, ui.DefText("Reason", payReason(p.Reason)))
	}
	if p.Words.Masked || p.Words.Value != "" {
		defs = append(defs, ui.DefVal("In their words", payField(p.Words, core.Personal)))
	}
	if p.Case != "" {
		defs = append(defs, ui.Def{Term: "Case", Body: ui.Ref(refLink(p.Case))})
	}
	if ref := p.proposal(); ref != "" {
		defs = append(defs, ui.Def{Term: "Approved in", Body: ui.Ref(refLink(ref))})
	}
	if p.Rule != "" {
		defs = append(defs, ui.DefVal("Rule", ui.Value{Text: p.Rule, Mono: true, Href: p.ruleHref(p.Rule)}))
		if text := p.ruleText(); text != "" {
			defs = append(defs, ui.DefText("It says", ruleSentence(text, p.Base)))
		}
	}
	return defs
}

// approver is who agreed, in which role, as the proposal says to those who may
// see it.
func (p withdrawalParts) approver(ref core.Ref) ui.Value {
	v := p.person(ref)
	for _, x := range p.Answered {
		for _, s := range x.Seats {
			if x.State == command.Executed && s.By == ref {
				v.Text += ", " + roleTitle(s.Role)
			}
		}
	}
	return v
}

// unfinished are the proposals that came to nothing; the one that was executed
// stands in the record itself.
func (p withdrawalParts) unfinished() (out []command.InboxRow) {
	for _, x := range p.Answered {
		if x.State != command.Executed {
			out = append(out, x)
		}
	}
	return out
}

// proposal is the one that was executed, or "".
func (p withdrawalParts) proposal() core.Ref {
	for _, x := range p.Answered {
		if x.State == command.Executed {
			return x.ID
		}
	}
	return ""
}

// ruleHref is where the rule of a release stands.
func (p withdrawalParts) ruleHref(rule string) string {
	return ruleLink(rule, p.Entity, payments.ReleaseWithdrawal{}.Action())
}

// ruleText is the rule by which it was released, in its own words.
func (p withdrawalParts) ruleText() string {
	for _, x := range p.Answered {
		if x.State == command.Executed {
			return x.Text
		}
	}
	return ""
}

// provider is the definition list of what the payment provider has.
func (p withdrawalParts) provider() []ui.Def {
	defs := []ui.Def{ui.DefVal("Provider", ui.V(p.PSP)), ui.DefVal("Merchant account", ui.Code(p.Merchant)), {Term: "Our tag", Body: ui.Ref(ui.RefView{Ref: p.Tag})}}
	if p.Transaction != "" {
		defs = append(defs, ui.Def{Term: "Transaction", Body: ui.Ref(ui.RefView{Ref: p.Transaction})})
	} else {
		defs = append(defs, ui.DefVal("Transaction", ui.Value{}))
	}
	status := p.PSPStatus
	if p.PSPCode != "" {
		status += " (" + p.PSPCode + ")"
	}
	return append(
		defs, ui.DefVal("Its status", ui.V(status)), ui.DefText("Requests sent", ui.Count(p.Attempt)),
		ui.Def{Term: "Submitted", Body: ui.Time(ui.TimeView{At: p.Submitted, Now: p.Now})}, ui.Def{Term: "Paid", Body: ui.Time(ui.TimeView{At: p.Paid, Now: p.Now})},
		ui.Def{Term: "Settlement", Body: ui.Status(settlementState(p.Settlement))},
	)
}

func riskOptions() []ui.OptionView {
	hints := map[string]string{
		payments.RiskLow: "Nothing unusual about client, amount or destination.", payments.RiskMedium: "Something to keep in mind; say what in the case.",
		payments.RiskHigh: "A senior compliance officer must agree to the release.",
	}
	var out []ui.OptionView
	for _, x := range payments.Risks {
		out = append(out, ui.OptionView{Value: x, Text: titled(x), Hint: hints[x]})
	}
	return out
}

// may makes a button of an act, with why not.
func mayPress(b payments.Button, v ui.ButtonView) ui.ButtonView {
	if !b.Allowed {
		v.Why = strings.Join(b.Why, " ")
	}
	return v
}
