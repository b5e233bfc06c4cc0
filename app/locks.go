package app

import (
	"context"
	"errors"

	"vouchsafe/access"
	"vouchsafe/core"
)

// locks records which accounts are locked because emergency access was not
// reviewed in time. They are kept out by the clock already.
func (a *App) locks(ctx context.Context, now core.Instant) error {
	due, err := access.DueLocks(ctx, a.Store.Reader(), now)
	errs := []error{err}
	for _, grant := range due {
		_, err := a.Road.Run(ctx, clock, "", access.LockStaff{Grant: grant})
		errs = append(errs, ignore(err, "lock-not-due"))
	}
	return errors.Join(errs...)
}
