package console

import (
	"net/http"
	"slices"

	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/onboarding"
	"vouchsafe/payments"
	"vouchsafe/web/ui"
)

// clientPaymentsParts is the payments' tab of a client. What the reader may
// not list is nil.
type clientPaymentsParts struct {
	Wallets               []payments.Wallet
	SeesWallets           bool
	Withdrawals, Deposits *ui.TableView
}

// clientPayments is a client's money: wallets, withdrawals and deposits, each
// for those who may see it.
func (s *Server) clientPayments(w http.ResponseWriter, r *http.Request) error {
	v, err := s.clientOf(r, false)
	if err != nil {
		return err
	}
	var p clientPaymentsParts
	if p.Wallets, p.SeesWallets, err = s.wallets(r, v); err != nil {
		return err
	}
	a, _ := s.actor(r)
	after := core.Cursor(r.URL.Query().Get("after"))
	if s.may(r, "payments.withdrawal.list", core.KindWithdrawal) {
		found, err := command.Ask(r.Context(), s.Road, a, payments.WithdrawalList{}, payments.ListWithdrawals{Client: v.ID, Page: core.PageRequest{After: after}})
		if err != nil {
			return err
		}
		t := s.withdrawalTable(r, found.Rows, false)
		t.Pager = pagerOf(clientPath(v.ID)+"/payments", nil, after, found.Next)
		p.Withdrawals = &t
	}
	if s.may(r, "payments.deposit.list", core.KindDeposit) {
		paid := core.Cursor(r.URL.Query().Get("deposits"))
		found, err := command.Ask(r.Context(), s.Road, a, payments.DepositList{}, payments.ListDeposits{Client: v.ID, Page: core.PageRequest{After: paid}})
		if err != nil {
			return err
		}
		t := s.depositTable(r, found.Rows, false)
		if paid != "" {
			t.Pager.First = clientPath(v.ID) + "/payments#deposits"
		}
		if found.Next != "" {
			t.Pager.Next = clientPath(v.ID) + "/payments?deposits=" + string(found.Next) + "#deposits"
		}
		p.Deposits = &t
	}
	head := clientHead(v, "/payments")
	if s.may(r, "payments.withdrawal.request", core.KindWithdrawal) {
		head.Actions = []ui.ButtonView{{Text: "Ask for a withdrawal", Icon: "banknote", Href: clientPath(v.ID) + "/withdraw"}}
	}
	return s.render(w, r, s.page(r, head), clientPaymentsBody(p))
}

// wallets reads the client's balances; ok is false for those who may not see
// any, who are not asked about: a page that everybody opens is no denial.
func (s *Server) wallets(r *http.Request, v clients.ClientView) (rows []payments.Wallet, ok bool, err error) {
	a, _ := s.actor(r)
	in := payments.ViewWallets{Client: v.ID}
	ok, err = s.Road.Permits(r.Context(), a, in.Action(), command.Resource{Kind: core.KindClient, Ref: v.ID, Entity: v.Entity})
	if err != nil || !ok {
		return nil, false, err
	}
	rows, err = command.Ask(r.Context(), s.Road, a, payments.ClientWallets{Deps: s.Payments}, in)
	return rows, true, err
}

// walletTiles are the balances, one tile a currency.
func (p clientPaymentsParts) walletTiles() []ui.StatView {
	var out []ui.StatView
	for _, x := range p.Wallets {
		t := ui.StatView{Label: "Available in " + x.Available.Currency, Value: x.Available.String(), Note: "nothing is set aside"}
		if x.Held.Minor != 0 {
			t.Note, t.Tone = x.Held.String()+" of "+x.Posted.String()+" is set aside", ui.Note
		}
		out = append(out, t)
	}
	return out
}

// withdrawParts is the form of a request for a withdrawal.
type withdrawParts struct {
	clientForm[payments.RequestWithdrawal]
	Amount  string // as written
	Wallets []payments.Wallet
	Blocks  []onboarding.Block
}

func (s *Server) withdrawalNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawWithdrawalNew(w, r, payments.RequestWithdrawal{}, "", nil)
}

func (s *Server) drawWithdrawalNew(w http.ResponseWriter, r *http.Request, in payments.RequestWithdrawal, amount string, f *core.Fault) error {
	form, err := formFor(s, r, "/withdraw", in, f, false)
	if err != nil {
		return err
	}
	p := withdrawParts{clientForm: form, Amount: amount}
	p.Back = clientPath(p.View.ID) + "/payments"
	if p.Wallets, _, err = s.wallets(r, p.View); err != nil {
		return err
	}
	a, _ := s.actor(r)
	blocks, err := command.Ask(r.Context(), s.Road, a, onboarding.ClientBlocks{Domain: s.Onboarding}, onboarding.BlocksOf{Client: p.View.ID})
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if slices.Contains(b.Stops, onboarding.WithdrawalRelease) || slices.Contains(b.Stops, onboarding.AnyPurpose) {
			p.Blocks = append(p.Blocks, b)
		}
	}
	return s.render(w, r, s.page(r, clientSubHead(p.View, "Ask for a withdrawal")), withdrawalNewBody(p))
}

// withdrawalRequest sends the request. The amount is written as a decimal and
// sent as minor units.
func (s *Server) withdrawalRequest(w http.ResponseWriter, r *http.Request) error {
	var in payments.RequestWithdrawal
	var money struct {
		Amount core.Money `json:"amount"`
	}
	again := func(f *core.Fault) error { return s.drawWithdrawalNew(w, r, in, r.PostFormValue("amount"), f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Client, in.Currency = core.Ref(r.PathValue("id")), r.PostFormValue("amount_currency")
	if err := decodeForm(r, &money); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Minor = money.Amount.Minor
	return s.run(w, r, in, "/withdrawals/{subject}", again)
}

// currencies are those of the client's wallets and bank details.
func (p withdrawParts) currencies() (out []string) {
	for _, x := range p.Wallets {
		out = append(out, x.Available.Currency)
	}
	for _, x := range p.View.BankDetails {
		if x.Active {
			out = append(out, x.Currency)
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		out = []string{"EUR", "USD"}
	}
	return out
}

// currency is the one that was chosen, or the first.
func (p withdrawParts) currency() string {
	if cs := p.currencies(); !slices.Contains(cs, p.In.Currency) {
		return cs[0]
	}
	return p.In.Currency
}

// details are the client's bank details that are in use.
func (p withdrawParts) details() []ui.OptionView {
	var out []ui.OptionView
	for _, x := range p.View.BankDetails {
		if !x.Active {
			continue
		}
		o := ui.OptionView{Value: string(x.ID), Text: x.ID.Short() + " · " + x.Account.Text + " · " + x.Currency, Hint: x.Holder.Text + ", changed " + day(x.ChangedAt)}
		if x.Holder.Masked { // then the number is masked as well
			o.Text, o.Hint = x.ID.Short()+" · "+x.Currency, "Number and holder are not shown to you. Changed "+day(x.ChangedAt)+"."
		}
		out = append(out, o)
	}
	return out
}

func (p withdrawParts) amountError() string {
	if text := p.err("amount"); text != "" {
		return text
	}
	return p.err("currency")
}
