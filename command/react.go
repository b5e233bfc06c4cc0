package command

import (
	"context"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
)

// Happened is an event as a reaction is told of it: by a job that was enqueued
// in the event's own transaction, so that none is lost and none runs for what
// never happened.
type Happened struct {
	Event    string
	Type     string
	Entity   core.Ref // empty for the group's own matters
	Actor    core.Ref // who did it
	Subjects []core.Ref
}

// About is the first subject of a kind, or "".
func (h Happened) About(kind core.Kind) core.Ref {
	for _, ref := range h.Subjects {
		if ref.Kind() == kind {
			return ref
		}
	}
	return ""
}

// maxToldSubjects bounds what a reaction's job carries of an event.
const maxToldSubjects = 12

func (h Happened) args() string {
	refs := make([]string, 0, len(h.Subjects))
	for _, ref := range h.Subjects[:min(len(h.Subjects), maxToldSubjects)] {
		refs = append(refs, string(ref))
	}
	return strings.Join([]string{h.Event, h.Type, string(h.Entity), string(h.Actor), strings.Join(refs, " ")}, "|")
}

// ReadHappened reads the arguments of a reaction's job; false when they are
// something else.
func ReadHappened(args string) (Happened, bool) {
	part := strings.Split(args, "|")
	if len(part) != 5 {
		return Happened{}, false
	}
	h := Happened{Event: part[0], Type: part[1], Entity: core.Ref(part[2]), Actor: core.Ref(part[3])}
	for ref := range strings.FieldsSeq(part[4]) {
		h.Subjects = append(h.Subjects, core.Ref(ref))
	}
	return h, true
}

// react enqueues the work that follows from an event.
func (t *Tx) react(ctx context.Context, id string, ev evidence.Event) error {
	if t.road.Reactions == nil {
		return nil
	}
	h := Happened{Event: id, Type: ev.Type.Name, Entity: ev.Entity, Actor: t.Actor.Ref, Subjects: ev.Subjects}
	for _, kind := range t.road.Reactions(ev.Type.Name) {
		if err := t.Enqueue(ctx, jobs.New{Kind: kind, Args: h.args()}); err != nil {
			return err
		}
	}
	return nil
}

// With binds to an event the rows that were changed since the last call, for a
// command whose events stand in the logs of several entities: what changed in
// one is then told in that one's log. Rows that no event was bound to go with
// the command's first event.
func (t *Tx) With(ev evidence.Event) evidence.Event {
	ev.Rows = append(ev.Rows, t.TakeChanges()...)
	return ev
}
