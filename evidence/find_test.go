package evidence

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

var (
	findOne = Register("find.thing.one", EntityManagement, "A test's first kind of event.")
	findTwo = Register("find.thing.two", EntityManagement, "A test's second kind of event.")
)

// findRig is a log with random events and what is known of each.
type findRig struct {
	*packRig
	known []known
}

type known struct {
	rec   Record
	words map[string][]core.Class
}

func newFindRig(t *testing.T, s *store.Store, n int) *findRig {
	r := &findRig{packRig: newPackRig(t, s)}
	rng := rand.New(rand.NewPCG(3, 4))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	for i := range n {
		e := Event{
			Type: []Type{findOne, findTwo}[rng.IntN(2)], Outcome: Outcome(pick("done", "done", "denied", "refused")),
			Entity:   core.Ref(pick("en_a", "en_b", "")),
			Subjects: []core.Ref{core.Ref(pick("cl_a", "cl_b", "cl_c")), core.Ref(fmt.Sprintf("wd_%d", i/3))},
			Case:     core.Ref(pick("", "", "ca_a", "ca_b")),
		}
		words := map[string][]core.Class{}
		for _, c := range []core.Class{core.Public, core.Bank} {
			if w := pick("", "apple", "pear"); w != "" {
				e.Details = append(e.Details, Detail{Name: "w" + string(c), Value: w, Class: c, Search: true})
				words[w] = append(words[w], c)
			}
		}
		st := Stamp{At: r.clock.Now() + core.Instant(i*1000), Entropy: r.entropy, Actor: Actor{Ref: core.Ref(pick("st_a", "st_b"))}}
		var id string
		err := s.Write(context.Background(), func(ctx context.Context, tx *store.Tx) (err error) {
			id, err = r.log.Append(ctx, tx, st, e)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		rec, err := Get(context.Background(), s.Reader(), id)
		if err != nil {
			t.Fatal(err)
		}
		r.known = append(r.known, known{*rec, words})
	}
	return r
}

// holds is the filter, word for word, over one event.
func (k known) holds(f *Filter) bool {
	rec := k.rec
	for _, ref := range f.Refs {
		if !slices.Contains(append([]core.Ref{rec.Actor, rec.Entity, rec.Case}, rec.Subjects...), ref) {
			return false
		}
	}
	for _, w := range f.Words {
		if !slices.ContainsFunc(k.words[w], func(c core.Class) bool { return c == core.Public || slices.Contains(f.Classes, c) }) {
			return false
		}
	}
	return (f.Actor == "" || rec.Actor == f.Actor) && (len(f.Types) == 0 || slices.Contains(f.Types, rec.Type)) &&
		(f.Outcome == "" || rec.Outcome == f.Outcome) && (f.Log == "" || rec.Log == f.Log) &&
		(f.From == 0 || rec.At >= f.From) && (f.To == 0 || rec.At < f.To)
}

func randomFilter(rng *rand.Rand, ks []known) Filter {
	f := Filter{Scope: store.True, Oldest: rng.IntN(2) == 0}
	maybe := func(fn func()) {
		if rng.IntN(3) == 0 {
			fn()
		}
	}
	from := func(list ...core.Ref) core.Ref { return list[rng.IntN(len(list))] }
	maybe(func() { f.Refs = append(f.Refs, from("cl_a", "cl_b", "st_a", "en_a", "ca_a", "ca_none")) })
	maybe(func() { f.Refs = append(f.Refs, from("cl_c", "st_b", "en_b", "ca_b", "wd_3", "cl_a")) })
	maybe(func() { f.Actor = from("st_a", "st_b", "st_none") })
	maybe(func() { f.Types = []string{findOne.Name} })
	maybe(func() { f.Types = []string{findTwo.Name, findOne.Name, "find.thing.none"} })
	maybe(func() { f.Outcome = []Outcome{Done, Denied, Refused, Failed}[rng.IntN(4)] })
	maybe(func() { f.Log = string(from("en_a", "en_b", GroupLog)) })
	maybe(func() { f.From = ks[rng.IntN(len(ks))].rec.At })
	maybe(func() { f.To = ks[rng.IntN(len(ks))].rec.At })
	maybe(func() { f.Words = []string{[]string{"apple", "pear", "plum"}[rng.IntN(3)]} })
	maybe(func() { f.Classes = []core.Class{core.Bank} })
	return f
}

// Whatever leads, the pages together are exactly the events that the filter
// describes, in order and each once.
func TestFindIsExact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newFindRig(t, s, 150)
		rng := rand.New(rand.NewPCG(5, 6))
		nonempty := 0
		for range 300 {
			f := randomFilter(rng, r.known)
			var want, got []string
			for _, k := range r.known {
				if k.holds(&f) {
					want = append(want, k.rec.ID)
				}
			}
			if !f.Oldest {
				slices.Reverse(want)
			}
			for page := (core.PageRequest{Limit: 1 + rng.IntN(40)}); ; {
				found, err := r.log.Find(context.Background(), s.Reader(), f, page)
				if err != nil {
					t.Fatalf("%+v: %v", f, err)
				}
				for _, rec := range found.Rows {
					got = append(got, rec.ID)
				}
				if page.After = found.Next; page.After == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%+v found %d events, want %d", f, len(got), len(want))
			}
			if n, more, err := r.log.Count(context.Background(), s.Reader(), f, len(want)); err != nil || n != len(want) || more {
				t.Fatalf("%+v counts %d events, more %v, want %d: %v", f, n, more, len(want), err)
			}
			if n, more, err := r.log.Count(context.Background(), s.Reader(), f, len(want)/2); err != nil || n != len(want)/2 || more != (len(want) > 0) {
				t.Fatalf("%+v counts %d of %d events, more %v: %v", f, n, len(want), more, err)
			}
			if len(want) > 0 {
				nonempty++
			}
		}
		if nonempty < 50 {
			t.Fatalf("only %d searches found anything: the test tests nothing", nonempty)
		}
		none, err := r.log.Find(context.Background(), s.Reader(), Filter{Refs: []core.Ref{"cl_a"}}, core.PageRequest{})
		if err != nil || len(none.Rows) > 0 {
			t.Fatalf("without a scope %d events are found, %v", len(none.Rows), err)
		}
	})
}

// explainer tells the engine's plan of each query that goes through it.
type explainer struct {
	store.Reader
	db           *sql.DB
	t            *testing.T
	sqliteEngine bool
	plans        []string
}

func (e *explainer) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	e.explain(q, args)
	return e.Reader.Query(ctx, q, args...)
}

func (e *explainer) explain(q string, args []any) {
	prefix := "EXPLAIN "
	if e.sqliteEngine {
		prefix = "EXPLAIN QUERY PLAN "
	}
	plain := make([]any, len(args))
	for i, a := range args {
		if ref, ok := a.(core.Ref); ok {
			a = string(ref)
		}
		plain[i] = a
	}
	rows, err := e.db.Query(prefix+q, plain...)
	if err != nil {
		e.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		dest := []any{&line}
		if e.sqliteEngine {
			var a, b, c int
			dest = []any{&a, &b, &c, &line}
		}
		if err := rows.Scan(dest...); err != nil {
			e.t.Fatal(err)
		}
		e.plans = append(e.plans, line)
	}
}

// A story is read along the index, newest first, and never sorted: on both
// engines, with and without a time, a second condition, or a word.
func TestStoriesAreReadAlongTheIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newFindRig(t, s, 150)
		driver, dsn := "pgx", storetest.DSN(t, s)
		if s.Engine() == store.SQLite {
			driver, dsn = "sqlite", "file:"+strings.TrimPrefix(dsn, "sqlite:")
		}
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("ANALYZE"); err != nil {
			t.Fatal(err)
		}
		if s.Engine() == store.Postgres { // the tables are too small for the planner to want an index
			db.SetMaxOpenConns(1)
			for _, off := range []string{"enable_seqscan", "enable_bitmapscan"} {
				if _, err := db.Exec("SET " + off + " = off"); err != nil {
					t.Fatal(err)
				}
			}
		}
		at := r.known[20].rec.At
		for name, f := range map[string]Filter{
			"reference":          {Refs: []core.Ref{"cl_a"}},
			"reference and time": {Refs: []core.Ref{"cl_a"}, From: at, To: at + 50_000},
			"client and action":  {Refs: []core.Ref{"cl_a"}, Types: []string{findOne.Name}},
			"staff and time":     {Actor: "st_a", From: at},
			"word":               {Words: []string{"apple"}},
			"log and time":       {Log: "en_a", From: at},
		} {
			f.Scope = store.True
			e := &explainer{Reader: s.Reader(), db: db, t: t, sqliteEngine: s.Engine() == store.SQLite}
			if _, err := r.log.Find(context.Background(), e, f, core.PageRequest{}); err != nil {
				t.Fatal(name, err)
			}
			plan := strings.Join(e.plans, "\n")
			if plan == "" || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort") || strings.Contains(plan, "SCAN event") || strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s:\n%s", name, plan)
			}
		}
	})
}
