package elsewhere

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Person is what the register needs to know of a member of staff.
type Person struct {
	Ref    core.Ref
	Active bool
	Left   core.Instant
	// Record is the person's own record, by which policy says who sees their
	// personal values.
	Record command.Resource
}

// People tells who works here. A person who is not known has an empty Ref.
type People interface {
	Person(ctx context.Context, r store.Reader, staff core.Ref) (Person, error)
}
