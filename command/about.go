package command

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/store"
)

// ProposalsAbout reads every proposal of one action about a record, whatever
// became of it, oldest first.
func ProposalsAbout(ctx context.Context, r store.Reader, act Action, about core.Ref) ([]Proposal, error) {
	return proposals.Select(ctx, r, "WHERE subject = $1 AND action = $2 ORDER BY created, id", about, string(act))
}
