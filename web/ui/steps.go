package ui

import "vouchsafe/core"

// StepState is how far one step of a road is.
type StepState string

// The states of a step.
const (
	StepDone    StepState = "done"
	StepNow     StepState = "now"     // it is what the record waits for
	StepAhead   StepState = "ahead"   // not reached yet
	StepStopped StepState = "stopped" // the road ended here, or nobody knows
)

// StepView is one step of the road that a record takes: what, who, when.
type StepView struct {
	Title string
	Who   string
	Note  string
	At    core.Instant
	Href  string // the event that shows it
	State StepState
}

func (v StepView) icon() string {
	switch v.State {
	case StepDone:
		return "check"
	case StepNow:
		return "hourglass"
	case StepStopped:
		return "circle-alert"
	}
	return ""
}

// spoken is the state for those who do not see it.
func (v StepView) spoken() string {
	switch v.State {
	case StepDone:
		return "done: "
	case StepNow:
		return "waits here: "
	case StepStopped:
		return "stopped here: "
	}
	return "still to come: "
}

func stepCurrent(v StepView) string {
	if v.State == StepNow {
		return "step"
	}
	return "false"
}
