package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/web/ui"
)

// noticed are the types of events of which the person concerned is told.
func noticed() (out []evidence.Type) {
	told := access.Noticed()
	for _, typ := range evidence.Types() {
		if slices.Contains(told, typ.Name) {
			out = append(out, typ)
		}
	}
	return out
}

// tell tells a person what somebody did about them.
func tell(ctx context.Context, a *App, key command.Key, h command.Happened) error {
	_, err := a.Road.Run(ctx, clock, key, access.GiveNotice{Staff: h.About(core.KindStaff), Event: h.Event, Type: h.Type, By: h.Actor})
	return ignore(err, "told-already")
}

// leaverLook is how far back the reads of a leaver are summed up.
const leaverLook = 30 * 24 * time.Hour

// leaverReads sums up what a leaver read of other people before they left, as
// a finding that somebody else has to look at and close in their own words.
func leaverReads(ctx context.Context, a *App, key command.Key, h command.Happened) error {
	who, now := h.About(core.KindStaff), a.Clock.Now()
	sum, err := a.readsOf(ctx, who, now.Add(-leaverLook))
	if err != nil {
		return err
	}
	_, err = a.Road.Run(ctx, evidence.Actor{Ref: access.SysFindings}, key, cases.RaiseFinding{
		Kind: "leaver-reads", Entity: access.Group, About: who, Severity: "warning", Text: sum.text(),
	})
	return ignore(err, "finding-known")
}

// reads is what somebody read of other people.
type reads struct {
	shown, searched, exported int
	people                    map[core.Ref]bool
	more                      bool // than was counted
}

func (s reads) text() string {
	if s.shown+s.searched+s.exported == 0 {
		return "In the 30 days before leaving they read no personal data of others here, searched nothing and took nothing out as a file."
	}
	text := fmt.Sprintf("In the 30 days before leaving they were shown personal data %s, of %s; searched %s; and took data out as a file %s.",
		ui.Plural(s.shown, "time", "times"), ui.Plural(len(s.people), "client", "clients"), ui.Plural(s.searched, "time", "times"), ui.Plural(s.exported, "time", "times"))
	if s.more {
		text += " There is more: only the newest 5,000 were counted."
	}
	return text + " Look whether their work explains it."
}

// readsOf counts what somebody read since a moment.
func (a *App) readsOf(ctx context.Context, who core.Ref, since core.Instant) (reads, error) {
	out := reads{people: map[core.Ref]bool{}}
	f := evidence.Filter{
		Actor: who, From: since, Scope: store.True,
		Types: []string{command.EventShown.Name, command.EventSearched.Name, command.EventExported.Name},
	}
	page := core.PageRequest{Limit: 200}
	for range 25 {
		found, err := a.Log.Find(ctx, a.Store.Reader(), f, page)
		if err != nil {
			return out, err
		}
		for i := range found.Rows {
			out.add(&found.Rows[i])
		}
		if page.After = found.Next; page.After == "" {
			return out, nil
		}
	}
	out.more = true
	return out, nil
}

func (s *reads) add(rec *evidence.Record) {
	switch rec.Type {
	case command.EventShown.Name:
		s.shown++
	case command.EventSearched.Name:
		s.searched++
	default:
		s.exported++
	}
	for _, ref := range rec.Subjects {
		if ref.Kind() == core.KindClient {
			s.people[ref] = true
		}
	}
}
