package ui

import "strconv"

// FormView is a form. Key is its idempotency key, made with the page so that a
// second press sends the same; Hidden is what the form carries unseen.
type FormView struct {
	ID        string
	Action    string
	Get       bool // a search; otherwise it posts
	Key       string
	Hidden    []HiddenView
	Multipart bool // it has a file field
	Problem   *ProblemView
}

// IdempotencyField is the form field that carries the idempotency key.
const IdempotencyField = "idempotency_key"

// HiddenView is a hidden field.
type HiddenView struct{ Name, Value string }

// FieldView is a one-line field. Type is an HTML input type, "text" when
// empty. A field with an Error is marked and described by it.
type FieldView struct {
	ID           string // element id; from Name when empty
	Name         string
	Label        string
	Type         string
	Value        string
	Hint         string
	Error        string
	Placeholder  string
	Autocomplete string
	InputMode    string
	Required     bool
	ReadOnly     bool
	Short        bool // as wide as a code or a date, not the whole line
	Focus        bool // autofocus: at most one on a page
	MinLength    int
	MaxLength    int
}

// MoneyView is an amount with its currency: chosen from Currencies, or fixed
// when there is only one. The fields are Name and Name+"_currency".
type MoneyView struct {
	ID         string // element id; from Name when empty
	Name       string
	Label      string
	Amount     string
	Currency   string
	Currencies []string
	Hint       string
	Error      string
	Required   bool
}

// OptionView is one choice.
type OptionView struct {
	Value    string
	Text     string
	Hint     string // for radio choices: a second line
	Disabled bool
}

// SelectView is a choice from a list. Blank is the text of the empty choice.
type SelectView struct {
	ID       string // element id; from Name when empty
	Name     string
	Label    string
	Value    string
	Blank    string
	Options  []OptionView
	Hint     string
	Error    string
	Required bool
}

// TextareaView is a text of several lines. A MinLength above zero is told in
// the hint and counted while typing.
type TextareaView struct {
	ID          string // element id; from Name when empty
	Name        string
	Label       string
	Value       string
	Hint        string
	Error       string
	Placeholder string
	Required    bool
	Rows        int
	MinLength   int
	MaxLength   int
}

// FileView is a file upload. Accept is the HTML accept list.
type FileView struct {
	ID       string // element id; from Name when empty
	Name     string
	Label    string
	Accept   string
	Hint     string
	Error    string
	Required bool
	Multiple bool
}

// CheckView is one box to tick.
type CheckView struct {
	ID      string // element id; from Name when empty
	Name    string
	Value   string // "on" when empty
	Label   string
	Hint    string
	Error   string
	Checked bool
}

// RadioView is a choice of one among a few, all visible.
type RadioView struct {
	ID       string // element id; from Name when empty
	Name     string
	Label    string
	Value    string
	Options  []OptionView
	Hint     string
	Error    string
	Required bool
}

// FieldID is the element id that a field of this name gets by itself; problem
// lines link to it.
func FieldID(name string) string { return "f-" + name }

// describe names the elements that describe a field, for aria-describedby.
func describe(id, hint, err string) string {
	switch {
	case hint != "" && err != "":
		return id + "-hint " + id + "-error"
	case hint != "":
		return id + "-hint"
	case err != "":
		return id + "-error"
	}
	return ""
}

func invalid(err string) string { return pressed(err != "") }

func limit(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (v FormView) method() string {
	if v.Get {
		return "get"
	}
	return "post"
}

func (v FormView) encoding() string {
	if v.Multipart {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}

func (v TextareaView) hint() string {
	if v.MinLength <= 0 {
		return v.Hint
	}
	s := "At least " + strconv.Itoa(v.MinLength) + " characters."
	if v.Hint != "" {
		s = v.Hint + " " + s
	}
	return s
}

func (v TextareaView) rows() string { return strconv.Itoa(max(v.Rows, 3)) }

func (v FieldView) id() string { return or(v.ID, FieldID(v.Name)) }

func (v MoneyView) id() string { return or(v.ID, FieldID(v.Name)) }

func (v SelectView) id() string { return or(v.ID, FieldID(v.Name)) }

func (v TextareaView) id() string { return or(v.ID, FieldID(v.Name)) }

func (v FileView) id() string { return or(v.ID, FieldID(v.Name)) }

func (v CheckView) id() string { return or(v.ID, FieldID(v.Name)) }

func (v RadioView) id() string { return or(v.ID, FieldID(v.Name)) }
