package command

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// WithdrawProposal takes a proposal back; only its maker may, while it is open.
type WithdrawProposal struct {
	Proposal core.Ref `json:"proposal"`
	Words    string   `json:"words"`
}

// Action is command.proposal.withdraw.
func (WithdrawProposal) Action() Action { return "command.proposal.withdraw" }

// Subject is the proposal.
func (w WithdrawProposal) Subject() core.Ref { return w.Proposal }

// ExpireProposal ends a proposal that nobody decided in time.
type ExpireProposal struct {
	Proposal core.Ref `json:"proposal"`
}

// Action is command.proposal.expire.
func (ExpireProposal) Action() Action { return "command.proposal.expire" }

// Subject is the proposal.
func (e ExpireProposal) Subject() core.Ref { return e.Proposal }

type withdrawHandler struct{}

func loadProposal(ctx context.Context, r store.Reader, id core.Ref) (*Proposal, Resource, error) {
	p, err := GetProposal(ctx, r, id)
	if err != nil {
		return nil, Resource{}, err
	}
	if p == nil {
		return nil, Resource{}, ErrHidden
	}
	return p, p.Resource(), nil
}

// Load reads the proposal.
func (withdrawHandler) Load(ctx context.Context, r store.Reader, in WithdrawProposal) (*Proposal, Resource, error) {
	return loadProposal(ctx, r, in.Proposal)
}

// Check lets only the maker withdraw, and only what is open.
func (withdrawHandler) Check(in WithdrawProposal, p *Proposal, m Moment) Verdict {
	switch {
	case p.State != Open:
		return Refuse(Refusal{"proposal-not-open", "This proposal is already " + string(p.State) + "."})
	case p.Maker != m.Actor.Ref:
		return Refuse(Refusal{"not-the-maker", "Only the person who made this request can take it back. You may refuse it."})
	}
	return Proceed()
}

// Apply closes it.
func (withdrawHandler) Apply(ctx context.Context, tx *Tx, in WithdrawProposal, p *Proposal) ([]evidence.Event, error) {
	return closeProposal(ctx, tx, p, Withdrawn, EventWithdrawn, in.Words)
}

type expireHandler struct{}

// Load reads the proposal.
func (expireHandler) Load(ctx context.Context, r store.Reader, in ExpireProposal) (*Proposal, Resource, error) {
	return loadProposal(ctx, r, in.Proposal)
}

// Check refuses before the hour.
func (expireHandler) Check(_ ExpireProposal, p *Proposal, m Moment) Verdict {
	if p.State != Open || m.Now < p.Expires {
		return Refuse(Refusal{"proposal-not-due", "This proposal is not due to expire."})
	}
	return Proceed()
}

// Apply closes it.
func (expireHandler) Apply(ctx context.Context, tx *Tx, _ ExpireProposal, p *Proposal) ([]evidence.Event, error) {
	return closeProposal(ctx, tx, p, Expired, EventExpired, "")
}

func closeProposal(ctx context.Context, tx *Tx, p *Proposal, to ProposalState, typ evidence.Type, words string) ([]evidence.Event, error) {
	now := *p
	now.State, now.Closed, now.Outcome = to, tx.Now, string(to)
	if err := proposals.Update(ctx, tx.Tx, p, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: typ, Entity: p.Entity, Case: p.Case, Text: words, Subjects: []core.Ref{p.ID, p.Subject},
		Details: []evidence.Detail{{Name: "action", Value: string(p.Action), Search: true}},
	}}, nil
}

// RegisterOwn adds the road's own commands.
func RegisterOwn(r *Registry) {
	Handle[WithdrawProposal, *Proposal](r, withdrawHandler{}, Doc{Title: "Take back a proposal", Kind: core.KindProposal})
	Handle[ExpireProposal, *Proposal](r, expireHandler{}, Doc{Title: "Expire a proposal", Kind: core.KindProposal, System: true})
}

// DueProposals returns the open proposals whose time is over, for the schedule
// that expires them.
func DueProposals(ctx context.Context, r store.Reader, now core.Instant) ([]core.Ref, error) {
	rows, err := proposals.Select(ctx, r, "WHERE state = $1 AND expires <= $2 ORDER BY expires, id LIMIT 100", string(Open), now)
	out := make([]core.Ref, 0, len(rows))
	for _, p := range rows {
		out = append(out, p.ID)
	}
	return out, err
}
