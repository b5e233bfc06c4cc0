package access

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// loaded is the real policies, loaded once: an Authorizer never changes.
var loaded = sync.OnceValues(NewAuthorizer)

func authorizer(t testing.TB) *Authorizer {
	t.Helper()
	a, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const (
	here  core.Ref = "en_here"
	there core.Ref = "en_there"
	me    core.Ref = "st_me"
	other core.Ref = "st_other"
)

func person(roles map[core.Ref][]Role) *principal {
	return &principal{uid: types.NewEntityUID(typeStaff, types.String(me)), roles: roles, now: 1}
}

func holding(roles ...Role) *principal { return person(map[core.Ref][]Role{here: roles}) }

func part(ref core.Ref) *principal {
	return &principal{uid: types.NewEntityUID(typeSystem, types.String(ref)), now: 1}
}

func client(ref core.Ref) *principal {
	return &principal{uid: types.NewEntityUID(typeClient, types.String(ref)), now: 1}
}

// record is a typical record of somebody else in here.
func record(kind core.Kind) command.Resource {
	res := command.Resource{Kind: kind, Ref: core.Ref(kind) + "_x", Entity: here, Attrs: map[string]any{}}
	switch kind {
	case core.KindGrant:
		res.Attrs["holder"], res.Attrs["role"] = string(other), "support"
	case KindException:
		res.Attrs["holder"] = string(other)
	case core.KindSession, core.KindToken:
		res.Attrs["owner"] = string(other)
	case core.KindProposal:
		res.Attrs["action"], res.Attrs["maker"] = "clients.client.create", string(other)
	case KindElsewhereAccount:
		res.Attrs["holder"] = string(other)
	case core.KindIntervention:
		res.Attrs["type"], res.Attrs["client"] = "credit", "cl_x"
	}
	return res
}

func with(res command.Resource, pairs ...string) command.Resource {
	attrs := map[string]any{}
	for k, v := range res.Attrs {
		attrs[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		attrs[pairs[i]] = pairs[i+1]
	}
	res.Attrs = attrs
	return res
}

// kindOf is the kind of a type in the schema.
func kindOf(t testing.TB, typ types.EntityType) core.Kind {
	t.Helper()
	for k, v := range kinds {
		if v == typ {
			return k
		}
	}
	t.Fatalf("no kind has the type %s", typ)
	return ""
}

// may lists everything that each role may do to a typical record; whatever is
// not listed is denied.
var may = map[Role]string{
	Compliance: `access.exception.list clients.client.create clients.client.change clients.client.view clients.client.list clients.client.search
		clients.bankdetail.add clients.bankdetail.change clients.restriction.set clients.restriction.lift
		onboarding.document.upload onboarding.document.extract onboarding.document.review onboarding.document.open
		onboarding.document.list onboarding.application.open onboarding.application.view onboarding.application.list
		onboarding.application.decide onboarding.application.override
		cases.case.open cases.case.close cases.case.assign cases.case.view cases.case.list
		cases.finding.raise cases.finding.resolve cases.finding.list
		platform.account.open platform.account.view platform.account.list platform.intervention.view platform.intervention.list
		payments.deposit.view payments.deposit.list payments.withdrawal.view payments.withdrawal.list payments.withdrawal.refuse
		ledger.account.view access.staff.view access.staff.list access.grant.list access.entity.list access.policy.view
		command.proposal.view command.proposal.list evidence.event.view evidence.event.search evidence.log.view oversight.log.view
		oversight.pack.build oversight.pack.download see.personal see.identity see.bank approvals.rules.change approvals.rules.view approvals.rules.try`,
	SeniorCompliance: `clients.client.create clients.client.change clients.client.view clients.client.list clients.client.search
		clients.restriction.set clients.restriction.lift
		onboarding.document.upload onboarding.document.extract onboarding.document.review onboarding.document.open
		onboarding.document.list onboarding.application.open onboarding.application.view onboarding.application.list
		onboarding.application.decide onboarding.application.override
		cases.case.open cases.case.close cases.case.assign cases.case.view cases.case.list
		cases.finding.raise cases.finding.resolve cases.finding.list
		platform.account.open platform.account.view platform.account.list platform.intervention.view platform.intervention.list
		payments.deposit.view payments.deposit.list payments.withdrawal.view payments.withdrawal.list payments.withdrawal.refuse
		access.review.open access.review.decide access.review.close access.review.view access.review.list
		ledger.account.view access.staff.view access.staff.list access.grant.list access.grant.revoke access.grant.review access.exception.request access.exception.end access.exception.list access.entity.list access.policy.view
		command.proposal.view command.proposal.list evidence.event.view evidence.event.search evidence.event.export evidence.log.view oversight.log.view
		oversight.pack.build oversight.pack.download see.personal see.identity see.bank approvals.rules.view approvals.rules.try`,
	Payments: `payments.withdrawal.view payments.withdrawal.list payments.withdrawal.clear payments.withdrawal.release payments.withdrawal.refuse
		payments.deposit.view payments.deposit.list payments.deposit.credit
		ledger.account.view clients.client.view clients.client.list clients.client.search
		platform.account.view platform.account.list cases.case.open cases.case.view cases.case.list cases.finding.raise cases.finding.list
		access.entity.list access.policy.view see.personal see.bank approvals.rules.view`,
	PaymentsLead: `payments.withdrawal.view payments.withdrawal.list payments.withdrawal.clear payments.withdrawal.release payments.withdrawal.refuse
		payments.withdrawal.resolve payments.deposit.view payments.deposit.list payments.deposit.credit
		ledger.account.view clients.client.view clients.client.list clients.client.search
		platform.account.view platform.account.list cases.case.open cases.case.view cases.case.list cases.case.close cases.case.assign
		cases.finding.raise cases.finding.list cases.finding.resolve evidence.event.view evidence.event.search evidence.log.view
		access.entity.list access.policy.view see.personal see.bank approvals.rules.view`,
	Support: `clients.client.create clients.client.view clients.client.list clients.client.search clients.bankdetail.add clients.bankdetail.change
		onboarding.document.upload onboarding.document.list onboarding.application.open onboarding.application.view onboarding.application.list
		platform.transfer.request payments.withdrawal.request payments.withdrawal.view payments.withdrawal.list payments.deposit.view
		payments.deposit.list platform.account.view platform.account.list cases.case.open cases.case.view cases.case.list access.entity.list access.policy.view`,
	Dealing: `platform.account.view platform.account.list platform.intervention.view platform.intervention.list
		platform.intervention.request platform.intervention.execute clients.client.view clients.client.list
		cases.case.open cases.case.view cases.case.list cases.finding.raise cases.finding.list access.entity.list access.policy.view see.personal approvals.rules.view`,
	HeadOfDealing: `platform.account.view platform.account.list platform.intervention.view platform.intervention.list
		platform.intervention.request platform.intervention.execute platform.intervention.resolve clients.client.view clients.client.list
		cases.case.open cases.case.view cases.case.list cases.case.close cases.case.assign
		cases.finding.raise cases.finding.list cases.finding.resolve evidence.event.view evidence.event.search evidence.log.view
		access.entity.list access.policy.view see.personal approvals.rules.view`,
	IBManager: `clients.client.list access.entity.list access.policy.view`,
	SystemAdmin: `access.staff.create access.staff.deactivate access.staff.view access.staff.list
		access.grant.request access.grant.revoke access.exception.request access.exception.end access.exception.list access.grant.list access.entity.create access.entity.change access.entity.list access.policy.view
		access.session.list access.session.revoke access.token.revoke access.passkey.revoke access.password.invite
		jobs.dead.list jobs.dead.revive system.setting.change evidence.log.view oversight.log.view approvals.rules.view`,
	Auditor: `access.exception.list access.review.view access.review.list clients.client.view clients.client.list clients.client.search onboarding.document.open
		onboarding.document.list onboarding.application.view onboarding.application.list
		cases.case.view cases.case.list cases.finding.list platform.account.view platform.account.list
		platform.intervention.view platform.intervention.list payments.deposit.view payments.deposit.list
		payments.withdrawal.view payments.withdrawal.list ledger.account.view access.staff.view access.staff.list access.grant.list
		access.entity.list access.policy.view access.session.list access.credential.view command.proposal.view command.proposal.list
		evidence.event.view evidence.event.search evidence.event.export evidence.log.view oversight.log.view
		oversight.pack.build oversight.pack.download see.personal see.identity see.bank approvals.rules.view approvals.rules.try`,
}

// systemMay is the same for the parts of the program.
var systemMay = map[core.Ref]string{
	SysInstall: `access.entity.create access.staff.create access.grant.bootstrap access.credential.enrol access.password.set access.totp.enrol access.policy.adopt`,
	SysClock:   `access.review.open access.review.remind access.review.close access.grant.expire access.staff.lock access.exception.expire access.session.expire command.proposal.expire oversight.log.beat oversight.clock.move oversight.log.watch oversight.log.contest oversight.reading.flag oversight.connection.configure`,
	SysSignin: `access.session.start access.session.end access.session.revoke access.session.stepup
		access.password.set access.totp.enrol access.passkey.register access.token.refuse`,
	SysPayments: `payments.attempt.begin payments.attempt.record payments.status.sync payments.settlement.record
		payments.deposit.record payments.deposit.credit cases.finding.raise cases.case.open`,
	SysFindings: `cases.finding.raise cases.finding.settle`,
	SysCLI:      `evidence.event.view evidence.event.search evidence.event.export evidence.log.view oversight.pack.build`,
	SysPlatform: `platform.attempt.begin platform.attempt.record platform.sweep.record platform.account.open
		cases.finding.raise cases.case.open`,
}

// typical is the record that an act is usually done to. Seeing is asked about
// clients.
func typical(t testing.TB, a *Authorizer, act command.Action) command.Resource {
	if strings.HasPrefix(string(act), "see.") {
		return record(core.KindClient)
	}
	return record(kindOf(t, a.set.actions[act].types[0]))
}

func TestEachRoleMayDoExactlyThis(t *testing.T) {
	a := authorizer(t)
	matrix(t, a, func(each func(name string, who *principal, listed string)) {
		for _, role := range Roles {
			each(string(role), holding(role), may[role])
		}
		for ref, listed := range systemMay {
			each(string(ref), part(ref), listed)
		}
		each("no role", holding(), "access.entity.list access.policy.view")
		each("another client", client("cl_other"), "")
	})
	if len(systemMay) != len(a.set.parts) {
		t.Errorf("%d system parts are tested, the schema has %d", len(systemMay), len(a.set.parts))
	}
	if got := len(a.set.schema.Enums[typeRole].Values); got != len(Roles) {
		t.Errorf("the schema has %d roles, the program %d", got, len(Roles))
	}
}

func matrix(t *testing.T, a *Authorizer, run func(func(string, *principal, string))) {
	run(func(name string, who *principal, listed string) {
		t.Run(name, func(t *testing.T) {
			want := strings.Fields(listed)
			for _, w := range want {
				if a.set.actions[command.Action(w)] == nil {
					t.Errorf("the catalogue has no action %s", w)
				}
			}
			for _, act := range a.Actions() {
				ruling := a.rule(who, act, typical(t, a, act))
				if len(ruling.Errors) > 0 {
					t.Errorf("%s: errors %v", act, ruling.Errors)
				}
				if expected := slices.Contains(want, string(act)); ruling.Allow != expected {
					t.Errorf("%s: allowed %v, want %v (by %v)", act, ruling.Allow, expected, ruling.Policies)
				}
			}
		})
	})
}

// decision is one case that the matrix is too coarse for.
type decision struct {
	name string
	who  *principal
	act  command.Action
	res  command.Resource
	want bool
	by   string // the determining policy, when it matters
}

func (d decision) check(t *testing.T, a *Authorizer) {
	t.Run(d.name, func(t *testing.T) {
		got := a.rule(d.who, d.act, d.res)
		if got.Allow != d.want || len(got.Errors) > 0 {
			t.Fatalf("allowed %v, want %v; by %v, errors %v", got.Allow, d.want, got.Policies, got.Errors)
		}
		if d.by != "" && !slices.Contains(got.Policies, d.by) {
			t.Fatalf("decided by %v, want %s among them", got.Policies, d.by)
		}
		if got.Set != a.SetHash() || got.Engine != engine {
			t.Fatalf("the decision does not say what decided it: %+v", got.Decision)
		}
	})
}

func proposal(action string, maker core.Ref) command.Resource {
	return with(record(core.KindProposal), "action", action, "maker", string(maker))
}

func TestWhoMayApproveWhat(t *testing.T) {
	a := authorizer(t)
	approvers := map[string][]Role{
		"payments.withdrawal.release":     {PaymentsLead, SeniorCompliance},
		"payments.withdrawal.resolve":     {PaymentsLead},
		"payments.deposit.credit":         {PaymentsLead},
		"onboarding.application.decide":   {SeniorCompliance},
		"onboarding.application.override": {SeniorCompliance},
		"clients.restriction.lift":        {SeniorCompliance},
		"clients.bankdetail.add":          {Compliance},
		"clients.bankdetail.change":       {Compliance},
		"clients.client.change":           {Compliance},
		"platform.intervention.request":   {HeadOfDealing, SeniorCompliance},
		"platform.intervention.resolve":   {HeadOfDealing, SeniorCompliance},
		"access.grant.request":            {SeniorCompliance, SystemAdmin},
		"access.exception.request":        {SeniorCompliance},
		"access.entity.change":            {SeniorCompliance},
		"system.setting.change":           {SystemAdmin},
		"approvals.rules.change":          {SeniorCompliance},
		"access.review.close":             {SeniorCompliance},
		"access.policy.activate":          {SeniorCompliance},
		"rates.sheet.record":              {PaymentsLead, SeniorCompliance},
		"manuals.manual.adopt":            {SeniorCompliance, Board},
	}
	maps.Copy(approvers, lifecycleApprovers)
	for _, act := range a.Actions() {
		for _, role := range Roles {
			want := slices.Contains(approvers[string(act)], role)
			for _, verb := range []command.Action{command.ActApprove, command.ActDecline} {
				if got := a.rule(holding(role), verb, proposal(string(act), other)); got.Allow != want {
					t.Errorf("%s: %s of %s is %v, want %v", role, verb, act, got.Allow, want)
				}
				if a.rule(holding(role), verb, proposal(string(act), me)).Allow {
					t.Errorf("%s: %s of an own proposal of %s is allowed", role, verb, act)
				}
			}
		}
	}
}

func TestNoRoleChangesBankDetailsAndApprovesWithdrawals(t *testing.T) {
	a := authorizer(t)
	for _, role := range Roles {
		who := holding(role)
		details := false
		for _, act := range []command.Action{"clients.bankdetail.add", "clients.bankdetail.change"} {
			details = details || a.rule(who, act, record(core.KindBankDetail)).Allow ||
				a.rule(who, command.ActApprove, proposal(string(act), other)).Allow
		}
		pays := a.rule(who, command.ActApprove, proposal("payments.withdrawal.release", other)).Allow ||
			a.rule(who, "payments.withdrawal.release", record(core.KindWithdrawal)).Allow
		if details && pays {
			t.Errorf("%s has a hand in bank details and in withdrawals", role)
		}
	}
}

func TestParticularDecisions(t *testing.T) {
	a := authorizer(t)
	group := func(roles ...Role) *principal { return person(map[core.Ref][]Role{Group: roles}) }
	grant, session := record(core.KindGrant), record(core.KindSession)
	for _, d := range []decision{
		{"compliance asks for a reactivation", holding(Compliance), "platform.intervention.request", with(record(core.KindIntervention), "type", "reactivation"), true, "compliance.reactivation"},
		{"compliance asks for a credit", holding(Compliance), "platform.intervention.request", record(core.KindIntervention), false, ""},
		{"support sees the story of a client", holding(Support), "evidence.event.view", record(core.KindClient), true, "support.evidence"},
		{"support does not see the log", holding(Support), "evidence.event.view", record(KindEvent), false, ""},
		{"payments never decides on a client, whatever else they hold", holding(Payments, Compliance), "onboarding.application.decide", record(core.KindApplication), false, "walls.payments-no-kyc"},
		{"an administrator never sees a client, whatever else they hold", holding(SystemAdmin, Compliance), "clients.client.view", record(core.KindClient), false, "walls.admin-no-clients"},
		{"an administrator sees no client's name", holding(SystemAdmin, Support, Compliance), "see.personal", record(core.KindClient), false, "walls.admin-sees-no-clients"},
		{"an administrator sees a colleague's name", holding(SystemAdmin), "see.personal", record(core.KindStaff), true, "seeing.admin"},
		{"dealing never sees bank details, whatever else they hold", holding(Dealing, Compliance), "see.bank", record(core.KindBankDetail), false, "walls.dealing-blind"},
		{"dealing never sees identity papers", holding(HeadOfDealing, Compliance), "see.identity", record(core.KindDocument), false, "walls.dealing-blind"},
		{"an auditor changes nothing, whatever else they hold", holding(Auditor, Compliance), "clients.client.change", record(core.KindClient), false, "walls.auditor-reads"},
		{"an auditor decides nothing", holding(Auditor, PaymentsLead), command.ActApprove, proposal("payments.withdrawal.release", other), false, "walls.auditor-reads"},
		{"the maker is never the checker", holding(PaymentsLead), command.ActApprove, proposal("payments.withdrawal.release", me), false, "walls.maker-checker"},
		{"the maker takes a proposal back", holding(Payments), "command.proposal.withdraw", proposal("payments.withdrawal.release", me), true, "approvals.own"},
		{"nobody takes another's proposal back", holding(PaymentsLead), "command.proposal.withdraw", proposal("payments.withdrawal.release", other), false, ""},
		{"support sees its own proposal", holding(Support), "command.proposal.view", proposal("clients.bankdetail.add", me), true, "approvals.own"},
		{"support sees no other proposal", holding(Support), "command.proposal.view", proposal("clients.bankdetail.add", other), false, ""},
		{"an administrator sees no payment proposal", holding(SystemAdmin), "command.proposal.view", proposal("payments.withdrawal.release", other), false, ""},
		{"everybody ends their own session", holding(), "access.session.end", with(session, "owner", string(me)), true, "own.session"},
		{"nobody ends another's", holding(Compliance), "access.session.end", session, false, ""},
		{"everybody sees their own roles", holding(), "access.grant.list", with(grant, "holder", string(me)), true, "own.grants"},
		{"everybody sets their own password", holding(), "access.password.set", command.Resource{Kind: core.KindStaff, Ref: me, Entity: here}, true, "own.factors"},
		{"nobody sets another's", holding(SystemAdmin), "access.password.set", record(core.KindStaff), false, ""},
		{"the group's administrators ask for roles anywhere", group(SystemAdmin), "access.grant.request", grant, true, "grants.group-admin"},
		{"the group's senior compliance agrees to roles anywhere", group(SeniorCompliance), command.ActApprove, proposal("access.grant.request", other), true, "grants.group-senior-decides"},
		{"the group's senior compliance agrees to nothing else", group(SeniorCompliance), command.ActApprove, proposal("payments.withdrawal.release", other), false, ""},
		{"the group's senior compliance sees no entity's client", group(SeniorCompliance), "clients.client.view", record(core.KindClient), false, ""},
		{"the group's compliance has no reach", group(Compliance), "access.grant.list", grant, false, ""},
		{"a client sees their own withdrawal", client("cl_x"), "payments.withdrawal.view", with(record(core.KindWithdrawal), "client", "cl_x"), true, "client.withdrawals"},
		{"a client sees no other's", client("cl_y"), "payments.withdrawal.view", with(record(core.KindWithdrawal), "client", "cl_x"), false, ""},
		{"a client sees themselves", client("cl_x"), "see.bank", record(core.KindClient), true, "client.profile"},
		{"a client approves nothing", client("cl_x"), command.ActApprove, proposal("payments.withdrawal.release", other), false, ""},
	} {
		d.check(t, a)
	}
}

func TestAnotherEntitysRecordsLookMissing(t *testing.T) {
	a := authorizer(t)
	who := person(map[core.Ref][]Role{there: {Compliance, SeniorCompliance, PaymentsLead}})
	for _, act := range a.Actions() {
		ruling := a.rule(who, act, typical(t, a, act))
		if act == "access.entity.list" || act == "access.policy.view" {
			continue // neither the firm's entities nor its rules are a secret
		}
		if ruling.Allow || !ruling.Hidden || len(ruling.Roles) > 0 {
			t.Errorf("%s across the wall: %+v", act, ruling)
		}
	}
	own := a.rule(holding(Dealing), "payments.withdrawal.view", record(core.KindWithdrawal))
	if own.Allow || own.Hidden || !slices.Equal(own.Roles, []string{"dealing"}) {
		t.Errorf("a denial in the own entity does not hide the record: %+v", own)
	}
	if g := a.rule(who, "access.staff.view", command.Resource{Kind: core.KindStaff, Ref: other}); g.Allow || !g.Hidden {
		t.Errorf("records without an entity are the group's: %+v", g)
	}
}

func TestGroupRolesFillSeatsOnlyWhereTheyDecided(t *testing.T) {
	a := authorizer(t)
	who := person(map[core.Ref][]Role{Group: {SeniorCompliance}, here: {Payments}})
	got := a.rule(who, command.ActApprove, proposal("access.grant.request", other))
	if !got.Allow || !slices.Equal(got.Roles, []string{"payments", "senior_compliance"}) {
		t.Errorf("approving a role: %+v", got)
	}
	got = a.rule(who, "clients.client.view", record(core.KindClient))
	if !got.Allow || !slices.Equal(got.Roles, []string{"payments"}) {
		t.Errorf("a group role crept into another act: %+v", got)
	}
}

func TestBadRequestsAreDeniedWithTheReason(t *testing.T) {
	a := authorizer(t)
	noMaker := record(core.KindProposal)
	delete(noMaker.Attrs, "maker")
	for name, c := range map[string]struct {
		who  *principal
		act  command.Action
		res  command.Resource
		want string
	}{
		"unknown action":       {holding(Compliance), "clients.client.delete", record(core.KindClient), "unknown-action"},
		"action on other type": {holding(Compliance), "clients.client.view", record(core.KindCase), "not an act on a Case"},
		"unknown kind":         {holding(Compliance), "clients.client.view", command.Resource{Kind: "zz", Entity: here}, "unknown-kind"},
		"undeclared attribute": {holding(Compliance), "clients.client.view", with(record(core.KindClient), "vip", "yes"), "bad-resource Client"},
		"missing attribute":    {holding(PaymentsLead), command.ActApprove, noMaker, "bad-resource Proposal"},
		"wrong type":           {holding(Compliance), "cases.case.view", command.Resource{Kind: core.KindCase, Ref: "ca_x", Entity: here, Attrs: map[string]any{"owner": true}}, "bad-resource Case"},
		"foreign Go type":      {holding(Compliance), "cases.case.view", command.Resource{Kind: core.KindCase, Ref: "ca_x", Entity: here, Attrs: map[string]any{"owner": 1.5}}, "bad-attribute owner"},
	} {
		t.Run(name, func(t *testing.T) {
			got := a.rule(c.who, c.act, c.res)
			if got.Allow || len(got.Errors) != 1 || !strings.Contains(got.Errors[0], c.want) {
				t.Fatalf("got %+v", got)
			}
			for _, e := range got.Errors {
				if strings.Contains(e, "_x") {
					t.Errorf("the error names a record: %s", e)
				}
			}
		})
	}
}

// policyFolder is the real schema with other policies.
func policyFolder(t *testing.T, text string) fs.FS {
	t.Helper()
	schema, err := policyFiles.ReadFile("policies/schema.cedarschema")
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{"schema.cedarschema": {Data: schema}, "test.cedar": {Data: []byte(text)}}
}

// A prohibition that fails is skipped by the engine and would let the permit
// win. Strict validation cannot foresee an overflow, so this one loads.
func TestAFailingProhibitionDenies(t *testing.T) {
	set, err := loadPolicies(policyFolder(t, `
		@id("open") permit (principal, action, resource);
		@id("broken") forbid (principal, action, resource) when { 9223372036854775807 + 1 == 0 && false };`))
	if err != nil {
		t.Fatal(err)
	}
	a := &Authorizer{set: set}
	got := a.rule(holding(Compliance), "clients.client.view", record(core.KindClient))
	if got.Allow || !slices.Equal(got.Errors, []string{"policy broken failed"}) {
		t.Fatalf("got %+v", got)
	}
}

func TestUnknownActorsAreDenied(t *testing.T) {
	a := authorizer(t)
	for _, ref := range []core.Ref{"sys_everything", "ib_x", "gr_x", ""} {
		got, err := a.Authorize(context.Background(), nil, evidence.Actor{Ref: ref}, "clients.client.view", record(core.KindClient), 1)
		if err != nil || got.Allow || len(got.Errors) == 0 {
			t.Errorf("%q: %+v, %v", ref, got, err)
		}
		where, got, err := a.Filter(context.Background(), nil, evidence.Actor{Ref: ref}, "access.entity.list", core.KindEntity, 1)
		if err != nil || got.Allow || len(got.Errors) == 0 {
			t.Errorf("filter %q: %+v, %v", ref, got, err)
		}
		if frag, _ := where.Render(1); frag != "1 = 0" {
			t.Errorf("filter %q selects %s", ref, frag)
		}
	}
}

var _ command.Authorizer = (*Authorizer)(nil)
