package oversight

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// kindEvent is the kind of events where policy is asked about one.
const kindEvent core.Kind = "ev"

// Show is a coarse choice of events.
type Show string

// The choices.
const (
	ShowAll      Show = ""
	ShowChanges  Show = "changes"  // what changed something
	ShowRefusals Show = "refusals" // what was denied, refused or failed
	ShowReads    Show = "reads"    // what was seen, searched and exported
)

// SearchEvents asks for one page of events, newest first.
type SearchEvents struct {
	Query string           `json:"query"` // the query bar's text
	Kind  string           `json:"kind,omitempty"`
	Show  Show             `json:"show,omitempty"`
	Of    core.Ref         `json:"of,omitempty"`    // only the story of this record, for those who may not read the whole log
	Count bool             `json:"count,omitempty"` // how many there are in all, as well
	Page  core.PageRequest `json:"page"`
}

// Action is evidence.event.search.
func (SearchEvents) Action() command.Action { return "evidence.event.search" }

// Subject is the record whose story is asked for, if any.
func (in SearchEvents) Subject() core.Ref { return in.Of }

// Found is one page of events, and how far the log reached when it was read.
type Found struct {
	Rows  []EventLine     `json:"rows"`
	Next  core.Cursor     `json:"next,omitempty"`
	Query Query           `json:"-"`
	Logs  []LogRead       `json:"logs"` // the logs that were searched
	Words map[string]bool `json:"-"`    // the classes in which words were looked for
	Total *Total          `json:"total,omitempty"`
}

// Total is how many events a search finds in all.
type Total struct {
	Events int  `json:"events"`
	More   bool `json:"more"` // there are others: counting ended here
}

// mostCounted is where counting stops.
const mostCounted = 10_000

// LogRead is how far one log was when a page was read.
type LogRead struct {
	Log        string       `json:"log"`
	Size       int64        `json:"size"`
	Checkpoint int64        `json:"checkpoint"`
	At         core.Instant `json:"at"`
	Unsealed   int64        `json:"unsealed"`
	Witnessed  int64        `json:"witnessed"` // entries that witnesses vouch for
	Witnesses  int          `json:"witnesses"` // how many
}

// SearchEventsQuery answers SearchEvents on a road. records may be nil where
// no record's story is asked for.
func SearchEventsQuery(rd *command.Road, records Records) command.Query[SearchEvents, Found] {
	return searchEvents{rd, records}
}

type searchEvents struct {
	rd      *command.Road
	records Records
}

// Target is the record whose story is asked for, or leaves the choice of
// events to policy.
func (q searchEvents) Target(ctx context.Context, r store.Reader, in SearchEvents) (command.Resource, error) {
	if in.Of == "" {
		return command.Resource{Kind: kindEvent}, nil
	}
	return resourceOf(ctx, r, q.records, in.Of)
}

// resourceOf is a record as policy sees it when asked about its story.
func resourceOf(ctx context.Context, r store.Reader, records Records, ref core.Ref) (command.Resource, error) {
	if ref.Kind() == core.KindProposal {
		p, err := command.GetProposal(ctx, r, ref)
		if err == nil && p == nil {
			err = command.ErrHidden
		}
		if err != nil {
			return command.Resource{}, err
		}
		return p.Resource(), nil
	}
	if records == nil || !ref.Valid() {
		return command.Resource{}, command.ErrHidden
	}
	entity, err := records.EntityOf(ctx, r, ref)
	if err == nil && entity == "" {
		err = command.ErrHidden
	}
	return command.Resource{Kind: ref.Kind(), Ref: ref, Entity: entity}, err
}

// Read finds the page.
func (q searchEvents) Read(ctx context.Context, r store.Reader, in SearchEvents, see *command.Sight) (Found, error) {
	out := Found{Words: map[string]bool{}}
	states, err := evidence.LogStates(ctx, r)
	if err != nil {
		return Found{}, err
	}
	f, parsed, err := q.selected(ctx, r, in, see, states, out.Words)
	if err != nil {
		return Found{}, err
	}
	out.Query = parsed
	page, err := q.rd.Log.Find(ctx, r, f, in.Page)
	if err != nil {
		return Found{}, err
	}
	out.Next = page.Next
	if in.Count {
		out.Total = &Total{}
		if out.Total.Events, out.Total.More, err = q.rd.Log.Count(ctx, r, f, mostCounted); err != nil {
			return Found{}, err
		}
	}
	if out.Rows, err = q.lines(ctx, r, page.Rows, states); err != nil {
		return Found{}, err
	}
	out.Logs = readFrom(states, parsed, in, page.Rows)
	if !parsed.Empty() {
		see.Searched(parsed.String())
	}
	see.Counted(len(out.Rows))
	return out, nil
}

// prepare is what a search selects, for those who read it page by page.
func (q searchEvents) prepare(ctx context.Context, r store.Reader, in SearchEvents, see *command.Sight) (evidence.Filter, Query, error) {
	states, err := evidence.LogStates(ctx, r)
	if err != nil {
		return evidence.Filter{}, Query{}, err
	}
	return q.selected(ctx, r, in, see, states, map[string]bool{})
}

// selected makes the filter of a search: whatever the query says comes after
// what policy says.
func (q searchEvents) selected(ctx context.Context, r store.Reader, in SearchEvents, see *command.Sight, states []evidence.LogState, words map[string]bool) (evidence.Filter, Query, error) {
	parsed, err := ParseQuery(in.Query, see.Actor.Ref)
	if err != nil {
		return evidence.Filter{}, parsed, err
	}
	scope := see.Where
	if in.Of != "" {
		res, err := resourceOf(ctx, r, q.records, in.Of)
		if err != nil {
			return evidence.Filter{}, parsed, err
		}
		scope = storyOf(res)
	}
	s := &searching{q: q, in: in, parsed: parsed, see: see, r: r, states: states, words: words}
	f, err := s.filter(ctx, scope)
	return f, parsed, err
}

// storyOf selects the events that name a record, in its own entity.
func storyOf(res command.Resource) store.Where {
	story := evidence.Under([]string{evidence.RefOf(res.Ref)})
	if res.Entity == "" {
		return store.And(story, store.Not(store.NotNull("event.entity")))
	}
	return store.And(story, store.Eq("event.entity", string(res.Entity)))
}

// readFrom names the logs that the answer comes from: the one asked for, or
// all that it shows.
func readFrom(states []evidence.LogState, q Query, in SearchEvents, rows []evidence.Record) (out []LogRead) {
	seen := map[string]bool{}
	for _, rec := range rows {
		seen[rec.Log] = true
	}
	for _, st := range states {
		asked := in.Of == "" && q.Entity != "" && st.Log == logNamed(q.Entity)
		if seen[st.Log] || asked {
			out = append(out, LogRead{st.Log, st.Size, st.CheckpointSize, st.CheckpointAt, st.Unsealed, st.Witnessed, st.Witnesses})
		}
	}
	return out
}

// logNamed is the log that entity: means: cy and en_cy are the same.
func logNamed(name string) string {
	if name == evidence.GroupLog || strings.HasPrefix(name, "en_") {
		return name
	}
	return "en_" + name
}

// searching builds the filter of one search.
type searching struct {
	q      searchEvents
	in     SearchEvents
	parsed Query
	see    *command.Sight
	r      store.Reader
	states []evidence.LogState
	words  map[string]bool
}

func (s *searching) filter(ctx context.Context, scope store.Where) (evidence.Filter, error) {
	// The money-laundering officer's log has readers of its own: no general
	// search reaches it.
	all := []store.Where{scope, store.Compare("event.log", "<>", evidence.MLROLog)}
	f := evidence.Filter{From: s.parsed.From, To: s.parsed.To, Outcome: s.parsed.Outcome}
	if s.in.Of != "" {
		f.Refs = []core.Ref{s.in.Of}
	}
	if err := s.concerning(ctx, &f, s.parsed.Refs, evidence.RefOf); err != nil {
		return evidence.Filter{}, err
	}
	if err := s.concerning(ctx, &f, s.parsed.By, evidence.ByActor); err != nil {
		return evidence.Filter{}, err
	}
	if s.parsed.Entity != "" {
		f.Log = logNamed(s.parsed.Entity)
	}
	if s.parsed.Event != "" {
		all = append(all, store.Eq("event.id", s.parsed.Event))
	}
	for _, prefix := range s.parsed.Types {
		all = append(all, s.named(&f, prefix))
	}
	if s.in.Kind != "" {
		f.Leads = append(f.Leads, evidence.Lead{Refs: typeRefs(typesUnder(s.in.Kind + "."))})
	}
	s.shown(&f)
	f.Scope = store.And(append(all, s.worded(&f), s.fielded(&f))...)
	return f, nil
}

// concerning demands the events that name each record; one that does not exist
// and one that only others may see give the same answer: none.
func (s *searching) concerning(ctx context.Context, f *evidence.Filter, terms []Term, entry func(core.Ref) string) error {
	for _, t := range terms {
		refs := []core.Ref{t.Ref}
		if t.Ref == "" {
			var err error
			if refs, err = refsEnding(ctx, s.r, t); err != nil {
				return err
			}
		}
		lead := evidence.Lead{}
		for _, ref := range refs {
			lead.Refs = append(lead.Refs, entry(ref))
		}
		f.Leads = append(f.Leads, lead)
	}
	return nil
}

// named selects events by the beginning of their type, and those that were
// proposed, denied or refused for an action of exactly that name.
func (s *searching) named(f *evidence.Filter, prefix string) store.Where {
	term, types := s.q.rd.Log.Keys.Term(prefix), typeRefs(typesUnder(prefix))
	public := store.Eq("event_term.class", string(core.Public))
	f.Leads = append(f.Leads, evidence.Lead{Refs: types, Terms: []string{term}, Visible: public})
	return store.Or(evidence.Under(types), store.And(evidence.Under(typeRefs(typesUnder("command."))), evidence.HasTerm(term, public)))
}

func typeRefs(types []string) []string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = evidence.OfType(t)
	}
	return out
}

func (s *searching) shown(f *evidence.Filter) {
	switch s.in.Show {
	case ShowRefusals:
		f.Leads = append(f.Leads, evidence.Lead{Refs: []string{
			evidence.WithOutcome(evidence.Denied), evidence.WithOutcome(evidence.Refused), evidence.WithOutcome(evidence.Failed),
		}})
	case ShowChanges:
		f.Leads = append(f.Leads, evidence.Lead{Refs: typeRefs(typesOf(evidence.EntityManagement, evidence.UserAccess))})
	case ShowReads:
		f.Leads = append(f.Leads, evidence.Lead{Refs: typeRefs(typesOf(evidence.DataRead))})
	}
}

func typesOf(classes ...evidence.Class) (out []string) {
	for _, t := range evidence.Types() {
		if slices.Contains(classes, t.Class) {
			out = append(out, t.Name)
		}
	}
	return out
}
