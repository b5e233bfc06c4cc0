package cases

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Subjects tells which legal entity a record belongs to: a client's, an
// account's, a staff member's. "" and no error when there is no such record.
type Subjects interface {
	EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error)
}

// Owners tells who may own a case: those who work here still and may see it.
type Owners interface {
	MayOwn(ctx context.Context, r store.Reader, who core.Ref, file command.Resource) (bool, error)
}
