package app

import (
	"fmt"
	"time"

	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/payments"
)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

// refused runs a command that must be turned down with this code: denials are
// part of the history.
func (w *world) refused(who evidence.Actor, in command.Input, code string) {
	if w.err != nil {
		return
	}
	if _, err := w.app.Road.Run(w.ctx, who, "", in); !core.IsFault(err, code) {
		w.err = fmt.Errorf("demo: %s at %s was to be refused with %s: %v", in.Action(), w.clock.Now(), code, err)
	}
	w.pass(4 * minute)
}

// hidden asks for a client that the person may not even know of.
func (w *world) hidden(who evidence.Actor, client core.Ref) {
	if w.err != nil {
		return
	}
	_, err := command.Ask(w.ctx, w.app.Road, who, clients.ClientPage{}, clients.ViewClient{Client: client})
	if !core.IsFault(err, command.ErrHidden.Code) {
		w.err = fmt.Errorf("demo: %s was to be hidden at %s: %v", client, w.clock.Now(), err)
	}
	w.pass(6 * minute)
}

// past are things that went wrong, and were seen.
func (w *world) past(book []*resident) {
	// A payout that somebody made in the PSP's own dashboard.
	if w.err == nil {
		_, w.err = w.out.psp.PayByHand(sandpaysim.PayoutRequest{
			Amount: 2_350_00, Currency: "EUR", Reference: "refund per phone", Merchant: "aurum-eu",
			Destination: sandpaysim.Party{Account: iban("LT", 5511), Holder: "U. Nknown"},
		})
	}
	w.settle()
	// Money from somebody who is not the client, and money for nobody.
	w.payIn(book[6], 3_000_00, "bank", "Northwind Trading OOD", "")
	w.payIn(&resident{ref: "cl_nobody", entity: "aurum-eu", currency: "EUR"}, 740_00, "bank", "Jo Stranger", "")
	w.settle()
	// Two card attempts that fail, and a third that works.
	for range 2 {
		w.payIn(book[9], 500_00, "card", book[9].name, "do_not_honor")
		w.settle()
	}
	w.payIn(book[9], 500_00, "card", book[9].name, "")
	w.settle()
	// Support tries what payments does; staff of one entity look at the other.
	id := w.ask(book[12], 175_00, book[12].detail, payments.RiskLow)
	w.refused(w.actor("tomas"), payments.ReleaseWithdrawal{Withdrawal: id, Minor: 175_00, Currency: book[12].currency}, "not-allowed")
	w.hidden(w.actor("maria"), w.find(book, demoOldBill).ref)
	w.hidden(w.actor("adaeze"), w.find(book, demoOldBill).ref) // her cover of Seychelles ended weeks ago
	w.do(w.actor("eleni"), payments.RefuseWithdrawal{Withdrawal: id, Reason: "client_cancelled", Words: "The client called: the position stays open."})
	w.pass(hour)
}

// today is what waits on the desks on the morning of the visit.
func (w *world) today(book []*resident) {
	old := w.find(book, demoOldBill)
	held := w.ask(old, 320_00, old.detail, payments.RiskLow) // proof of address is out of date
	w.refused(w.actor("eleni"), payments.ReleaseWithdrawal{Withdrawal: held, Minor: 320_00, Currency: old.currency}, "address-expired")
	for k, minor := range []int64{1_240_00, 640_00} {
		c := book[4+2*k]
		w.payIn(c, 2*minor, "card", c.name, "")
		w.settle()
		id := w.ask(c, minor, c.detail, payments.Risks[k+1])
		w.do(w.actor("eleni"), payments.ReleaseWithdrawal{Withdrawal: id, Minor: minor, Currency: c.currency})
	}
	w.nextRules()
	w.do(w.actor("tomas"), clients.AddBankDetail{
		Client: book[8].ref, Holder: book[8].name, Account: iban("CY", 6_100), Bank: "Third Bank of Examples",
		Currency: book[8].currency, Reason: "client_request", Words: "The client moves banks at the end of the month.",
	})
	w.pass(20 * minute)
	w.do(w.actor("tomas"), payments.RequestWithdrawal{Client: book[14].ref, BankDetail: book[14].detail, Minor: 95_00, Currency: book[14].currency})
	w.pass(10 * minute)
}

func (w *world) find(book []*resident, name string) *resident {
	for _, c := range book {
		if c.name == name {
			return c
		}
	}
	w.err = fmt.Errorf("demo: no client is called %q", name)
	return &resident{}
}
