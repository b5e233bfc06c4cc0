package console

import (
	"strconv"
	"strings"

	"vouchsafe/platform"
	"vouchsafe/web/ui"
)

// road is the way that an intervention takes, as far as it came.
func (p interventionPage) road() []ui.StepView {
	var out []ui.StepView
	if p.Kind == platform.TransferIn {
		out = append(out, p.step("platform.transfer.requested", ui.StepView{Title: "Requested", Who: actorName(p.Requester, p.Names), State: ui.StepDone}))
	} else {
		var who []string
		for _, a := range p.ApprovedBy {
			who = append(who, p.Names(a))
		}
		operated := ui.StepView{Title: "Executed", Who: operatorText(p.Operator, p.Names), State: ui.StepDone}
		if p.State == platform.StateApproved {
			operated = ui.StepView{Title: "To be executed", Who: "by somebody who did not approve it", State: ui.StepNow}
		}
		out = append(out,
			ui.StepView{Title: "Requested", Who: actorName(p.Requester, p.Names), State: ui.StepDone},
			p.step("platform.intervention.approved", ui.StepView{Title: "Approved", Who: enumerated(who, "and"), State: ui.StepDone}),
			p.step("platform.intervention.executed", operated),
		)
	}
	return append(out, p.applied(), p.matched())
}

// step adds when it was and the event that shows it.
func (p interventionPage) step(typ string, v ui.StepView) ui.StepView {
	for _, x := range p.Steps {
		if x.Type == typ {
			v.At, v.Href = x.At, "/events/"+x.Event
		}
	}
	return v
}

// applied is what is known of the platform's side.
func (p interventionPage) applied() ui.StepView {
	v := ui.StepView{Title: "Applied by the platform", State: ui.StepAhead}
	switch p.State {
	case platform.StateExecuting:
		v.Title, v.State = "Sent to the platform", ui.StepNow
	case platform.StateUncertain:
		v.Title, v.State, v.Note = "In doubt", ui.StepNow, "The answer was lost. It is looked up, never sent again."
	case platform.StatePerson:
		v.Title, v.State, v.Note = "In doubt", ui.StepStopped, "Looking it up found nothing. A person must look."
	case platform.StateRejected:
		v.Title, v.State, v.Note = "Not applied", ui.StepStopped, p.Code
	case platform.StateApplied, platform.StateMatched:
		v.State = ui.StepDone
		if p.Ticket != 0 {
			v.Note = "deal " + strconv.FormatInt(p.Ticket, 10)
		}
		if p.looked() {
			v.Note = strings.TrimPrefix(v.Note+", found after the answer was lost", ", ")
		}
	default:
		return v
	}
	for _, typ := range []string{"platform.attempt.recorded", "platform.attempt.looked", "platform.intervention.resolved"} {
		v = p.step(typ, v)
	}
	return v
}

// looked reports whether the answer was lost and the look-up found what it
// would have said.
func (p interventionPage) looked() bool {
	for _, x := range p.Steps {
		if x.Type == "platform.attempt.looked" && x.Phase == "applied" {
			return true
		}
	}
	return false
}

// matched is whether what was read back is what was approved.
func (p interventionPage) matched() ui.StepView {
	v := ui.StepView{Title: "Read back and matched", State: ui.StepAhead}
	switch p.State {
	case platform.StateApplied:
		v.State, v.Note = ui.StepNow, "with the next reading back"
	case platform.StateMatched:
		v.State, v.At = ui.StepDone, p.Matched
		v = p.step("platform.intervention.matched", v)
	}
	return v
}
