package oversight

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// EventRevived tells that a dead letter was queued again.
var EventRevived = evidence.Register("jobs.dead.revived", evidence.APIActivity, "A job that had been given up was queued again by a person.")

// ReviveJob queues a job again that was given up after its last attempt.
type ReviveJob struct {
	Job core.Ref `json:"job"`
}

// Action is jobs.dead.revive.
func (ReviveJob) Action() command.Action { return "jobs.dead.revive" }

// Subject is the job.
func (in ReviveJob) Subject() core.Ref { return in.Job }

type reviveJob struct{}

// Load reads the job.
func (reviveJob) Load(ctx context.Context, r store.Reader, in ReviveJob) (*jobs.Job, command.Resource, error) {
	j, err := jobs.ByID(ctx, r, in.Job)
	if err == nil && j == nil {
		err = jobs.ErrNoJob
	}
	return j, command.Resource{Kind: core.KindJob, Ref: in.Job}, err
}

// Check wants a dead letter.
func (reviveJob) Check(_ ReviveJob, j *jobs.Job, _ command.Moment) command.Verdict {
	if j.State != jobs.StateDead {
		return command.Refuse(command.Refusal{Code: jobs.ErrNotDead.Code, Text: jobs.ErrNotDead.Text})
	}
	return command.Proceed()
}

// Apply queues it.
func (reviveJob) Apply(ctx context.Context, tx *command.Tx, in ReviveJob, j *jobs.Job) ([]evidence.Event, error) {
	if err := jobs.Revive(ctx, tx.Tx, in.Job, tx.Now); err != nil {
		return nil, err
	}
	ev := evidence.Event{Type: EventRevived, Subjects: []core.Ref{in.Job}, Details: []evidence.Detail{{Name: "kind", Value: j.Kind, Search: true}}}
	if j.Subject != "" {
		ev.Subjects = append(ev.Subjects, j.Subject)
	}
	return []evidence.Event{ev}, nil
}
