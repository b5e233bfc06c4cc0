package console

import (
	"net/http"
	"slices"

	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

// composer is the form of a request.
type composer struct {
	ui.FormView
	In       platform.RequestIntervention
	Amount   string // as written
	Account  platform.AccountView
	Cases    []ui.OptionView
	OpenCase string // where a case is opened first; empty for those who may not
	Fault    *core.Fault
}

func (c composer) err(field string) string { return ui.FieldError(c.Fault, field) }

func (c composer) buttons() []ui.ButtonView {
	out := []ui.ButtonView{{Text: "Request it", Look: ui.Primary}}
	if c.OpenCase != "" {
		out = append(out, ui.ButtonView{Text: "Open a case", Icon: "archive", Href: c.OpenCase})
	}
	return append(out, ui.ButtonView{Text: "Cancel", Look: ui.Quiet, Href: accountPath(c.Account.ID)})
}

// reasonOptions are reason codes in words.
func reasonOptions(codes []string) []ui.OptionView {
	out := make([]ui.OptionView, len(codes))
	for i, c := range codes {
		out[i] = ui.OptionView{Value: c, Text: titled(c)}
	}
	return out
}

// interventionKinds are the kinds by which the list can be narrowed.
func interventionKinds() (out []ui.OptionView) {
	for _, k := range append(slices.Clone(platform.Kinds), platform.TransferIn) {
		out = append(out, ui.OptionView{Value: string(k), Text: k.Title()})
	}
	return out
}

func (s *Server) interventionNew(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	in := platform.RequestIntervention{Kind: platform.Kind(q.Get("kind")), Case: core.Ref(q.Get("case"))}
	return s.drawComposer(w, r, in, "", nil)
}

// drawComposer draws the form of a kind that policy lets this reader ask for.
func (s *Server) drawComposer(w http.ResponseWriter, r *http.Request, in platform.RequestIntervention, amount string, f *core.Fault) error {
	v, err := s.accountOf(r)
	if err != nil {
		return err
	}
	if len(v.Requests) == 0 {
		return errNotOffered
	}
	if !slices.Contains(v.Requests, in.Kind) {
		in.Kind = v.Requests[0]
	}
	c := composer{
		FormView: ui.FormView{
			ID: "intervention", Action: accountPath(v.ID) + "/intervene", Key: s.key(), Problem: s.problem(f),
			Hidden: []ui.HiddenView{{Name: "kind", Value: string(in.Kind)}},
		},
		In: in, Amount: amount, Account: v, Fault: f, Cases: s.casesFor(r, in.Action(), v.ID, v.Client),
	}
	if s.may(r, "cases.case.open", core.KindCase) {
		c.OpenCase = "/cases/new?subject=" + string(v.Client)
	}
	client := s.clientNames(r, v.Client)(v.Client)
	head := ui.HeadView{
		Title:  "Request an intervention",
		Crumbs: []ui.Link{{Text: "Accounts", Href: "/accounts"}, {Text: loginText(v.Platform, v.Login), Href: accountPath(v.ID)}, {Text: "Request"}},
		Sub:    []ui.MetaView{{Text: "Nobody changes a platform alone: this is a proposal, and whoever approves it does not execute it."}},
		Facts:  []ui.FactView{{Label: "Client", Value: client}, {Label: "Group", Value: ui.Code(v.Group)}, {Label: "Rights", Value: ui.V(v.Rights)}},
	}
	return s.render(w, r, s.page(r, head), composerBody(c))
}

// kinds are the choices of what is to be done; each is a page, because the
// reasons and fields follow from it.
func (c composer) kinds() ui.QueryBarView {
	var bar ui.QueryBarView
	for _, k := range c.Account.Requests {
		bar.Segments = append(bar.Segments, ui.ChipView{
			Text: k.Title(), On: k == c.In.Kind,
			Href: listPath(accountPath(c.Account.ID)+"/intervene", map[string][]string{"case": {string(c.In.Case)}}, "kind", string(k)),
		})
	}
	return bar
}

func (c composer) books() bool {
	_, books := c.In.Kind.Books()
	return books
}

// casesFor lists the open cases about any of the records whose type permits
// the act, or whatever they permit when no act is named. Who may list none writes the reference.
func (s *Server) casesFor(r *http.Request, act command.Action, about ...core.Ref) []ui.OptionView {
	a, _ := s.actor(r)
	var out []ui.OptionView
	for _, ref := range about {
		if ref == "" || !s.mayAbout(r, "cases.case.list", core.KindCase, ref) {
			continue
		}
		found, err := command.Ask(r.Context(), s.Road, a, cases.ListCasesQuery, cases.ListCases{State: cases.StateOpen, About: ref, Page: core.PageRequest{Limit: core.MaxPage}})
		if err != nil {
			s.report(err)
			return nil
		}
		for _, c := range found.Rows {
			if act == "" || slices.Contains(c.Type.Permits(), act) {
				out = append(out, ui.OptionView{Value: string(c.ID), Text: c.ID.Short() + " · " + caseTitle(c)})
			}
		}
	}
	return out
}

// caseTitle is what a case is called: its title where the reader may see it.
func caseTitle(c cases.CaseView) string {
	if c.TitleMasked || c.Title == "" {
		return c.Type.Title()
	}
	return c.Title
}

// interventionRequest sends the request. The amount is written as a decimal
// with its sign and sent as minor units.
func (s *Server) interventionRequest(w http.ResponseWriter, r *http.Request) error {
	var in platform.RequestIntervention
	var money struct {
		Amount core.Money `json:"amount"`
	}
	again := func(f *core.Fault) error { return s.drawComposer(w, r, in, r.PostFormValue("amount"), f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Account, in.Minor, in.Currency = core.Ref(r.PathValue("id")), 0, ""
	if err := decodeForm(r, &money); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Minor, in.Currency = money.Amount.Minor, money.Amount.Currency
	return s.run(w, r, in, accountPath(in.Account), again)
}
