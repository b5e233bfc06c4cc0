package ui

import "vouchsafe/core"

// TracksView is several tracks side by side: what one record went through on
// each of its status fields.
type TracksView struct {
	Now    core.Instant
	Tracks []TrackView
}

// TrackView is one status field: where it stands, and the steps to there and
// beyond.
type TrackView struct {
	Title string
	Note  string // what the field says, for readers who wonder
	State StatusView
	Steps []TrackStep
}

// TrackStep is one step. A step with a moment is behind us, one that is Here
// is where the record stands, and the rest is still to come.
type TrackStep struct {
	Text string
	By   []Value // who did it
	At   core.Instant
	Here bool
	Tone Tone
}

func (s TrackStep) state() string {
	switch {
	case s.Here:
		return "here"
	case s.At != 0:
		return "done"
	}
	return "ahead"
}

func (s TrackStep) icon() string {
	switch {
	case s.Tone != Neutral && s.Tone != Note:
		return s.Tone.icon()
	case s.Here:
		return "hourglass"
	case s.At != 0:
		return "circle-check"
	}
	return "clock"
}

func (s TrackStep) current() string {
	if s.Here {
		return "step"
	}
	return "false"
}

// word is the state for those who do not see the icon.
func (s TrackStep) word() string {
	return map[string]string{"here": "now: ", "done": "done: ", "ahead": "to come: "}[s.state()]
}

// VersusView is two values that must agree, side by side, with how they do.
type VersusView struct {
	Left, Right SideView
	Result      StatusView
	Note        string // what the result means
}

// SideView is one of two values that are compared.
type SideView struct {
	Label string
	Value Value
	Notes []Def
}
