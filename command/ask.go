package command

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Query is one read. V is the view: plain data, already masked.
type Query[I Input, V any] interface {
	// Target is the resource that the reader must be allowed; for lists, one
	// with only a Kind: the filter then comes from policy.
	Target(ctx context.Context, r store.Reader, in I) (Resource, error)
	// Read builds the view. It asks see for every sensitive value and reports
	// what it showed.
	Read(ctx context.Context, r store.Reader, in I, see *Sight) (V, error)
}

// Sight is what one reader may see in one query. It also remembers what was
// shown, for the read event.
type Sight struct {
	Actor evidence.Actor
	Now   core.Instant
	Where store.Where // the policy's filter, for lists

	ctx    context.Context
	r      store.Reader
	policy Authorizer
	apart  Apartness
	cache  map[string]bool
	shown  map[evidence.Shown]bool
	rows   int
	search string
	export string
}

// SeeAction is the action of seeing values of a class.
func SeeAction(c core.Class) Action { return Action("see." + string(c)) }

// May says whether the reader may see values of the class on the resource. An
// error counts as no.
func (s *Sight) May(c core.Class, res Resource) bool {
	if c == core.Public {
		return true
	}
	if c == core.Secret {
		return false
	}
	key := string(c) + "|" + string(res.Kind) + "|" + string(res.Entity) + "|" + string(res.Ref)
	if v, ok := s.cache[key]; ok {
		return v
	}
	ruling, err := s.policy.Authorize(s.ctx, s.r, s.Actor, SeeAction(c), res, s.Now)
	v := err == nil && ruling.Allow
	s.cache[key] = v
	return v
}

// Allowed says whether the reader may do an act, for buttons that explain
// themselves. The road decides again when the act comes.
func (s *Sight) Allowed(a Action, res Resource) bool {
	ruling, err := s.policy.Authorize(s.ctx, s.r, s.Actor, a, res, s.Now)
	return err == nil && ruling.Allow
}

// Show returns the value when the reader may see it, and notes that it was
// shown; otherwise masked is true.
func (s *Sight) Show(c core.Class, res Resource, field, value string) (text string, masked bool) {
	if !c.Sensitive() || value == "" {
		return value, false
	}
	if !s.May(c, res) {
		return "", true
	}
	s.Note(evidence.Shown{Subject: res.Ref, Class: c, Field: field})
	return value, false
}

// Note records that a sensitive value was shown.
func (s *Sight) Note(x evidence.Shown) { s.shown[x] = true }

// Searched records the words that were searched for; Exported the form in
// which data left; Counted how many rows were answered.
func (s *Sight) Searched(words string) { s.search = words }

// Exported records that data left as a file of the named form.
func (s *Sight) Exported(form string) { s.export = form }

// Counted records how many rows were answered.
func (s *Sight) Counted(n int) { s.rows += n }

// Ask answers one query for one reader. What was shown, searched or exported
// is committed as evidence before the answer is returned: if it cannot be
// recorded, nothing is shown.
func Ask[I Input, V any](ctx context.Context, rd *Road, a evidence.Actor, q Query[I, V], in I) (V, error) {
	var none, view V
	body, err := json.Marshal(in)
	if err != nil {
		return none, err
	}
	r := &run{rd: rd, e: &entry{action: in.Action(), doc: Doc{Title: readTitle(in.Action())}}, in: in, body: body, actor: a, at: rd.moment()}
	see := &Sight{Actor: a, Now: r.at, ctx: ctx, policy: rd.Policy, apart: rd.Apart, cache: map[string]bool{}, shown: map[evidence.Shown]bool{}}
	var wall *Ruling
	err = rd.Store.Snapshot(ctx, func(reader store.Reader) error {
		see.r = reader
		if r.res, err = q.Target(ctx, reader, in); err != nil {
			return err
		}
		if err := r.permit(ctx, reader, see); err != nil {
			return err
		}
		if wall, err = r.wall(ctx, reader); err != nil {
			return err
		}
		view, err = q.Read(ctx, reader, in, see)
		return err
	})
	if err != nil {
		return none, r.explain(ctx, err)
	}
	if wall != nil {
		if _, err := rd.recordDenial(ctx, r, *wall); err != nil {
			return none, err
		}
	}
	if err := r.recordRead(ctx, see); err != nil {
		return none, err
	}
	return view, nil
}

// wall is the ruling against a list that names a record on the other side of
// an entity wall. Its answer is empty, as for a record that is nowhere; that
// somebody asked stands in the log of the record's entity all the same.
func (r *run) wall(ctx context.Context, reader store.Reader) (*Ruling, error) {
	if r.res.Ref != "" || r.in.Subject() == "" {
		return nil, nil
	}
	return r.rd.wall(ctx, reader, r.actor, Offer{r.e.action, r.res.Kind}, r.in.Subject(), r.at)
}

func (rd *Road) wall(ctx context.Context, reader store.Reader, a evidence.Actor, list Offer, about core.Ref, at core.Instant) (*Ruling, error) {
	home, _, err := evidence.HomeOf(ctx, reader, about)
	if err != nil || home == "" {
		return nil, err
	}
	ruling, err := rd.Policy.Authorize(ctx, reader, a, list.Action, Resource{Kind: list.Kind, Entity: home}, at)
	if err != nil || ruling.Allow || !ruling.Hidden || len(ruling.Errors) > 0 { // an error: it hangs on more than the entity
		return nil, nil
	}
	return &ruling, nil
}

func (r *run) permit(ctx context.Context, reader store.Reader, see *Sight) error {
	if r.res.Ref != "" {
		see.Where = store.True
		return r.authorise(ctx, reader)
	}
	where, ruling, err := r.rd.Policy.Filter(ctx, reader, r.actor, r.e.action, r.res.Kind, r.at)
	if err != nil {
		ruling.Allow = false
		ruling.Errors = append(ruling.Errors, core.AsFault(err).Code)
	}
	r.ruling, see.Where = ruling, where
	if !ruling.Allow {
		return &denied{ruling}
	}
	return nil
}

// recordRead writes what was shown: the people concerned, the fields by class,
// the number of rows, the words searched for.
func (r *run) recordRead(ctx context.Context, see *Sight) error {
	if len(see.shown) == 0 && see.search == "" && see.export == "" {
		return nil
	}
	home, err := r.home(ctx, r.rd.Store.Reader())
	if err != nil {
		return err
	}
	ev := evidence.Event{Type: EventShown, Entity: home}
	add := func(name, value string, class core.Class) {
		ev.Details = append(ev.Details, evidence.Detail{Name: name, Value: value, Class: class, Subject: r.actor.Ref, Search: name == "searched"})
	}
	switch {
	case see.export != "":
		ev.Type = EventExported
		add("form", see.export, core.Public)
	case see.search != "":
		ev.Type = EventSearched
	}
	if see.search != "" {
		add("searched", see.search, core.Personal)
	}
	fields, about := map[string]bool{}, map[core.Ref]bool{}
	for _, s := range subjects(r) {
		about[s] = true
	}
	for x := range see.shown {
		fields[string(x.Class)+":"+x.Field] = true
		if x.Subject != "" {
			about[x.Subject] = true
		}
	}
	add("query", string(r.e.action), core.Public)
	add("fields", strings.Join(sortedKeys(fields), " "), core.Public)
	add("rows", strconv.Itoa(see.rows), core.Public)
	return r.rd.readEvents(ctx, r, ev, sortedKeys(about))
}
