package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ViewPolicies asks for the text of a set of policies by its hash.
type ViewPolicies struct {
	Set string `json:"set"`
}

// Action is access.policy.view.
func (ViewPolicies) Action() command.Action { return "access.policy.view" }

// Subject is the set.
func (in ViewPolicies) Subject() core.Ref { return PolicySetRef(in.Set) }

// PoliciesView is a set of policies to read.
type PoliciesView struct {
	Set     string        `json:"set"`
	Now     bool          `json:"now"`               // the program decides by it now
	Adopted core.Instant  `json:"adopted,omitempty"` // here; zero when it never was
	Engine  string        `json:"engine"`
	Text    string        `json:"text"`
	Blocks  []PolicyBlock `json:"-"`
}

// ViewPoliciesQuery answers ViewPolicies.
func ViewPoliciesQuery(a *Authorizer) command.Query[ViewPolicies, PoliciesView] {
	return viewPolicies{a}
}

type viewPolicies struct{ policies *Authorizer }

// Target is the set.
func (q viewPolicies) Target(ctx context.Context, r store.Reader, in ViewPolicies) (command.Resource, error) {
	text, err := q.policies.PolicyText(ctx, r, in.Set)
	if err == nil && text == nil {
		err = command.ErrHidden
	}
	return command.Resource{Kind: KindPolicySet, Ref: in.Subject()}, err
}

// Read shows it.
func (q viewPolicies) Read(ctx context.Context, r store.Reader, in ViewPolicies, _ *command.Sight) (PoliciesView, error) {
	text, err := q.policies.PolicyText(ctx, r, in.Set)
	if err != nil {
		return PoliciesView{}, err
	}
	now, err := q.policies.InForce(ctx, r)
	if err != nil {
		return PoliciesView{}, err
	}
	v := PoliciesView{Set: in.Set, Now: in.Set == now.SetHash(), Engine: engine, Text: string(text), Blocks: SplitPolicies(text)}
	kept, err := policySets.Get(ctx, r, in.Set)
	if err == nil && kept != nil {
		v.Adopted, v.Engine = kept.Adopted, kept.Engine
	}
	return v, err
}
