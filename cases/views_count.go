package cases

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// CountFindings asks how many findings wait for somebody, for the sidebar.
type CountFindings struct{}

// Action is cases.finding.list.
func (CountFindings) Action() command.Action { return "cases.finding.list" }

// Subject is nothing in particular.
func (CountFindings) Subject() core.Ref { return "" }

// mostCounted is where counting stops: a badge that says 99 says enough.
const mostCounted = 99

type countFindings struct{}

// CountFindingsQuery answers CountFindings, with 99 for more.
var CountFindingsQuery command.Query[CountFindings, int] = countFindings{}

// Target is every finding that policy lets the reader see.
func (countFindings) Target(context.Context, store.Reader, CountFindings) (command.Resource, error) {
	return command.Resource{Kind: core.KindFinding}, nil
}

// Read counts those that are not resolved.
func (countFindings) Read(ctx context.Context, r store.Reader, _ CountFindings, see *command.Sight) (n int, err error) {
	q, args := store.Slot("SELECT COUNT(*) FROM (SELECT id FROM finding WHERE {where} LIMIT $1) AS waiting", store.And(see.Where, waiting), mostCounted)
	err = r.QueryRow(ctx, q, args...).Scan(&n)
	return n, err
}
