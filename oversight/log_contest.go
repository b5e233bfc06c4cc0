package oversight

import (
	"context"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// EventContested tells that a witness holds another history of a log.
var EventContested = evidence.Register("oversight.log.contested", evidence.APIActivity, "A witness holds another history of this log than ours: the database was set back, or two histories were signed with the log's key.")

// contest is the last thing that a witness had against a log.
type contest struct {
	ID           string
	Size, Theirs int64
	At           core.Instant
	rev          int64
}

var contestTable = store.Declare(store.Table[contest]{
	Name: "log_contest", Kind: store.Recorded,
	Rev: func(c *contest) *int64 { return &c.rev },
	Columns: []store.Column[contest]{
		{Name: "id", Class: core.Public, Field: func(c *contest) any { return &c.ID }},
		{Name: "size", Class: core.Public, Field: func(c *contest) any { return &c.Size }},
		{Name: "theirs", Class: core.Public, Field: func(c *contest) any { return &c.Theirs }},
		{Name: "at", Class: core.Public, Field: func(c *contest) any { return &c.At }},
	},
})

// ContestLog records that a witness holds another history of a log than ours.
type ContestLog struct {
	Log     string `json:"log"`
	Witness string `json:"witness"` // key name and hash
	Size    int64  `json:"size"`    // of our checkpoint
	Theirs  int64  `json:"theirs"`  // what the witness cosigned last, -1 where it did not say
}

func (in ContestLog) id() string { return in.Log + " " + in.Witness }

// entity is the legal entity whose log it is, or the group.
func (in ContestLog) entity() core.Ref {
	if ref := core.Ref(in.Log); ref.Kind() == core.KindEntity {
		return ref
	}
	return core.Group
}

// Action is oversight.log.contest.
func (ContestLog) Action() command.Action { return "oversight.log.contest" }

// Subject is the part of the program that asks the witnesses.
func (ContestLog) Subject() core.Ref { return sysClock }

type contestLog struct{}

// Load reads what this witness had against the log before.
func (contestLog) Load(ctx context.Context, r store.Reader, in ContestLog) (*contest, command.Resource, error) {
	was, err := contestTable.Get(ctx, r, in.id())
	return was, command.Resource{Kind: core.KindSystem, Ref: sysClock}, err
}

// Check wants news: the witness is asked again and again, and the log grows
// meanwhile. What it holds tells one contest from another.
func (contestLog) Check(in ContestLog, was *contest, _ command.Moment) command.Verdict {
	if was != nil && was.Theirs == in.Theirs {
		return command.Refuse(command.Refusal{Code: "contest-known", Text: "This witness said so before."})
	}
	return command.Proceed()
}

// Apply records it and has a finding raised.
func (contestLog) Apply(ctx context.Context, tx *command.Tx, in ContestLog, was *contest) ([]evidence.Event, error) {
	now := contest{ID: in.id(), Size: in.Size, Theirs: in.Theirs, At: tx.Now}
	name, _, _ := strings.Cut(in.Witness, "+")
	args := "log-contested|" + string(in.entity()) + "||" + plain(in.Log+"/"+name) + "." + strconv.FormatInt(in.Theirs, 10)
	if err := tx.Enqueue(ctx, jobs.New{Kind: "cases.raise", Args: args, Unique: args}); err != nil {
		return nil, err
	}
	ev := evidence.Event{Type: EventContested, Outcome: evidence.Failed, Subjects: []core.Ref{sysClock}, Details: []evidence.Detail{
		{Name: "of", Value: in.Log, Search: true},
		{Name: "witness", Value: in.Witness, Search: true},
		{Name: "ours", Value: strconv.FormatInt(in.Size, 10)},
		{Name: "theirs", Value: strconv.FormatInt(in.Theirs, 10)},
	}}
	if in.entity() != core.Group {
		ev.Entity = in.entity()
	}
	if was == nil {
		return []evidence.Event{ev}, contestTable.Insert(ctx, tx.Tx, &now)
	}
	now.rev = was.rev
	return []evidence.Event{ev}, contestTable.Update(ctx, tx.Tx, was, &now)
}

// plain keeps of a name what a job may carry.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-.:/", c) {
			return c
		}
		return '-'
	}, s)
}

// Contest records a contest, unless it is known.
func Contest(ctx context.Context, rd *command.Road, in ContestLog) error {
	was, err := contestTable.Get(ctx, rd.Store.Reader(), in.id())
	if err != nil || was != nil && was.Theirs == in.Theirs {
		return err
	}
	_, err = rd.Run(ctx, evidence.Actor{Ref: sysClock}, "", in)
	if core.IsFault(err, "contest-known") {
		return nil
	}
	return err
}
