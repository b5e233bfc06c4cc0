package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// What a recorded decision was put with: who asked, in which roles, about which
// record. Roles are those that the books give for that moment; a record's
// attributes are those that never change.

// changes reports whether an act is more than a read.
func (a *catalogued) changes() bool {
	return !a.entity.Parents.Contains(types.NewEntityUID(typeAction, "reads"))
}

// principal is who was decided about: of what an approval executed, its maker.
func (t *trying) principal(rec *evidence.Record, told evidence.LeafView) (*principal, error) {
	id := rec.Actor
	if told.Approval != nil && !strings.HasPrefix(told.Metadata.Action, "command.proposal.") && told.Approval.Maker != "" {
		id = core.Ref(told.Approval.Maker)
	}
	held, known := t.people[id]
	if !known {
		var err error
		if held, err = GrantsOf(t.ctx, t.r, id); err != nil {
			return nil, err
		}
		t.people[id] = held
	}
	who := &principal{uid: staffUID(id), roles: map[core.Ref][]Role{}, now: rec.At}
	for _, g := range held {
		if g.Starts <= rec.At && rec.At < g.Ends && (g.Closed == 0 || rec.At < g.Closed) && !slices.Contains(who.roles[g.Entity], g.Role) {
			who.roles[g.Entity] = append(who.roles[g.Entity], g.Role)
		}
	}
	return who, nil
}

// set is a set that decided once, nil where it cannot be asked.
func (t *trying) set(hash, by string) (*Authorizer, error) {
	if a, known := t.sets[hash]; known {
		return a, nil
	}
	a, why, err := t.Policies.kept(t.ctx, t.r, hash, by)
	if why != "" {
		a = nil
	}
	t.sets[hash] = a
	return a, err
}

// about is the record that was asked about: the first subject of a kind that
// the act can be done to; without one, a record about to be made. It is false
// where what policy saw of it is not known.
func (t *trying) about(rec *evidence.Record, act command.Action) (command.Resource, bool, error) {
	entry := t.now.set.actions[act]
	for _, ref := range rec.Subjects {
		if typ, ok := kinds[ref.Kind()]; ok && slices.Contains(entry.types, typ) {
			return t.record(ref, rec.Entity)
		}
	}
	kind, ok := kindNamed(entry.types[0])
	if doc, has := t.Registry.Doc(act); has {
		kind = doc.Kind
	}
	res := command.Resource{Kind: kind, Entity: rec.Entity, Attrs: map[string]any{}}
	for name, attr := range t.now.set.schema.Entities[kinds[kind]].Shape {
		if !attr.Optional && name != "id" {
			return res, false, nil // it hangs on more than the entity
		}
	}
	return res, ok, nil
}

// record reads what policy sees of a record.
func (t *trying) record(ref, entity core.Ref) (command.Resource, bool, error) {
	res := command.Resource{Kind: ref.Kind(), Ref: ref, Entity: entity, Attrs: map[string]any{}}
	table := t.Tables[ref.Kind()]
	cols, _ := columnsOf(ref.Kind())
	fields, into, names := []string{}, []any{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(cols.attrs)) {
		if name != "id" {
			fields, into, names = append(fields, cols.attrs[name]), append(into, new(string)), append(names, name)
		}
	}
	if cols.entity != "" { // of a list, the entry says in whose log it stands; the row, where the record lives
		fields, into = append(fields, cols.entity), append(into, &res.Entity)
	}
	if table == "" || len(fields) == 0 {
		return res, len(names) == 0, nil
	}
	rows, err := t.r.Query(t.ctx, "SELECT "+strings.Join(fields, ", ")+" FROM "+table+" WHERE id = $1", ref)
	if err != nil {
		return res, false, err
	}
	defer rows.Close()
	found := false
	for rows.Next() {
		if err := rows.Scan(store.Scan(into...)...); err != nil {
			return res, false, err
		}
		found = true
	}
	for i, name := range names {
		res.Attrs[name] = *into[i].(*string)
	}
	return res, found, rows.Err()
}
