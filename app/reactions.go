package app

import (
	"context"
	"errors"
	"fmt"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
)

// reaction is work that follows by itself from events. Its job is enqueued in
// the event's own transaction and may run more than once: do is a command that
// refuses what is done already. A reaction only creates work; what is blocked
// is computed from state and clock whenever it is asked.
type reaction struct {
	name string // of its job, after "react."
	on   []evidence.Type
	do   func(ctx context.Context, a *App, key command.Key, h command.Happened) error
}

// reactions is everything that follows by itself from what happened.
var reactions = []reaction{
	{"tell", noticed(), tell},
	{"leaver-reads", []evidence.Type{access.EventStaffDeactivated}, leaverReads},
	{"review", reviewTypes(), reviewChanged},
	{"toxic", toxicTypes(), toxicChanged},
}

// wireReactions lets the road enqueue them and the queue run them.
func (a *App) wireReactions() {
	jobsOf := map[string][]string{}
	for _, x := range reactions {
		kind := "react." + x.name
		for _, typ := range x.on {
			jobsOf[typ.Name] = append(jobsOf[typ.Name], kind)
		}
		a.Queue.Handle(kind, jobs.Policy{}, func(ctx context.Context, j jobs.Job) jobs.Result {
			h, ok := command.ReadHappened(j.Args)
			if !ok {
				return jobs.Dead(fmt.Errorf("app: the job %s does not say what happened", kind))
			}
			switch err := x.do(ctx, a, command.Key(j.ID), h); {
			case errors.Is(err, errNotToDo):
				return jobs.Dead(err)
			case err != nil:
				return jobs.Retry(err)
			}
			return jobs.Done()
		})
	}
	a.Road.Reactions = func(typ string) []string { return jobsOf[typ] }
}

// errNotToDo ends a reaction for good: trying again cannot help.
var errNotToDo = errors.New("app: there is nothing that this reaction could do")
