package console

import (
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/web/ui"
)

// tracks are the three status fields of a withdrawal: what we decided, what
// the provider did, and what its list shows. They are never one.
func (p withdrawalParts) tracks() ui.TracksView {
	settled := ui.TrackStep{Text: "On the provider’s list, as decided"}
	for _, x := range p.Steps {
		if x.Type == payments.EventSettled.Name {
			settled.At = x.At
		}
	}
	return ui.TracksView{Now: p.Now, Tracks: []ui.TrackView{
		{Title: "Decision", State: decisionState(p.Decision), Steps: p.decisionSteps()},
		{Title: "Execution", State: executionState(p.Execution), Steps: p.executionSteps()},
		{Title: "Settlement", State: settlementState(p.Settlement), Steps: []ui.TrackStep{settled}, Note: "Each movement is compared with the list that the provider keeps, whatever it answered before."},
	}}
}

func (p withdrawalParts) decisionSteps() []ui.TrackStep {
	asked := ui.TrackStep{Text: "Asked for, money set aside", At: p.Requested, By: p.persons(p.RequestedBy)}
	cleared := ui.TrackStep{Text: "Cleared", At: p.Cleared, By: p.persons(p.ClearedBy)}
	decided := ui.TrackStep{Text: "Released and approved"}
	switch p.Decision {
	case payments.Requested:
		cleared.Here = true
	case payments.Held:
		cleared.Text, cleared.Tone, decided.Here = "Looked at, and held", ui.Warn, true
	case payments.Cleared:
		decided.Here = true
	case payments.Approved:
		decided.At, decided.By = p.Decided, p.persons(append([]core.Ref{p.Releaser}, p.Approvers...)...)
	case payments.Refused:
		decided = ui.TrackStep{Text: "Refused, money set free", At: p.Decided, Tone: ui.Bad, By: p.refusedBy()}
		if p.Cleared == 0 {
			return []ui.TrackStep{asked, decided}
		}
	}
	return []ui.TrackStep{asked, cleared, decided}
}

// refusedBy is who refused it, as its event says.
func (p withdrawalParts) refusedBy() []ui.Value {
	for _, x := range p.Steps {
		if x.Type == payments.EventRefused.Name {
			return p.persons(x.Actor)
		}
	}
	return nil
}

// executionSteps tell how far the payout is. What is in doubt stands where it
// was lost.
func (p withdrawalParts) executionSteps() []ui.TrackStep {
	sent := ui.TrackStep{Text: "Sent once", At: p.begun()}
	taken := ui.TrackStep{Text: "Taken by the provider", At: p.Submitted}
	paid := ui.TrackStep{Text: "Paid, wallet debited", At: p.Paid}
	switch p.Execution {
	case payments.ExecReady:
		sent.Here = true
	case payments.ExecSending:
		sent.Here, sent.Text = true, "Being sent"
	case payments.ExecSubmitted:
		paid.Here = true
	case payments.ExecUncertain:
		taken = ui.TrackStep{Text: "The answer was lost; being looked up", Here: true, Tone: ui.Warn}
	case payments.ExecPerson:
		taken = ui.TrackStep{Text: exceptionTitle(p.Exception), Here: true, Tone: ui.Bad}
	case payments.ExecFailed:
		paid = ui.TrackStep{Text: exceptionTitle(p.Exception), At: p.at(payments.EventFailed.Name, payments.EventResolved.Name, payments.EventRecorded.Name), Tone: ui.Bad}
	case payments.ExecReturned:
		back := ui.TrackStep{Text: "Came back, journal reversed", At: p.at(payments.EventReturned.Name), Tone: ui.Bad}
		return []ui.TrackStep{sent, taken, paid, back}
	}
	return []ui.TrackStep{sent, taken, paid}
}

// begun is when the last request left.
func (p withdrawalParts) begun() core.Instant { return p.at(payments.EventBegun.Name) }

// at is when the last event of the first of the types that happened was.
func (p withdrawalParts) at(types ...string) (at core.Instant) {
	for _, typ := range types {
		for _, x := range p.Steps {
			if x.Type == typ {
				at = x.At
			}
		}
		if at != 0 {
			return at
		}
	}
	return 0
}
