package app

import (
	"context"
	"errors"

	"vouchsafe/access"
	"vouchsafe/core"
)

// leavers deactivates those whose employment has ended.
func (a *App) leavers(ctx context.Context, now core.Instant) error {
	due, err := access.DueLeavers(ctx, a.Store.Reader(), now)
	errs := []error{err}
	for _, who := range due {
		_, err := a.Road.Run(ctx, clock, "", access.DeactivateStaff{Staff: who, Words: "The employment has ended, by the date on the person's record."})
		errs = append(errs, ignore(err, "staff-not-active"))
	}
	return errors.Join(errs...)
}
