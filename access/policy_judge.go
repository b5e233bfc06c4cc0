package access

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// PolicyDeps are what changing policies needs of the others.
type PolicyDeps struct {
	Policies *Authorizer
	Registry *command.Registry
	Log      *evidence.Log
	// Tables are the tables in which the records of each kind stand whose columns
	// are declared (Columns): a trial reads there what policy sees of a record.
	Tables map[core.Kind]string
}

// RegisterPolicyChange adds the commands by which a firm changes its policies.
func RegisterPolicyChange(reg *command.Registry, d PolicyDeps) {
	command.Handle[DraftPolicies, drafting](reg, draftPolicies{d}, command.Doc{Title: "Draft policies", Kind: KindPolicySet, StepUp: true})
	command.Handle[ActivatePolicies, activating](reg, activatePolicies{d}, command.Doc{
		Title: "Put policies into force", Kind: KindPolicySet, StepUp: true, ApproveStepUp: true,
		Floor: "A senior compliance officer of the group agrees, who did not write them.", Approvers: []string{string(SeniorCompliance)},
	})
}

// judge loads a set on the program's floor, as it would decide, and collects
// all that speaks against it.
func (d PolicyDeps) judge(ctx context.Context, r store.Reader, text []byte) (f drafting, err error) {
	now, err := d.Policies.InForce(ctx, r)
	if err != nil {
		return f, err
	}
	f.base = now.SetHash()
	refuse := func(code string, fault error) {
		for line := range strings.Lines(fault.Error()) {
			if code == "toxic-role" && !strings.Contains(line, "alone has both sides") {
				continue // what no role may do is the firm's choice; see lockedOut
			}
			f.against = append(f.against, command.Refusal{Code: code, Text: told(line)})
		}
	}
	set, fault := d.Policies.withFirm(text)
	if fault != nil {
		refuse("policies-do-not-validate", fault)
		return f, nil
	}
	f.set = set
	if fault := set.CheckCommands(d.Registry.List()); fault != nil {
		refuse("nobody-could-approve", fault)
	}
	if fault := set.checkCombinations(); fault != nil {
		refuse("toxic-role", fault)
	}
	f.now = now
	f.people, err = everybody(ctx, r)
	return f, err
}

// told is a fault of the validator as a sentence.
func told(line string) string {
	line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "access: "))
	if line != "" && !strings.HasSuffix(line, ".") {
		line += "."
	}
	return line
}

// worker is somebody who works here, with the grants that were not ended.
type worker struct {
	id     core.Ref
	grants []Grant
}

// everybody are the people who work here and hold roles.
func everybody(ctx context.Context, r store.Reader) (out []worker, err error) {
	held, err := grants.Select(ctx, r, "WHERE state = $1 AND holder IN (SELECT id FROM staff WHERE status = 'active') ORDER BY holder, id", string(Granted))
	for _, g := range held {
		if n := len(out); n == 0 || out[n-1].id != g.Holder {
			out = append(out, worker{id: g.Holder})
		}
		w := &out[len(out)-1]
		w.grants = append(w.grants, g)
	}
	return out, err
}

// at is the person as policy sees them at a moment.
func (w worker) at(now core.Instant) *principal {
	p := &principal{uid: staffUID(w.id), roles: map[core.Ref][]Role{}, now: now, stepUp: true}
	for i := range w.grants {
		if g := &w.grants[i]; g.Live(now) && !slices.Contains(p.roles[g.Entity], g.Role) {
			p.roles[g.Entity] = append(p.roles[g.Entity], g.Role)
		}
	}
	return p
}

// vital is what somebody must always be able to do, with another's agreement.
type vital struct {
	act  command.Action
	res  command.Resource
	by   []string // roles that can fill the seat
	text string
}

var vitals = []vital{
	{
		ActivatePolicies{}.Action(),
		command.Resource{Kind: KindPolicySet, Ref: "ps_any"},
		[]string{string(SeniorCompliance)},
		"Nobody could change the policies again: of the people who hold roles now, no two could write policies and agree to them.",
	},
	{
		RequestGrant{}.Action(),
		command.Resource{Kind: core.KindGrant, Ref: "gr_any", Attrs: map[string]any{"holder": somebody, "role": string(Support)}},
		[]string{string(SeniorCompliance), string(SystemAdmin)},
		"Nobody could give roles any more: of the people who hold roles now, no two could ask for one and agree to it.",
	},
}

// lockedOut says what nobody could do any more under the set that somebody can
// do now. Policies that cannot be changed again are refused in any case.
func (a *Authorizer) lockedOut(now *Authorizer, workers []worker, at core.Instant) (no []command.Refusal) {
	var people []*principal
	for _, w := range workers {
		people = append(people, w.at(at))
	}
	for i, v := range vitals {
		if !a.possible(v, people) && (i == 0 || now.possible(v, people)) {
			no = append(no, command.Refusal{Code: "locks-out", Text: v.text})
		}
	}
	for _, role := range Roles {
		who := &principal{uid: staffUID("st_holder"), roles: map[core.Ref][]Role{Group: {role}}, stepUp: true, now: 1}
		if a.rule(who, DraftPolicies{}.Action(), vitals[0].res).Allow && a.agrees(who, vitals[0], "st_maker") ||
			a.rule(who, vitals[0].act, vitals[0].res).Allow && a.agrees(who, vitals[0], "st_maker") {
			no = append(no, command.Refusal{Code: "writes-and-agrees", Text: role.Title() + " could write policies and agree to them. Let different roles do so."})
		}
	}
	return no
}

// possible reports whether one of the people could do it and another agree.
func (a *Authorizer) possible(v vital, people []*principal) bool {
	return slices.ContainsFunc(people, func(maker *principal) bool {
		return a.rule(maker, v.act, v.res).Allow && slices.ContainsFunc(people, func(other *principal) bool {
			return other != maker && a.agrees(other, v, core.Ref(maker.uid.ID))
		})
	})
}

// agrees reports whether somebody could fill the seat of a proposal.
func (a *Authorizer) agrees(who *principal, v vital, maker core.Ref) bool {
	got := a.rule(who, command.ActApprove, command.Resource{
		Kind: core.KindProposal, Ref: "pr_any", Entity: v.res.Entity, Attrs: map[string]any{"action": string(v.act), "maker": string(maker)},
	})
	return got.Allow && slices.ContainsFunc(v.by, func(role string) bool { return slices.Contains(got.Roles, role) })
}
