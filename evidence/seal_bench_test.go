package evidence

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func benchRig(b *testing.B, engine store.Engine, events int) *rig {
	r := newRig(b, storetest.Open(b, engine))
	for range events / 5000 {
		r.write("group", 5000)
	}
	return r
}

// BenchmarkSeal reports how many waiting events a Step seals per second,
// checkpoint included.
func BenchmarkSeal(b *testing.B) {
	for _, engine := range storetest.Engines {
		b.Run(string(engine), func(b *testing.B) {
			const events = 50_000
			var spent time.Duration
			for b.Loop() {
				b.StopTimer()
				r := benchRig(b, engine, events)
				b.StartTimer()
				start := time.Now()
				if n := r.step(); n != events {
					b.Fatalf("sealed %d", n)
				}
				spent += time.Since(start)
			}
			b.ReportMetric(float64(b.N)*events/spent.Seconds(), "events/s")
		})
	}
}

// BenchmarkVerify compares verification of a whole log with a bare read of the
// same rows by the same query, both in one run: their ratio is what counts.
func BenchmarkVerify(b *testing.B) {
	for _, engine := range storetest.Engines {
		b.Run(string(engine), func(b *testing.B) {
			const events = 100_000
			r := benchRig(b, engine, events)
			r.step()
			var verify, bare time.Duration
			for b.Loop() {
				start := time.Now()
				if ps := r.verify("group"); len(ps) > 0 {
					b.Fatal(ps)
				}
				verify += time.Since(start)
				start = time.Now()
				if n := bareRead(b, r); n != events {
					b.Fatalf("read %d", n)
				}
				bare += time.Since(start)
			}
			b.ReportMetric(float64(b.N)*events/verify.Seconds(), "verified/s")
			b.ReportMetric(float64(b.N)*events/bare.Seconds(), "read/s")
			b.ReportMetric(bare.Seconds()/verify.Seconds(), "of-bare-read")
		})
	}
}

func bareRead(b *testing.B, r *rig) (n int) {
	err := r.s.Snapshot(context.Background(), func(rd store.Reader) error {
		rows, err := rd.Query(r.ctx, chunkQuery, "group", int64(0), int64(1)<<40)
		if err != nil {
			return err
		}
		defer rows.Close()
		var idx int64
		var event, hash, log, leaf sql.RawBytes
		for rows.Next() {
			if err := rows.Scan(&idx, &event, &hash, &log, &leaf); err != nil {
				return err
			}
			n++
		}
		return rows.Err()
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkInclusion makes and checks one proof in a log of 50,000.
func BenchmarkInclusion(b *testing.B) {
	for _, engine := range storetest.Engines {
		b.Run(string(engine), func(b *testing.B) {
			r := benchRig(b, engine, 50_000)
			r.step()
			keys := r.keys("group")
			i := 0
			for b.Loop() {
				i = (i + 7919) % 50_000
				ev := eventAt("group", i)
				p, err := Inclusion(r.ctx, r.s.Reader(), ev.ID)
				if err != nil {
					b.Fatal(err)
				}
				if err := VerifyInclusion([]byte(ev.Leaf), p, keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
