package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Sessions ends what a person is or could be signed in with, in the transaction
// that deactivates them. The rows that it changes go into that command's event.
type Sessions interface {
	EndAll(ctx context.Context, tx *command.Tx, staff core.Ref) error
}
