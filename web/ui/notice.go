package ui

import "vouchsafe/core"

// NoticeView is a message about what just happened or what to know.
type NoticeView struct {
	Tone    Tone
	Title   string
	Text    string
	Actions []Link // what to do next: "Open the event"
}

// ProblemView is a refusal or an error, written for the reader: what is wrong
// and what to do. Event leads to the evidence that the refusal left.
type ProblemView struct {
	Title  string
	Text   string
	Code   string // stable problem code; links to Docs
	Docs   string // "/docs/problems/…"
	Fields []FieldProblem
	Event  string // permalink of the evidence event
	Ask    string // request id, to quote when asking for help
	Do     []Link
}

// FieldProblem is one field and what to do about it.
type FieldProblem struct {
	Field string // the field's name: the line links to it
	Text  string
}

// ProblemOf makes the view of a fault, titled by its kind; the caller adds the
// links.
func ProblemOf(f *core.Fault) ProblemView {
	v := ProblemView{Title: faultTitle(f.Kind), Text: f.Text, Code: f.Code, Docs: "/docs/problems/" + f.Code}
	for _, x := range f.Fields {
		v.Fields = append(v.Fields, FieldProblem(x))
	}
	return v
}

// FieldError finds the text for one field of a fault, for FieldView.Error; f
// may be nil.
func FieldError(f *core.Fault, field string) string {
	if f == nil {
		return ""
	}
	for _, x := range f.Fields {
		if x.Field == field {
			return x.Text
		}
	}
	return ""
}

func faultTitle(k core.FaultKind) string {
	switch k {
	case core.Invalid:
		return "Please correct this"
	case core.Unknown:
		return "Not found"
	case core.Unsignedin:
		return "Please sign in"
	case core.Denied:
		return "You may not do this"
	case core.Refused:
		return "The firm's rules refuse this"
	case core.Conflict:
		return "Somebody else changed this first"
	case core.Throttled:
		return "Too many tries"
	case core.Unavailable:
		return "A system we need does not answer"
	}
	return "Something went wrong on our side"
}

// BlockView is one reason why something cannot happen now: why, since when,
// and what lifts it.
type BlockView struct {
	Title string // "Withdrawals are held"
	Why   string
	Since core.Instant
	Until core.Instant // when it lifts by itself; zero when it does not
	Lifts string       // "Compliance accepts a new proof of address"
	Rule  Link         // the policy or control it comes from
	Do    []Link       // what the viewer can do about it
}

// BlocksView is all the blocks on one record. Clear is the sentence when there
// is none.
type BlocksView struct {
	Now    core.Instant
	Blocks []BlockView
	Clear  string
}
