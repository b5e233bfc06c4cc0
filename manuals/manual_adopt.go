package manuals

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Deps are what this package needs of the others.
type Deps struct {
	// Known says whether there is such a legal entity.
	Known func(ctx context.Context, r store.Reader, entity core.Ref) (bool, error)
	// Board is when somebody sits on the board of an entity: from, until.
	Board func(ctx context.Context, r store.Reader, entity core.Ref) ([][2]core.Instant, error)
	// Rests says whether there is such an act, policy or rule.
	Rests func(name string) bool
	Log   *evidence.Log
}

// Register adds the domain's commands.
func Register(reg *command.Registry, d Deps) {
	command.Handle[AdoptManual, adopting](reg, adoptManual{d}, command.Doc{
		Title: "Adopt a manual", Kind: core.KindManual, StepUp: true,
		Floor: "The board agrees; where nobody sits on it, a senior compliance officer.", Approvers: []string{"board", "senior_compliance"},
	})
}

// AdoptManual asks for a new manual, or for a new version of one.
type AdoptManual struct {
	Entity core.Ref     `json:"entity"`
	Manual core.Ref     `json:"manual,omitempty" doc:"the manual of which it is a new version; a new one when absent"`
	Title  string       `json:"title,omitempty" doc:"of a new manual; it never changes"`
	Text   string       `json:"text" doc:"numbered clauses"`
	From   core.Instant `json:"from,omitempty" doc:"when it comes into force; at once when absent"`
	Reason string       `json:"reason"`
	Words  string       `json:"words"`
}

// Reasons are the reason codes.
var Reasons = []string{"yearly-review", "law-changed", "regulator", "incident", "new-business", "error"}

// Action is manuals.manual.adopt.
func (AdoptManual) Action() command.Action { return "manuals.manual.adopt" }

// Subject is the manual, or the entity of a new one.
func (in AdoptManual) Subject() core.Ref {
	if in.Manual != "" {
		return in.Manual
	}
	return in.Entity
}

// Reasons are the reason code and the maker's own words.
func (in AdoptManual) Reasons() (code, words string) { return in.Reason, in.Words }

// Facts are what an approver must see, beside those that the check draws.
func (in AdoptManual) Facts() []evidence.Detail { return nil }

var titleForm = regexp.MustCompile(`^[\p{L}\d][\p{L}\d ,&()-]{2,79}$`)

// Validate checks the form of the fields and reads the clauses.
func (in AdoptManual) Validate() error {
	switch {
	case in.Entity.Kind() != core.KindEntity || in.Entity == core.Group:
		return core.InvalidField("entity", "Choose a legal entity.")
	case in.Manual == "" && !titleForm.MatchString(in.Title):
		return core.InvalidField("title", "Give the manual a title of 3 to 80 letters, digits and spaces, such as AML manual. It never changes.")
	case in.Manual != "" && in.Title != "":
		return core.InvalidField("title", "A manual keeps its title: leave it out.")
	case !slices.Contains(Reasons, in.Reason):
		return core.InvalidField("reason", "Choose why: yearly-review, law-changed, regulator, incident, new-business or error.")
	case len(strings.TrimSpace(in.Words)) < 20:
		return core.InvalidField("words", "Say in your own words, in at least 20 characters, why the manual changes.")
	case len(in.Text) > 100_000:
		return core.InvalidField("text", "A manual of more than 100,000 characters cannot be read by those who adopt it. Make two of it.")
	}
	_, err := Clauses(in.Text)
	return err
}

// adopting is what a version is judged on.
type adopting struct {
	earlier []Version
	title   string
	taken   bool     // another manual has the title
	unknown []string // what clauses name and nothing is
	board   [][2]core.Instant
}

type adoptManual struct{ d Deps }

// Load reads the earlier versions, and who could adopt.
func (h adoptManual) Load(ctx context.Context, r store.Reader, in AdoptManual) (f adopting, res command.Resource, err error) {
	res = resource(in.Manual, in.Entity)
	known, err := h.d.Known(ctx, r, in.Entity)
	if err == nil && !known {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	f.title = in.Title
	if in.Manual != "" {
		if f.earlier, err = history(ctx, r, in.Manual); err == nil && (len(f.earlier) == 0 || f.earlier[0].Entity != in.Entity) {
			err = command.ErrHidden
		}
		if err != nil {
			return f, res, err
		}
		f.title = f.earlier[0].Title
	}
	other, err := versions.One(ctx, r, "WHERE entity = $1 AND title = $2 ORDER BY version LIMIT 1", in.Entity, f.title)
	if err != nil {
		return f, res, err
	}
	f.taken = in.Manual == "" && other != nil
	clauses, err := Clauses(in.Text)
	for _, c := range clauses {
		for _, to := range c.Applies {
			if !h.d.Rests(to) {
				f.unknown = append(f.unknown, "§"+c.Number+": "+to)
			}
		}
	}
	if err == nil {
		f.board, err = h.d.Board(ctx, r, in.Entity)
	}
	return f, res, err
}

// Check refuses a title twice, clauses that apply to nothing, and a start in
// the past; else the board agrees.
func (adoptManual) Check(in AdoptManual, f adopting, m command.Moment) command.Verdict {
	var no []command.Refusal
	refuse := func(code, text string) { no = append(no, command.Refusal{Code: code, Text: text}) }
	if f.taken {
		refuse("title-taken", "There is a manual of this title already. Adopt a new version of that one.")
	}
	if len(f.unknown) > 0 {
		refuse("applies-to-nothing", "There is no such act, policy or rule: "+strings.Join(f.unknown, "; ")+". The map of acts in docs/map.md has them all.")
	}
	if in.From != 0 && in.From < m.Now && len(m.Approvals) == 0 {
		refuse("starts-in-the-past", "A manual does not start in the past. Leave the start empty for as soon as it is approved.")
	}
	if n := len(f.earlier); n > 0 {
		switch last := f.earlier[n-1]; {
		case last.Text == tidy(in.Text):
			refuse("nothing-changed", "This is what version "+strconv.Itoa(last.Number)+" says already.")
		case max(in.From, m.Now) < last.Starts:
			refuse("before-the-last", "Version "+strconv.Itoa(last.Number)+" starts later than this one would. A new one cannot start before it.")
		}
	}
	if len(no) > 0 {
		return command.Refuse(no...)
	}
	seat := command.Seat{Roles: []string{"senior_compliance"}}
	if slices.ContainsFunc(f.board, func(t [2]core.Instant) bool { return t[0] <= m.Now && m.Now < t[1] }) {
		seat.Roles = []string{"board"}
	}
	return command.Needs(command.Need{Rule: "manuals.manual.adopt/1", Seats: []command.Seat{seat}, Facts: f.facts(in)})
}

// facts are the card of the approver: old text and new.
func (f adopting) facts(in AdoptManual) []evidence.Detail {
	was := ""
	if n := len(f.earlier); n > 0 {
		was = f.earlier[n-1].Text
	}
	return []evidence.Detail{
		{Name: "manual", Value: f.title, Search: true},
		{Name: "version", Value: strconv.Itoa(len(f.earlier) + 1)},
		{Name: "was", Value: was},
		{Name: "becomes", Value: tidy(in.Text)},
	}
}

// Apply adopts the version.
func (adoptManual) Apply(ctx context.Context, tx *command.Tx, in AdoptManual, f adopting) ([]evidence.Event, error) {
	if tx.Approval == nil {
		return nil, core.NewFault(core.Refused, "not-approved", "A manual is adopted only after somebody else has agreed.")
	}
	v := &Version{
		ID: tx.NewRef(core.KindManual), Manual: in.Manual, Entity: in.Entity, Title: f.title, Number: len(f.earlier) + 1, Text: tidy(in.Text),
		Starts: max(in.From, tx.Now), Maker: tx.Approval.Maker, Proposal: tx.Approval.Proposal, Reason: in.Reason, Words: in.Words, Created: tx.Now,
	}
	v.Hash = digest(v.Text)
	if v.Manual == "" {
		v.Manual = v.ID
	}
	if err := versions.Insert(ctx, tx.Tx, v); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventAdopted, Entity: v.Entity, Subjects: []core.Ref{v.Manual, v.Entity}, Reason: in.Reason, Text: in.Words,
		Details: []evidence.Detail{
			{Name: "manual", Value: v.Title, Search: true}, {Name: "version", Value: strconv.Itoa(v.Number)}, {Name: "hash", Value: v.Hash},
		},
	}}, nil
}
