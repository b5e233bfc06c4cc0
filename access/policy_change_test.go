package access

import (
	"context"
	"slices"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// authored is the firm with the commands of policies, deciding by them, and
// the one who agrees.
type authored struct {
	PolicyDeps
	senior evidence.Actor
}

func author(f *firm) authored {
	a, err := NewAuthorizer()
	if err != nil {
		f.t.Fatal(err)
	}
	d := PolicyDeps{Policies: a, Registry: f.Road.Registry, Log: f.Road.Log, Tables: map[core.Kind]string{
		core.KindGrant: "role_grant", core.KindStaff: "staff", core.KindProposal: "proposal",
	}}
	RegisterPolicies(f.Road.Registry, a)
	RegisterPolicyChange(f.Road.Registry, d)
	f.Road.Policy = a
	if err := a.Adopt(context.Background(), f.Road); err != nil {
		f.t.Fatal(err)
	}
	out := authored{d, f.hire("agrees", Group)}
	f.bootstrap(out.senior, SeniorCompliance, Group)
	return out
}

// narrowed takes the listing of colleagues from compliance.
const narrowed = `// FILE house.cedar
// Compliance looks nobody up.
@id("house.no-lists")
forbid (principal in Role::"compliance", action == Action::"access.staff.list", resource);
`

func (f *firm) draft(base, text string, removes ...string) DraftPolicies {
	return DraftPolicies{Text: text, Removes: removes, Base: base, Reason: "policy-review", Words: "The yearly review of what each role needs."}
}

// setNow is the hash of the set that decides now.
func setNow(f *firm, d authored) string {
	now, err := d.Policies.InForce(context.Background(), f.Road.Store.Reader())
	if err != nil {
		f.t.Fatal(err)
	}
	return now.SetHash()
}

// activate drafts, proposes and approves.
func (f *firm) activate(d authored, text string, removes ...string) (draft core.Ref, event string) {
	f.t.Helper()
	root := f.root
	out := f.Do(root, f.draft(setNow(f, d), text, removes...))
	v := ask(f, f.root, ViewPolicyDraftQuery(d.PolicyDeps), ViewPolicyDraft{Draft: out.Subject})
	p := f.Do(root, ActivatePolicies{Draft: out.Subject, Hash: v.Hash})
	if p.State != command.StateProposed {
		f.t.Fatalf("policies came into force without anybody's agreement: %+v", p)
	}
	done, err := f.decide(d.senior, p.Proposal)
	if err != nil || done.State != command.StateDone {
		f.t.Fatalf("%+v, %v", done, err)
	}
	return out.Subject, done.Event
}

func TestAFirmChangesItsPoliciesWithTwoPeople(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		d := author(f)
		f.grant(f.ana, Compliance, "en_cy", 10*day)
		before := setNow(f, d)
		ask(f, f.ana, ListStaffQuery, ListStaff{})
		draft, event := f.activate(d, narrowed)
		now := setNow(f, d)
		if now == before {
			t.Fatal("the old policies still decide")
		}
		if _, err := command.Ask(context.Background(), f.Road, f.ana, ListStaffQuery, ListStaff{}); core.AsFault(err) == nil || core.AsFault(err).Kind != core.Denied {
			t.Errorf("what the new policies forbid is done: %v", err)
		}
		rec, err := evidence.Get(context.Background(), f.Road.Store.Reader(), event)
		if err != nil || !strings.Contains(rec.Changes, "house.no-lists") || rec.Type != EventPolicyActivated.Name {
			t.Errorf("the event of the activation does not hold the text: %v, %v", rec, err)
		}
		list := ask(f, f.root, ListPoliciesQuery(d.PolicyDeps), ListPolicies{})
		if len(list.Versions) != 1 || list.Set != now || len(list.Drafts) != 0 {
			t.Fatalf("versions: %+v", list)
		}
		v := list.Versions[0]
		if v.Number != 1 || v.Maker != f.root.Ref || len(v.Approvers) != 1 || v.Approvers[0] == v.Maker || v.Event != event || v.Draft != draft ||
			len(v.Changes) != 1 || v.Changes[0].Blocks[0].ID != "house.no-lists" {
			t.Errorf("version 1: %+v", v)
		}
		// Point in time: each moment is answered by the set of then.
		past := ViewPastQuery(f.Road, d.Policies)
		x := ask(f, f.root, past, ViewPast{Staff: f.ana.Ref, Entity: "en_cy"})
		if x.Policies != now || len(find(x.Rights.May, "access.staff.list")) != 0 || len(x.Doubt) != 0 {
			t.Errorf("now: %s, %v", x.Policies, x.Doubt)
		}
		if x := ask(f, f.root, past, ViewPast{Staff: f.ana.Ref, Entity: "en_cy", At: v.Starts - 1}); x.Policies != before {
			t.Errorf("just before: %s, want %s", x.Policies, before)
		}
		if x := ask(f, f.root, past, ViewPast{Staff: f.ana.Ref, Entity: "en_cy", At: v.Starts + 100}); x.Policies != now {
			t.Errorf("at the activation: %s, want %s", x.Policies, now)
		}
		role := ask(f, f.root, ViewRoleQuery(f.Road, d.Policies), ViewRole{Role: Compliance, OtherSet: before})
		if len(find(role.Compare.More, "access.staff.list")) != 1 || role.Set != now {
			t.Errorf("what compliance had before: %+v", role.Compare)
		}
		f.activate(d, "", "house.cedar") // back again: a set that was in force once
		if setNow(f, d) != before {
			t.Error("without the firm's file the program's policies decide")
		}
	})
}

func TestPolicyDraftsThatAreRefused(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		d := author(f)
		base, root := setNow(f, d), f.root
		file := func(text string) string { return "// FILE house.cedar\n" + text + "\n" }
		for name, c := range map[string]struct {
			in   DraftPolicies
			code string
			want string
		}{
			"misspelt role":   {f.draft(base, file("@id(\"h\") forbid (principal in Role::\"suport\", action, resource);")), "policies-do-not-validate", `house.cedar line 1, policy "h": there is no Role "suport"`},
			"not Cedar":       {f.draft(base, file("forbid (")), "policies-do-not-validate", "house.cedar"},
			"no id":           {f.draft(base, file("forbid (principal is Staff, action, resource);")), "policies-do-not-validate", "no @id"},
			"a wall's id":     {f.draft(base, file("@id(\"walls.maker-checker\") forbid (principal is Staff, action, resource is Job);")), "policies-do-not-validate", "too"},
			"the parts":       {f.draft(base, file("@id(\"h\") permit (principal, action, resource);")), "policies-do-not-validate", "could reach the program's own parts"},
			"parts by detour": {f.draft(base, file("@id(\"h\") forbid (principal, action, resource is Job) when { resource.id == \"x\" || principal in Role::\"support\" };")), "policies-do-not-validate", "could reach the program's own parts"},
			"nothing":         {f.draft(base, "// FILE own.cedar\n"+string(filesOf(authorizer(t).set.text)["own.cedar"])), "nothing-changed", "in force"},
			"others":          {f.draft(strings.Repeat("0", 64), narrowed), "others-in-force", "Other policies"},
			"no more changes": {f.draft(base, "", "policies.cedar"), "", "Nobody could change the policies again"},
			"no more grants":  {f.draft(base, file("@id(\"h\") forbid (principal is Staff, action == Action::\"access.grant.request\", resource);")), "locks-out", "Nobody could give roles"},
			"both sides":      {f.draft(base, file("@id(\"h\") permit (principal in Role::\"senior_compliance\", action in [Action::\"access.policy.draft\", Action::\"access.policy.activate\"], resource is PolicySet);")), "", "could write policies and agree to them"},
			"no approver":     {f.draft(base, "", "rules.cedar", "approvals.cedar"), "nobody-could-approve", "whom the policies do not let approve it"},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := f.Road.Run(context.Background(), root, "", c.in)
				fault := core.AsFault(err)
				if err == nil || fault == nil || c.code != "" && fault.Code != c.code || !strings.Contains(fault.Text, c.want) {
					t.Fatalf("got %v, want %s about %q", err, c.code, c.want)
				}
			})
		}
		for name, in := range map[string]DraftPolicies{
			"a wall":    f.draft(base, "// FILE walls.cedar\n@id(\"x\") forbid (principal is Staff, action, resource is Job);"),
			"a path":    f.draft(base, "// FILE ../x.cedar\n@id(\"x\") forbid (principal is Staff, action, resource is Job);"),
			"the parts": f.draft(base, "", "system.cedar"),
			"nothing":   f.draft(base, ""),
		} {
			if err := in.Validate(); err == nil {
				t.Errorf("%s: taken", name)
			}
		}
	})
}

// The program's walls hold whatever a firm permits.
func TestAFirmsSetOnlyNarrowsTheFloor(t *testing.T) {
	a := authorizer(t)
	wide, err := a.withFirm([]byte(`// FILE wide.cedar
@id("wide") permit (principal is Staff, action, resource);
@id("wide.clients") permit (principal is Client, action, resource);`))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range permissions(t) {
		if !p.may && wide.rule(p.who(t), p.act, p.record(t, wide)).Allow {
			t.Errorf("%s: %s %s", p.role, p.act, p.words)
		}
	}
	for ref := range systemMay {
		for _, act := range wide.Actions() {
			got := wide.rule(part(ref), act, typical(t, wide, act))
			if was := a.rule(part(ref), act, typical(t, a, act)); got.Allow != was.Allow || !slices.Equal(got.Policies, was.Policies) {
				t.Errorf("%s may %s: %v", ref, act, got.Policies)
			}
		}
	}
	mine := filesOf(a.set.text)
	mine["walls.cedar"] = []byte("// none\n")
	set, err := loadFirm(filesOf(a.set.text), mine)
	if err != nil || set.hash != a.set.hash {
		t.Errorf("a firm's set that brings walls of its own: %v", err)
	}
	for _, p := range a.set.policies {
		if file := p.cedar.Position().Filename; !isFloor(file) && !forPeople(p.ast) {
			t.Errorf("%s in %s reaches the program's own parts: put it into a file system-….cedar, which belongs to the floor", p.id, file)
		} else if file == "walls.cedar" && !p.forbid {
			t.Errorf("%s is a permit among the walls", p.id)
		}
	}
}

func TestWhoWritesPoliciesAgreesToNone(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		d := author(f)
		root, senior := f.root, d.senior
		out := f.Do(root, f.draft(setNow(f, d), narrowed))
		hash := ask(f, f.root, ViewPolicyDraftQuery(d.PolicyDeps), ViewPolicyDraft{Draft: out.Subject}).Hash
		if _, err := f.Road.Run(context.Background(), evidence.Actor{Ref: f.root.Ref}, "", ActivatePolicies{out.Subject, hash}); !core.IsFault(err, "step-up-needed") {
			t.Errorf("without a second factor: %v", err)
		}
		f.refused(f.second, ActivatePolicies{out.Subject, hash}, "not-your-draft")
		if _, err := f.Road.Run(context.Background(), senior, "", ActivatePolicies{out.Subject, hash}); core.AsFault(err) == nil || core.AsFault(err).Kind != core.Denied {
			t.Errorf("who agrees asks: %v", err)
		}
		f.refused(root, ActivatePolicies{out.Subject, strings.Repeat("0", 64)}, "other-draft")
		one := f.Do(root, ActivatePolicies{out.Subject, hash})
		for _, who := range []evidence.Actor{root, f.second} {
			if _, err := f.decide(who, one.Proposal); core.AsFault(err) == nil || core.AsFault(err).Kind != core.Denied {
				t.Errorf("an administrator agreed: %v", err)
			}
		}
		// While it waits, another comes into force: what was tried is no more.
		f.activate(d, strings.ReplaceAll(narrowed, "house", "other"))
		if _, err := f.decide(senior, one.Proposal); err != nil {
			t.Fatal(err)
		}
		p, _ := command.GetProposal(context.Background(), f.Road.Store.Reader(), one.Proposal)
		if p.Outcome != "others-in-force" {
			t.Errorf("the older draft ended as %q", p.Outcome)
		}
	})
}

func TestADraftIsTriedOnThePast(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		d := author(f)
		f.grant(f.ana, Compliance, "en_cy", 10*day)
		f.Clock.Advance(day / 24)
		for range 3 {
			ask(f, f.ana, ListStaffQuery, ListStaff{})
		}
		f.grant(f.ben, Support, "en_cy", 10*day)
		f.Clock.Advance(day / 24)
		ask(f, f.ben, ViewStaffQuery, ViewStaff{Staff: f.ben.Ref})
		try := func(text string) Trial {
			out := f.Do(f.root, f.draft(setNow(f, d), text))
			return ask(f, f.root, TryPoliciesQuery(d.PolicyDeps), TryPolicies{Draft: out.Subject})
		}
		got := try(narrowed)
		if got.Tried < 6 || len(got.Differs) != 1 {
			t.Fatalf("tried %d, unknown %d: %+v", got.Tried, got.Unknown, got.Differs)
		}
		x := got.Differs[0]
		if x.Action != "access.staff.list" || x.Times != 3 || !x.Was.Allow || x.Becomes.Allow || !slices.Equal(x.Becomes.Policies, []string{"house.no-lists"}) || !slices.Equal(x.People, []core.Ref{f.ana.Ref}) {
			t.Errorf("%+v", x)
		}
		masks := try("// FILE house.cedar\n@id(\"house.blind\") forbid (principal in Role::\"compliance\", action == Action::\"see.personal\", resource);\n")
		if len(masks.Differs) != 1 || !masks.Differs[0].Becomes.Allow || slices.Equal(masks.Differs[0].Was.Sees, masks.Differs[0].Becomes.Sees) {
			t.Errorf("masks: %+v", masks)
		}
		if same := try("// FILE house.cedar\n@id(\"house.words\") forbid (principal in Role::\"ib_manager\", action == Action::\"jobs.dead.list\", resource);\n"); len(same.Differs) != 0 || !strings.HasPrefix(same.Sentence(), "0 of ") {
			t.Errorf("nothing of it happened: %+v", same)
		}
	})
}

// Two nodes decide by the same version from the moment of its activation; a
// program that brings another floor puts the firm's files on it.
func TestTwoNodesAndAnUpgrade(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		d := author(f)
		other, err := NewAuthorizer()
		if err != nil {
			t.Fatal(err)
		}
		f.activate(d, narrowed)
		there, err := other.InForce(context.Background(), f.Road.Store.Reader())
		if err != nil || there.SetHash() != setNow(f, d) {
			t.Errorf("the other node decides by %v, %v", there, err)
		}
		files := filesOf(authorizer(t).set.text)
		files["walls.cedar"] = append(files["walls.cedar"], []byte("\n@id(\"walls.new\") forbid (principal in Role::\"ib_manager\", action == Action::\"jobs.dead.list\", resource);\n")...)
		files["support.cedar"] = append(files["support.cedar"], []byte("\n// New words.\n")...)
		set, err := loadPolicies(files)
		if err != nil {
			t.Fatal(err)
		}
		upgraded := &Authorizer{set: set, toxic: other.toxic, firm: &firmSets{by: map[core.Ref]*Authorizer{}}}
		f.Road.Policy = upgraded
		f.tick()
		reg := command.NewRegistry()
		Register(reg, nil, upgraded)
		RegisterPolicies(reg, upgraded)
		f.Road.Registry = reg
		if err := upgraded.Adopt(context.Background(), f.Road); err != nil {
			t.Fatal(err)
		}
		now, _ := upgraded.InForce(context.Background(), f.Road.Store.Reader())
		text := string(now.set.text)
		if !strings.Contains(text, "walls.new") || !strings.Contains(text, "house.no-lists") || strings.Contains(text, "New words") {
			t.Error("the firm's files do not stand on the new floor")
		}
		if kept, err := other.PolicyText(context.Background(), f.Road.Store.Reader(), now.SetHash()); err != nil || string(kept) != text {
			t.Errorf("the set that decides is not kept: %v", err)
		}
		d.Policies = upgraded
		list := ask(f, f.root, ListPoliciesQuery(d.PolicyDeps), ListPolicies{})
		if !list.Behind {
			t.Errorf("nobody is told that the program brings others: %+v", list)
		}
		edit := ask(f, f.root, EditPoliciesQuery(d.PolicyDeps), EditPolicies{Program: true})
		if i := slices.IndexFunc(edit.Files, func(x PolicyFile) bool { return x.Name == "support.cedar" }); !strings.Contains(edit.Files[i].Text, "New words") || edit.Files[i].Merge {
			t.Errorf("what only the program changed: %+v", edit.Files[i])
		}
	})
}
