package access

import (
	"context"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ActivatePolicies puts a draft into force. Who wrote it asks, and somebody who
// may agree to policies, and can write none, agrees to exactly this text.
type ActivatePolicies struct {
	Draft core.Ref `json:"draft"`
	Hash  string   `json:"hash"` // of the set, as the draft has it
}

// policyRule names what makes an activation a proposal.
const policyRule = "access.policy.activate/1"

// Action is access.policy.activate.
func (ActivatePolicies) Action() command.Action { return "access.policy.activate" }

// Subject is the draft.
func (in ActivatePolicies) Subject() core.Ref { return in.Draft }

// Validate checks the form of every field.
func (in ActivatePolicies) Validate() error {
	if in.Draft.Kind() != KindPolicySet || !setHash.MatchString(in.Hash) {
		return core.InvalidField("draft", "Name the draft, and the SHA-256 of its set.")
	}
	return nil
}

// activating is what an activation is judged on.
type activating struct {
	draft   *PolicyDraft
	judged  drafting
	changes []PolicyFileDiff
	trial   Trial
	last    int // number of the version in force
}

type activatePolicies struct{ PolicyDeps }

// Load reads the draft, judges it on today's floor, and tries it on what was
// decided before.
func (h activatePolicies) Load(ctx context.Context, r store.Reader, in ActivatePolicies) (f activating, res command.Resource, err error) {
	if f.draft, err = policyDrafts.Get(ctx, r, string(in.Draft)); err == nil && f.draft == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	res = command.Resource{Kind: KindPolicySet, Ref: f.draft.ID}
	if f.judged, err = h.judge(ctx, r, []byte(f.draft.Text)); err != nil || f.judged.set == nil {
		return f, res, err
	}
	now, err := h.Policies.InForce(ctx, r)
	if err != nil {
		return f, res, err
	}
	f.changes = diffSets(now.set.text, f.judged.set.set.text)
	err = r.QueryRow(ctx, "SELECT COALESCE(MAX(version), 0) FROM policy_version").Scan(store.Scan(&f.last)...)
	if err == nil {
		f.trial, err = h.try(ctx, r, now, f.judged.set)
	}
	return f, res, err
}

// Check refuses a draft of somebody else, one that another came before, and
// whatever would be refused of a new draft; else somebody agrees.
func (activatePolicies) Check(in ActivatePolicies, f activating, m command.Moment) command.Verdict {
	no := f.judged.refusals(f.draft.Base, m.Now)
	switch {
	case f.draft.Maker != m.Actor.Ref:
		no = append(no, command.Refusal{Code: "not-your-draft", Text: "Only who wrote a draft asks for it to come into force: else its author could agree to it."})
	case in.Hash != f.draft.Hash:
		no = append(no, command.Refusal{Code: "other-draft", Text: "The draft has another SHA-256 than the one that you name. Open it again."})
	case f.judged.set != nil && f.judged.set.SetHash() != f.draft.Hash:
		no = append(no, command.Refusal{Code: "another-floor", Text: "The program brought other prohibitions or another catalogue since this was written. Draft it again on those of today."})
	}
	if len(no) > 0 {
		return command.Refuse(no...)
	}
	return command.Needs(command.Need{Rule: policyRule, Seats: []command.Seat{{Roles: []string{string(SeniorCompliance)}}}, Facts: f.facts()})
}

// facts are the card of the approver.
func (f activating) facts() []evidence.Detail {
	out := []evidence.Detail{
		{Name: "version", Value: strconv.Itoa(f.last + 1)},
		{Name: "set", Value: f.draft.Hash, Search: true},
		{Name: "base", Value: f.draft.Base},
		{Name: "files", Value: sentenceOf(f.changes)},
		{Name: "tried_on", Value: f.trial.Sentence()},
	}
	if text := f.trial.lines(atMostLines); text != "" {
		out = append(out, evidence.Detail{Name: "would_differ", Value: text})
	}
	return out
}

// Apply puts the set into force.
func (h activatePolicies) Apply(ctx context.Context, tx *command.Tx, _ ActivatePolicies, f activating) ([]evidence.Event, error) {
	if tx.Approval == nil {
		return nil, core.NewFault(core.Refused, "not-approved", "Policies come into force only after somebody else has agreed.")
	}
	known, err := policySets.Get(ctx, tx, f.draft.Hash)
	if err != nil {
		return nil, err
	}
	if known == nil {
		if err := policySets.Insert(ctx, tx.Tx, &PolicySet{Hash: f.draft.Hash, Text: f.draft.Text, Engine: engine, Adopted: tx.Now}); err != nil {
			return nil, err
		}
	}
	v := &PolicyVersion{
		ID: tx.NewRef(KindPolicySet), Number: f.last + 1, Hash: f.draft.Hash, Text: f.draft.Text, Base: f.draft.Base, Builtin: f.draft.Builtin, Draft: f.draft.ID,
		Starts: tx.Now, Maker: f.draft.Maker, Proposal: tx.Approval.Proposal, Reason: f.draft.Reason, Words: f.draft.Words,
	}
	if err := policyVersions.Insert(ctx, tx.Tx, v); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventPolicyActivated, Subjects: []core.Ref{v.ID, f.draft.ID}, Case: f.draft.Case, Reason: v.Reason, Text: v.Words,
		Details: []evidence.Detail{
			{Name: "version", Value: strconv.Itoa(v.Number)},
			{Name: "set", Value: v.Hash, Search: true},
			{Name: "base", Value: v.Base},
			{Name: "files", Value: sentenceOf(f.changes)},
			{Name: "tried_on", Value: f.trial.Sentence()},
		},
	}}, nil
}
