package payments

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"vouchsafe/core"
	"vouchsafe/jobs"
)

// JobHint is the kind of job that reads one object at a PSP because a webhook
// hinted at it; its arguments are psp|object.
const JobHint = "payments.hint"

// Webhook verifies a delivery of a PSP and queues the reading of the object
// that it hints at: what a webhook says is never believed, and never lost. A
// forged, stale or unreadable one is an error and leaves nothing.
func (d *Driver) Webhook(ctx context.Context, psp string, header map[string]string, body []byte) error {
	p, err := d.Deps.psp(psp)
	if err != nil {
		return core.NewFault(core.Unknown, "psp-unknown", "No payment provider is configured under this name.")
	}
	hint, err := p.Webhook(header, body, d.Deps.Clock.Now())
	if err != nil {
		return err
	}
	// One delivery twice is one job; another event about the same object is
	// another job: the first may have read the object already.
	event := sha256.Sum256([]byte(hint.EventID))
	args := psp + "|" + hint.ID
	if err := d.enqueue(ctx, jobs.New{Kind: JobHint, Args: args, Unique: "hint:" + args + "|" + hex.EncodeToString(event[:8])}); err != nil {
		return err
	}
	if d.Road.Nudge != nil {
		d.Road.Nudge()
	}
	return nil
}

// hint reads the object and takes it as a sweep would.
func (d *Driver) hint(ctx context.Context, j jobs.Job) jobs.Result {
	psp, id, ok := strings.Cut(j.Args, "|")
	if !ok {
		return jobs.Done()
	}
	p, err := d.Deps.psp(psp)
	if err != nil {
		return jobs.Retry(err)
	}
	obj, err := p.Status(ctx, id)
	if err == nil {
		err = d.take(ctx, psp, obj)
	}
	if err != nil {
		return jobs.Retry(err)
	}
	return jobs.Done()
}
