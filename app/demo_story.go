package app

import (
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/cases"
	"vouchsafe/core"
	"vouchsafe/platform"
)

// history is the script of the demo's six months. Read it as a table of
// contents; each line is somebody's day.
func (w *world) history() Stories {
	var s Stories
	w.found()
	w.manual()
	book := w.openTheBook()
	if w.err != nil {
		return s
	}
	w.fund(book)
	w.on(60)
	w.promotion()
	w.payouts(book)
	w.on(80)
	w.policyChange()
	w.on(84)
	w.exception(110)
	w.renew()
	w.grant("viktor", "andreas", "adaeze", demoRole{access.PaymentsLead, "aurum-eu"})
	w.trading(book)
	w.on(92)
	s.MT5Correction.Account = book[0].account
	s.MT5Correction.Intervention = w.pricingError(book[0])
	w.firstReviews()
	w.on(100)
	w.cover()
	w.returned(book[16], book[18])
	w.on(108)
	s.WithdrawalOverride.Client = book[0].ref
	s.WithdrawalOverride.Withdrawal = w.nameOverride(book[0])
	w.on(128)
	w.threshold()
	w.manualAgain()
	w.reviewsAgain()
	w.emergencies()
	w.on(135)
	w.payouts(book[1:])
	w.on(165)
	w.exception(115)
	w.renew()
	w.past(book)
	w.on(172)
	w.lifecycle()
	w.on(184)
	w.lastReviews()
	w.at(demoEnd.Add(-20 * hour))
	s.StaffHistory.Staff = w.actor("adaeze").Ref
	w.lastNight()
	w.today(book)
	w.at(demoEnd.Add(-settling)) // what settles now ends when the demo comes alive
	w.settle()
	return s
}

// on moves to the morning of a day of the demo's calendar.
func (w *world) on(day int) { w.at(demoStart.AddDate(0, 0, day)) }

// openTheBook onboards the clients of both entities and opens their accounts.
func (w *world) openTheBook() []*resident {
	var book []*resident
	for i := range euNames {
		c := w.onboard(i, "aurum-eu", w.rng)
		w.open(c, "maria")
		book = append(book, c)
		if i < len(scNames) {
			c := w.onboard(i, "aurum-sc", w.rng)
			w.open(c, "nia")
			book = append(book, c)
		}
		if i%3 == 2 {
			w.settle()
		}
		w.pass(20 * time.Hour)
		if w.err != nil {
			return nil
		}
	}
	w.settle()
	return book
}

// trading lets the platform's accounts trade for some weeks.
func (w *world) trading(book []*resident) {
	symbols := []string{"EURUSD", "XAUUSD", "GBPJPY", "US500"}
	for k, c := range book {
		a, err := platform.AccountByID(w.ctx, w.app.Store.Reader(), c.account)
		if err != nil || a == nil {
			w.err = err
			return
		}
		for n := range 3 {
			at := w.clock.Now().Add(-time.Duration(k*37+n*611) * time.Minute)
			if err := w.out.mt5.Trade(a.Login, symbols[(k+n)%4], int64(10+w.rng.IntN(90)), int64(w.rng.IntN(40_000)-18_000), at); err != nil {
				w.err = err
				return
			}
		}
	}
	w.settle()
}

// pricingError is the story of one manual adjustment: a case, a requester, an
// approver, an operator, a deal.
func (w *world) pricingError(c *resident) core.Ref {
	file := w.do(w.actor("dmitri"), cases.OpenCase{
		Type: cases.PlatformError, About: c.ref, Origin: "ticket", OriginRef: "LP-2026-0831",
		OriginSum: "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069",
		Title:     "Stale XAUUSD quotes from 14:02 to 14:06 UTC; three closings filled 1.9 USD away from the market",
	})
	w.pass(14 * time.Minute)
	ask := w.do(w.actor("dmitri"), platform.RequestIntervention{
		Account: c.account, Kind: platform.BalanceCorrection, Minor: 315_40, Currency: c.currency,
		Reason: "pricing_error", Case: file.Subject, Words: "Difference between the stale fills and the liquidity provider's tape, computed in the attached sheet.",
	})
	w.pass(29 * time.Minute)
	done := w.decide(w.actor("sophie"), ask.Proposal, true, "Recomputed from the provider's tape: EUR 315.40 is right.")
	w.pass(3 * time.Minute)
	w.do(w.actor("erik"), platform.ExecuteIntervention{Intervention: done.Subject})
	w.fault(mt5sim.Arming{Fault: mt5sim.DropAfterApply, Path: "/api/trade/balance", Count: 1})
	w.settle()
	w.settle()
	return done.Subject
}

// fault arms one fault of the platform: it happened, and was survived.
func (w *world) fault(a mt5sim.Arming) {
	if w.err == nil {
		w.out.mt5.Arm(a)
	}
}
