package oversight

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// EventUnusual tells that somebody read much more than a day's work asks for.
var EventUnusual = evidence.Register("oversight.reading.flagged", evidence.APIActivity, "Somebody read the data of unusually many clients within an hour.")

// Bounds are how many different clients' personal data one person may read in
// an hour before somebody else is told. Nobody is stopped: a review of many
// files is work, and the finding says that it was.
type Bounds struct {
	Files   int `json:"files"`   // clients whose data was opened one by one
	Clients int `json:"clients"` // clients in all: opened, listed, searched, exported
}

// DefaultBounds are the bounds where the configuration names none: more than a
// desk opens in a busy hour, and fewer than the 47 files in an hour by which
// one firm learnt that a leaver had copied its book.
var DefaultBounds = Bounds{Files: 40, Clients: 400}

func (b Bounds) exceeded(n Bounds) bool { return n.Files > b.Files || n.Clients > b.Clients }

// readingHour is the time that is looked at, and for which one finding is
// enough.
const readingHour = time.Hour

// FlagReading tells of what somebody read in the hour before an instant.
type FlagReading struct {
	Reading
	Until core.Instant `json:"until"`
}

// Reading is one person's reading of one entity's clients.
type Reading struct {
	Staff  core.Ref `json:"staff"`
	Entity core.Ref `json:"entity"` // or the group, where a read concerned several
}

// Action is oversight.reading.flag.
func (FlagReading) Action() command.Action { return "oversight.reading.flag" }

// Subject is the reader.
func (in FlagReading) Subject() core.Ref { return in.Staff }

func (in Reading) id() string { return string(in.Staff) + "." + string(in.Entity) }

// flagged is the last time that somebody's reading was told of.
type flagged struct {
	ID             string
	Staff, Entity  core.Ref
	At             core.Instant
	Files, Clients int64
	rev            int64
}

var flaggedTable = store.Declare(store.Table[flagged]{
	Name: "reading_flag", Kind: store.Recorded,
	Rev: func(f *flagged) *int64 { return &f.rev },
	Columns: []store.Column[flagged]{
		{Name: "id", Class: core.Public, Field: func(f *flagged) any { return &f.ID }},
		{Name: "staff", Class: core.Public, Field: func(f *flagged) any { return &f.Staff }},
		{Name: "entity", Class: core.Public, Field: func(f *flagged) any { return &f.Entity }},
		{Name: "at", Class: core.Public, Field: func(f *flagged) any { return &f.At }},
		{Name: "files", Class: core.Public, Field: func(f *flagged) any { return &f.Files }},
		{Name: "clients", Class: core.Public, Field: func(f *flagged) any { return &f.Clients }},
	},
})

// readings counts what was read between two instants, by reader and entity;
// staff narrows it to one reader unless empty.
func readings(ctx context.Context, r store.Reader, staff core.Ref, from, to core.Instant) (map[Reading]Bounds, error) {
	files, clients := map[Reading]map[core.Ref]bool{}, map[Reading]map[core.Ref]bool{}
	note := func(m map[Reading]map[core.Ref]bool, of Reading, refs ...core.Ref) {
		if m[of] == nil {
			m[of] = map[core.Ref]bool{}
		}
		for _, ref := range refs {
			m[of][ref] = true
		}
	}
	types := []evidence.Type{command.EventShown, command.EventSearched, command.EventExported}
	err := evidence.Briefs(ctx, r, types, staff, from, to, func(b evidence.Brief) {
		if b.Actor.Kind() != core.KindStaff {
			return
		}
		of := Reading{b.Actor, cmp.Or(b.Entity, core.Group)}
		seen := slices.DeleteFunc(b.Subjects, func(ref core.Ref) bool { return ref.Kind() != core.KindClient })
		if note(clients, of, seen...); len(seen) == 1 {
			note(files, of, seen...)
		}
	})
	out := map[Reading]Bounds{}
	for of, refs := range clients {
		out[of] = Bounds{len(files[of]), len(refs)}
	}
	return out, err
}

type flagReading struct{ bounds Bounds }

// readingFacts is what was read, and what was told of before.
type readingFacts struct {
	was  *flagged
	read Bounds
}

// Load counts again, in the transaction that tells.
func (flagReading) Load(ctx context.Context, r store.Reader, in FlagReading) (f readingFacts, res command.Resource, err error) {
	res = command.Resource{Kind: core.KindSystem, Ref: sysClock}
	if f.was, err = flaggedTable.Get(ctx, r, in.id()); err != nil {
		return f, res, err
	}
	all, err := readings(ctx, r, in.Staff, in.Until.Add(-readingHour), in.Until)
	f.read = all[in.Reading]
	return f, res, err
}

// told reports whether the hour was told of already: the next one begins after
// what was told last.
func (f readingFacts) told(until core.Instant) bool {
	return f.was != nil && until.Sub(f.was.At) < readingHour
}

// Check wants more than the bounds, once an hour: several nodes watch.
func (h flagReading) Check(in FlagReading, f readingFacts, _ command.Moment) command.Verdict {
	switch {
	case f.told(in.Until):
		return command.Refuse(command.Refusal{Code: "reading-known", Text: "This reading was told of within the hour."})
	case !h.bounds.exceeded(f.read):
		return command.Refuse(command.Refusal{Code: "reading-usual", Text: "Nobody read more than usual."})
	}
	return command.Proceed()
}

// Apply records it and has a finding raised for those who answer for the
// entity's clients.
func (h flagReading) Apply(ctx context.Context, tx *command.Tx, in FlagReading, f readingFacts) ([]evidence.Event, error) {
	now := flagged{ID: in.id(), Staff: in.Staff, Entity: in.Entity, At: in.Until, Files: int64(f.read.Files), Clients: int64(f.read.Clients)}
	args := "unusual-reading|" + string(in.Entity) + "|" + string(in.Staff) + "|" + in.Until.Time().Format("2006-01-02T15:04Z")
	if err := tx.Enqueue(ctx, jobs.New{Kind: "cases.raise", Args: args, Unique: args}); err != nil {
		return nil, err
	}
	ev := evidence.Event{Type: EventUnusual, Entity: in.Entity, Subjects: []core.Ref{in.Staff}, Details: []evidence.Detail{
		{Name: "files", Value: strconv.Itoa(f.read.Files)},
		{Name: "files_bound", Value: strconv.Itoa(h.bounds.Files)},
		{Name: "clients", Value: strconv.Itoa(f.read.Clients)},
		{Name: "clients_bound", Value: strconv.Itoa(h.bounds.Clients)},
		{Name: "until", Value: in.Until.String()},
	}}
	if f.was == nil {
		return []evidence.Event{ev}, flaggedTable.Insert(ctx, tx.Tx, &now)
	}
	now.rev = f.was.rev
	return []evidence.Event{ev}, flaggedTable.Update(ctx, tx.Tx, f.was, &now)
}

// WatchReading looks at the last hour's reads, and tells of those that nobody's
// ordinary work asks for.
func WatchReading(ctx context.Context, rd *command.Road, bounds Bounds) error {
	now := rd.Clock.Now()
	all, err := readings(ctx, rd.Store.Reader(), "", now.Add(-readingHour), now)
	if err != nil {
		return err
	}
	var errs []error
	for of, read := range all {
		if !bounds.exceeded(read) {
			continue
		}
		was, err := flaggedTable.Get(ctx, rd.Store.Reader(), of.id())
		if err == nil && (readingFacts{was: was}).told(now) {
			continue
		}
		_, err = rd.Run(ctx, evidence.Actor{Ref: sysClock}, "", FlagReading{of, now})
		if !core.IsFault(err, "reading-known") {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
