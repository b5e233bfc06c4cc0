package access

import (
	"context"
	"slices"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// reviewing is what the commands of reviews work with.
type reviewing struct {
	store    *store.Store
	log      *evidence.Log
	policies *Authorizer
	clock    core.Clock
}

// noConflicts stands in an item for which toxic combinations were looked for
// and none found: an empty text would not say that somebody looked.
const noConflicts = "none"

// snapshot makes the items of a review out of the grants as they stand: those
// of one role of one person are one item.
func (h reviewing) snapshot(ctx context.Context, r store.Reader, in OpenReview) ([]ReviewItem, error) {
	theirs, err := reviewed(ctx, r, in)
	if err != nil {
		return nil, err
	}
	var out []ReviewItem
	for i := range theirs {
		g := &theirs[i]
		if n := len(out); n == 0 || out[n-1].Holder != g.Holder || out[n-1].Role != g.Role {
			used := in.used[heldRole{g.Holder, g.Role}]
			x := ReviewItem{Entity: g.Entity, Holder: g.Holder, Role: g.Role, Starts: g.Starts, Used: used.at, UsedEvent: used.event}
			if err := h.circumstances(ctx, r, &x); err != nil {
				return nil, err
			}
			out = append(out, x)
		}
		if err := out[len(out)-1].add(ctx, r, g); err != nil {
			return nil, err
		}
	}
	for i := range out {
		if err := h.conflicts(ctx, r, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// add takes one more grant of the role into the item.
func (x *ReviewItem) add(ctx context.Context, r store.Reader, g *Grant) error {
	x.Grants = listing(append(refsOf(x.Grants), g.ID))
	x.Starts, x.Ends = min(x.Starts, g.Starts), max(x.Ends, g.Ends)
	x.Asked = listing(append(refsOf(x.Asked), g.Maker))
	if g.Proposal == "" {
		return nil
	}
	answers, err := command.Decisions(ctx, r, g.Proposal)
	for _, d := range answers {
		if d.Decision == "approve" {
			x.Agreed = listing(append(refsOf(x.Agreed), d.Approver))
		}
	}
	return err
}

// circumstances freezes what else the person holds at this moment.
func (h reviewing) circumstances(ctx context.Context, r store.Reader, x *ReviewItem) error {
	now := h.clock.Now()
	_, roles, err := rolesInForce(ctx, r, x.Holder, now)
	if err != nil {
		return err
	}
	var beside []string
	for entity, held := range roles {
		for _, role := range held {
			if entity != x.Entity || role != x.Role {
				beside = append(beside, string(role)+"@"+string(entity))
			}
		}
	}
	x.Beside = listing(beside)
	return nil
}

// conflicts names the toxic combinations in which the item's role has a part.
func (h reviewing) conflicts(ctx context.Context, r store.Reader, x *ReviewItem) error {
	all, err := h.policies.ConflictsOf(ctx, r, x.Holder, h.clock.Now())
	mine, found := refsOf(x.Grants), []string{}
	for _, c := range all {
		if slices.ContainsFunc(c.Grants(), func(g core.Ref) bool { return slices.Contains(mine, g) }) {
			found = append(found, c.Combination)
		}
	}
	if x.Conflicts = listing(found); x.Conflicts == "" {
		x.Conflicts = noConflicts
	}
	return err
}

// heldRole is one role of one person, in the entity of the review.
type heldRole struct {
	holder core.Ref
	role   Role
}

// usedAt is when a role last let its holder do something.
type usedAt struct {
	at    core.Instant
	event string
}

// lastUsed finds for each role the newest act of its holder that a policy for
// that role let happen, under this grant or an earlier one. Roles of the group
// can be used in every entity.
func (h reviewing) lastUsed(ctx context.Context, r store.Reader, theirs []Grant) (map[heldRole]usedAt, error) {
	out := map[heldRole]usedAt{}
	want := map[core.Ref][]Role{}
	var entity core.Ref
	for _, g := range theirs {
		want[g.Holder] = append(want[g.Holder], g.Role)
		entity = g.Entity
	}
	for holder, roles := range want {
		f := evidence.Filter{Actor: holder, Scope: store.True}
		if entity != Group {
			f.Log = string(entity)
		}
		if err := h.lastUsedBy(ctx, r, f, entity, roles, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mostPagesOfActs is how far back one person's acts are walked, in pages: beyond
// twenty thousand acts in other roles, a role counts as never used.
const mostPagesOfActs = 100

// lastUsedBy walks one person's acts from the newest, until each of their
// roles is met.
func (h reviewing) lastUsedBy(ctx context.Context, r store.Reader, f evidence.Filter, entity core.Ref, roles []Role, out map[heldRole]usedAt) error {
	left := map[Role]map[string]bool{}
	now, err := h.policies.InForce(ctx, r)
	if err != nil {
		return err
	}
	for _, role := range roles {
		left[role] = now.permitsOf(role, entity == Group)
	}
	page := core.PageRequest{Limit: core.MaxPage}
	for range mostPagesOfActs {
		found, err := h.log.Find(ctx, r, f, page)
		if err != nil {
			return err
		}
		for i := range found.Rows {
			if found.Rows[i].Outcome != evidence.Done {
				continue
			}
			told, err := found.Rows[i].View()
			if err != nil {
				return err
			}
			for role, policies := range left {
				if slices.ContainsFunc(told.Policy.Determining, func(id string) bool { return policies[id] }) {
					out[heldRole{f.Actor, role}] = usedAt{found.Rows[i].At, found.Rows[i].ID}
					delete(left, role)
				}
			}
		}
		if page.After = found.Next; found.Next == "" || len(left) == 0 {
			break
		}
	}
	return nil
}

// permitsOf names the policies that permit something by a role: held in a
// record's entity, or held in the group for records of any entity.
func (a *Authorizer) permitsOf(role Role, group bool) map[string]bool {
	out := map[string]bool{}
	is := func(uid types.EntityUID) bool {
		return uid == types.NewEntityUID(typeRole, types.String(role)) ||
			group && uid == types.NewEntityUID(typeGroup, types.String(role))
	}
	for _, p := range a.set.policies {
		in, scoped := p.ast.Principal.(ast.ScopeTypeIn)
		found := scoped && is(in.Entity)
		for _, c := range p.ast.Conditions {
			found = found || mentions(c.Body, is)
		}
		if found && !p.forbid {
			out[string(p.id)] = true
		}
	}
	return out
}
