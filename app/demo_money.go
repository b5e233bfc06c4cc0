package app

import (
	"fmt"

	"vouchsafe/access"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/platform"
)

// desk is who handles an entity's payments: the maker, the lead, and the
// compliance officer who agrees to what is special.
func (w *world) desk(entity string) (maker, lead, senior string) {
	if entity == "aurum-sc" {
		return "eleni", "grace", "nia"
	}
	return "eleni", "adaeze", "andreas"
}

// payIn lets a client, or somebody else, pay money to the entity's merchant
// account. failure is the PSP's code of an attempt that does not work.
func (w *world) payIn(c *resident, minor int64, method, payer, failure string) {
	if w.err != nil {
		return
	}
	source := sandpaysim.Party{Account: iban("CY", 4_000+len(payer)), Holder: payer}
	if method == "card" {
		source.Account = "411111******" + fmt.Sprintf("%04d", 1000+minor%9000)
	}
	_, w.err = w.out.psp.Deposit(sandpaysim.DepositRequest{
		Amount: minor, Currency: c.currency, Reference: clients.PaymentReference(c.ref), Merchant: c.entity,
		Source: source, Method: method, Failure: failure,
	})
}

// fund lets every client pay in and move most of it to the platform.
func (w *world) fund(book []*resident) {
	for i, c := range book {
		method := []string{"card", "bank"}[i%2]
		w.payIn(c, int64(1_500_00+w.rng.IntN(9_000_00)), method, c.name, "")
		if i%4 == 3 {
			w.settle()
		}
		w.pass(5 * hour)
	}
	w.settle()
	for i, c := range book {
		w.do(w.actor("tomas"), platform.RequestTransfer{Account: c.account, Minor: int64(400_00 + 100*w.rng.IntN(1_000))})
		if i%8 == 7 {
			w.settle()
		}
		w.pass(2 * hour)
	}
	w.settle()
}

// ask takes a client's request for money and clears it.
func (w *world) ask(c *resident, minor int64, detail core.Ref, risk string) core.Ref {
	id := w.do(w.actor("tomas"), payments.RequestWithdrawal{Client: c.ref, BankDetail: detail, Minor: minor, Currency: c.currency}).Subject
	w.pass(38 * minute)
	maker, _, _ := w.desk(c.entity)
	w.do(w.actor(maker), payments.ClearWithdrawal{Withdrawal: id, Risk: risk})
	w.pass(9 * minute)
	return id
}

// pay takes a withdrawal from the request to the PSP.
func (w *world) pay(c *resident, minor int64, risk string) core.Ref {
	id := w.ask(c, minor, c.detail, risk)
	maker, lead, senior := w.desk(c.entity)
	out := w.do(w.actor(maker), payments.ReleaseWithdrawal{Withdrawal: id, Minor: minor, Currency: c.currency})
	w.pass(24 * minute)
	w.agree(out.Proposal, lead, "Client, amount and account agree with the request.")
	w.agree(out.Proposal, senior, "Seen: the pattern fits what the client declared.")
	return id
}

// agree approves a proposal if a seat is still open.
func (w *world) agree(proposal core.Ref, who, words string) {
	if w.err != nil {
		return
	}
	p, err := command.GetProposal(w.ctx, w.app.Store.Reader(), proposal)
	if err != nil || p == nil || p.State != command.Open {
		w.err = err
		return
	}
	w.decide(w.actor(who), proposal, true, words)
	w.pass(17 * minute)
}

// payouts are some weeks of ordinary withdrawals.
func (w *world) payouts(book []*resident) {
	for k := range 18 {
		c := book[(k*7+3)%len(book)]
		risk := payments.Risks[k%2]
		w.pay(c, int64(150_00+100*w.rng.IntN(400)), risk)
		if k%3 == 2 {
			w.settle()
		}
		w.pass(21 * hour)
	}
	w.settle()
}

// returned is a payout that the client's bank sends back, and one that the PSP
// refuses at once.
func (w *world) returned(came, refused *resident) {
	for _, x := range []struct {
		c    *resident
		bank int
	}{{came, 9395}, {refused, 8679}} { // account numbers that end in 9005 and 9001: the sandbox's magic
		add := w.do(w.actor("tomas"), clients.AddBankDetail{
			Client: x.c.ref, Holder: x.c.name, Account: iban("CY", x.bank), Bank: "Second Bank of Examples",
			Currency: x.c.currency, Reason: "client_request", Words: "A second account, asked for by the client in the portal.",
		})
		w.pass(20 * minute)
		officer := "maria"
		if x.c.entity == "aurum-sc" {
			officer = "nia"
		}
		detail := w.decide(w.actor(officer), add.Proposal, true, "Holder and account agree with the bank's letter.").Subject
		w.pass(80 * hour) // beyond the cooling-off
		x.c.detail = detail
		w.pay(x.c, 210_00, payments.RiskLow)
		w.settle()
	}
}

// promotion is the history of one member of staff: hired as a payments
// officer, made lead with somebody else's agreement, covering for a colleague
// of the other entity for two weeks, and refused there once the cover ended.
func (w *world) promotion() {
	now := w.clock.Now()
	out := w.do(w.actor("viktor"), access.RequestGrant{
		Holder: w.actor("adaeze").Ref, Role: access.PaymentsLead, Entity: "en_aurum-eu", From: now, Until: now.Add(89 * day),
		Reason: "mover", Words: "Takes over as payments lead after two months in the team.",
	})
	w.pass(3 * hour)
	w.decide(w.actor("andreas"), out.Proposal, true, "Agreed with the COO; no other approving role is held.")
	w.pass(hour)
}

func (w *world) cover() {
	now := w.clock.Now()
	out := w.do(w.actor("ines"), access.RequestGrant{
		Holder: w.actor("adaeze").Ref, Role: access.PaymentsLead, Entity: "en_aurum-sc", From: now, Until: now.Add(14 * day),
		Reason: "cover", Words: "Grace Mensah is on leave for two weeks; withdrawals of Seychelles need a lead.",
	})
	w.pass(2 * hour)
	w.decide(w.actor("nia"), out.Proposal, true, "Two weeks, this entity only.")
	w.pass(hour)
}
