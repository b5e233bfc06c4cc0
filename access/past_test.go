package access

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

func (f *firm) past(a evidence.Actor, in ViewPast) PastView {
	f.t.Helper()
	return ask(f, a, ViewPastQuery(f.Road, authorizer(f.t)), in)
}

func find(rights []Right, act command.Action) []Right {
	var out []Right
	for _, r := range rights {
		if r.Action == act {
			out = append(out, r)
		}
	}
	return out
}

// What somebody could do is told from the log: after the grant ended, with its
// maker and its approver, and as it was before it was given.
func TestThePastIsToldFromTheLog(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		before := f.Clock.Now()
		f.tick()
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		during := f.Clock.Now()
		f.tick()
		f.Do(f.senior, RevokeGrant{Grant: g.ID, Reason: "mover", Words: "Changes teams."})
		f.tick()
		f.Do(f.root, DeactivateStaff{Staff: f.ana.Ref, Words: "Left the firm."})
		f.tick()

		v := f.past(f.senior, ViewPast{Staff: f.ana.Ref, Entity: "en_cy", At: during})
		if len(v.Grants) != 1 || !v.Grants[0].InForce || v.Grants[0].Maker != f.root.Ref || !slices.Equal(v.Grants[0].Approvers, []core.Ref{f.second.Ref}) ||
			v.Grants[0].Rule != grantRule || v.Grants[0].Event == "" || v.Grants[0].Ended != "" || v.Why != "" || !v.Active {
			t.Fatalf("during: %+v", v)
		}
		may := find(v.Rights.May, "clients.client.view")
		if len(may) != 1 || may[0].When != "" || !slices.Equal(may[0].Roles, []Role{Support}) || may[0].Policies[0] != "support.clients" && !strings.HasPrefix(may[0].Policies[0], "support.") {
			t.Errorf("viewing clients: %+v", may)
		}
		if own := find(v.Rights.May, "access.password.set"); len(own) != 1 || own[0].When != "their own" || len(own[0].Roles) != 0 {
			t.Errorf("own password: %+v", own)
		}
		if not := find(v.Rights.MayNot, "onboarding.application.decide"); len(not) == 0 {
			t.Error("support could decide applications")
		}
		for _, class := range []command.Action{"see.identity", "see.bank"} {
			if got := find(v.Rights.Sees, class); len(got) != 0 {
				t.Errorf("support saw %s: %+v", class, got)
			}
			if len(find(v.Rights.Masked, class)) == 0 {
				t.Errorf("%s is not told as masked", class)
			}
		}
		for name, at := range map[string]core.Instant{"before": before, "after": f.Clock.Now()} {
			v := f.past(f.senior, ViewPast{Staff: f.ana.Ref, Entity: "en_cy", At: at})
			if len(find(v.Rights.May, "clients.client.view")) != 0 || v.Active != (name == "before") {
				t.Errorf("%s: %+v", name, v)
			}
			if name == "after" && (v.Grants[0].State != Revoked || v.Grants[0].Ended == "" || len(v.Rights.May) != 0) {
				t.Errorf("after: %+v", v.Grants)
			}
		}
	})
}

// The way through the walls is the same as for grants: nothing of another
// entity, nothing of the group for who may not see it, nothing of tomorrow.
func TestThePastEndsAtTheWall(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.grant(f.ben, Support, "en_uk", 10*day)
		q := ViewPastQuery(f.Road, authorizer(t))
		for _, c := range []struct {
			who  evidence.Actor
			in   ViewPast
			code string
		}{
			{f.senior, ViewPast{Staff: f.ben.Ref, Entity: "en_uk"}, command.ErrHidden.Code},
			{f.senior, ViewPast{Staff: f.ben.Ref, Entity: "en_cy"}, command.ErrHidden.Code}, // never there
			{f.senior, ViewPast{Staff: "st_06zzzzzzzzzzzzzzzzzz1", Entity: "en_cy"}, command.ErrHidden.Code},
			{f.senior, ViewPast{Staff: f.ana.Ref, Entity: "en_nowhere"}, command.ErrHidden.Code},
			{f.senior, ViewPast{Staff: f.ana.Ref, Entity: "en_cy", At: f.Clock.Now().Add(day)}, "invalid"},
			{f.senior, ViewPast{Staff: f.ana.Ref}, "invalid"},
			{f.senior, ViewPast{Staff: "cl_06zzzzzzzzzzzzzzzzzz1", Entity: "en_cy"}, "invalid"},
			{f.ana, ViewPast{Staff: f.senior.Ref, Entity: "en_cy"}, command.ErrHidden.Code},
		} {
			_, err := command.Ask(context.Background(), f.Road, c.who, q, c.in)
			if got := core.AsFault(err); got == nil || c.code == "invalid" && got.Kind != core.Invalid || c.code != "invalid" && got.Code != c.code {
				t.Errorf("%+v: %v, want %s", c.in, err, c.code)
			}
		}
		local := f.past(f.senior, ViewPast{Staff: f.senior.Ref, Entity: "en_cy"})
		if !local.NotActs == (len(local.Acts) == 0) && local.GroupHidden {
			t.Errorf("one's own: %+v", local)
		}
		if v := f.past(f.ben, ViewPast{Staff: f.ben.Ref, Entity: "en_uk"}); len(v.Grants) != 1 || !v.NotActs {
			t.Errorf("ben about himself: %+v", v)
		}
		f.bootstrap(f.ana, Auditor, Group)
		f.tick()
		if v := f.past(f.senior, ViewPast{Staff: f.ana.Ref, Entity: "en_cy"}); !v.GroupHidden || len(find(v.Rights.May, "access.staff.list")) != 0 {
			t.Errorf("the group's grants are told: %+v", v)
		}
		if v := f.past(f.root, ViewPast{Staff: f.ana.Ref, Entity: "en_cy"}); v.GroupHidden || len(find(v.Rights.May, "access.staff.list")) == 0 {
			t.Errorf("what the group's auditor may do here: %+v", v.Rights.May)
		}
	})
}

// older is the program's policies without one, as an earlier release had them.
func older(t *testing.T, without string) *policySet {
	t.Helper()
	files := fstest.MapFS{}
	names, _ := fs.Glob(policyFiles, "policies/*")
	for _, name := range names {
		text, err := policyFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		body := string(text)
		if i := strings.Index(body, `@id("`+without+`")`); i >= 0 {
			body = body[:i] + body[i+strings.Index(body[i:], ";")+1:]
		}
		files[strings.TrimPrefix(name, "policies/")] = &fstest.MapFile{Data: []byte(body)}
	}
	set, err := loadPolicies(files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// The answer is that of the policies of then: a later release that allows more
// changes nothing about what was.
func TestThePastIsDecidedByThePoliciesOfThen(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		now := authorizer(t)
		program := &Authorizer{set: older(t, "support.cases")}
		if program.SetHash() == now.SetHash() {
			t.Fatal("there is no policy support.cases to leave out")
		}
		RegisterPolicies(f.Road.Registry, program)
		f.Road.Policy = program
		f.tick()
		if err := program.Adopt(context.Background(), f.Road); err != nil {
			t.Fatal(err)
		}
		f.grant(f.ana, Support, "en_cy", 10*day)
		then := f.Clock.Now()
		f.tick()
		program.set = now.set
		if err := program.Adopt(context.Background(), f.Road); err != nil {
			t.Fatal(err)
		}
		f.tick()
		was := f.past(f.root, ViewPast{Staff: f.ana.Ref, Entity: "en_cy", At: then})
		is := f.past(f.root, ViewPast{Staff: f.ana.Ref, Entity: "en_cy"})
		if was.Policies == is.Policies || len(find(was.Rights.May, "cases.case.open")) != 0 || len(find(is.Rights.May, "cases.case.open")) == 0 {
			t.Fatalf("then %s %v, now %s %v", was.Policies, find(was.Rights.May, "cases.case.open"), is.Policies, find(is.Rights.May, "cases.case.open"))
		}
		if len(was.Doubt) != 0 || was.Decision == "" {
			t.Errorf("doubts: %v", was.Doubt)
		}
		a := &Authorizer{set: now.set}
		if _, why, err := a.kept(context.Background(), f.Road.Store.Reader(), was.Policies, "cedar-go/0.1"); err != nil || !strings.Contains(why, "cedar-go/0.1") {
			t.Errorf("another engine: %q, %v", why, err)
		}
		if _, why, err := a.kept(context.Background(), f.Road.Store.Reader(), strings.Repeat("0", 64), engine); err != nil || !strings.Contains(why, "not kept") {
			t.Errorf("unknown policies: %q, %v", why, err)
		}
	})
}

// A kept change document that somebody edited does not count, and is named.
func TestAnEditedPastIsNamed(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		p := &past{at: f.Clock.Now()}
		for _, rec := range f.Events(f.ana.Ref) {
			if rec.Type == EventGrantGranted.Name {
				rec.Changes = strings.ReplaceAll(rec.Changes, `"support"`, `"system_admin"`)
			}
			if rec.Type == EventStaffCreated.Name || rec.Type == EventGrantGranted.Name {
				if err := p.add(&rec, f.ana.Ref); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(p.altered) != 1 || len(p.grants) != 0 || !p.active {
			t.Fatalf("%+v after %s was edited", p, g.ID)
		}
	})
}

// asked is one answer that the road's policy gave at a moment.
type asked struct {
	who    core.Ref
	entity core.Ref
	at     core.Instant
	allow  map[command.Action]bool
}

// For random histories of grants, expiries, revocations and departures, what
// is told about a moment later is what was decided at that moment: for every
// act of the catalogue, and for every command that was really run.
func TestWhatIsToldOfAMomentIsWhatWasDecidedThen(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		for seed := range uint64(2) {
			f.history(rand.New(rand.NewPCG(seed, 7)))
		}
	})
}

func (f *firm) history(rnd *rand.Rand) {
	f.t.Helper()
	people := []evidence.Actor{f.hire(fmt.Sprintf("p%d", rnd.Uint32()), "en_cy"), f.ana, f.ben}
	places := []core.Ref{"en_cy", "en_uk", Group}
	var grants []core.Ref
	var answers []asked
	acts := authorizer(f.t).Actions()
	for range 20 {
		f.step(rnd, people, places, &grants)
		f.Clock.Advance(time.Duration(1+rnd.IntN(6)) * time.Hour)
		x := asked{who: people[rnd.IntN(len(people))].Ref, entity: places[rnd.IntN(2)], at: f.Clock.Now(), allow: map[command.Action]bool{}}
		for _, act := range acts {
			res := typical(f.t, authorizer(f.t), act)
			res.Entity = x.entity
			r, err := f.Road.Policy.Authorize(context.Background(), f.Road.Store.Reader(), actor(x.who), act, res, x.at)
			if err != nil {
				f.t.Fatal(err)
			}
			x.allow[act] = r.Allow
		}
		answers = append(answers, x)
		f.tick()
	}
	f.Clock.Advance(time.Hour)
	for _, x := range answers {
		f.compare(x)
	}
	for _, who := range people {
		f.compareRun(who)
	}
}

// step does one random thing; much of it is refused, and that is fine.
func (f *firm) step(rnd *rand.Rand, people []evidence.Actor, places []core.Ref, grants *[]core.Ref) {
	ctx := context.Background()
	who := people[rnd.IntN(len(people))]
	switch rnd.IntN(8) {
	case 0, 1, 2:
		in := f.request(who, Roles[rnd.IntN(len(Roles))], places[rnd.IntN(len(places))], time.Duration(4+rnd.IntN(60))*time.Hour)
		if rnd.IntN(3) == 0 {
			in.From = f.Clock.Now().Add(time.Duration(rnd.IntN(30)) * time.Hour)
		}
		out, err := f.Road.Run(ctx, f.root, "", in)
		if err == nil && out.Proposal != "" {
			if done, err := f.decide(f.second, out.Proposal); err == nil && done.Subject.Kind() == core.KindGrant {
				*grants = append(*grants, done.Subject)
			}
		}
	case 3:
		if len(*grants) > 0 {
			_, _ = f.Road.Run(ctx, f.root, "", RevokeGrant{Grant: (*grants)[rnd.IntN(len(*grants))], Reason: "risk", Words: "Not needed any more."})
		}
	case 4:
		due, err := DueGrants(ctx, f.Road.Store.Reader(), f.Clock.Now())
		if err == nil && len(due) > 0 {
			_, _ = f.Road.Run(ctx, clock, "", ExpireGrant{Grant: due[0]})
		}
	case 5, 6: // somebody tries something with the rights of the moment
		_, _ = f.Road.Run(ctx, who, "", f.request(f.senior, Support, places[rnd.IntN(2)], day))
	case 7:
		if rnd.IntN(6) == 0 && who.Ref != f.ana.Ref && who.Ref != f.ben.Ref {
			_, _ = f.Road.Run(ctx, f.root, "", DeactivateStaff{Staff: who.Ref, Words: "Left the firm."})
		}
	}
}

// compare holds what is told now against what was answered then.
func (f *firm) compare(x asked) {
	f.t.Helper()
	ctx, a := context.Background(), authorizer(f.t)
	var p *past
	err := f.Road.Store.Snapshot(ctx, func(r store.Reader) (err error) {
		p, err = pastOf(ctx, r, f.Road.Log, x.who, x.at)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	who := p.principal(x.who, true)
	told := asking{a, f.Road.Registry, who, x.entity}.rights()
	for act, allowed := range x.allow {
		res := typical(f.t, a, act)
		res.Entity = x.entity
		if got := a.rule(who, act, res); got.Allow != allowed {
			f.t.Fatalf("%s of %s at %s: then %v, told %v", act, x.who, x.at, allowed, got)
		}
		list := append(find(told.May, act), find(told.Sees, act)...)
		always := slices.ContainsFunc(list, func(r Right) bool {
			return r.When == "" && slices.Contains(r.On, string(kinds[res.Kind]))
		})
		some := slices.ContainsFunc(list, func(r Right) bool { return slices.Contains(r.On, string(kinds[res.Kind])) })
		if f.Road.Registry.OnlySystem(act) {
			continue
		}
		if always && !allowed || allowed && !some {
			f.t.Fatalf("%s of %s at %s: then %v, told %+v", act, x.who, x.at, allowed, list)
		}
	}
}

// compareRun holds every recorded decision about a person's own commands
// against what is told of its moment.
func (f *firm) compareRun(who evidence.Actor) {
	f.t.Helper()
	tried := 0
	for _, rec := range f.Events(who.Ref) {
		told, err := rec.View()
		if err != nil {
			f.t.Fatal(err)
		}
		if rec.Actor != who.Ref || told.Metadata.Action != string(RequestGrant{}.Action()) {
			continue
		}
		tried++
		entity := rec.Entity
		if entity == "" {
			entity = Group
		}
		v := f.past(f.root, ViewPast{Staff: who.Ref, Entity: entity, At: rec.At})
		allowed := told.Policy.Effect == "permit"
		if got := len(find(v.Rights.May, RequestGrant{}.Action())) > 0; got != allowed {
			f.t.Fatalf("%s was %s at %s, told %v", told.Metadata.Action, told.Policy.Effect, rec.At, got)
		}
		if !slices.ContainsFunc(v.Acts, func(a PastAct) bool { return a.Event == rec.ID }) && !v.NotActs {
			f.t.Errorf("the act %s is not among those of its day: %+v", rec.ID, v.Acts)
		}
	}
	f.t.Logf("%d commands of %s compared", tried, who.Ref)
}
