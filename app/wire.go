package app

import (
	"context"
	"errors"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/evidence"
	"vouchsafe/onboarding"
	"vouchsafe/oversight"
	"vouchsafe/payments"
	"vouchsafe/platform"
	"vouchsafe/rates"
)

// The columns in which the tables of each kind keep what policy sees. Lists
// are filtered by them; a kind without columns has no lists.
func init() {
	access.Columns(core.KindClient, "entity", nil)
	access.Columns(access.KindEvent, "event.entity", map[string]string{"id": "event.id"})
	access.Columns(core.KindCase, "entity", map[string]string{"owner": "owner", "client": "subject"})
	access.Columns(core.KindFinding, "entity", map[string]string{"kind": "kind", "client": "subject"})
	access.Columns(core.KindAccount, "entity", map[string]string{"client": "client"})
	access.Columns(core.KindIntervention, "entity", map[string]string{"client": "client", "type": "kind"})
	access.Columns(core.KindWithdrawal, "entity", map[string]string{"client": "client"})
	access.Columns(core.KindDeposit, "entity", map[string]string{"client": "client"})
	access.Columns(core.KindProposal, "entity", map[string]string{"action": "action", "maker": "maker"})
	access.Columns(core.KindApplication, "entity", map[string]string{"client": "client"})
	access.Columns(core.KindDocument, "entity", map[string]string{"client": "client"})
	access.Columns(core.KindRules, "entity", nil)
	access.Columns(core.KindManual, "entity", nil)
	access.Columns(elsewhere.KindSystem, "entity", nil)
	access.Columns(elsewhere.KindAccount, "entity", map[string]string{"holder": "holder"})
	access.Columns(core.KindRates, "entity", nil)
}

// Domains are the wired domains, as the ways in use them.
type Domains struct {
	Auth       *access.Auth
	Policy     *access.Authorizer
	Onboarding onboarding.Domain
	Intake     *onboarding.Intake
	Clearance  onboarding.Clearance
	Driver     *platform.Driver
	Payments   payments.Deps
	Payouts    *payments.Driver
	Approvals  approvals.Deps
	Rates      rates.Deps
}

// sealer keeps small secrets encrypted under the key-encryption key.
type sealer struct{ kek tink.AEAD }

// Seal encrypts, bound to ad.
func (s sealer) Seal(plain, ad []byte) ([]byte, error) { return s.kek.Encrypt(plain, ad) }

// Open decrypts what was sealed under the same ad.
func (s sealer) Open(sealed, ad []byte) ([]byte, error) { return s.kek.Decrypt(sealed, ad) }

// wire introduces the domains to each other, registers their commands, and
// checks that policies and commands name the same acts.
func (a *App) wire(ctx context.Context, kek tink.AEAD, o Options) error {
	var err error
	d := &a.Domains
	if d.Policy, err = access.NewAuthorizer(); err != nil {
		return err
	}
	a.Road.Policy = access.ScopeTokens(d.Policy)
	reg := a.Road.Registry
	command.RegisterOwn(reg)
	if err := a.wireAccess(kek, o); err != nil {
		return err
	}
	people := clients.Service{}
	clients.Register(reg)
	cases.Register(reg, subjects{people}, owners{d.Policy, a.Clock})
	a.Road.Case = cases.Service{}.Named
	oversight.Register(reg, a.Config.reading())
	if clock, moves := a.Clock.(oversight.Forwarder); moves && a.Config.Demo {
		oversight.RegisterClock(reg, clock)
	}
	elsewhere.Register(reg, staffElsewhere{})
	vault, err := onboarding.OpenFileVault(ctx, a.Config.file("documents"), a.Keys, o.Entropy)
	if err != nil {
		return err
	}
	d.Onboarding = onboarding.Domain{Clients: people, Vault: vault, Policy: onboarding.DefaultPolicy()}
	d.Onboarding.Register(reg)
	d.Intake = onboarding.NewIntake(vault, 4)
	d.Clearance = onboarding.Clearance{Domain: d.Onboarding}
	deps := platform.Deps{
		Clearance: d.Clearance, Cases: cases.Service{}, Entities: profiles{}, Clients: basics{people},
		Tags: platform.Tagger{Key: a.Keys.OperationKey()}, Clock: a.Clock, Wall: a.Wall, Platforms: map[string]platform.Platform{}, Hollow: cases.Boilerplate, ByEntity: o.Platforms.ByEntity,
	}
	for _, p := range o.Platforms.All {
		deps.Platforms[p.Name()] = p
	}
	platform.Register(reg, deps)
	d.Driver = &platform.Driver{Road: a.Road, Deps: deps}
	d.Driver.HandleJobs(a.Queue, time.Minute)
	a.wirePayments(people, o)
	a.wireApprovals()
	if err := a.wireRates(); err != nil {
		return err
	}
	a.wireManuals()
	cases.HandleJobs(a.Queue, a.Road)
	if err := a.wireWitnesses(); err != nil {
		return err
	}
	a.wireStreams(o.Streams)
	a.wireReactions()
	a.Queue.Every("unusual reading", 5*time.Minute, func(ctx context.Context) error {
		return oversight.WatchReading(ctx, a.Road, a.Config.reading())
	})
	access.MailNotices(a.Queue, a.Road, a.Config.notices(a.Wall))
	a.Road.Apart = access.Apart
	if a.Config.ClockSource != "" {
		a.clockwork = &clockSource{source: a.Config.ClockSource, wall: a.Wall, since: a.Wall.Now()}
	}
	a.Queue.Every("access elsewhere", 10*time.Minute, a.watchElsewhere)
	a.Queue.Every("toxic combinations", 10*time.Minute, a.watchToxic)
	a.Queue.Every("expiries", time.Minute, a.expire)
	a.Queue.Every("document orphans", 24*time.Hour, func(ctx context.Context) error {
		_, err := onboarding.SweepOrphans(ctx, a.Store.Reader(), vault, a.Wall.Now())
		return err
	})
	return d.Policy.CheckCommands(reg.List())
}

func (a *App) wirePayments(people clients.Service, o Options) {
	d := &a.Domains
	d.Payments = payments.Deps{
		Clearance: d.Clearance, Cases: cases.Service{}, Entities: profiles{}, Clients: payees{basics{people}}, Rates: rates.Book{},
		Tags: payments.Tagger{Key: a.Keys.OperationKey()}, Clock: a.Clock, Wall: a.Wall, Routes: o.Routes, Group: access.Group, Rules: approvals.InForce,
	}
	payments.Register(a.Road.Registry, d.Payments)
	d.Payouts = &payments.Driver{Road: a.Road, Deps: d.Payments}
	d.Payouts.HandleJobs(a.Queue, time.Minute)
}

// wireApprovals lets the entities' own approval rules speak on the road.
func (a *App) wireApprovals() {
	a.Road.Rules = approvals.InForce
	a.Domains.Approvals = approvals.Deps{
		Known: knownEntity, Builtin: releaseRules{a.Domains.Payments}.builtin, Weigh: releaseRules{a.Domains.Payments}.weigh,
		Registry: a.Road.Registry, Log: a.Log,
	}
	approvals.Register(a.Road.Registry, a.Domains.Approvals)
}

func (a *App) wireAccess(kek tink.AEAD, o Options) error {
	providers, groups, err := a.Config.providers(a.Wall)
	if err != nil {
		return err
	}
	auth, err := access.New(access.AuthConfig{
		Providers: providers, Groups: groups,
		Road: a.Road, Wall: a.Wall, Sealer: sealer{kek}, RPID: a.Config.rpID(), Firm: "Vouchsafe",
		Origins: a.Config.origins(), Entropy: o.Entropy, Demo: a.Config.Demo,
		Deliver: a.Config.invitations(a.Wall),
	})
	if err != nil {
		return err
	}
	a.Domains.Auth = auth
	access.Register(a.Road.Registry, sessionEnder{}, a.Domains.Policy)
	access.RegisterAuth(a.Road.Registry, auth)
	access.RegisterIdentities(a.Road.Registry, auth)
	access.AskForGroups(a.Queue, a.Road, groups)
	access.RegisterLifecycle(a.Road.Registry, auth)
	access.RegisterPolicies(a.Road.Registry, a.Domains.Policy)
	access.RegisterReviews(a.Road, a.Domains.Policy)
	access.RegisterPolicyChange(a.Road.Registry, a.PolicyDeps())
	access.RegisterBreakReview(a.Road, a.Domains.Policy)
	return nil
}

// sessionEnder ends a leaver's sessions in the transaction that deactivates
// them.
type sessionEnder struct{}

// EndAll ends everything that a person signs in with.
func (sessionEnder) EndAll(ctx context.Context, tx *command.Tx, staff core.Ref) error {
	return access.EndPerson(ctx, tx, staff, "deactivated")
}

// clock is the part of the program that records that a time is over.
var clock = evidence.Actor{Ref: access.SysClock}

// expire records what the clock has ended: proposals, grants, sessions. Their
// effect does not wait for it.
func (a *App) expire(ctx context.Context) error {
	var errs []error
	now := a.Clock.Now()
	due, err := command.DueProposals(ctx, a.Store.Reader(), now)
	errs = append(errs, err)
	for _, p := range due {
		_, err := a.Road.Run(ctx, clock, "", command.ExpireProposal{Proposal: p})
		errs = append(errs, ignore(err, "proposal-not-due"))
	}
	grants, err := access.DueGrants(ctx, a.Store.Reader(), now)
	errs = append(errs, err)
	for _, g := range grants {
		_, err := a.Road.Run(ctx, clock, "", access.ExpireGrant{Grant: g})
		errs = append(errs, ignore(err, "grant-not-due"))
	}
	errs = append(errs, a.locks(ctx, now), a.leavers(ctx, now), access.SweepReviews(ctx, a.Road), a.Domains.Auth.Sweep(ctx), a.Road.SettleFloods(ctx, false))
	return errors.Join(errs...)
}

func ignore(err error, code string) error {
	if core.IsFault(err, code) {
		return nil
	}
	return err
}
