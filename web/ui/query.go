package ui

// QueryBarView is the bar above a list: one text field for the query language,
// segments (one of), chips (any of), and a strip of activity.
type QueryBarView struct {
	Action      string // where the form goes (GET)
	Name        string // the field's name; "q" when empty
	Value       string
	Placeholder string
	Hidden      []HiddenView // filters that the form keeps
	Segments    []ChipView
	Chips       []ChipView
	Strip       *StripView
	Help        []SyntaxView
	Note        string // "The log is complete; this filter hides 41 events."
}

// FiltersView is a line of fields that narrow a list; the fields are its
// children. Hidden is what the list's address keeps.
type FiltersView struct {
	Action string
	Hidden []HiddenView
	Clear  string // the list without these filters; empty when none is set
}

// ChipView is one filter: a link that turns it on or off.
type ChipView struct {
	Text string
	Href string // the list with the filter turned the other way
	On   bool
	Kind Kind // gives the chip its icon
	Icon string
}

// SyntaxView is one line of the query language's help.
type SyntaxView struct {
	Example string // "actor:okonjo"
	Text    string // "what this person did"
}

func (v ChipView) icon() string {
	if v.Kind != "" {
		return v.Kind.icon()
	}
	return v.Icon
}

func (v QueryBarView) used() bool {
	return v.Action != "" || len(v.Chips) > 0 || len(v.Segments) > 0
}

// PaletteView is the palette's answer: groups of places and actions.
type PaletteView struct {
	Action string // where the palette's form goes; "/palette" when empty
	Query  string
	Groups []PaletteGroup
}

// PaletteGroup is one titled group of the palette.
type PaletteGroup struct {
	Title string
	Items []PaletteItem
}

// PaletteItem is one place or action; Key is the key that does it elsewhere.
type PaletteItem struct {
	Text string
	Note string
	Href string
	Icon string
	Key  string
}

func (v PaletteView) none() bool {
	for _, g := range v.Groups {
		if len(g.Items) > 0 {
			return false
		}
	}
	return true
}

// keys is the keyboard help.
var keys = []struct{ keys, text string }{
	{"j", "next row"},
	{"k", "previous row"},
	{"Enter", "open the row"},
	{"Space", "peek at the row"},
	{"/", "go to the search field"},
	{"⌘K", "jump to a client, case, id or action (Ctrl K)"},
	{"a", "approve what is open"},
	{"r", "refuse what is open"},
	{"e", "escalate what is open"},
	{"?", "this help"},
	{"Esc", "close"},
}
