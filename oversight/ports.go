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
