package oversight

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// ListDeadJobs asks for the jobs that were given up, and how the queue stands.
type ListDeadJobs struct {
	Page core.PageRequest `json:"page"`
}

// Action is jobs.dead.list.
func (ListDeadJobs) Action() command.Action { return "jobs.dead.list" }

// Subject is nothing in particular.
func (ListDeadJobs) Subject() core.Ref { return "" }

// JobRow is a job that was given up.
type JobRow struct {
	ID       core.Ref     `json:"id"`
	Kind     string       `json:"kind"`
	Subject  core.Ref     `json:"subject,omitempty"`
	Attempts int          `json:"attempts"`
	Died     core.Instant `json:"died"`
	Error    string       `json:"error"` // what the last attempt said
}

// JobsView is the queue as its keepers see it.
type JobsView struct {
	Dead   core.Page[JobRow] `json:"dead"`
	Counts []jobs.Count      `json:"counts"`
	Oldest core.Instant      `json:"oldest_due,omitempty"` // since when the oldest waiting job is due
}

// DeadJobs answers ListDeadJobs.
type DeadJobs struct{}

// Target is the queue: it belongs to no legal entity.
func (DeadJobs) Target(context.Context, store.Reader, ListDeadJobs) (command.Resource, error) {
	return command.Resource{Kind: core.KindJob, Ref: "jb_queue"}, nil
}

// Read lists them.
func (DeadJobs) Read(ctx context.Context, r store.Reader, in ListDeadJobs, see *command.Sight) (JobsView, error) {
	var v JobsView
	found, err := jobs.DeadLetters(ctx, r, in.Page)
	if err != nil {
		return v, err
	}
	v.Dead.Next = found.Next
	for _, j := range found.Rows {
		v.Dead.Rows = append(v.Dead.Rows, JobRow{ID: j.ID, Kind: j.Kind, Subject: j.Subject, Attempts: j.Attempts, Died: j.DeadAt, Error: j.Error})
	}
	see.Counted(len(v.Dead.Rows))
	if v.Counts, err = jobs.Counts(ctx, r); err != nil {
		return v, err
	}
	v.Oldest, err = jobs.OldestDue(ctx, r, see.Now)
	return v, err
}
