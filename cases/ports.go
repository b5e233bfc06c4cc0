package cases

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Subjects tells which legal entity a record belongs to: a client's, an
// account's, a staff member's. "" and no error when there is no such record.
type Subjects interface {
	EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error)
}
