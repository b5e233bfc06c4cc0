package oversight

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Records tells to which legal entity a record belongs, "" when there is no
// such record.
type Records interface {
	EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error)
}

// Outgoing is one event on its way to another system.
type Outgoing struct {
	ID   string
	Type string
	At   core.Instant // when it happened
	Good bool         // it was done, not denied, refused or failed
	Body []byte       // in the format of the stream, one line
}

// Receiver is another system that takes events: a SIEM, a webhook. Deliver
// returns nil only when all of the batch was taken; after any error the whole
// batch comes again.
type Receiver interface {
	Deliver(ctx context.Context, batch []Outgoing) error
}
