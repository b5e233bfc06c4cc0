package bench_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"vouchsafe/app"
	"vouchsafe/bench"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func site(tb testing.TB, dsn string) *bench.Site {
	tb.Helper()
	s, done, err := app.BenchSite(context.Background(), tb.TempDir(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := done(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func names(engine store.Engine, tb testing.TB, postgres func(testing.TB) string) string {
	if engine == store.Postgres {
		return postgres(tb)
	}
	return ""
}

// The whole bench on a few hundred events: every figure is there, every ratio
// is computed, and the history it built verifies. How fast it was is not asked.
func TestBenchRunsOnBothEngines(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			ctx := context.Background()
			s := site(t, names(engine, t, storetest.PostgresURL))
			o := bench.Options{Events: 600, Clients: 12, Turns: 2, Commands: 8, Senders: []int{1, 2}, Progress: t.Output()}
			r, err := bench.Run(ctx, s, o)
			if err != nil {
				t.Fatal(err)
			}
			aims := 0
			for _, f := range r.Figures {
				if f.Met != nil {
					aims++
				}
				if f.Value <= 0 && (f.Unit == "ratio" || strings.HasSuffix(f.Unit, "/s") || f.Unit == "ms" || f.Unit == "GB/s") {
					t.Errorf("%s is %v %s", f.Name, f.Value, f.Unit)
				}
				if f.Name == "pack: events" && f.Value < 100 {
					t.Errorf("the long story has only %v events", f.Value)
				}
			}
			if aims != 4 {
				t.Errorf("%d figures have an aim, want recording twice, timeline and verification", aims)
			}
			var events, leaves int
			err = s.Store.Reader().QueryRow(ctx, "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM leaf)").Scan(&events, &leaves)
			if err != nil || events < o.Events || leaves < o.Events {
				t.Errorf("%d events and %d leaves for a history of %d, %v", events, leaves, o.Events, err)
			}
			again := o
			again.Turns = 1
			kept, err := bench.Run(ctx, s, again)
			if err != nil || kept.Events != o.Events || len(kept.Figures) >= len(r.Figures) {
				t.Errorf("the kept history is not measured again: %v", err)
			}
		})
	}
}

// The bare insert writes exactly the rows that the command left: no fewer, or
// the ratio would flatter.
func TestTheTwinGetsTheSameRows(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			ctx := context.Background()
			s := site(t, names(engine, t, storetest.PostgresURL))
			f, err := s.Found(ctx, 4)
			if err != nil {
				t.Fatal(err)
			}
			before := map[string]int64{}
			tables := []string{"restriction", "event", "event_ref", "event_term", "disclosure", "command_key"}
			count := func(table string) (n int64) {
				if err := s.Store.Reader().QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			for _, table := range tables {
				before[table] = count(table)
			}
			m, err := bench.NewRecording(ctx, s, f, 2)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if _, err := m.Round(ctx, 20); err != nil {
				t.Fatal(err)
			}
			for _, table := range tables {
				want := count(table) - before[table]
				if got, err := m.Twin().Count(ctx, table); err != nil || got != want || got < 20 {
					t.Errorf("%s: %d rows bare, %d by the road, %v", table, got, want, err)
				}
			}
		})
	}
}

func BenchmarkRecord(b *testing.B) {
	for _, engine := range storetest.Engines {
		for _, senders := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/%d", engine, senders), func(b *testing.B) {
				ctx := context.Background()
				s := site(b, names(engine, b, storetest.PostgresOnDisk))
				f, err := s.Found(ctx, 500)
				if err != nil {
					b.Fatal(err)
				}
				m, err := bench.NewRecording(ctx, s, f, senders)
				if err != nil {
					b.Fatal(err)
				}
				defer m.Close()
				var road, bare float64
				for b.Loop() {
					r, err := m.Round(ctx, 50)
					if err != nil {
						b.Fatal(err)
					}
					road, bare = road+(r.Road+r.Drain).Seconds(), bare+r.Bare.Seconds()
				}
				b.ReportMetric(bare/road, "of-bare-insert")
				b.ReportMetric(50*float64(b.N)/road, "commands/s")
			})
		}
	}
}

// history is a log of 20,000 events; `vouchsafe bench` measures longer ones.
func history(b *testing.B, engine store.Engine) (*bench.Site, *bench.Firm, *bench.History) {
	b.Helper()
	s := site(b, names(engine, b, storetest.PostgresOnDisk))
	f, err := s.Found(context.Background(), 200)
	if err != nil {
		b.Fatal(err)
	}
	h, err := s.Build(context.Background(), f, 20_000)
	if err != nil {
		b.Fatal(err)
	}
	return s, f, h
}

func BenchmarkTimeline(b *testing.B) {
	for _, engine := range storetest.Engines {
		b.Run(string(engine), func(b *testing.B) {
			s, f, _ := history(b, engine)
			var road, bare float64
			for b.Loop() {
				r, err := s.Timeline(context.Background(), f, 10)
				if err != nil {
					b.Fatal(err)
				}
				for i := range r.Road {
					road, bare = road+r.Road[i].Seconds(), bare+r.Bare[i].Seconds()
				}
			}
			b.ReportMetric(road/bare, "times-bare-query")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, engine := range storetest.Engines {
		b.Run(string(engine), func(b *testing.B) {
			s, f, h := history(b, engine)
			var road, bare float64
			turn := 0
			for b.Loop() {
				c, err := s.Check(context.Background(), f, turn)
				if err != nil {
					b.Fatal(err)
				}
				turn++
				road, bare = road+c.Road.Seconds(), bare+c.Bare.Seconds()
			}
			b.ReportMetric(bare/road, "of-bare-read")
			b.ReportMetric(float64(h.Events*b.N)/road, "events/s")
		})
	}
}

func BenchmarkPack(b *testing.B) {
	for _, engine := range storetest.Engines {
		b.Run(string(engine), func(b *testing.B) {
			s, f, h := history(b, engine)
			var build, check float64
			for b.Loop() {
				p, err := s.Pack(context.Background(), f, h)
				if err != nil {
					b.Fatal(err)
				}
				build, check = build+p.Build.Seconds(), check+p.Verify.Seconds()
			}
			b.ReportMetric(1000*build/float64(b.N), "ms-to-build")
			b.ReportMetric(1000*check/float64(b.N), "ms-to-verify")
		})
	}
}
