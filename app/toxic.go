package app

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// The events after which somebody may hold a toxic combination no more, after
// which somebody may hold one who did not, and after which either may be so for
// everybody.
var (
	toxicEnds = []evidence.Type{
		access.EventGrantRevoked, access.EventGrantEnded, access.EventGrantExpired, access.EventReviewDecided, access.EventReviewLapsed,
		access.EventCertificateExpired, access.EventStaffDeactivated, access.EventStaffLocked,
	}
	toxicBegins = []evidence.Type{
		access.EventGrantGranted, access.EventGrantBootstrapped, access.EventGrantBroken, access.EventGrantReviewed,
		access.EventExceptionGranted, access.EventExceptionEnded, access.EventExceptionExpired,
	}
	toxicPolicies = []evidence.Type{access.EventPolicyAdopted, access.EventPolicyActivated}
)

func toxicTypes() []evidence.Type {
	return append(append(append([]evidence.Type{}, toxicEnds...), toxicBegins...), toxicPolicies...)
}

// toxicChanged looks at the person whom a change was about, or at everybody
// where it was about the policies.
func toxicChanged(ctx context.Context, a *App, _ command.Key, h command.Happened) error {
	return a.searchToxic(ctx, h.About(core.KindStaff))
}

// watchToxic looks at everybody: roles also begin by the clock.
func (a *App) watchToxic(ctx context.Context) error { return a.searchToxic(ctx, "") }

// searchToxic raises one finding for each toxic combination that somebody
// holds without an exception, and closes those of which the log proves that it
// is held no more, or that an exception covers it.
func (a *App) searchToxic(ctx context.Context, who core.Ref) error {
	r := a.Store.Reader()
	held, err := a.Domains.Policy.HeldAt(ctx, r, who, a.Clock.Now())
	if err != nil {
		return err
	}
	waiting, err := cases.Waiting(ctx, r, cases.KindToxic, who)
	errs := []error{err}
	known := map[string]bool{}
	for i := range waiting {
		f := &waiting[i]
		place, _, _ := strings.Cut(f.External, "#")
		known[string(f.Subject)+"|"+place] = true
		errs = append(errs, a.settleToxic(ctx, f, place, held))
	}
	for _, x := range held {
		if x.Exception == "" && !known[string(x.Holder)+"|"+x.Place()] {
			errs = append(errs, a.raiseToxic(ctx, x))
		}
	}
	return errors.Join(errs...)
}

// raiseToxic raises a finding; what was found before and is held again is
// counted on.
func (a *App) raiseToxic(ctx context.Context, x access.Held) error {
	n, err := cases.Times(ctx, a.Store.Reader(), cases.KindToxic, x.Holder, x.Place())
	if err != nil {
		return err
	}
	return a.found(ctx, cases.RaiseFinding{Kind: cases.KindToxic, Entity: x.Home(), About: x.Holder, External: x.Place() + "#" + strconv.Itoa(n+1)})
}

// settleToxic closes a finding when there is proof.
func (a *App) settleToxic(ctx context.Context, f *cases.Finding, place string, held []access.Held) error {
	in := cases.SettleFinding{Finding: f.ID, State: cases.FindingReversed}
	about, types, since := f.Subject, toxicEnds, f.Raised
	for _, x := range held {
		switch {
		case x.Holder != f.Subject || x.Place() != place:
			continue
		case x.Exception == "":
			return nil // it is held still
		}
		in.State, about, types, since = cases.FindingExplained, x.Exception, []evidence.Type{access.EventExceptionGranted}, 0
	}
	proof, err := a.newest(ctx, about, types, since)
	if err == nil && proof == "" {
		proof, err = a.newest(ctx, "", toxicPolicies, since)
	}
	if err != nil || proof == "" {
		return err // what ended by the clock is not recorded yet: its event brings us back
	}
	in.Proof = []string{proof}
	_, err = a.Road.Run(ctx, evidence.Actor{Ref: access.SysFindings}, "", in)
	return ignore(err, "finding-resolved")
}

// newest is the last event of some types about a record since a moment.
func (a *App) newest(ctx context.Context, about core.Ref, types []evidence.Type, since core.Instant) (string, error) {
	f := evidence.Filter{From: since, Scope: store.True}
	if about != "" {
		f.Refs = []core.Ref{about}
	}
	for _, t := range types {
		f.Types = append(f.Types, t.Name)
	}
	found, err := a.Log.Find(ctx, a.Store.Reader(), f, core.PageRequest{Limit: 1})
	if err != nil || len(found.Rows) == 0 {
		return "", err
	}
	return found.Rows[0].ID, nil
}
