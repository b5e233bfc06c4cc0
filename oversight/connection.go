package oversight

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EventConnected tells that a connection of the log with the outside was
// configured, changed or taken away.
var EventConnected = evidence.Register("oversight.connection.configured", evidence.APIActivity, "A witness of the log, or a system that its events are sent to, was configured, changed or taken away.")

// Connection is a witness or a target of delivery, as it is configured. Says
// holds no secret.
type Connection struct {
	Name string `json:"name"` // "witness NAME", "stream NAME"
	Says string `json:"says"` // empty takes it away
}

type connection struct {
	ID, Says, State string
	At              core.Instant
	rev             int64
}

var connections = store.Declare(store.Table[connection]{
	Name: "log_connection", Kind: store.Recorded,
	Rev: func(c *connection) *int64 { return &c.rev },
	Columns: []store.Column[connection]{
		{Name: "id", Class: core.Public, Field: func(c *connection) any { return &c.ID }},
		{Name: "says", Class: core.Public, Field: func(c *connection) any { return &c.Says }},
		{Name: "state", Class: core.Public, Field: func(c *connection) any { return &c.State }},
		{Name: "at", Class: core.Public, Field: func(c *connection) any { return &c.At }},
	},
})

// The states of a connection.
const (
	connectionOn  = "on"
	connectionOff = "off"
)

// ConfigureConnection records what the configuration file says of one
// connection.
type ConfigureConnection struct {
	Connection Connection `json:"connection"`
}

// Action is oversight.connection.configure.
func (ConfigureConnection) Action() command.Action { return "oversight.connection.configure" }

// Subject is the part of the program that reads the configuration.
func (ConfigureConnection) Subject() core.Ref { return sysClock }

type configureConnection struct{}

// Load reads what was recorded last.
func (configureConnection) Load(ctx context.Context, r store.Reader, in ConfigureConnection) (*connection, command.Resource, error) {
	was, err := connections.Get(ctx, r, in.Connection.Name)
	return was, command.Resource{Kind: core.KindSystem, Ref: sysClock}, err
}

// differs reports whether a connection is not as it is on record.
func differs(was *connection, c Connection) bool {
	if c.Says == "" {
		return was != nil && was.State == connectionOn
	}
	return was == nil || was.State != connectionOn || was.Says != c.Says
}

// Check wants news: every start reads the configuration.
func (configureConnection) Check(in ConfigureConnection, was *connection, _ command.Moment) command.Verdict {
	if !differs(was, in.Connection) {
		return command.Refuse(command.Refusal{Code: "no-news", Text: "This connection is on record as it is."})
	}
	return command.Proceed()
}

// Apply records it.
func (configureConnection) Apply(ctx context.Context, tx *command.Tx, in ConfigureConnection, was *connection) ([]evidence.Event, error) {
	now := connection{ID: in.Connection.Name, Says: in.Connection.Says, State: connectionOn, At: tx.Now}
	if now.Says == "" {
		now.State = connectionOff
	}
	ev := evidence.Event{Type: EventConnected, Subjects: []core.Ref{sysClock}, Details: []evidence.Detail{
		{Name: "connection", Value: in.Connection.Name, Search: true},
		{Name: "state", Value: now.State},
	}}
	if was == nil {
		return []evidence.Event{ev}, connections.Insert(ctx, tx.Tx, &now)
	}
	now.rev = was.rev
	return []evidence.Event{ev}, connections.Update(ctx, tx.Tx, was, &now)
}

// Connect records the connections that the configuration has, and those that
// it has no longer.
func Connect(ctx context.Context, rd *command.Road, now []Connection) error {
	rows, err := connections.Select(ctx, rd.Store.Reader(), "ORDER BY id")
	if err != nil {
		return err
	}
	was := map[string]*connection{}
	for i := range rows {
		was[rows[i].ID] = &rows[i]
	}
	for _, c := range now {
		if differs(was[c.Name], c) {
			if err := configure(ctx, rd, c); err != nil {
				return err
			}
		}
		delete(was, c.Name)
	}
	for _, row := range rows {
		if gone := (Connection{Name: row.ID}); was[row.ID] != nil && differs(&row, gone) {
			if err := configure(ctx, rd, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

func configure(ctx context.Context, rd *command.Road, c Connection) error {
	_, err := rd.Run(ctx, evidence.Actor{Ref: sysClock}, "", ConfigureConnection{c})
	if core.IsFault(err, "no-news") {
		return nil
	}
	return err
}
