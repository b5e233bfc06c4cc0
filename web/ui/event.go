package ui

import (
	"github.com/a-h/templ"

	"vouchsafe/core"
)

// TimelineView is a list of events in days, newest first, with its query bar
// above and the next page below.
type TimelineView struct {
	Query QueryBarView
	Days  []DayView
	Now   core.Instant
	Pager PagerView
	Empty EmptyView // shown when Days is empty
}

// DayView is the events of one day. Count is the day's whole number, which may
// be more than this page shows.
type DayView struct {
	Day   core.Instant
	Count int
	Rows  []EventRow
}

// EventRow is one event on one or two lines.
type EventRow struct {
	ID       string // the row's element id, unique on the page
	Href     string // opens the event beside the list
	At       core.Instant
	Kind     Kind
	Sentence []Span
	Changes  []Change
	Badges   []BadgeView
	Case     *RefView
	Seal     SealBadgeView
	Current  bool // the event that the panel shows
}

// The badges that mark an event out.
var (
	OverrideBadge = BadgeView{Text: "override", Tone: Warn, Title: "A policy said no or more; named people decided otherwise"}
	BlockedBadge  = BadgeView{Text: "blocked", Tone: Bad, Title: "A rule stopped this"}
	DeniedBadge   = BadgeView{Text: "denied", Tone: Bad, Title: "Policy refused; nothing was changed"}
	ManualBadge   = BadgeView{Text: "manual", Tone: Warn, Title: "Done by hand at the outside system"}
	ErasedBadge   = BadgeView{Text: "erased", Tone: Note, Title: "Personal values were erased by law; the proof still verifies"}
)

// Approver is one person who approved, and when.
type Approver struct {
	Name string
	Role string
	Href string
	At   core.Instant
}

// EventPanelView is one event in full.
type EventPanelView struct {
	Type      string // "payments.withdrawal.approved"
	Title     string
	At        core.Instant
	Now       core.Instant
	Badges    []BadgeView
	Changes   []Change
	Who       Value
	Role      string
	Why       Value // the reason as typed or chosen
	From      Value
	Case      *RefView
	Policy    []Link
	Approvers []Approver
	Extra     []Def // anything else, after the named lines
	Related   []Link
	Seal      SealView
}

// Def is one line of a definition list.
type Def struct {
	Term string
	Body templ.Component
}

// DefText is a definition whose body is plain text.
func DefText(term, text string) Def { return Def{Term: term, Body: Val(V(text))} }

// DefVal is a definition whose body is a value.
func DefVal(term string, v Value) Def { return Def{Term: term, Body: Val(v)} }

func ordinal(i int) string {
	names := []string{"First", "Second", "Third", "Fourth", "Fifth"}
	if i < len(names) {
		return names[i]
	}
	return "Another"
}
