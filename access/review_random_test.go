package access

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Closing is whole or not at all: whatever fails within it, nobody has lost a
// role, nothing is decided, and no event says otherwise.
func TestAReviewClosesWholeOrNotAtAll(t *testing.T) {
	for _, failing := range []struct {
		typ evidence.Type
		nth int
	}{{EventReviewClosed, 1}, {EventReviewLapsed, 1}, {EventReviewLapsed, 2}, {EventReviewLapsed, 4}} {
		t.Run(fmt.Sprint(failing.typ.Name, failing.nth), func(t *testing.T) {
			eachFirm(t, func(t *testing.T, f *firm) {
				reviewFirm(f)
				for _, who := range []evidence.Actor{f.ana, f.ben, f.hire("cara", "en_cy")} {
					f.grant(who, Support, "en_cy", 60*day)
				}
				id := f.Do(f.senior, reviewOf("en_cy")).Subject
				f.Clock.Advance(reviewDue + reviewGrace)
				seen := 0
				f.Road.Reactions = func(typ string) []string {
					if typ == failing.typ.Name {
						if seen++; seen == failing.nth {
							return []string{""} // no job can be written for it: the transaction fails here
						}
					}
					return nil
				}
				if err := SweepReviews(t.Context(), f.Road); err == nil || seen < failing.nth {
					t.Fatalf("nothing failed: %v, %d", err, seen)
				}
				f.Road.Reactions = nil
				if f.review(id).State != ReviewOpen {
					t.Error("the review says that it is closed")
				}
				for _, x := range f.items(id) {
					if x.Decision != "" || f.grantNow(core.Ref(x.Grants)).State != Granted {
						t.Errorf("%+v: %+v", x, f.grantNow(core.Ref(x.Grants)))
					}
				}
				if got := f.types(id); slices.Contains(got, EventReviewLapsed.Name) || slices.Contains(got, EventReviewClosed.Name) {
					t.Errorf("events %v", got)
				}
				f.sweep()
				if n := len(f.items(id)); f.review(id).State != ReviewClosed || n != 4 {
					t.Errorf("afterwards: %+v", f.review(id))
				}
			})
		})
	}
}

// randomReviews runs reviews with chance as everybody's hand, and looks after
// each act at what must hold.
type randomReviews struct {
	*firm
	rng     *rand.Rand
	people  []evidence.Actor
	seniors []evidence.Actor
	done    map[core.Ref]ReviewItem // items as they were when they were decided
	did     map[string]int
}

// Whatever people do, in whatever order: an item is decided once and never by
// its holder; when a review is closed nothing in it is undecided, and what
// nobody decided is not in force; and roles can still be given.
func TestReviewsHoldUnderRandomActs(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			eachFirm(t, func(t *testing.T, f *firm) {
				nia := reviewFirm(f)
				mate := f.hire("mate", "en_cy")
				f.grant(mate, SeniorCompliance, "en_cy", 80*day)
				for _, x := range []struct {
					asks, agrees, holder evidence.Actor
					role                 Role
					entity               core.Ref
				}{{f.second, nia, f.root, SystemAdmin, Group}, {f.root, nia, f.second, SystemAdmin, Group}, {f.root, f.second, nia, SeniorCompliance, Group}, {f.root, f.second, f.senior, SeniorCompliance, "en_cy"}} {
					in := f.request(x.holder, x.role, x.entity, 100*day)
					in.From = f.Clock.Now().Add(20 * day)
					if _, err := f.decide(x.agrees, f.Do(x.asks, in).Proposal); err != nil {
						t.Fatal(err)
					}
				}
				r := &randomReviews{
					firm: f, rng: rand.New(rand.NewPCG(seed, 1)), people: []evidence.Actor{f.ana, f.ben, mate, f.senior},
					seniors: []evidence.Actor{f.senior, mate, nia, f.root}, done: map[core.Ref]ReviewItem{}, did: map[string]int{},
				}
				for range 90 {
					r.step()
					r.check()
				}
				for _, act := range []string{"decided", "reviewed", "closed", "granted"} {
					if r.did[act] == 0 {
						t.Errorf("chance never got anything %s: %v", act, r.did)
					}
				}
				problems, err := f.Road.Log.VerifyFold(t.Context(), f.Road.Store.Reader())
				if err != nil || len(problems) > 0 {
					t.Errorf("the rows are not what the events say: %v, %v", problems, err)
				}
			})
		})
	}
}

// try runs a command; a refusal is one of the things that can happen.
func (r *randomReviews) try(word string, a evidence.Actor, in command.Input) command.Outcome {
	r.t.Helper()
	out, err := r.Road.Run(context.Background(), a, "", in)
	if f := core.AsFault(err); err != nil && f.Kind != core.Refused && f.Kind != core.Denied && f.Kind != core.Unknown && f.Kind != core.Invalid {
		r.t.Fatalf("%s: %v", in.Action(), err)
	}
	if err == nil {
		r.did[word]++
	}
	return out
}

func pick[T any](r *randomReviews, from []T) T { return from[r.rng.IntN(len(from))] }

func (r *randomReviews) step() {
	switch n := r.rng.IntN(20); {
	case n < 3:
		p := r.try("asked", r.root, r.request(pick(r, r.people), pick(r, []Role{Support, Dealing, Payments}), "en_cy", time.Duration(5+r.rng.IntN(40))*day))
		if p.Proposal != "" {
			if _, err := r.decide(pick(r, []evidence.Actor{r.second, r.senior}), p.Proposal); err == nil {
				r.did["granted"]++
			}
		}
	case n < 5:
		in := reviewOf("en_cy")
		if r.rng.IntN(2) == 0 {
			in.Scope, in.About = ScopePerson, pick(r, r.people).Ref
		}
		r.try("reviewed", pick(r, r.seniors), in)
	case n < 15:
		r.decideSomething()
	case n < 16:
		if all := r.all(); len(all) > 0 {
			g := pick(r, refsOf(pick(r, all).Grants))
			r.try("revoked", r.senior, RevokeGrant{Grant: g, Reason: "risk", Words: "Chance wants it so."})
		}
	case n < 17:
		open, err := reviews.Select(context.Background(), r.Road.Store.Reader(), "WHERE state = 'open' ORDER BY id")
		if err == nil && len(open) > 0 {
			out := r.try("closing", pick(r, r.seniors), CloseReview{Review: pick(r, open).ID, Words: "Chance wants it so."})
			if out.Proposal != "" && r.rng.IntN(2) == 0 {
				_, _ = r.decide(pick(r, r.seniors), out.Proposal)
			}
		}
	default:
		r.Clock.Advance(time.Duration(r.rng.IntN(100)) * time.Hour)
		r.sweep()
	}
	r.tick()
}

func (r *randomReviews) decideSomething() {
	all := r.all()
	if len(all) == 0 {
		return
	}
	if open := slices.DeleteFunc(slices.Clone(all), func(x ReviewItem) bool { return x.Decision != "" }); len(open) > 0 && r.rng.IntN(8) > 0 {
		all = open
	}
	in := DecideReview{Item: pick(r, all).ID, Decision: pick(r, []string{KeepRole, KeepRole, RevokeRole, Reassign}), Words: checked}
	if in.Decision == Reassign {
		in.To = pick(r, r.seniors).Ref
	}
	r.try("decided", pick(r, r.seniors), in)
}

func (r *randomReviews) all() []ReviewItem {
	r.t.Helper()
	rows, err := reviewItems.Select(context.Background(), r.Road.Store.Reader(), "ORDER BY id")
	if err != nil {
		r.t.Fatal(err)
	}
	return rows
}

// check looks at what must hold after every act.
func (r *randomReviews) check() {
	r.t.Helper()
	for _, x := range r.all() {
		v := r.review(x.Review)
		switch was, decided := r.done[x.ID]; {
		case decided && was != x:
			r.t.Fatalf("decided twice: %+v, then %+v", was, x)
		case x.Decision != "":
			r.done[x.ID] = x
		case v.State == ReviewClosed: // and it has no decision
			r.t.Fatalf("closed with something undecided: %+v", x)
		}
		if v.State == ReviewClosed {
			r.did["closed"]++
		}
		if x.DecidedBy == x.Holder && x.DecidedBy != "" {
			r.t.Fatalf("decided by its holder: %+v", x)
		}
		if x.DecidedBy == SysClock && x.Decision != UndecidedRole {
			r.t.Fatalf("the clock decided: %+v", x)
		}
		taken := x.Effect == EffectRevoked || x.Decision == UndecidedRole && x.Effect != EffectProtected
		for _, g := range refsOf(x.Grants) {
			if taken && r.grantNow(g).Live(r.Clock.Now()) {
				r.t.Fatalf("taken away, and in force: %+v, %s", x, g)
			}
		}
	}
	g, err := reviewing{r.Road.Store, r.Road.Log, authorizer(r.t), r.Clock}.givers(context.Background(), r.Road.Store.Reader(), r.Clock.Now())
	if err != nil || !g.open("en_cy") || !g.open(Group) {
		r.t.Fatalf("roles can be given no more: %v", err)
	}
}
