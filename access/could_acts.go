package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// act puts one event of a person to the side that it belongs to, if it does.
func (q whoCould) act(ctx context.Context, r store.Reader, v *CouldView, x *Could, rec *evidence.Record) error {
	if rec.Outcome != evidence.Done && rec.Outcome != evidence.Proposed {
		return nil
	}
	told, err := rec.View()
	if err != nil {
		return err
	}
	deed := Deed{Act: command.Action(told.Metadata.Action)}
	if rec.Type == command.EventApproved.Name {
		details, err := rec.PublicDetails()
		if err != nil {
			return err
		}
		deed = Deed{command.Action(details["action"]), true}
	}
	one, other := slices.Contains(v.One, deed), slices.Contains(v.Other, deed)
	if !one && !other {
		return nil
	}
	a := CouldAct{PastAct: PastAct{rec.ID, rec.At, rec.Type, rec.Outcome}, Action: deed.Act, Entity: rec.Entity, During: x.during(rec.At)}
	if a.Subjects, err = q.subjects(ctx, r, x.Staff, rec); err != nil {
		return err
	}
	if one {
		x.DidOne = append(x.DidOne, a)
	}
	if other {
		x.DidOther = append(x.DidOther, a)
	}
	return nil
}

// during reports whether they could do both at a moment.
func (x *Could) during(at core.Instant) bool {
	return slices.ContainsFunc(x.Both, func(s CouldSpan) bool { return s.From <= at && at < s.To })
}

// subjects are the records that an event is about: of an approval, also those
// that the proposal was about when it was made.
func (q whoCould) subjects(ctx context.Context, r store.Reader, who core.Ref, rec *evidence.Record) ([]core.Ref, error) {
	refs := slices.Clone(rec.Subjects)
	for _, ref := range rec.Subjects {
		if ref.Kind() != core.KindProposal {
			continue
		}
		f := evidence.Filter{Refs: []core.Ref{ref}, Types: []string{command.EventProposed.Name}, Scope: store.True}
		opened, err := q.rd.Log.Find(ctx, r, f, core.PageRequest{Limit: 1})
		if err != nil {
			return nil, err
		}
		for _, x := range opened.Rows {
			refs = append(refs, x.Subjects...)
		}
	}
	refs = slices.DeleteFunc(refs, func(ref core.Ref) bool {
		return ref == who || ref == "" || slices.Contains([]core.Kind{core.KindProposal, core.KindEntity}, ref.Kind())
	})
	return merged([]core.Ref{}, refs), nil
}

// same finds the records about which both was done.
func (x *Could) same() {
	of := func(list []CouldAct, ref core.Ref) (out []string) {
		for _, a := range list {
			if slices.Contains(a.Subjects, ref) {
				out = append(out, a.Event)
			}
		}
		return out
	}
	var refs []core.Ref
	for _, a := range x.DidOne {
		refs = merged(refs, a.Subjects)
	}
	for _, ref := range refs {
		if other := of(x.DidOther, ref); len(other) > 0 {
			x.Same = append(x.Same, CouldSame{ref, of(x.DidOne, ref), other})
		}
	}
}

// CouldReport asks for the same answer as a file for spreadsheets.
type CouldReport struct{ WhoCould }

// Action is access.grant.list.
func (CouldReport) Action() command.Action { return "access.grant.list" }

type couldReport struct{ whoCould }

// CouldReportQuery answers CouldReport on a road.
func CouldReportQuery(rd *command.Road, a *Authorizer) command.Query[CouldReport, ReportFile] {
	return couldReport{whoCould{rd, a}}
}

// Target is that of the question.
func (q couldReport) Target(ctx context.Context, r store.Reader, in CouldReport) (command.Resource, error) {
	return q.whoCould.Target(ctx, r, in.WhoCould)
}

// Read writes a line for each time, each act, and each record about which both
// was done. That it left is on record.
func (q couldReport) Read(ctx context.Context, r store.Reader, in CouldReport, see *command.Sight) (ReportFile, error) {
	v, err := q.whoCould.Read(ctx, r, in.WhoCould, see)
	if err != nil {
		return ReportFile{}, err
	}
	lines := [][]string{{
		"combination", "asked in", "asked from", "asked to", "person", "name", "what", "from", "to", "one side in", "other side in",
		"grants of one", "grants of other", "exceptions", "event", "act", "outcome", "while both", "about",
	}}
	for i := range v.People {
		lines = append(lines, v.lines(&v.People[i])...)
	}
	see.Exported("csv")
	return ReportFile{Name: "who-could-do-both.csv", Body: sheet(lines)}, nil
}

// lines are those of one person.
func (v *CouldView) lines(x *Could) (out [][]string) {
	line := func(what string, rest ...string) {
		out = append(out, append([]string{v.ID, string(v.Entity), v.From.String(), v.To.String(), string(x.Staff), x.Name.plain(), what}, rest...))
	}
	for _, list := range []struct {
		what  string
		spans []CouldSpan
	}{{"could do both", x.Both}, {"could do one", x.One}, {"could do the other", x.Other}} {
		for _, s := range list.spans {
			line(list.what, s.From.String(), s.To.String(), string(s.OneIn), string(s.OtherIn), listing(s.One), listing(s.Other), listing(s.Exceptions), "", "", "", "", "")
		}
	}
	for _, list := range []struct {
		what string
		acts []CouldAct
	}{{"did one", x.DidOne}, {"did the other", x.DidOther}} {
		for _, a := range list.acts {
			line(list.what, a.At.String(), "", "", "", "", "", "", a.Event, string(a.Action), string(a.Outcome), yes(a.During), listing(a.Subjects))
		}
	}
	for _, s := range x.Same {
		line("did both about the same", "", "", "", "", "", "", "", listing(append(slices.Clone(s.One), s.Other...)), "", "", "", string(s.Subject))
	}
	return out
}
