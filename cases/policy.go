package cases

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// fits says why a command may not name a case, or nil when it may.
func fits(c *Case, act command.Action, subjects []core.Ref) *command.Refusal {
	switch {
	case c == nil:
		return &command.Refusal{Code: "case-unknown", Text: "There is no such case. Open one first, or check its reference."}
	case c.State != StateOpen:
		return &command.Refusal{Code: "case-closed", Text: "The case " + c.ID.Short() + " is closed. Open a new one for new work."}
	case !slices.Contains(c.Type.Permits(), act):
		return &command.Refusal{Code: "case-wrong-type", Text: "A case of type " + c.Type.Title() + " is no reason for this. Name a case of a fitting type."}
	case !slices.Contains(subjects, c.Subject):
		return wrongSubject(c)
	}
	return nil
}

// Named says why a command may not name a case, or nil when it may: the road
// asks it for every one. A type matters only to the sensitive commands that some
// type lists; findings have rules of their own.
func (Service) Named(ctx context.Context, r store.Reader, id core.Ref, act command.Action, subjects []core.Ref) (*command.Refusal, error) {
	if strings.HasPrefix(string(act), "cases.") {
		return nil, nil
	}
	c, err := CaseByID(ctx, r, id)
	if err != nil {
		return nil, err
	}
	why := fits(c, act, subjects)
	if why == nil || why.Code != "case-wrong-type" {
		return why, nil
	}
	for _, acts := range permits {
		if slices.Contains(acts, act) {
			return why, nil
		}
	}
	if !slices.Contains(subjects, c.Subject) {
		return wrongSubject(c), nil
	}
	return nil, nil
}

func wrongSubject(c *Case) *command.Refusal {
	return &command.Refusal{Code: "case-wrong-subject", Text: "The case " + c.ID.Short() + " is about somebody else."}
}

var empty = []string{
	"as discussed", "as requested", "as per", "see email", "see above", "per email", "per request", "approved", "ok", "okay",
	"done", "fix", "test", "n/a", "none", "na", "correction", "adjustment", "client request", "requested by client", "manager approved", "asap",
}

// Boilerplate says whether words explain nothing: too short, or made only of
// phrases that fit anything.
func Boilerplate(words string) bool {
	w := " " + strings.Join(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",.;:!?-()", r)
	}), " ") + " "
	for _, e := range empty {
		for strings.Contains(w, " "+e+" ") { // neighbours share the space between them
			w = strings.ReplaceAll(w, " "+e+" ", " ")
		}
	}
	letters := 0
	for _, r := range w {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters < 12
}
