package app

import (
	"strings"

	"vouchsafe/command"
	"vouchsafe/evidence"
	"vouchsafe/manuals"
)

// The AML manual of Aurum EU, as it was first adopted and as it was changed.
const (
	manualOne = `2.1 Who becomes a client
Nobody becomes a client before their identity and address are proven by papers that a person has read and compared.
Applies to: onboarding.application.decide, onboarding.document.review
3.4 Decisions against a difference
Where papers and statements differ, a second and more senior person decides, and both say why.
Applies to: onboarding.application.override
4.2 Names that differ
Money goes to an account in the client's own name. Where the names differ, it goes out only after a senior compliance officer has looked.
Applies to: payments.withdrawal.release
6.1 Manual changes on the platform
What is changed by hand on the trading platform is asked for by one person, agreed to by another, and belongs to a case.
Applies to: platform.intervention.request`
	manualOld = "Where the names differ, it goes out only after a senior compliance officer has looked."
	manualNew = "Where the names differ, it goes out only after a senior compliance officer has looked. A first payout to a new account always needs two people."
)

// manual is the story of the AML manual: compliance writes it; nobody sits on
// the board, so a senior compliance officer agrees.
func (w *world) manual() {
	out := w.do(w.stepped("maria"), manuals.AdoptManual{
		Entity: w.entity("aurum-eu"), Title: "AML manual", Text: manualOne, Reason: "new-business",
		Words: "The first manual of the Cyprus company, as it was given to the regulator with the application.",
	})
	w.pass(2 * hour)
	w.decide(w.actor("andreas"), out.Proposal, true, "Read it whole and compared it with what we gave to the regulator.")
	w.pass(hour)
}

// manualAgain is its second version, after the incident of the first payouts.
func (w *world) manualAgain() {
	var of manuals.ManualView
	if rows := w.manuals(); len(rows) > 0 {
		of = rows[0]
	}
	out := w.do(w.stepped("maria"), manuals.AdoptManual{
		Entity: w.entity("aurum-eu"), Manual: of.Manual, Text: strings.Replace(manualOne, manualOld, manualNew, 1), Reason: "incident",
		Words: "After the two first payouts that the police asked about: the manual says now what the approval rules ask for.",
	})
	w.pass(2 * hour)
	w.decide(w.actor("andreas"), out.Proposal, true, "One sentence more in 4.2; the rest is unchanged, word for word.")
	w.pass(hour)
}

// manuals are those that Maria sees.
func (w *world) manuals() []manuals.ManualView {
	rows, err := command.Ask(w.ctx, w.app.Road, w.actor("maria"), manuals.ListManualsQuery(w.app.Manuals()), manuals.ListManuals{})
	if err != nil && w.err == nil {
		w.err = err
	}
	return rows
}

// stepped is somebody with a fresh second factor.
func (w *world) stepped(key string) evidence.Actor {
	a := w.actor(key)
	a.StepUp = true
	return a
}
