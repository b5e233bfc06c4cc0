package evidence

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Filter selects events. Every given part must hold.
type Filter struct {
	Refs    []core.Ref // each must be a subject, actor, entity or case of the event
	Actor   core.Ref   // who acted
	Types   []string   // any of these types
	Outcome Outcome
	Log     string
	From    core.Instant // inclusive
	To      core.Instant // exclusive
	Words   []string     // each must occur, in a class that Classes lists
	Classes []core.Class // what the reader may search; Public is always among them
	Leads   []Lead       // further conditions that an index knows
	Scope   store.Where  // the policy's filter over event columns; zero selects nothing
	Oldest  bool         // oldest first instead of newest first
}

// Lead is a condition that the indexes of events know: an event stands under
// at least one of the references of the subject index, or has at least one of
// the keyed words where its reader may see it. It may be wider than what is
// asked for, as far as words are concerned: Scope then says it exactly.
type Lead struct {
	Refs  []string
	Terms []string
	// Visible is the condition over the columns of event_term under which the
	// reader may find a word at all, so that how long a search takes says
	// nothing about what is masked; zero finds none.
	Visible store.Where
}

// RefOf are the index entries of plain references; ByActor, OfType and
// WithOutcome those that say how an event stands there.
func RefOf(ref core.Ref) string { return string(ref) }

// ByActor is the index entry of who acted.
func ByActor(ref core.Ref) string { return refActor + string(ref) }

// OfType is the index entry of an event type.
func OfType(name string) string { return refType + name }

// WithOutcome is the index entry of an outcome that is not Done.
func WithOutcome(o Outcome) string { return refOutcome + string(o) }

// Find returns one page of events. Of the conditions that an index knows, the
// one with the fewest events leads: its entries are walked in the order of the
// page, and each event is held against all other conditions until the page is
// full. So one client's story costs as much in a log of millions as in a short
// one; a search without any lead walks the log itself.
func (l *Log) Find(ctx context.Context, r store.Reader, f Filter, page core.PageRequest) (core.Page[Record], error) {
	s := &find{ctx: ctx, r: r, f: f, n: page.Size() + 1}
	if page.After != "" {
		keys, err := page.After.Keys(1)
		if err != nil {
			return core.Page[Record]{}, err
		}
		s.after = keys[0]
	}
	rows, err := s.rows(l.leads(&f), l.words(&f))
	if err != nil {
		return core.Page[Record]{}, err
	}
	var out core.Page[Record]
	for i, row := range rows {
		if i == s.n-1 {
			out.Next = core.MakeCursor(rows[i-1].ID)
			break
		}
		out.Rows = append(out.Rows, recordOf(row))
	}
	return out, nil
}

// leads are the filter's conditions as index entries, those that usually have
// the fewest events first.
func (l *Log) leads(f *Filter) []Lead {
	var out []Lead
	for _, ref := range f.Refs {
		out = append(out, Lead{Refs: []string{RefOf(ref)}})
	}
	for _, w := range f.Words {
		for _, word := range Words(w) {
			out = append(out, Lead{Terms: []string{l.Keys.Term(word)}, Visible: inClasses(f)})
		}
	}
	if f.Outcome != "" && f.Outcome != Done {
		out = append(out, Lead{Refs: []string{WithOutcome(f.Outcome)}})
	}
	out = append(out, f.Leads...)
	if f.Actor != "" {
		out = append(out, Lead{Refs: []string{ByActor(f.Actor)}})
	}
	if len(f.Types) > 0 {
		types := make([]string, len(f.Types))
		for i, t := range f.Types {
			types[i] = OfType(t)
		}
		out = append(out, Lead{Refs: types})
	}
	return both(out)
}

// both adds a lead that is an outcome and a reference at once: two long indexes
// may have little in common, and the index knows it.
func both(leads []Lead) []Lead {
	all := func(l Lead, is func(string) bool) bool {
		return len(l.Refs) > 0 && len(l.Terms) == 0 && !slices.ContainsFunc(l.Refs, func(ref string) bool { return !is(ref) })
	}
	outcome := slices.IndexFunc(leads, func(l Lead) bool {
		return all(l, func(ref string) bool { return strings.HasPrefix(ref, refOutcome) })
	})
	if outcome < 0 {
		return leads
	}
	for _, l := range leads {
		if !all(l, func(ref string) bool { return strings.HasPrefix(ref, refActor) || !strings.Contains(ref, ":") }) {
			continue
		}
		var crossed Lead
		for _, o := range leads[outcome].Refs {
			for _, ref := range l.Refs {
				crossed.Refs = append(crossed.Refs, o+refBoth+ref)
			}
		}
		leads = append(leads, crossed)
	}
	return leads
}

// words is the exact condition on words: each in a class that may be searched.
func (l *Log) words(f *Filter) store.Where {
	var all []store.Where
	for _, w := range f.Words {
		for _, word := range Words(w) {
			all = append(all, HasTerm(l.Keys.Term(word), inClasses(f)))
		}
	}
	return store.And(all...)
}

func inClasses(f *Filter) store.Where {
	classes := []string{string(core.Public)}
	for _, c := range f.Classes {
		classes = append(classes, string(c))
	}
	return store.In("event_term.class", classes)
}

// HasTerm is the condition that the event has a keyed word among its terms,
// under a further condition over the columns of event_term.
func HasTerm(term string, visible store.Where) store.Where {
	return store.Exists("event_term", "event_term", store.And(
		store.Eq("event_term.term", term), store.Same("event_term.event", "event.id"), visible))
}

// Under is the condition that the event stands under one of the references of
// the subject index.
func Under(refs []string) store.Where {
	columns := map[string]string{refActor: "event.actor", refType: "event.type", refOutcome: "event.outcome"}
	byColumn, rest := map[string][]string{}, []string{}
	for _, ref := range refs {
		prefix, name, ok := strings.Cut(ref, ":")
		if column := columns[prefix+":"]; ok && column != "" && !strings.Contains(name, refBoth) {
			byColumn[column] = append(byColumn[column], name)
		} else {
			rest = append(rest, ref)
		}
	}
	var any []store.Where
	for _, column := range []string{"event.actor", "event.type", "event.outcome"} {
		if names := byColumn[column]; len(names) > 0 {
			any = append(any, store.In(column, names))
		}
	}
	if len(rest) > 0 {
		any = append(any, probe(rest, "event.id"))
	}
	return store.Or(any...)
}

// probe is the condition that the index has the event of a column under one of
// the references.
func probe(refs []string, column string) store.Where {
	return store.Exists("event_ref", "x", store.And(store.In("x.ref", refs), store.Same("x.event", column)))
}

// find is one page being looked for.
type find struct {
	ctx   context.Context
	r     store.Reader
	f     Filter
	n     int    // rows wanted, one more than the page has
	after string // the last id of the page before
}

// mostEntries bounds the entries of a condition that may lead: each is walked
// by itself.
const mostEntries = 24

func (s *find) rows(leads []Lead, words store.Where) ([]eventRow, error) {
	walks, err := s.walks(leads, words)
	if err != nil {
		return nil, err
	}
	var all []eventRow
	for _, w := range walks {
		var rows []eventRow
		if w.table == "" {
			rows, err = eventTable.Filter(s.ctx, s.r, "WHERE {where} ORDER BY event.id "+s.order()+" LIMIT $1", store.And(w.where, s.bounds("event.id")), s.n)
		} else {
			rows, err = s.along(w)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return s.merge(all), nil
}

// walk is one key of an index that is walked, or the log itself, and all that
// must hold of the events on the way.
type walk struct {
	table string // of the index; empty is the log itself
	where store.Where
}

// walks are the ways that lead to every event of the filter, some perhaps more
// than once.
func (s *find) walks(leads []Lead, words store.Where) ([]walk, error) {
	best, err := s.choose(leads)
	if err != nil {
		return nil, err
	}
	where := []store.Where{s.f.Scope, words}
	if s.f.Log != "" {
		where = append(where, store.Eq("event.log", s.f.Log))
	}
	if s.f.Outcome == Done {
		where = append(where, store.Eq("event.outcome", string(Done)))
	}
	if best < 0 {
		for _, l := range leads {
			where = append(where, s.besides(l, "event.id"))
		}
		return []walk{{"", store.And(where...)}}, nil
	}
	var out []walk
	for _, e := range leads[best].entries() {
		here := append(slices.Clone(where), e.where, store.Same("event.id", e.table+".event"))
		for i, l := range leads {
			if i != best {
				here = append(here, s.besides(l, e.table+".event"))
			}
		}
		out = append(out, walk{e.table, store.And(here...)})
	}
	return out, nil
}

// fewProbes is how many look-ups in the index are cheaper than fetching the
// event, which is long.
const fewProbes = 4

// besides is a lead as a condition while another one leads. Words are in Scope.
func (s *find) besides(l Lead, column string) store.Where {
	switch {
	case len(l.Terms) > 0:
		return store.True
	case len(l.Refs) <= fewProbes && len(l.Refs) > 0:
		return probe(l.Refs, column)
	}
	return Under(l.Refs)
}

func (s *find) order() string {
	if s.f.Oldest {
		return "ASC"
	}
	return "DESC"
}

// bounds is the date range, and where the page begins, as a range of ids.
func (s *find) bounds(column string) store.Where {
	var all []store.Where
	if s.f.From != 0 {
		all = append(all, store.Compare(column, ">=", core.EventIDFloor(s.f.From)))
	}
	if s.f.To != 0 {
		all = append(all, store.Compare(column, "<", core.EventIDFloor(s.f.To)))
	}
	if s.after != "" {
		op := map[bool]string{true: ">", false: "<"}[s.f.Oldest]
		all = append(all, store.Compare(column, op, s.after))
	}
	return store.And(all...)
}

// An index is counted until it is known to be a long one: first to see whether
// one is short, and if none is, further.
const (
	few    = 200
	enough = 10_000
)

// choose returns the lead with the fewest events in the range, -1 without one.
func (s *find) choose(leads []Lead) (int, error) {
	var can []int
	for i, l := range leads {
		if len(l.Refs)+len(l.Terms) <= mostEntries {
			can = append(can, i)
		}
	}
	if len(can) == 0 {
		return -1, nil
	}
	best := can[0]
	for _, most := range []int{few, enough} {
		if len(can) == 1 {
			break
		}
		fewest := most
		for _, i := range can {
			n, err := s.count(leads[i], fewest)
			if err != nil {
				return -1, err
			}
			if n < fewest {
				best, fewest = i, n
			}
		}
		if fewest < most {
			break
		}
	}
	return best, nil
}

// count counts the entries of a lead, up to most.
func (s *find) count(l Lead, most int) (total int, err error) {
	for _, e := range l.entries() {
		q, args := store.Slot("SELECT count(*) FROM (SELECT 1 FROM "+e.table+" WHERE {where} LIMIT $1) x",
			store.And(e.where, s.bounds(e.table+".event")), most-total)
		var n int
		if err := s.r.QueryRow(s.ctx, q, args...).Scan(&n); err != nil {
			return 0, err
		}
		if total += n; total >= most {
			break
		}
	}
	return total, nil
}

// entry is one key of one index.
type entry struct {
	table string
	where store.Where
}

func (l Lead) entries() []entry {
	var out []entry
	for _, ref := range l.Refs {
		out = append(out, entry{"event_ref", store.Eq("event_ref.ref", ref)})
	}
	for _, term := range l.Terms {
		out = append(out, entry{"event_term", store.And(store.Eq("event_term.term", term), l.Visible)})
	}
	return out
}

// merge puts what several entries gave into the order of the page.
func (s *find) merge(rows []eventRow) []eventRow {
	slices.SortFunc(rows, func(a, b eventRow) int {
		if s.f.Oldest {
			return strings.Compare(a.ID, b.ID)
		}
		return strings.Compare(b.ID, a.ID)
	})
	rows = compact(rows)
	return rows[:min(len(rows), s.n)]
}

// along walks one entry. A word that stands in two classes of an event gives it
// twice, one after the other, so the walk may have to be taken up again.
func (s *find) along(w walk) (out []eventRow, err error) {
	at := *s
	for {
		rows, err := eventTable.Lookup(s.ctx, s.r, w.table, "WHERE {where} ORDER BY "+w.table+".event "+s.order()+" LIMIT $1",
			store.And(w.where, at.bounds(w.table+".event")), s.n)
		if err != nil {
			return nil, err
		}
		out = compact(append(out, rows...))
		if len(rows) < s.n || len(out) >= s.n {
			return out[:min(len(out), s.n)], nil
		}
		at.after = rows[len(rows)-1].ID
	}
}

func compact(rows []eventRow) []eventRow {
	return slices.CompactFunc(rows, func(a, b eventRow) bool { return a.ID == b.ID })
}
