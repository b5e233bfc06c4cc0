package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// AdoptPolicies records the policies that the program decides by, with their
// text, when it starts with a set that this installation does not know.
type AdoptPolicies struct {
	Set string `json:"set"` // the hash
}

// Action is access.policy.adopt.
func (AdoptPolicies) Action() command.Action { return "access.policy.adopt" }

// Subject is the set.
func (in AdoptPolicies) Subject() core.Ref { return PolicySetRef(in.Set) }

type adoptPolicies struct{ policies *Authorizer }

type adopting struct {
	known    *PolicySet
	deciding *Authorizer // whose set it is; nil where the program has no such set
	brought  bool        // the program brings it, and the firm decides by its own
}

// Load looks whether the set is known, and what it is to the program.
func (h adoptPolicies) Load(ctx context.Context, r store.Reader, in AdoptPolicies) (f adopting, res command.Resource, err error) {
	res = command.Resource{Kind: KindPolicySet, Ref: in.Subject()}
	if f.known, err = policySets.Get(ctx, r, in.Set); err != nil {
		return f, res, err
	}
	now, err := h.policies.InForce(ctx, r)
	if err != nil {
		return f, res, err
	}
	switch in.Set {
	case now.SetHash():
		f.deciding = now
	case h.policies.SetHash():
		f.deciding, f.brought = h.policies, true
	}
	return f, res, nil
}

// Check takes nothing but what the program has, once.
func (adoptPolicies) Check(_ AdoptPolicies, f adopting, _ command.Moment) command.Verdict {
	switch {
	case f.known != nil:
		return command.Refuse(command.Refusal{Code: "policies-known", Text: "These policies are recorded already."})
	case f.deciding == nil:
		return command.Refuse(command.Refusal{Code: "other-policies", Text: "These are not the policies that the program decides by."})
	}
	return command.Proceed()
}

// Apply records the text.
func (adoptPolicies) Apply(ctx context.Context, tx *command.Tx, in AdoptPolicies, f adopting) ([]evidence.Event, error) {
	p := &PolicySet{Hash: in.Set, Text: string(f.deciding.set.text), Engine: engine, Adopted: tx.Now}
	if err := policySets.Insert(ctx, tx.Tx, p); err != nil {
		return nil, err
	}
	typ := EventPolicyAdopted
	if f.brought {
		typ = EventPolicyBrought
		finding := jobs.New{Kind: "cases.raise", Args: "policies-behind|" + string(Group) + "||policies." + in.Set[:12]}
		if err := tx.Enqueue(ctx, finding); err != nil {
			return nil, err
		}
	}
	return []evidence.Event{{
		Type: typ, Subjects: []core.Ref{in.Subject()},
		Details: []evidence.Detail{{Name: "set", Value: in.Set, Search: true}},
	}}, nil
}

// RegisterPolicies adds the command of adopting policies.
func RegisterPolicies(reg *command.Registry, a *Authorizer) {
	command.Handle[AdoptPolicies, adopting](reg, adoptPolicies{a}, command.Doc{Title: "Adopt policies", Kind: KindPolicySet, System: true})
}

// Adopt records the policies that decide, and those that the program brings,
// where they are new. Of several nodes that start at once, one does it. Where
// the firm's policies do not load in this program, the program must not start.
func (a *Authorizer) Adopt(ctx context.Context, road *command.Road) error {
	now, err := a.InForce(ctx, road.Store.Reader())
	if err != nil {
		return err
	}
	if err := adopt(ctx, road, now.SetHash()); err != nil || now == a {
		return err
	}
	return adopt(ctx, road, a.SetHash())
}

func adopt(ctx context.Context, road *command.Road, set string) error {
	known := func() (bool, error) {
		p, err := policySets.Get(ctx, road.Store.Reader(), set)
		return p != nil, err
	}
	if ok, err := known(); ok || err != nil {
		return err
	}
	_, err := road.Run(ctx, evidence.Actor{Ref: SysInstall}, "", AdoptPolicies{Set: set})
	if ok, again := known(); ok && again == nil {
		return nil
	}
	return err
}
