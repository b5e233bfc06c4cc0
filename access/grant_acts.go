package access

import (
	"context"
	"slices"
	"time"

	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"

	"github.com/cedar-policy/cedar-go/types"
)

// The bounds of a grant's story: what is shown, how many events are read for
// it, and for how long after its end refusals still belong to it.
const (
	mostGrantActs = 200
	mostRead      = 5000
	refusedFor    = 30 * 24 * time.Hour
)

// acts reads what the holder did and was refused, in the logs that the reader
// may search: a role of the group reaches into those of entities.
func (q viewGrant) acts(ctx context.Context, r store.Reader, g *Grant, v *GrantStory, now core.Instant, scope store.Where) error {
	judge := &decidedBy{policies: q.policies, sets: map[string]*Authorizer{}}
	f := evidence.Filter{Actor: g.Holder, From: g.Starts, To: now + 1, Scope: scope, Oldest: true}
	if v.Stopped != 0 {
		f.To = min(f.To, v.Stopped.Add(refusedFor))
	}
	if g.Entity != Group {
		f.Log = string(g.Entity)
	}
	enough := func() bool { return g.Origin != Broken && len(v.Acts) >= mostGrantActs }
	more, err := eachEvent(ctx, r, q.rd.Log, f, func(rec *evidence.Record) error { return judge.place(ctx, r, g, v, rec) }, enough)
	if err != nil {
		return err
	}
	v.More = more
	v.Doubt = append(v.Doubt, judge.doubt...)
	return nil
}

// eachEvent visits what a filter finds, page by page, up to mostRead events or
// until a page has brought enough. It says whether more is there.
func eachEvent(ctx context.Context, r store.Reader, l *evidence.Log, f evidence.Filter, visit func(*evidence.Record) error, enough func() bool) (more bool, err error) {
	read := 0
	for page := (core.PageRequest{Limit: core.MaxPage}); ; {
		found, err := l.Find(ctx, r, f, page)
		if err != nil {
			return false, err
		}
		for i := range found.Rows {
			if err := visit(&found.Rows[i]); err != nil {
				return false, err
			}
		}
		read += len(found.Rows)
		page.After = found.Next
		if found.Next == "" || read >= mostRead || enough != nil && enough() {
			return found.Next != "", nil
		}
	}
}

// decidedBy finds out which roles decided an event: by the policies that it
// names, in the set that it names.
type decidedBy struct {
	policies *Authorizer
	sets     map[string]*Authorizer
	doubt    []string
}

// place puts an event of the holder where it belongs in the story, if it does.
func (d *decidedBy) place(ctx context.Context, r store.Reader, g *Grant, v *GrantStory, rec *evidence.Record) error {
	told, err := rec.View()
	if err != nil {
		return err
	}
	x := GrantAct{
		PastAct: PastAct{rec.ID, rec.At, rec.Type, rec.Outcome}, Action: command.Action(told.Metadata.Action), Entity: rec.Entity,
		Also: []Role{}, After: v.Stopped != 0 && rec.At >= v.Stopped,
	}
	set, err := d.set(ctx, r, &told)
	if err != nil {
		return err
	}
	roles := rolesNamed(set, told.Policy.Determining, told.Actor.Roles)
	no := rec.Outcome == evidence.Denied || rec.Outcome == evidence.Refused
	switch {
	case no && (x.After || slices.Contains(roles, g.Role)):
		if d.would(g, x.Action) {
			v.Refused = append(v.Refused, x)
		}
	case !no && !x.After && slices.Contains(roles, g.Role):
		x.Also = slices.DeleteFunc(roles, func(role Role) bool { return role == g.Role })
		v.Acts = append(v.Acts, x)
	}
	return nil
}

// would reports whether the role alone allows an act at all.
func (d *decidedBy) would(g *Grant, act command.Action) bool {
	if g.Entity == Group {
		return d.policies.able(Deed{Act: act}, nil, []Role{g.Role}) || d.policies.able(Deed{Act: act}, []Role{g.Role}, nil)
	}
	return d.policies.able(Deed{Act: act}, []Role{g.Role}, nil)
}

// set is the policies of then; today's where they cannot be asked, which is
// said.
func (d *decidedBy) set(ctx context.Context, r store.Reader, told *evidence.LeafView) (*Authorizer, error) {
	hash := told.Policy.Set
	if known, ok := d.sets[hash]; ok {
		return known, nil
	}
	then, why, err := d.policies.kept(ctx, r, hash, told.Policy.Engine)
	if err != nil {
		return nil, err
	}
	if then == nil {
		then = d.policies
		if hash != "" {
			d.doubt = append(d.doubt, "Of some events it is told by the policies of today which role decided them. "+why)
		}
	}
	d.sets[hash] = then
	return then, nil
}

// rolesNamed are those of the roles on an event that its determining policies
// name: without one of them the act would not have been allowed by those
// policies.
func rolesNamed(a *Authorizer, determining, held []string) (out []Role) {
	for _, p := range a.set.policies {
		if p.forbid || !slices.Contains(determining, string(p.id)) {
			continue
		}
		for _, uid := range rolesOf(p.ast) {
			if slices.Contains(held, string(uid.ID)) && !slices.Contains(out, Role(uid.ID)) {
				out = append(out, Role(uid.ID))
			}
		}
	}
	return out
}

// rolesOf are the roles that a policy names, whether they are held in the
// record's entity or in the group.
func rolesOf(p *ast.Policy) []types.EntityUID {
	return slices.DeleteFunc(named(p), func(uid types.EntityUID) bool { return uid.Type != typeRole && uid.Type != typeGroup })
}
