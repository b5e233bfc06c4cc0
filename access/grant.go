package access

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// GrantState says how a grant stands in the books. Whether it is in force is a
// question of the clock as well: see Live.
type GrantState string

// The states of a grant; the package comment draws them.
const (
	Granted GrantState = "granted"
	Revoked GrantState = "revoked"
	Expired GrantState = "expired"
	Ended   GrantState = "ended" // given back by its holder
)

// Origin says how a grant came about.
type Origin string

// The origins.
const (
	Requested    Origin = "request"   // asked for by one person, approved by another
	Bootstrapped Origin = "bootstrap" // made by the installer before anybody could approve
)

// Grant is one role of one person in one entity for a time.
type Grant struct {
	ID           core.Ref
	Holder       core.Ref
	Role         Role
	Entity       core.Ref // a legal entity or Group
	Starts, Ends core.Instant
	Origin       Origin
	Maker        core.Ref
	Proposal     core.Ref
	Reason       string // reason code
	Words        string // the maker's own words; personal
	Case         core.Ref
	Ticket       string // of emergency access
	State        GrantState
	Closed       core.Instant
	ClosedBy     core.Ref
	ClosedReason string

	rev int64
}

// Live reports whether the grant is in force. Its end takes effect by the
// clock, whether or not the expiry has been recorded.
func (g *Grant) Live(now core.Instant) bool {
	return g.State == Granted && g.Starts <= now && now < g.Ends
}

// Resource is the grant as policy sees it.
func (g *Grant) Resource() command.Resource {
	return grantResource(g.ID, g.Holder, g.Role, g.Entity)
}

func grantResource(id, holder core.Ref, role Role, entity core.Ref) command.Resource {
	return command.Resource{
		Kind: core.KindGrant, Ref: id, Entity: within(entity),
		Attrs: map[string]any{"holder": string(holder), "role": string(role)},
	}
}

// GrantByID reads one grant; nil when there is none.
func GrantByID(ctx context.Context, r store.Reader, id core.Ref) (*Grant, error) {
	return grants.Get(ctx, r, string(id))
}

// GrantsOf reads every grant that a person ever had, oldest first.
func GrantsOf(ctx context.Context, r store.Reader, holder core.Ref) ([]Grant, error) {
	return grants.Select(ctx, r, "WHERE holder = $1 ORDER BY starts, id", holder)
}

// DueGrants names the grants that stopped counting without that being recorded
// yet, for the schedule that runs ExpireGrant: their end has come, or their
// holder left.
func DueGrants(ctx context.Context, r store.Reader, now core.Instant) ([]core.Ref, error) {
	rows, err := grants.Select(ctx, r, `WHERE state = 'granted' AND (ends <= $1
		OR holder IN (SELECT id FROM staff WHERE status = 'inactive')) ORDER BY ends, id LIMIT 100`, now)
	out := make([]core.Ref, 0, len(rows))
	for _, g := range rows {
		out = append(out, g.ID)
	}
	return out, err
}

// maxGrant bounds grants of roles that are not privileged: nobody holds a role
// for longer than a year without somebody asking for it again.
const maxGrant = 366 * 24 * time.Hour
