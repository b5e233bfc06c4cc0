package cases_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vouchsafe/cases"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// subjects is the port that tells entities.
type subjects map[core.Ref]core.Ref

func (s subjects) EntityOf(_ context.Context, _ store.Reader, ref core.Ref) (core.Ref, error) {
	return s[ref], nil
}

// anybodyBut lets everybody own cases but one.
type anybodyBut core.Ref

func (x anybodyBut) MayOwn(_ context.Context, _ store.Reader, who core.Ref, _ command.Resource) (bool, error) {
	return who != core.Ref(x), nil
}

func each(t *testing.T, fn func(t *testing.T, r *commandtest.Rig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Parallel()
		reg := command.NewRegistry()
		command.RegisterOwn(reg)
		cases.Register(reg, subjects{"cl_ada": "en_cy", "cl_zoe": "en_bvi", "st_sue": "en_cy"}, anybodyBut("st_zoe"))
		command.Handle[enqueue, struct{}](reg, enqueueHandler{}, command.Doc{Title: "Enqueue", Kind: core.KindFinding})
		fn(t, commandtest.New(t, s, reg))
	})
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return core.AsFault(err).Code
}

func try(r *commandtest.Rig, a evidence.Actor, in command.Input) string {
	_, err := r.Road.Run(context.Background(), a, "", in)
	return code(err)
}

func fold(t *testing.T, r *commandtest.Rig) {
	t.Helper()
	ps, err := r.Road.Log.VerifyFold(context.Background(), r.Road.Store.Reader())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		t.Errorf("fold: %+v", p)
	}
}

func opening(mod func(*cases.OpenCase)) cases.OpenCase {
	in := cases.OpenCase{Type: cases.Complaint, About: "cl_ada", Title: "Canary says the swap was booked twice", Origin: "email", OriginRef: "<canary@mail.example>", OriginSum: strings.Repeat("ab", 32)}
	if mod != nil {
		mod(&in)
	}
	return in
}

func findings(t *testing.T, r *commandtest.Rig, a evidence.Actor, in cases.ListFindings) []cases.FindingView {
	t.Helper()
	p, err := command.Ask(context.Background(), r.Road, a, cases.ListFindingsQuery, in)
	if err != nil {
		t.Fatal(err)
	}
	return p.Rows
}

func waiting(t *testing.T, r *commandtest.Rig, a evidence.Actor) int {
	t.Helper()
	n, err := command.Ask(context.Background(), r.Road, a, cases.CountFindingsQuery, cases.CountFindings{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCaseFromOpenToClosed(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue, cara := r.Staff("sue", "support"), r.Staff("cara", "compliance")
		svc, ctx, rd := cases.Service{}, context.Background(), r.Road.Store.Reader()
		id := r.Do(sue, opening(nil)).Subject
		permits := func(want string, subjects ...core.Ref) {
			t.Helper()
			got := ""
			refusal, err := svc.Permits(ctx, rd, id, "platform.intervention.request", subjects...)
			if err != nil {
				t.Fatal(err)
			}
			if refusal != nil {
				got = refusal.Code
			}
			if got != want {
				t.Fatalf("permits says %q, want %q", got, want)
			}
		}
		permits("", "ta_1", "cl_ada")
		permits("case-wrong-subject", "cl_bob")
		if got := try(r, cara, cases.AssignCase{Case: id, Owner: "st_zoe"}); got != "owner-may-not-see" {
			t.Errorf("a case was given to somebody who may not see it: %q", got)
		}
		if got := try(r, cara, cases.AssignCase{Case: id, Owner: "cl_ada"}); got != "owner-not-staff" {
			t.Fatal(got)
		}
		r.Do(cara, cases.AssignCase{Case: id, Owner: "st_cara"})
		r.Do(cara, cases.CloseCase{Case: id, Outcome: "resolved", Words: "Swap was paid back."})
		permits("case-closed", "cl_ada")
		for _, in := range []command.Input{cases.CloseCase{Case: id, Outcome: "rejected", Words: "Once more."}, cases.AssignCase{Case: id, Owner: "st_sue"}} {
			if got := try(r, cara, in); got != "case-closed" {
				t.Fatalf("%s: %q", in.Action(), got)
			}
		}
		v, err := command.Ask(ctx, r.Road, cara, cases.ViewCaseQuery, cases.ViewCase{Case: id})
		if err != nil || v.Owner != "st_cara" || v.OpenedBy != "st_sue" || v.Outcome != "resolved" || v.MayClose || v.Title == "" {
			t.Fatalf("%+v, %v", v, err)
		}
		var got []string
		for _, e := range r.Events(id) {
			got = append(got, e.Type)
			if strings.Contains(e.Leaf+e.Changes, "anary") {
				t.Errorf("%s holds personal words in the clear", e.Type)
			}
		}
		want := "cases.case.opened command.run.refused command.run.refused cases.case.assigned cases.case.closed command.run.refused command.run.refused command.data.shown"
		if strings.Join(got, " ") != want {
			t.Errorf("events %v, want %s", got, want)
		}
		fold(t, r)
	})
}

func TestOpenCaseForm(t *testing.T) {
	for field, mod := range map[string]func(*cases.OpenCase){
		"type": func(o *cases.OpenCase) { o.Type = "gossip" }, "subject": func(o *cases.OpenCase) { o.About = "Ada" },
		"title": func(o *cases.OpenCase) { o.Title = "  x " }, "origin": func(o *cases.OpenCase) { o.Origin = "rumour" },
		"origin_ref": func(o *cases.OpenCase) { o.OriginRef = " " }, "origin_sha256": func(o *cases.OpenCase) { o.OriginSum = "AB" },
		"owner": func(o *cases.OpenCase) { o.Owner = "cl_ada" },
	} {
		f := core.AsFault(opening(mod).Validate())
		if f == nil || len(f.Fields) != 1 || f.Fields[0].Field != field {
			t.Errorf("%s: %+v", field, f)
		}
	}
	if err := opening(func(o *cases.OpenCase) { o.Origin, o.OriginRef, o.OriginSum = "internal", "", "" }).Validate(); err != nil {
		t.Error(err)
	}
	each(t, func(t *testing.T, r *commandtest.Rig) {
		if got := try(r, r.Staff("sue", "support"), opening(func(o *cases.OpenCase) { o.About = "cl_nobody" })); got != "no-such-record" {
			t.Fatal(got)
		}
	})
}

// A case that says little is found, and not by its opener put aside.
func TestEmptyReasonsAreFound(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue, cara := r.Staff("sue", "support"), r.Staff("cara", "compliance")
		good := r.Do(sue, opening(nil)).Subject
		other := r.Do(sue, opening(func(o *cases.OpenCase) { o.Type = cases.Other })).Subject
		r.Clock.Advance(time.Second)
		empty := r.Do(sue, opening(func(o *cases.OpenCase) { o.Title = "as discussed, ok" })).Subject
		fs := findings(t, r, cara, cases.ListFindings{State: cases.FindingOpen})
		if len(fs) != 2 || fs[0].Kind != "boilerplate-reason" || fs[0].Subject != empty || fs[1].Kind != "catch-all-case" || fs[1].Subject != other || !fs[0].MayResolve {
			t.Fatalf("%+v", fs)
		}
		in := cases.ResolveFinding{Finding: fs[0].ID, State: cases.FindingExplained, Case: good, Words: "The opener added the missing story."}
		if got := try(r, sue, in); got != "own-finding" {
			t.Fatal(got)
		}
		in.Case = empty
		if got := try(r, cara, in); got != "case-explains-itself" {
			t.Fatal(got)
		}
		in.Case = good
		r.Do(cara, in)
		fold(t, r)
	})
}

func TestFindingFromRaisedToExplained(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		cara, sue := r.Staff("cara", "compliance"), r.Staff("sue", "compliance")
		sys := evidence.Actor{Ref: "sys_findings"}
		raise := cases.RaiseFinding{Kind: "rogue-deal", Entity: "en_cy", About: "st_sue", External: "mt5-eu:deal/7", Text: "A deal of nobody."}
		id := r.Do(sys, raise).Subject
		if got := try(r, sys, raise); got != "finding-known" {
			t.Fatalf("one thing found twice: %q", got)
		}
		far := r.Do(cara, opening(func(o *cases.OpenCase) { o.About = "cl_zoe" })).Subject
		near := r.Do(cara, opening(nil)).Subject
		explain := cases.ResolveFinding{Finding: id, State: cases.FindingExplained, Case: near, Words: "Booked by hand in the outage of May."}
		for want, in := range map[string]cases.ResolveFinding{
			"case-unknown":   {Finding: id, State: cases.FindingReversed, Case: far, Words: explain.Words},
			"invalid-input":  {Finding: id, State: cases.FindingExplained, Words: explain.Words},
			"no-such-record": {Finding: "fi_none", State: cases.FindingEscalated, Words: explain.Words},
		} {
			if got := try(r, cara, in); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		if got := try(r, cara, cases.ResolveFinding{Finding: id, State: cases.FindingExplained, Case: near, Words: "as discussed, approved"}); got != "invalid-input" {
			t.Errorf("boilerplate explained it: %q", got)
		}
		if got := try(r, sue, explain); got != "own-finding" {
			t.Errorf("resolved by whom it is about: %q", got)
		}
		r.Do(cara, cases.ResolveFinding{Finding: id, State: cases.FindingEscalated, Words: "The head of dealing must look at this."})
		if fs := findings(t, r, cara, cases.ListFindings{About: "st_sue"}); len(fs) != 1 || fs[0].State != cases.FindingEscalated || !fs[0].MayResolve {
			t.Fatalf("%+v", fs)
		}
		if n := waiting(t, r, cara); n != 1 || len(findings(t, r, cara, cases.ListFindings{Waiting: true})) != 1 {
			t.Errorf("%d findings wait", n)
		}
		r.Do(cara, explain)
		if got := try(r, cara, explain); got != "finding-resolved" {
			t.Error(got)
		}
		fs := findings(t, r, cara, cases.ListFindings{})
		if len(fs) != 1 || fs[0].State != cases.FindingExplained || fs[0].Case != near || fs[0].ResolvedBy != "st_cara" || fs[0].MayResolve {
			t.Errorf("%+v", fs)
		}
		if n := waiting(t, r, cara); n != 0 {
			t.Errorf("%d findings wait", n)
		}
		if by, none := findings(t, r, cara, cases.ListFindings{Case: near}), findings(t, r, cara, cases.ListFindings{Case: far}); len(by) != 1 || len(none) != 0 || len(findings(t, r, cara, cases.ListFindings{Waiting: true})) != 0 {
			t.Errorf("explained by the case: %d, by the other: %d", len(by), len(none))
		}
		fold(t, r)
	})
}

func TestFindingTextIsMasked(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		r.Do(evidence.Actor{Ref: "sys_findings"}, cases.RaiseFinding{Kind: "rogue-deal", Entity: "en_cy", About: "cl_ada", Text: "A deal for Ada."})
		bare := r.Staff("bare", "auditor")
		r.Policy.Deny = func(_ core.Ref, act command.Action, _ command.Resource) bool {
			return act == "see.personal" || act == "cases.finding.resolve"
		}
		if fs := findings(t, r, bare, cases.ListFindings{}); len(fs) != 1 || fs[0].Text != "" || !fs[0].TextMasked || fs[0].MayResolve {
			t.Errorf("%+v", fs)
		}
	})
}

func TestListsArePaged(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue := r.Staff("sue", "support")
		var want, got []core.Ref
		for range 5 {
			r.Clock.Advance(time.Second)
			want = append(want, r.Do(sue, opening(nil)).Subject)
		}
		for in := (cases.ListCases{State: cases.StateOpen, About: "cl_ada", Page: core.PageRequest{Limit: 2}}); ; {
			p, err := command.Ask(context.Background(), r.Road, sue, cases.ListCasesQuery, in)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range p.Rows {
				got = append([]core.Ref{c.ID}, got...)
			}
			if in.Page.After = p.Next; p.Next == "" {
				break
			}
		}
		if len(got) != 5 || got[0] != want[0] || got[4] != want[4] {
			t.Errorf("paged %v of %v", got, want)
		}
	})
}

// A finding raised by a job comes once, in the words of its kind, however often
// the job is queued or runs.
func TestRaiseByJob(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		cara := r.Staff("cara", "compliance")
		q := jobs.NewQueue(jobs.Config{Store: r.Road.Store, Clock: r.Clock, Wall: r.Clock, Holder: "test", Entropy: core.SystemEntropy{}})
		cases.HandleJobs(q, r.Road)
		step := func() {
			t.Helper()
			r.Clock.Advance(time.Second)
			if _, err := q.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			r.Do(cara, enqueue{Args: "settings-drift|en_cy|cl_ada|mt5-eu:login/7/group/3"})
			r.Do(cara, enqueue{Args: "rogue-deal|en_cy||mt5-eu:deal/9"})
			step()
		}
		fs := findings(t, r, cara, cases.ListFindings{})
		if len(fs) != 2 {
			t.Fatalf("%+v", fs)
		}
		for _, f := range fs {
			if f.Text == "" || f.Severity != "critical" || f.Entity != "en_cy" {
				t.Errorf("%+v", f)
			}
		}
		r.Do(cara, enqueue{Args: "no-such-kind|en_cy|cl_ada|x"})
		r.Do(cara, enqueue{Args: "rogue-deal|en_cy"})
		step()
		dead, err := jobs.DeadLetters(context.Background(), r.Road.Store.Reader(), core.PageRequest{})
		if err != nil || len(dead.Rows) != 2 || len(findings(t, r, cara, cases.ListFindings{})) != 2 {
			t.Fatalf("%+v, %v", dead, err)
		}
		fold(t, r)
	})
}

// enqueue queues a raise, as a sweep of another domain does.
type enqueue struct {
	Args string `json:"args"`
}

func (enqueue) Action() command.Action { return "toy.finding.enqueue" }
func (enqueue) Subject() core.Ref      { return "cl_ada" }

var enqueued = evidence.Register("toy.finding.enqueued", evidence.APIActivity, "A finding was queued.")

type enqueueHandler struct{}

func (enqueueHandler) Load(context.Context, store.Reader, enqueue) (struct{}, command.Resource, error) {
	return struct{}{}, command.Resource{Kind: core.KindFinding, Entity: "en_cy"}, nil
}

func (enqueueHandler) Check(enqueue, struct{}, command.Moment) command.Verdict {
	return command.Proceed()
}

func (enqueueHandler) Apply(ctx context.Context, tx *command.Tx, in enqueue, _ struct{}) ([]evidence.Event, error) {
	err := tx.Enqueue(ctx, jobs.New{Kind: cases.JobRaise, Args: in.Args})
	return []evidence.Event{{Type: enqueued, Entity: "en_cy", Subjects: []core.Ref{"cl_ada"}}}, err
}

// What belongs to no legal entity stands in the group's log, as all group
// matters do.
func TestGroupFindingsStandInTheGroupsLog(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		id := r.Do(evidence.Actor{Ref: "sys_findings"}, cases.RaiseFinding{
			Kind: "deposit-unmatched", Entity: core.Group, External: "sandpay:dp_1", Text: "Money for nobody.",
		}).Subject
		if evs := r.Events(id); len(evs) != 1 || evs[0].Log != evidence.GroupLog || evs[0].Entity != "" {
			t.Errorf("%+v", evs)
		}
	})
}
