package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// History is a long log with what is known about it.
type History struct {
	Events   int
	Founding int // of these, made by commands one by one
	From, To core.Instant
	Cases    []core.Ref
	Accounts []core.Ref
	Whole    core.Ref // a client with a story of exactly StoryEvents besides their creation
}

// StoryEvents is the length of the story that packs are built of.
const StoryEvents = 1000

// bulk is how many events go into one transaction of the history.
const bulk = 2000

// Build fills the log with events up to a number and seals them. The firm, its
// people and clients were made by commands; the rest are events that the road
// leaves without changing a row (personal data shown, searches, exports,
// denials and refusals), spread over two years, made by evidence.AppendMany:
// the same leaves, change documents, tags, disclosures, index entries and
// search terms, only many to a transaction.
func (s *Site) Build(ctx context.Context, f *Firm, events int) (*History, error) {
	h := &History{Events: events, To: s.Road.Clock.Now().Add(-time.Hour)}
	h.From = h.To.Add(-2 * 365 * 24 * time.Hour)
	if err := s.Store.Reader().QueryRow(ctx, "SELECT count(*) FROM event").Scan(&h.Founding); err != nil {
		return nil, err
	}
	entropy := core.NewSeededEntropy(7)
	for range max(10, events/1000) {
		h.Cases = append(h.Cases, core.NewRef(core.KindCase, h.From, entropy))
	}
	for range f.Clients {
		h.Accounts = append(h.Accounts, core.NewRef(core.KindAccount, h.From, entropy))
	}
	h.Whole = f.Clients[0]
	w := &writing{h: h, f: f, rng: rand.New(rand.NewPCG(1, 2)), set: "0f6d1c9e5b7a48e29c3d"}
	left := events - h.Founding
	for done := 0; done < left; done += bulk {
		list := w.next(done, min(bulk, left-done), left)
		err := s.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return s.Log.AppendMany(ctx, tx, list) })
		if err != nil {
			return nil, err
		}
	}
	_, err := s.Sequencer.Step(ctx)
	return h, err
}

// writing makes the events of a history, the same for every run.
type writing struct {
	h     *History
	f     *Firm
	rng   *rand.Rand
	set   string
	story int // of h.Whole so far
}

func (w *writing) next(first, n, of int) []evidence.Stamped {
	out := make([]evidence.Stamped, n)
	step := int64(w.h.To-w.h.From) / int64(of)
	for i := range out {
		at := w.h.From + core.Instant(int64(first+i)*step)
		// The long story is spread evenly over the whole time.
		who := 1 + w.rng.IntN(len(w.f.Clients)-1)
		if w.story < StoryEvents && (first+i+1)*min(StoryEvents, of/2) >= (w.story+1)*of {
			who = 0
			w.story++
		}
		out[i] = w.event(at, who, first+i)
	}
	return out
}

func (w *writing) event(at core.Instant, who, n int) evidence.Stamped {
	by := n * 31 % len(w.f.Staff)
	s := evidence.Stamped{
		Stamp: evidence.Stamp{
			At: at, Entropy: core.NewSeededEntropy(uint64(n)), Action: "clients.client.view",
			Actor: evidence.Actor{
				Ref: w.f.Staff[by], Session: core.Ref(fmt.Sprintf("se_bench%d", n/200)), IP: fmt.Sprintf("192.0.2.%d", 10+by),
				Roles: []string{"compliance"}, Factors: []string{"password", "totp"},
			},
			Decision: evidence.Decision{Allow: true, Policies: []string{"compliance.know", "see.compliance"}, Set: w.set, Engine: "bench"},
		},
		Event: evidence.Event{
			Type: command.EventShown, Entity: w.f.Entity, Subjects: []core.Ref{w.f.Clients[who]},
			Details: []evidence.Detail{
				{Name: "query", Value: "clients.client.view"},
				{Name: "fields", Value: "personal:client.name personal:client.email identity:client.birth_date"},
				{Name: "rows", Value: "1"},
			},
		},
	}
	w.vary(&s, who, n)
	return s
}

// vary makes one event in five another act than a look at a client.
func (w *writing) vary(s *evidence.Stamped, who, n int) {
	e := &s.Event
	switch n % 20 {
	case 3, 13:
		e.Subjects = append([]core.Ref{w.h.Accounts[who]}, e.Subjects...)
	case 5:
		e.Case, e.Reason, e.Type, e.Outcome = w.h.Cases[w.rng.IntN(len(w.h.Cases))], "blocked", command.EventRefused, evidence.Refused
		e.Text = "Release refused while the proof of address is out of date, number " + strconv.Itoa(n)
	case 7:
		e.Type, s.Stamp.Action = command.EventSearched, "evidence.event.search"
		e.Details = append(e.Details, evidence.Detail{Name: "searched", Value: "iban" + strconv.Itoa(n%5000), Class: core.Personal, Search: true})
	case 11:
		e.Type, e.Outcome = command.EventDenied, evidence.Denied
		s.Stamp.Decision.Allow, s.Stamp.Action = false, "payments.withdrawal.release"
		e.Details = []evidence.Detail{{Name: "action", Value: "payments.withdrawal.release", Search: true}}
	case 17:
		e.Type = command.EventExported
		e.Details = append(e.Details, evidence.Detail{Name: "form", Value: "pack client"})
	}
}
