package oversight

import (
	"iter"
	"regexp"
	"slices"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// sides are the parts of a query that are about fields, by their qualifiers.
func (q *Query) sides() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		_ = yield("changed", q.Changed) && yield("reason", q.Reasons) && yield("old", q.Old) && yield("new", q.New)
	}
}

// looked is every word that is looked for among values: what a reader finds
// only where they would be shown it.
func (q *Query) looked() []string {
	out := slices.Clone(q.Words)
	for _, w := range q.Old {
		out = append(out, evidence.OldWord(w))
	}
	for _, w := range q.New {
		out = append(out, evidence.NewWord(w))
	}
	return out
}

var codeForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// said takes changed:, reason:, old: and new:.
func (q *Query) said(name, value string) error {
	words := evidence.Words(value)
	code := strings.ToLower(value)
	switch {
	case name == "changed" && len(fieldsNamed(code)) == 0:
		return core.InvalidField("q", "No record has a field “"+value+"”. Write its name, as events show it, or the record's and its name: changed:client.status.")
	case name == "changed":
		q.Changed = append(q.Changed, code)
	case name == "reason" && !codeForm.MatchString(code):
		return core.InvalidField("q", "After “reason:” write a reason code as events show it, such as client_request.")
	case name == "reason":
		q.Reasons = append(q.Reasons, code)
	case len(words) == 0:
		return core.InvalidField("q", "Write a word after “"+name+":”, or several in quotes.")
	case name == "old":
		q.Old = append(q.Old, words...)
	default:
		q.New = append(q.New, words...)
	}
	return nil
}

// fieldsNamed lists the fields of recorded tables, as table.column, that a name
// means: of every table, or of the one before the dot.
func fieldsNamed(name string) (out []string) {
	table, column, one := strings.Cut(name, ".")
	if !one {
		table, column = "", name
	}
	for _, s := range store.Tables() {
		if s.TableKind() != store.Recorded || one && s.TableName() != table {
			continue
		}
		for _, c := range s.ColumnShapes() {
			if c.Name == column {
				out = append(out, s.TableName()+"."+c.Name)
			}
		}
	}
	return out
}

// fielded selects the events of the changed fields and the reason codes that
// are asked for.
func (s *searching) fielded(f *evidence.Filter) store.Where {
	public := store.Eq("event_term.class", string(core.Public))
	one := func(words []string) store.Where {
		lead := evidence.Lead{Visible: public}
		var any []store.Where
		for _, w := range words {
			term := s.q.rd.Log.Keys.Term(w)
			lead.Terms = append(lead.Terms, term)
			any = append(any, evidence.HasTerm(term, public))
		}
		f.Leads = append(f.Leads, lead)
		return store.Or(any...)
	}
	var all []store.Where
	for _, name := range s.parsed.Changed {
		var words []string
		for _, field := range fieldsNamed(name) {
			words = append(words, evidence.ChangedField(field))
		}
		all = append(all, one(words))
	}
	for _, code := range s.parsed.Reasons {
		all = append(all, one([]string{evidence.ReasonCode(code)}))
	}
	return store.And(all...)
}
