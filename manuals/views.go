package manuals

import (
	"context"
	"slices"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ListManuals asks for the manuals of the entities in which the reader works.
type ListManuals struct{}

// Action is manuals.manual.view.
func (ListManuals) Action() command.Action { return "manuals.manual.view" }

// Subject is nothing in particular.
func (ListManuals) Subject() core.Ref { return "" }

// ManualView is a manual with its versions.
type ManualView struct {
	Manual    core.Ref      `json:"manual"`
	Entity    core.Ref      `json:"entity"`
	Title     string        `json:"title"`
	InForce   int           `json:"in_force"`                  // version; 0 where none is yet
	Versions  []VersionView `json:"versions" nullable:"false"` // newest first
	MayChange bool          `json:"may_change"`
}

// VersionView is a version, with its clauses and who agreed to it.
type VersionView struct {
	Version
	Clauses   []Clause   `json:"clauses" nullable:"false"`
	Approvers []core.Ref `json:"approvers" nullable:"false"`
	Event     string     `json:"event,omitempty"`
}

type listManuals struct{ d Deps }

// ListManualsQuery answers ListManuals.
func ListManualsQuery(d Deps) command.Query[ListManuals, []ManualView] { return listManuals{d} }

// Target is any manual.
func (listManuals) Target(context.Context, store.Reader, ListManuals) (command.Resource, error) {
	return command.Resource{Kind: core.KindManual}, nil
}

// Read lists them by entity and title.
func (q listManuals) Read(ctx context.Context, r store.Reader, _ ListManuals, see *command.Sight) ([]ManualView, error) {
	rows, err := versions.Filter(ctx, r, "WHERE {where} ORDER BY entity, title, version LIMIT 1000", see.Where)
	if err != nil {
		return nil, err
	}
	out := []ManualView{}
	for i := 0; i < len(rows); {
		j := i
		for j < len(rows) && rows[j].Manual == rows[i].Manual {
			j++
		}
		v, err := q.d.view(ctx, r, rows[i:j], see)
		if err != nil {
			return nil, err
		}
		out, i = append(out, v), j
	}
	see.Counted(len(out))
	return out, nil
}

// view tells a manual's versions, given oldest first.
func (d Deps) view(ctx context.Context, r store.Reader, all []Version, see *command.Sight) (ManualView, error) {
	v := ManualView{Manual: all[0].Manual, Entity: all[0].Entity, Title: all[0].Title, Versions: []VersionView{}}
	v.MayChange = see.Allowed(AdoptManual{}.Action(), resource(v.Manual, v.Entity))
	for _, x := range all {
		if x.Starts <= see.Now {
			v.InForce = x.Number
		}
		clauses, err := Clauses(x.Text)
		if err != nil {
			return v, err
		}
		w := VersionView{Version: x, Clauses: clauses, Approvers: []core.Ref{}}
		answers, err := command.Decisions(ctx, r, x.Proposal)
		if err != nil {
			return v, err
		}
		for _, a := range answers {
			w.Approvers = append(w.Approvers, a.Approver)
		}
		f := evidence.Filter{Refs: []core.Ref{v.Manual}, Types: []string{EventAdopted.Name}, From: x.Created, Scope: store.True, Oldest: true}
		found, err := d.Log.Find(ctx, r, f, core.PageRequest{Limit: 1})
		if err != nil {
			return v, err
		}
		if len(found.Rows) > 0 {
			w.Event = found.Rows[0].ID
		}
		v.Versions = append(v.Versions, w)
	}
	slices.Reverse(v.Versions)
	return v, nil
}

// ViewManual asks for one manual with all its versions.
type ViewManual struct {
	Manual core.Ref `json:"manual"`
}

// Action is manuals.manual.view.
func (ViewManual) Action() command.Action { return "manuals.manual.view" }

// Subject is the manual.
func (in ViewManual) Subject() core.Ref { return in.Manual }

type viewManual struct{ d Deps }

// ViewManualQuery answers ViewManual.
func ViewManualQuery(d Deps) command.Query[ViewManual, ManualView] { return viewManual{d} }

// Target is the manual.
func (viewManual) Target(ctx context.Context, r store.Reader, in ViewManual) (command.Resource, error) {
	v, err := versions.One(ctx, r, "WHERE manual = $1 ORDER BY version LIMIT 1", in.Manual)
	if err == nil && v == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return command.Resource{}, err
	}
	return resource(v.Manual, v.Entity), nil
}

// Read shows it.
func (q viewManual) Read(ctx context.Context, r store.Reader, in ViewManual, see *command.Sight) (ManualView, error) {
	all, err := history(ctx, r, in.Manual)
	if err != nil || len(all) == 0 {
		return ManualView{}, err
	}
	return q.d.view(ctx, r, all, see)
}

// ReadClauses asks for the clauses that an event's basis names, as they were.
type ReadClauses struct {
	Entity core.Ref `json:"entity"`
	Basis  []string `json:"basis"`
}

// Action is manuals.manual.view.
func (ReadClauses) Action() command.Action { return "manuals.manual.view" }

// Subject is the entity.
func (in ReadClauses) Subject() core.Ref { return in.Entity }

// Cited is a clause as it stood in the version that a decision names.
type Cited struct {
	Basis  string   `json:"basis"`
	Manual core.Ref `json:"manual"`
	Clause Clause   `json:"clause"`
}

type readClauses struct{}

// ReadClausesQuery answers ReadClauses.
var ReadClausesQuery command.Query[ReadClauses, []Cited] = readClauses{}

// Target is the entity's manuals.
func (readClauses) Target(_ context.Context, _ store.Reader, in ReadClauses) (command.Resource, error) {
	return resource("mn_any", in.Entity), nil
}

// Read finds them; what names no clause is left out.
func (readClauses) Read(ctx context.Context, r store.Reader, in ReadClauses, see *command.Sight) ([]Cited, error) {
	out := []Cited{}
	for _, text := range in.Basis {
		part := basisForm.FindStringSubmatch(text)
		if part == nil {
			continue
		}
		number, _ := strconv.Atoi(part[2])
		v, err := versions.One(ctx, r, "WHERE entity = $1 AND title = $2 AND version = $3", in.Entity, part[1], number)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		clauses, err := Clauses(v.Text)
		if err != nil {
			return nil, err
		}
		for _, c := range clauses {
			if c.Number == part[3] {
				out = append(out, Cited{text, v.Manual, c})
			}
		}
	}
	see.Counted(len(out))
	return out, nil
}
