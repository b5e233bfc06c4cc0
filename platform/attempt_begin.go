package platform

import (
	"context"
	"fmt"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// BeginAttempt commits that one request is about to be sent. Only after this
// commit may a byte leave.
type BeginAttempt struct {
	Row core.Ref `json:"row"`
}

// Action is platform.attempt.begin.
func (BeginAttempt) Action() command.Action { return "platform.attempt.begin" }

// Subject is the account or intervention.
func (b BeginAttempt) Subject() core.Ref { return b.Row }

type beginAttempt struct{ d Deps }

// Load reads the row and the wall clock.
func (h beginAttempt) Load(ctx context.Context, r store.Reader, in BeginAttempt) (effect, command.Resource, error) {
	e, res, err := loadEffect(ctx, r, in.Row)
	e.wall = h.d.Wall.Now()
	return e, res, err
}

// Check wants an attempt that is ready.
func (beginAttempt) Check(_ BeginAttempt, e effect, _ command.Moment) command.Verdict {
	if e.attempt().Phase != command.PhaseReady {
		return command.Refuse(command.Refusal{Code: "not-ready", Text: "This operation is " + string(e.attempt().Phase) + " and is not sent again."})
	}
	return command.Proceed()
}

// Apply records number and deadline, by the wall clock.
func (beginAttempt) Apply(ctx context.Context, tx *command.Tx, _ BeginAttempt, e effect) ([]evidence.Event, error) {
	a, ok := e.attempt().Begin(e.wall)
	if !ok {
		return nil, fmt.Errorf("platform: attempt of phase %s began", e.attempt().Phase)
	}
	return e.update(ctx, tx, a, EventBegun, func(*Account, *Intervention) {})
}
