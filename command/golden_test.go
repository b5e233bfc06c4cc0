package command_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// The same seed makes the same leaves and change documents on both engines,
// to the byte, and they are those of the golden file: a change of format is a
// decision, never an accident. VOUCHSAFE_UPDATE=golden rewrites the file.
func TestGoldenEvidence(t *testing.T) {
	file := filepath.Join("testdata", "golden.txt")
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		storetest.Create(t, s, `CREATE TABLE toy_till (id TEXT PRIMARY KEY, client TEXT NOT NULL, owner TEXT, minor BIGINT NOT NULL, rev BIGINT NOT NULL)`)
		r := commandtest.WithSeed(t, s, toy(), 7)
		got := tell(t, r)
		if os.Getenv("VOUCHSAFE_UPDATE") == "golden" {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Fatalf("evidence differs from %s:\n%s", file, got)
		}
	})
}

func tell(t *testing.T, r *commandtest.Rig) string {
	t.Helper()
	ctx := context.Background()
	ann, lea := r.Staff("ann", "clerk"), r.Staff("lea", "lead")
	owner := put
	owner.Owner = "Łukasz \"Ł\" O'Brien\t\u2028 ñ"
	r.Do(ann, owner)
	o := r.Do(ann, out(200))
	r.Approve(lea, o.Proposal)
	if _, err := r.Road.Run(ctx, evidence.Actor{Ref: "st_nobody", IP: "198.51.100.7"}, "", put); err == nil {
		t.Fatal("not denied")
	}
	page, err := r.Road.Log.Find(ctx, r.Road.Store.Reader(), evidence.Filter{Scope: store.True, Oldest: true}, core.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range page.Rows {
		b.WriteString(e.Leaf + "\n" + e.Changes + "\n")
	}
	return b.String()
}

// What a sensitive value was is shown to those who may see it, and to nobody
// else, from the same stored evidence.
func TestDisclosureObeysMay(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		o := r.Do(r.Staff("ann", "clerk"), put)
		rec, err := evidence.Get(ctx, r.Road.Store.Reader(), o.Event)
		if err != nil || rec == nil {
			t.Fatal(rec, err)
		}
		for _, may := range []bool{true, false} {
			lines, shown, err := r.Road.Log.Disclose(ctx, r.Road.Store.Reader(), rec, func(c core.Class, who core.Ref) bool { return may })
			if err != nil {
				t.Fatal(err)
			}
			cell := lines[1].Cells["owner"]
			if may && (cell.New == nil || *cell.New != "Ada Example" || len(shown) != 2) {
				t.Fatalf("not shown: %+v %+v", cell, shown)
			}
			if !may && (cell.New != nil || !cell.NewMasked || len(shown) != 0) {
				t.Fatalf("shown to one who may not: %+v", cell)
			}
		}
	})
}

// Searching is not an oracle: a personal word is found only by those who may
// search its class; a public one by all.
func TestSearchByWordsObeysClasses(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		r.Do(r.Staff("ann", "clerk"), put)
		count := func(words string, cs ...core.Class) int {
			page, err := r.Road.Log.Find(ctx, r.Road.Store.Reader(),
				evidence.Filter{Scope: store.True, Words: []string{words}, Classes: cs}, core.PageRequest{})
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Rows)
		}
		if n := count("ADA", core.Personal); n != 1 {
			t.Errorf("%d found by one who may", n)
		}
		if n := count("ada"); n != 0 {
			t.Errorf("%d found by one who may not", n)
		}
		if n := count("example ada", core.Personal); n != 1 {
			t.Errorf("%d found by two words", n)
		}
	})
}

// Pages of a search neither skip nor repeat while events arrive.
func TestSearchPagesAreStable(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ctx, ann := context.Background(), r.Staff("ann", "clerk")
		for range 25 {
			r.Do(ann, put.with(1))
		}
		seen := map[string]bool{}
		f := evidence.Filter{Scope: store.True, Refs: []core.Ref{"cl_a"}}
		var next core.Cursor
		for {
			page, err := r.Road.Log.Find(ctx, r.Road.Store.Reader(), f, core.PageRequest{Limit: 10, After: next})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Rows {
				if seen[e.ID] {
					t.Fatalf("%s twice", e.ID)
				}
				seen[e.ID] = true
			}
			r.Do(ann, put.with(1))
			if next = page.Next; next == "" {
				break
			}
		}
		if len(seen) != 25 {
			t.Fatalf("%d seen of 25", len(seen))
		}
	})
}

func (m moveTill) with(minor int64) moveTill { m.Minor = minor; return m }
