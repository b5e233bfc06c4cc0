package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
)

// Log writes events. Host is the name under which the firm's logs are known to
// outsiders; it stands in every leaf and checkpoint and never changes.
type Log struct {
	Host string
	Keys *keys.Ring
}

// Append writes one event in the transaction, together with the row changes
// captured since the transaction's last event. It returns the event's id. An
// error must end the transaction: no evidence, no action.
func (l *Log) Append(ctx context.Context, tx *store.Tx, s Stamp, e Event) (string, error) {
	if err := checkEvent(&e, &s); err != nil {
		return "", err
	}
	id := core.NewEventID(s.At+core.Instant(tx.Sequence()), s.Entropy)
	m, err := l.make(ctx, id, &s, &e, append(e.Rows, tx.TakeChanges()...))
	if err != nil {
		return "", err
	}
	return id, write(ctx, tx, m)
}

// made is one event with everything that is stored for it.
type made struct {
	event  eventRow
	refs   []refRow
	terms  []termRow
	sealed []disclosureRow
}

// make builds an event; it writes nothing but the keys of new people.
func (l *Log) make(ctx context.Context, id string, s *Stamp, e *Event, rows []store.Change) (*made, error) {
	d := &document{ring: l.Keys, id: id, entropy: s.Entropy, plain: map[core.Ref][]disclosed{}, keys: map[core.Ref]*keys.Subject{}}
	changes := append([]store.Change{eventLine(id, e, s)}, rows...)
	for _, ch := range changes {
		if err := d.change(ctx, ch); err != nil {
			return nil, err
		}
	}
	tags, err := l.tags(ctx, d, e.Subjects, s.Actor.Ref)
	if err != nil {
		return nil, err
	}
	doc := d.text()
	leaf := buildLeaf(l.Host, id, e, s, tags, doc, len(d.lines))
	if len(leaf) > MaxLeaf {
		return nil, fmt.Errorf("evidence: a leaf of %s has %d bytes, more than %d", e.Type.Name, len(leaf), MaxLeaf)
	}
	m := &made{event: eventRow{
		ID: id, Log: e.log(), At: s.At, Type: e.Type.Name, Actor: s.Actor.Ref, Entity: e.Entity,
		Outcome: string(e.Outcome), Case: e.Case, Refs: strings.Join(refTexts(e.Subjects), " "), Leaf: leaf, Changes: doc,
	}}
	m.refs, m.terms = indexRefs(&m.event, e), l.terms(id, e.Reason, changes)
	m.sealed, err = d.disclosures(ctx)
	return m, err
}

func checkEvent(e *Event, s *Stamp) error {
	if e.Outcome == "" {
		e.Outcome = Done
	}
	if e.Entity == core.Group {
		e.Entity = "" // one log for the group, however its events call it
	}
	if _, ok := types[e.Type.Name]; !ok {
		return fmt.Errorf("evidence: event type %q is not registered", e.Type.Name)
	}
	if s.Actor.Ref == "" {
		return fmt.Errorf("evidence: %s has no actor: unattributed acts are refused", e.Type.Name)
	}
	if len(e.Subjects) > MaxSubjects {
		return fmt.Errorf("evidence: %s names %d subjects, more than %d: use child events", e.Type.Name, len(e.Subjects), MaxSubjects)
	}
	return nil
}

// write stores events, table by table.
func write(ctx context.Context, tx *store.Tx, ms ...*made) error {
	var events []eventRow
	var refs []refRow
	var terms []termRow
	var sealed []disclosureRow
	var queue []unsealedRow
	for _, m := range ms {
		events, refs, terms, sealed = append(events, m.event), append(refs, m.refs...), append(terms, m.terms...), append(sealed, m.sealed...)
		queue = append(queue, unsealedRow{m.event.ID, m.event.Log})
	}
	return tx.Together(ctx, func() error {
		return errors.Join(
			eventTable.InsertAll(ctx, tx, events), refTable.InsertAll(ctx, tx, refs), termTable.InsertAll(ctx, tx, terms),
			disclosureTable.InsertAll(ctx, tx, sealed), unsealedTable.InsertAll(ctx, tx, queue))
	})
}

// tags marks every subject and the actor, sorted so that their order tells
// nothing.
func (l *Log) tags(ctx context.Context, d *document, subjects []core.Ref, actor core.Ref) ([]string, error) {
	var tags []string
	for _, ref := range append(slices.Clone(subjects), actor) {
		k, err := d.subject(ctx, ref)
		if err != nil {
			return nil, err
		}
		tags = append(tags, k.Tag(d.id))
	}
	sort.Strings(tags)
	return slices.Compact(tags), nil
}

// The prefixes of index entries that are not plain references.
const (
	refActor   = "by:"
	refType    = "type:"
	refOutcome = "outcome:"
	refCase    = ""
	refBoth    = "|" // between an outcome and another entry: events under both
)

func indexRefs(row *eventRow, e *Event) []refRow {
	set := []string{refActor + string(row.Actor), string(row.Actor), refType + row.Type}
	if row.Entity != "" {
		set = append(set, string(row.Entity))
	}
	if row.Case != "" {
		set = append(set, refCase+string(row.Case))
	}
	if e.Outcome != Done {
		set = append(set, refOutcome+row.Outcome)
	}
	for _, s := range e.Subjects {
		set = append(set, string(s))
	}
	if e.Outcome != Done { // few, and what people ask for together: what was somebody refused?
		for _, ref := range slices.Clone(set) {
			if prefix, _, ok := strings.Cut(ref, ":"); !ok || prefix == "by" {
				set = append(set, refOutcome+row.Outcome+refBoth+ref)
			}
		}
	}
	sort.Strings(set)
	set = slices.Compact(set)
	out := make([]refRow, len(set))
	for i, r := range set {
		out[i] = refRow{r, row.ID}
	}
	return out
}

// eventLine is the @event line as a change, so that words, address and details
// take the same way as columns.
func eventLine(id string, e *Event, s *Stamp) store.Change {
	ch := store.Change{Table: EventTable, Key: id, Kind: "event"}
	owner := s.Actor.Ref
	if len(e.Subjects) > 0 {
		owner = e.Subjects[0]
		for _, ref := range e.Subjects {
			if keys.Personal(ref.Kind()) {
				owner = ref
				break
			}
		}
	}
	add := func(name, value string, class core.Class, subject core.Ref, search bool) {
		if value != "" {
			ch.Cells = append(ch.Cells, store.Cell{Column: name, Class: class, Subject: subject, New: store.Text(value), Search: search})
		}
	}
	add("address", s.Actor.IP, core.Personal, s.Actor.Ref, true)
	add("words", e.Text, core.Personal, owner, true)
	for _, d := range e.Details {
		class, subject := d.Class, d.Subject
		if class == "" {
			class = core.Public
		}
		if subject == "" {
			subject = owner
		}
		add("detail."+d.Name, d.Value, class, subject, d.Search)
	}
	return ch
}
