package access

import (
	"context"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Group is the pseudo-entity of group matters.
const Group = core.Group

// DefaultPrivilegedDays is how long a grant of a privileged role may last
// where the entity has not set a shorter time.
const DefaultPrivilegedDays = 90

// Entity is a legal entity of the broker.
type Entity struct {
	ID             core.Ref `json:"id"`
	Name           string   `json:"name"`
	Jurisdiction   string   `json:"jurisdiction"` // ISO 3166-1 alpha-2
	Regulator      string   `json:"regulator"`
	Licence        string   `json:"licence"`
	Currency       string   `json:"currency"`        // base currency
	PrivilegedDays int      `json:"privileged_days"` // longest grant of a privileged role
	// PrivilegedHours is that in hours, where days are too long; OrdinaryDays is
	// the longest grant of any other role, a year when zero.
	PrivilegedHours int `json:"privileged_hours,omitempty"`
	OrdinaryDays    int `json:"ordinary_days,omitempty"`
	// Breakable are the privileged roles that one person may take in an
	// emergency, sorted, with spaces between.
	Breakable string       `json:"breakable,omitempty"`
	Created   core.Instant `json:"created"`
	LineApart bool         `json:"line_apart"` // nobody approves for their own line of managers
	// Reviews is how often access is reviewed; empty is the firm's rule.
	Reviews ReviewEvery `json:"review_months"`

	rev int64
}

// EntityByID reads one legal entity; nil when there is none. The group answers
// as an entity without a row.
func EntityByID(ctx context.Context, r store.Reader, id core.Ref) (*Entity, error) {
	if id == Group {
		return &Entity{ID: Group, Name: "Group", PrivilegedDays: DefaultPrivilegedDays}, nil
	}
	return entities.Get(ctx, r, string(id))
}

// Entities reads every legal entity, by id.
func Entities(ctx context.Context, r store.Reader) ([]Entity, error) {
	return entities.Select(ctx, r, "ORDER BY id")
}

// privileged is how long a grant of a privileged role may last.
func (e *Entity) privileged() time.Duration {
	if e.PrivilegedHours > 0 {
		return time.Duration(e.PrivilegedHours) * time.Hour
	}
	days := e.PrivilegedDays
	if days <= 0 {
		days = DefaultPrivilegedDays
	}
	return time.Duration(days) * 24 * time.Hour
}

// within is how evidence and policy name an entity: group matters have none,
// so that their events stand in the group's log.
func within(entity core.Ref) core.Ref {
	if entity == Group {
		return ""
	}
	return entity
}

// held is the other way round: where roles for a record must be held.
func held(entity core.Ref) core.Ref {
	if entity == "" {
		return Group
	}
	return entity
}
