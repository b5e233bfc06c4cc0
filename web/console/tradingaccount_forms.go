package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

// plainOptions are choices that are called what they are.
func plainOptions(codes []string) []ui.OptionView {
	out := make([]ui.OptionView, len(codes))
	for i, c := range codes {
		out[i] = ui.OptionView{Value: c, Text: c}
	}
	return out
}

// groupOptions are the groups of all entities, and the one that was asked for
// when it is another.
func groupOptions(asked string) []ui.OptionView {
	groups := platform.Groups()
	if asked != "" && !slices.Contains(groups, asked) {
		groups = append(groups, asked)
	}
	return plainOptions(groups)
}

// accountNewParts is the form of a new trading account.
type accountNewParts struct {
	clientForm[platform.OpenAccount]
	platform.OpeningView
}

func (p accountNewParts) leverage() string {
	if p.In.Leverage == 0 {
		return ""
	}
	return strconv.Itoa(p.In.Leverage)
}

func (s *Server) accountNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawAccountNew(w, r, nil, nil)
}

// drawAccountNew draws the form: empty, or as it was written with what was
// wrong with it.
func (s *Server) drawAccountNew(w http.ResponseWriter, r *http.Request, in *platform.OpenAccount, f *core.Fault) error {
	a, _ := s.actor(r)
	client := core.Ref(r.PathValue("id"))
	v, err := command.Ask(r.Context(), s.Road, a, platform.OpeningForm{Deps: s.Platform}, platform.ViewOpening{Client: client})
	if err != nil {
		return err
	}
	if in == nil {
		in = &platform.OpenAccount{Currency: v.Currency, Leverage: v.MaxLeverage}
	}
	p := accountNewParts{OpeningView: v}
	if p.clientForm, err = formFor(s, r, "/accounts", *in, f, false); err != nil {
		return err
	}
	p.Back = clientPath(client) + "/platform"
	return s.render(w, r, s.page(r, clientSubHead(p.View, "Open a trading account")), accountNewBody(p))
}

func (s *Server) accountOpen(w http.ResponseWriter, r *http.Request) error {
	in := platform.OpenAccount{}
	again := func(f *core.Fault) error { return s.drawAccountNew(w, r, &in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Client = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, "/accounts/{subject}", again)
}

// transferParts is the form of a transfer from the wallet.
type transferParts struct {
	ui.FormView
	Account platform.AccountView
	Amount  string // as written
	Fault   *core.Fault
}

func (s *Server) transferNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawTransfer(w, r, "", nil)
}

func (s *Server) drawTransfer(w http.ResponseWriter, r *http.Request, amount string, f *core.Fault) error {
	v, err := s.accountOf(r)
	if err != nil {
		return err
	}
	if !v.MayTransfer {
		return errNotOffered
	}
	name := loginText(v.Platform, v.Login)
	p := transferParts{
		FormView: ui.FormView{ID: "transfer", Action: accountPath(v.ID) + "/transfer", Key: s.key(), Problem: s.problem(f)},
		Account:  v, Amount: amount, Fault: f,
	}
	head := ui.HeadView{Title: "Transfer from the wallet", Crumbs: []ui.Link{{Text: "Accounts", Href: "/accounts"}, {Text: name, Href: accountPath(v.ID)}, {Text: "Transfer"}}}
	return s.render(w, r, s.page(r, head), transferBody(p))
}

// transferRequest sends the transfer. The amount is written as a decimal of the
// account's own currency, whatever the form says, and sent as minor units.
func (s *Server) transferRequest(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	v, err := s.accountOf(r)
	if err != nil {
		return err
	}
	written := r.PostForm.Get("amount")
	again := func(f *core.Fault) error { return s.drawTransfer(w, r, written, f) }
	var money struct {
		Amount core.Money `json:"amount"`
	}
	if err := decodeValues(url.Values{"amount": {written}, "amount_currency": {v.Currency}}, &money); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, platform.RequestTransfer{Account: v.ID, Minor: money.Amount.Minor}, accountPath(v.ID), again)
}

// errNotOffered answers for a form that would only be refused when it is sent.
var errNotOffered = core.NewFault(core.Denied, "not-offered", "Your roles do not let you do this, so the form is not shown.")
