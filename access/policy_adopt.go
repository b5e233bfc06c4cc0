package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
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

// Load looks whether the set is known.
func (adoptPolicies) Load(ctx context.Context, r store.Reader, in AdoptPolicies) (*PolicySet, command.Resource, error) {
	known, err := policySets.Get(ctx, r, in.Set)
	return known, command.Resource{Kind: KindPolicySet, Ref: in.Subject()}, err
}

// Check takes nothing but what the program decides by, once.
func (h adoptPolicies) Check(in AdoptPolicies, known *PolicySet, _ command.Moment) command.Verdict {
	switch {
	case known != nil:
		return command.Refuse(command.Refusal{Code: "policies-known", Text: "These policies are recorded already."})
	case in.Set != h.policies.SetHash():
		return command.Refuse(command.Refusal{Code: "other-policies", Text: "These are not the policies that the program decides by."})
	}
	return command.Proceed()
}

// Apply records the text.
func (h adoptPolicies) Apply(ctx context.Context, tx *command.Tx, in AdoptPolicies, _ *PolicySet) ([]evidence.Event, error) {
	p := &PolicySet{Hash: in.Set, Text: string(h.policies.set.text), Engine: engine, Adopted: tx.Now}
	if err := policySets.Insert(ctx, tx.Tx, p); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventPolicyAdopted, Subjects: []core.Ref{in.Subject()},
		Details: []evidence.Detail{{Name: "set", Value: in.Set, Search: true}},
	}}, nil
}

// RegisterPolicies adds the command of adopting policies.
func RegisterPolicies(reg *command.Registry, a *Authorizer) {
	command.Handle[AdoptPolicies, *PolicySet](reg, adoptPolicies{a}, command.Doc{Title: "Adopt policies", Kind: KindPolicySet, System: true})
}

// Adopt records the program's policies where they are new. Of several nodes
// that start at once, one does it.
func (a *Authorizer) Adopt(ctx context.Context, road *command.Road) error {
	known := func() (bool, error) {
		p, err := policySets.Get(ctx, road.Store.Reader(), a.SetHash())
		return p != nil, err
	}
	if ok, err := known(); ok || err != nil {
		return err
	}
	_, err := road.Run(ctx, evidence.Actor{Ref: SysInstall}, "", AdoptPolicies{Set: a.SetHash()})
	if ok, again := known(); ok && again == nil {
		return nil
	}
	return err
}
