package app

import (
	"vouchsafe/access"
	"vouchsafe/elsewhere"
)

// lifecycle is the story of people: one comes and leaves again, with accounts
// elsewhere of which one is still open; one moves, and their roles are
// reviewed; one has a certificate that is about to expire.
func (w *world) lifecycle() {
	admin, deputy, eu := w.actor("viktor"), w.actor("ines"), w.entity("aurum-eu")
	petros := w.do(admin, access.CreateStaff{
		Entity: eu, Name: "Petros Nikolaou", Email: "petros@aurum.example", Line: access.FirstLine,
		Function: "dealing", Manager: w.actor("sophie").Ref, From: w.clock.Now(),
	}).Subject
	terminal := w.do(admin, elsewhere.RecordSystem{Entity: eu, Kind: elsewhere.MTManager, Name: "MT5 manager, Europe", Outside: "mt5-eu", Owner: w.actor("sophie").Ref}).Subject
	portal := w.do(admin, elsewhere.RecordSystem{Entity: eu, Kind: "psp-portal", Name: "SandPay merchant portal", Owner: w.actor("adaeze").Ref}).Subject
	gone := w.do(admin, elsewhere.RecordAccount{System: terminal, Holder: petros, Login: "1077", Rights: "Reads accounts and orders of the desk.", Ticket: "IT-2291"}).Subject
	w.do(admin, elsewhere.RecordAccount{System: portal, Holder: petros, Login: "petros@aurum.example", Rights: "Looks at payouts, releases none.", Ticket: "IT-2292"})
	w.do(admin, elsewhere.RecordAccount{System: terminal, Holder: w.actor("dmitri").Ref, Login: "1061", Rights: "Reads accounts and orders of the desk.", Ticket: "IT-1930"})
	w.pass(2 * hour)
	w.do(admin, access.RecordCertificate{
		Staff: w.actor("tomas").Ref, Training: "AML basics", Issuer: "Institute of Compliance, Nicosia",
		Passed: w.clock.Now().Add(-340 * day), Expires: w.clock.Now().Add(32 * day),
	})
	move := w.do(admin, access.MoveStaff{
		Staff: w.actor("eleni").Ref, Entity: eu, Manager: w.actor("adaeze").Ref, Function: "payments", Line: access.FirstLine,
		Words: "The payments desk of both entities now works for the lead in Limassol.",
	})
	w.pass(hour)
	w.decide(deputy, move.Proposal, true, "Agreed with the head of operations; her roles are reviewed.")
	w.pass(2 * day)
	w.settle()
	w.do(w.actor("eleni"), access.SeeNotices{Staff: w.actor("eleni").Ref})
	w.do(admin, access.DeactivateStaff{Staff: petros, Words: "Left after the trial period, by his own wish."})
	w.pass(3 * hour)
	closing := w.do(admin, elsewhere.CloseAccount{Account: gone, Proof: "Deleted in the administrator terminal at 14:10; the list of managers no longer shows 1077."})
	w.pass(hour)
	w.decide(deputy, closing.Proposal, true, "Looked at the list of managers myself.")
	w.pass(2 * day)
	w.settle()
}
