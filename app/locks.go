package app

import (
	"context"
	"errors"

	"vouchsafe/access"
	"vouchsafe/core"
)

// locks records which accounts are locked because emergency access was not
// reviewed in time, and which exceptions have ended. Both took effect by the
// clock already.
func (a *App) locks(ctx context.Context, now core.Instant) error {
	due, err := access.DueLocks(ctx, a.Store.Reader(), now)
	errs := []error{err}
	for _, grant := range due {
		_, err := a.Road.Run(ctx, clock, "", access.LockStaff{Grant: grant})
		errs = append(errs, ignore(err, "lock-not-due"))
	}
	over, err := access.DueExceptions(ctx, a.Store.Reader(), now)
	errs = append(errs, err)
	for _, x := range over {
		_, err := a.Road.Run(ctx, clock, "", access.ExpireException{Exception: x})
		errs = append(errs, ignore(err, "exception-not-due"))
	}
	return errors.Join(errs...)
}
