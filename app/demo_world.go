package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// world is the demo while its history is made: real commands under a virtual
// clock, in the names of the people who would have run them. The first error
// stops it; the rest of the script then does nothing.
type world struct {
	ctx   context.Context
	app   *App
	clock *core.VirtualClock
	step  func() // lets the outside world advance: the PSP pays, the platform trades
	out   *outside
	rng   *rand.Rand

	staff map[string]evidence.Actor
	err   error
}

// demoStart is the first morning of the demo's history.
var demoStart = time.Date(2026, 5, 18, 7, 30, 0, 0, time.UTC)

// demoEnd is the moment at which the demo comes alive.
var demoEnd = time.Date(2026, 11, 20, 14, 33, 0, 0, time.UTC)

func (w *world) entity(code string) core.Ref {
	if code == "group" {
		return access.Group
	}
	return core.Ref("en_" + code)
}

// do runs a command that must be done or proposed.
func (w *world) do(who evidence.Actor, in command.Input) command.Outcome {
	if w.err != nil {
		return command.Outcome{}
	}
	out, err := w.app.Road.Run(w.ctx, who, "", in)
	if err != nil {
		w.err = fmt.Errorf("demo: %s at %s: %w", in.Action(), w.clock.Now(), err)
	}
	return out
}

// decide answers a proposal with the hash that stands in it.
func (w *world) decide(who evidence.Actor, proposal core.Ref, approve bool, words string) command.Outcome {
	if w.err != nil {
		return command.Outcome{}
	}
	p, err := command.GetProposal(w.ctx, w.app.Store.Reader(), proposal)
	if err == nil && p == nil {
		err = fmt.Errorf("demo: there is no proposal %q", proposal)
	}
	if err != nil {
		w.err = err
		return command.Outcome{}
	}
	who.StepUp = true
	out, err := w.app.Road.Approve(w.ctx, who, "", command.Decide{Proposal: proposal, Hash: p.Hash, Approve: approve, Words: words})
	if err != nil {
		w.err = fmt.Errorf("demo: deciding %s at %s: %w", p.Action, w.clock.Now(), err)
	}
	return out
}

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.clock.Advance(d) }

// at moves to a day and time of the demo's calendar; never back.
func (w *world) at(t time.Time) { w.clock.Set(core.At(t)) }

// The steps in which things settle, and how long that takes together.
const (
	settlingStep = 70 * time.Second
	settling     = 4 * settlingStep
)

// settle runs jobs, the outside world and the sequencer until nothing moves.
func (w *world) settle() {
	for range settling / settlingStep {
		if w.err != nil {
			return
		}
		w.err = w.app.Settle(w.ctx)
		w.pass(settlingStep)
		w.step()
	}
}

// actor is a person at their desk, as their session presents them.
func (w *world) actor(key string) evidence.Actor {
	a, ok := w.staff[key]
	if !ok && w.err == nil {
		w.err = fmt.Errorf("demo: nobody is called %q", key)
	}
	return a
}

// found enters the firm: entities, people, first roles, credentials.
func (w *world) found() {
	install := evidence.Actor{Ref: access.SysInstall}
	for _, e := range demoEntities {
		w.do(install, access.CreateEntity{Code: e.code, Name: e.name, Jurisdiction: e.country, Regulator: e.regulator, Licence: e.licence, Currency: e.currency, Breakable: demoBreakable})
	}
	for i, p := range demoStaffList {
		email := strings.ToLower(p.key) + "@aurum.example"
		out := w.do(install, access.CreateStaff{Entity: w.entity(p.roles[0].entity), Name: p.name, Email: email, Line: p.line})
		w.staff[p.key] = evidence.Actor{Ref: out.Subject, IP: fmt.Sprintf("10.4.18.%d", 20+i), Factors: []string{"password", "totp"}, StepUp: true}
		for _, r := range p.roles {
			until := w.clock.Now().Add(365 * 24 * time.Hour)
			if r.role.Privileged() {
				until = w.clock.Now().Add(89 * 24 * time.Hour)
			}
			w.do(install, access.BootstrapGrant{Holder: out.Subject, Role: r.role, Entity: w.entity(r.entity), Until: until})
		}
		w.pass(2 * time.Minute)
	}
}

// renew asks for the privileged roles of everybody for another quarter: they
// end by themselves, and somebody else approves.
func (w *world) renew() {
	for _, p := range demoStaffList {
		for _, r := range p.roles {
			if !r.role.Privileged() {
				continue
			}
			maker, approver := "viktor", "andreas"
			if p.key == "andreas" {
				approver = "nia" // nobody approves their own role
			}
			if r.entity == "aurum-sc" {
				approver = "nia"
			}
			if p.key == "nia" {
				approver = "andreas"
			}
			if p.key == "viktor" {
				maker = "ines"
			}
			w.grant(maker, approver, p.key, r)
		}
	}
}

func (w *world) grant(maker, approver, holder string, r demoRole) {
	from := w.held(holder, r)
	out := w.do(w.actor(maker), access.RequestGrant{
		Holder: w.actor(holder).Ref, Role: r.role, Entity: w.entity(r.entity),
		From: from, Until: from.Add(89 * 24 * time.Hour), Reason: "renewal", Words: "The role is still needed for the person's function.",
	})
	w.pass(20 * time.Minute)
	w.decide(w.actor(approver), out.Proposal, true, "Checked against the function; the quarter is within the limit.")
	w.pass(3 * time.Minute)
}

// held is when a person's present role ends.
func (w *world) held(holder string, r demoRole) core.Instant {
	grants, err := access.GrantsOf(w.ctx, w.app.Store.Reader(), w.actor(holder).Ref)
	if err != nil && w.err == nil {
		w.err = err
	}
	until := w.clock.Now()
	for _, g := range grants {
		if g.Role == r.role && g.Entity == w.entity(r.entity) {
			until = max(until, g.Ends)
		}
	}
	return until
}
