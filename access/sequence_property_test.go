package access

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// sequence is one random history: everything that people can do about access,
// by everybody, most of it refused.
type sequence struct {
	*firm
	rt        *rapid.T
	people    []evidence.Actor
	proposals []core.Ref
	known     map[core.Ref]bool // grants that were looked at
	answers   []answerThen
	a         *Authorizer
}

// answerThen is what the real authorizer answered at a moment.
type answerThen struct {
	who   core.Ref
	at    core.Instant
	act   command.Action
	res   command.Resource
	allow bool
}

// After any sequence of requests, approvals, future beginnings, expiries, roles
// given back and taken away, emergencies, their reviews and locks, exceptions
// and departures: nobody was maker and checker at once, nothing was done
// outside a live grant, the log tells of each moment what was answered then, and
// no grant completed a toxic combination without a live exception.
func TestNoSequenceGetsAroundTheRules(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			checks(t, map[store.Engine]string{store.SQLite: "20"}[engine])
			rapid.Check(t, func(rt *rapid.T) {
				s := newSequence(t, rt, storetest.Open(t, engine))
				for range rapid.IntRange(20, 40).Draw(rt, "steps") {
					s.step()
					s.f().Clock.Advance(time.Duration(rapid.IntRange(1, 400).Draw(rt, "minutes")) * time.Minute)
					s.completes()
					s.sample()
				}
				s.tick()
				s.makerIsNeverChecker()
				s.nothingOutsideAGrant()
				s.pastIsWhatWasAnswered()
				if problems, err := s.verify(); err != nil || len(problems) > 0 {
					rt.Fatalf("%v, %v", problems, err)
				}
			})
		})
	}
}

// checks sets how many histories are tried: a server's database takes longer to
// make.
func checks(t *testing.T, n string) {
	t.Helper()
	if n == "" {
		n = "4"
	}
	was := flag.Lookup("rapid.checks").Value.String()
	if was != "100" {
		return // somebody asked for another number
	}
	if err := flag.Set("rapid.checks", n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", was) })
}

func newSequence(t *testing.T, rt *rapid.T, s *store.Store) *sequence {
	f := newFirm(t, s)
	out := &sequence{firm: f, rt: rt, known: map[core.Ref]bool{}, a: authorizer(t)}
	p := f.Do(f.root, ChangeEntity{Entity: "en_cy", Breakable: "payments_lead, head_of_dealing, senior_compliance", Words: "For the nights."})
	if _, err := f.decide(f.senior, p.Proposal); err != nil {
		t.Fatal(err)
	}
	f.bootstrap(f.second, SeniorCompliance, "en_uk")
	out.people = []evidence.Actor{f.root, f.second, f.senior, f.ana, f.ben}
	for _, g := range out.grants() {
		out.known[g.ID] = true
	}
	return out
}

func (s *sequence) f() *firm { return s.firm }

func draw[T any](s *sequence, name string, list []T) T {
	return rapid.SampledFrom(list).Draw(s.rt, name)
}

// grants are all that were ever given.
func (s *sequence) grants() []Grant {
	all, err := grants.Select(context.Background(), s.Road.Store.Reader(), "WHERE id <> '' ORDER BY starts, id")
	if err != nil {
		s.rt.Fatal(err)
	}
	return all
}

func (s *sequence) exceptions() []Exception {
	all, err := exceptions.Select(context.Background(), s.Road.Store.Reader(), "WHERE id <> '' ORDER BY starts, id")
	if err != nil {
		s.rt.Fatal(err)
	}
	return all
}

// run tries a command; that it is refused is fine.
func (s *sequence) run(by evidence.Actor, in command.Input) {
	out, err := s.Road.Run(context.Background(), by, "", in)
	if err == nil && out.Proposal != "" {
		s.proposals = append(s.proposals, out.Proposal)
	}
}

// step does one random thing.
func (s *sequence) step() {
	who := draw(s, "who", s.people)
	now := s.Clock.Now()
	switch kind := rapid.IntRange(0, 15).Draw(s.rt, "kind"); kind {
	case 0, 1, 2: // asked for and agreed to at once
		s.run(s.root, s.asks(who))
		if n := len(s.proposals); n > 0 {
			_, _ = s.decide(draw(s, "by", []evidence.Actor{s.second, s.second, s.second, s.root}), s.proposals[n-1])
		}
	case 3:
		s.run(who, s.asks(draw(s, "holder", s.people)))
	case 4, 5:
		if len(s.proposals) > 0 {
			_, _ = s.decide(who, draw(s, "proposal", s.proposals))
		}
	case 6:
		due, _ := DueGrants(context.Background(), s.Road.Store.Reader(), now)
		for _, g := range due {
			s.run(clock, ExpireGrant{Grant: g})
		}
	case 7, 8:
		g := draw(s, "grant", s.grants())
		if g.Maker == SysInstall {
			return // or nobody is left who could give any
		}
		if kind == 7 {
			s.run(actor(g.Holder), EndGrant{Grant: g.ID, Words: "Not needed any more."})
		} else {
			s.run(who, RevokeGrant{Grant: g.ID, Reason: "risk", Words: "Not needed any more."})
		}
	case 9, 10:
		var working []evidence.Actor // there at the moment: others are refused
		for _, g := range s.grants() {
			if g.Entity == "en_cy" && g.Live(now) {
				working = append(working, actor(g.Holder))
			}
		}
		if len(working) > 0 {
			who = draw(s, "of those there", working)
		}
		s.run(who, BreakGrant{Holder: who.Ref, Role: draw(s, "breaks", []Role{PaymentsLead, HeadOfDealing, SeniorCompliance}), Entity: "en_cy", Minutes: rapid.IntRange(1, 60).Draw(s.rt, "for"), Ticket: "INC-1", Words: "It cannot wait until tomorrow."})
	case 11:
		s.reviews(who)
	case 12:
		due, _ := DueLocks(context.Background(), s.Road.Store.Reader(), now)
		for _, g := range due {
			s.run(clock, LockStaff{Grant: g})
		}
	case 13:
		s.excepts()
	case 14:
		if all := s.exceptions(); len(all) > 0 {
			s.run(who, EndException{Exception: draw(s, "exception", all).ID, Words: "It is harmless no more."})
		}
	case 15:
		if who.Ref != s.root.Ref && who.Ref != s.second.Ref && rapid.IntRange(0, 3).Draw(s.rt, "leaves") == 0 {
			s.run(s.root, DeactivateStaff{Staff: who.Ref, Words: "Left the firm."})
		} else {
			s.run(who, CreateStaff{Entity: "en_cy", Name: "Joiner", Email: fmt.Sprintf("j%d@example.com", now), Line: FirstLine})
		}
	}
}

func (s *sequence) asks(holder evidence.Actor) RequestGrant {
	role := draw(s, "role", []Role{Support, PaymentsLead, Payments, Dealing, HeadOfDealing, Compliance, SeniorCompliance, Auditor})
	in := s.request(holder, role, draw(s, "place", []core.Ref{"en_cy", "en_cy", "en_uk", Group}), time.Duration(rapid.IntRange(1, 90).Draw(s.rt, "hours"))*time.Hour)
	if rapid.Bool().Draw(s.rt, "later") {
		in.From = s.Clock.Now().Add(time.Duration(rapid.IntRange(1, 40).Draw(s.rt, "until it begins")) * time.Hour)
		in.Until = in.Until.Add(40 * time.Hour)
	}
	return in
}

// reviews has somebody review the emergency that waits longest.
func (s *sequence) reviews(by evidence.Actor) {
	b, err := breakReviews.One(context.Background(), s.Road.Store.Reader(), "WHERE reviewed IS NULL ORDER BY due, id LIMIT 1")
	if err != nil || b == nil {
		return
	}
	in := ReviewGrant{Grant: b.Grant, Outcome: Justified, Words: "Looked at every act of it."}
	if v, err := command.Ask(context.Background(), s.Road, by, ViewGrantQuery(s.Road, s.a), ViewGrant{Grant: b.Grant}); err == nil && v.Break != nil {
		in.Seen = v.Break.Seen
	}
	s.run(by, in)
}

// excepts has an exception asked for, and somebody agree who may.
func (s *sequence) excepts() {
	c := draw(s, "combination", s.a.Combinations())
	s.run(s.root, s.except(draw(s, "for", s.people), c.ID, time.Duration(rapid.IntRange(1, 100).Draw(s.rt, "hours"))*time.Hour))
	if n := len(s.proposals); n > 0 {
		_, _ = s.decide(s.senior, s.proposals[n-1])
	}
}

// completes looks at every new grant: at no moment of it may it be part of a
// toxic combination, unless an exception counts now and lasts as long as it.
func (s *sequence) completes() {
	all := s.grants()
	for _, g := range all {
		if s.known[g.ID] {
			continue
		}
		s.known[g.ID] = true
		for at := g.Starts; at < g.Ends; at = at.Add(20 * time.Minute) {
			live := slices.DeleteFunc(slices.Clone(all), func(x Grant) bool { return x.Holder != g.Holder || !x.Live(at) })
			for _, c := range s.a.conflicts(live) {
				covered := slices.ContainsFunc(s.exceptions(), func(x Exception) bool {
					return x.Holder == g.Holder && x.Combination == c.Combination && x.Entity == c.OneIn && x.Other == c.OtherIn && x.Starts <= g.Starts && x.Ends >= g.Ends
				})
				if slices.Contains(c.Grants(), g.ID) && !covered {
					s.rt.Fatalf("%s of %s in %s completes %s at %s", g.Role, g.Holder, g.Entity, c.Combination, at)
				}
			}
			if len(live) < 2 && !slices.ContainsFunc(all, func(x Grant) bool { return x.Holder == g.Holder && x.Starts > at && x.Starts < g.Ends }) {
				break // nothing else is held in all of its time
			}
		}
	}
}

// sampled are acts of several roles, which some of them alone may do.
var sampled = []command.Action{
	"payments.withdrawal.view", "payments.withdrawal.resolve", "clients.client.view", "access.grant.list", "access.grant.revoke", "platform.intervention.view",
}

// sample asks the real authorizer what two people may do, everywhere.
func (s *sequence) sample() {
	at := s.Clock.Now()
	for _, name := range []string{"asked of", "and of"} {
		who := draw(s, name, s.people).Ref
		for _, act := range sampled {
			for _, place := range []core.Ref{"en_cy", "en_uk"} {
				x := answerThen{who: who, at: at, act: act, res: typical(s.t, s.a, act)}
				x.res.Entity = place
				ruling, err := s.Road.Policy.Authorize(context.Background(), s.Road.Store.Reader(), actor(who), act, x.res, at)
				if err != nil {
					s.rt.Fatal(err)
				}
				x.allow = ruling.Allow
				s.answers = append(s.answers, x)
			}
		}
	}
	s.tick() // nothing else happens at that moment
}

// pastIsWhatWasAnswered holds the log against every answer: that of one person's
// past, and that of everybody's.
func (s *sequence) pastIsWhatWasAnswered() {
	ctx, r := context.Background(), s.Road.Store.Reader()
	all, err := careersOf(ctx, r, s.Road.Log, s.Clock.Now())
	if err != nil {
		s.rt.Fatal(err)
	}
	told := map[string]*principal{}
	for _, x := range s.answers {
		key := string(x.who) + x.at.String()
		if told[key] == nil {
			p, err := pastOf(ctx, r, s.Road.Log, x.who, x.at)
			if err != nil {
				s.rt.Fatal(err)
			}
			told[key] = p.principal(x.who, true)
		}
		if got := s.a.rule(told[key], x.act, x.res).Allow; got != x.allow {
			s.rt.Fatalf("%s of %s in %s at %s: the log tells %v by %v, the answer was %v", x.act, x.who, x.res.Entity, x.at, got, told[key].roles, x.allow)
		}
		who := holder(map[core.Ref][]Role{})
		for _, g := range all.of(x.who).liveAt(x.at) {
			who.roles[g.Entity] = append(who.roles[g.Entity], g.Role)
		}
		who.uid = told[key].uid
		if got := s.a.rule(who, x.act, x.res).Allow; got != x.allow {
			s.rt.Fatalf("%s of %s in %s at %s: everybody's past tells %v, the answer was %v", x.act, x.who, x.res.Entity, x.at, got, x.allow)
		}
	}
}

// events reads every one.
func (s *sequence) events(fn func(rec *evidence.Record, told evidence.LeafView)) {
	f := evidence.Filter{Scope: store.True, Oldest: true}
	for page := (core.PageRequest{Limit: core.MaxPage}); ; {
		found, err := s.Road.Log.Find(context.Background(), s.Road.Store.Reader(), f, page)
		if err != nil {
			s.rt.Fatal(err)
		}
		for i := range found.Rows {
			told, err := found.Rows[i].View()
			if err != nil {
				s.rt.Fatal(err)
			}
			fn(&found.Rows[i], told)
		}
		if page.After = found.Next; found.Next == "" {
			return
		}
	}
}

// makerIsNeverChecker looks at everything that was agreed to or reviewed.
func (s *sequence) makerIsNeverChecker() {
	s.events(func(rec *evidence.Record, told evidence.LeafView) {
		if a := told.Approval; a != nil && (slices.Contains(a.Approvers, a.Maker) || rec.Type == command.EventApproved.Name && string(rec.Actor) == a.Maker) {
			s.rt.Fatalf("%s: maker %s, approvers %v", rec.ID, a.Maker, a.Approvers)
		}
	})
	for _, g := range s.grants() {
		switch {
		case g.Origin == Requested && (g.Maker == g.Holder || g.Proposal == ""):
			s.rt.Fatalf("%s has its role from themselves, or from nobody: %+v", g.Holder, g)
		case g.Origin == Requested:
			for _, d := range s.decisions(g.Proposal) {
				if d.Approver == g.Holder || d.Approver == g.Maker {
					s.rt.Fatalf("%s agreed to %+v", d.Approver, g)
				}
			}
		case g.Origin == Broken && g.Ends.Sub(g.Starts) > time.Hour:
			s.rt.Fatalf("an emergency of %s", g.Ends.Sub(g.Starts))
		}
		if b, err := BreakReviewOf(context.Background(), s.Road.Store.Reader(), g.ID); err != nil || b != nil && b.Reviewer == g.Holder {
			s.rt.Fatalf("reviewed by the one who took it: %+v, %v", b, err)
		}
	}
	for _, x := range s.exceptions() {
		if x.Maker == x.Holder || x.Approvers == string(x.Holder) || x.Approvers == string(x.Maker) {
			s.rt.Fatalf("an exception from themselves: %+v", x)
		}
	}
}

func (s *sequence) decisions(proposal core.Ref) []command.Decision {
	list, err := command.Decisions(context.Background(), s.Road.Store.Reader(), proposal)
	if err != nil {
		s.rt.Fatal(err)
	}
	return list
}

// nothingOutsideAGrant holds the roles by which each act was let against the
// rows of the grants: worked out here once more, by nothing that decides.
func (s *sequence) nothingOutsideAGrant() {
	all := s.grants()
	backs := func(who core.Ref, role string, at core.Instant) bool {
		return slices.ContainsFunc(all, func(g Grant) bool {
			ends := g.Ends
			if g.Closed != 0 {
				ends = min(ends, g.Closed)
			}
			return g.Holder == who && string(g.Role) == role && g.Starts <= at && at <= ends // its own end is an act under it
		})
	}
	s.events(func(rec *evidence.Record, told evidence.LeafView) {
		if rec.Actor.Kind() != core.KindStaff || rec.Outcome == evidence.Denied || rec.Outcome == evidence.Refused || len(told.Policy.Determining) == 0 {
			return
		}
		if told.Approval != nil && rec.Type != command.EventApproved.Name {
			return // what the maker asked for, done when somebody agreed
		}
		own := slices.Contains([]string{"access.grant.end", "access.grant.break"}, told.Metadata.Action)
		if len(told.Actor.Roles) == 0 && !own {
			s.rt.Fatalf("%s did %s by no role: %s", rec.Actor, told.Metadata.Action, rec.ID)
		}
		for _, role := range told.Actor.Roles {
			if !backs(rec.Actor, role, rec.At) {
				s.rt.Fatalf("%s did %s at %s by the role %s, of which no grant was live", rec.Actor, told.Metadata.Action, rec.At, role)
			}
		}
		if at, out := s.out(rec.Actor); out && rec.At > at {
			s.rt.Fatalf("%s did %s after leaving", rec.Actor, told.Metadata.Action)
		}
	})
}

// out is when somebody left.
func (s *sequence) out(who core.Ref) (core.Instant, bool) {
	x, err := StaffByID(context.Background(), s.Road.Store.Reader(), who)
	if err != nil || x == nil {
		s.rt.Fatal(err)
	}
	return x.Left, x.Left != 0
}
