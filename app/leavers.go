package app

import (
	"context"
	"errors"

	"vouchsafe/access"
	"vouchsafe/core"
)

// leavers deactivates those whose employment has ended, and records what the
// clock did to training certificates.
func (a *App) leavers(ctx context.Context, now core.Instant) error {
	due, err := access.DueLeavers(ctx, a.Store.Reader(), now)
	errs := []error{err}
	for _, who := range due {
		_, err := a.Road.Run(ctx, clock, "", access.DeactivateStaff{Staff: who, Words: "The employment has ended, by the date on the person's record."})
		errs = append(errs, ignore(err, "staff-not-active"))
	}
	remind, expire, err := access.DueCertificates(ctx, a.Store.Reader(), now)
	errs = append(errs, err)
	for _, c := range remind {
		_, err := a.Road.Run(ctx, clock, "", access.RemindCertificate{Certificate: c})
		errs = append(errs, ignore(err, "certificate-not-due"))
	}
	for _, c := range expire {
		_, err := a.Road.Run(ctx, clock, "", access.ExpireCertificate{Certificate: c})
		errs = append(errs, ignore(err, "certificate-not-due"))
	}
	return errors.Join(errs...)
}
