package evidence

import (
	"bytes"
	"context"
	"testing"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// A pack of 1,000 events out of a log of 5,000, which is included whole.
func BenchmarkPack(b *testing.B) {
	r := newPackRig(b, storetest.Open(b, store.SQLite))
	for i := range 1000 {
		r.noise(4)
		id := core.Ref("wd_" + string(rune('a'+i%26)))
		note := packNote{ID: core.NewRef("wd", r.clock.Now(), r.entropy), Client: packClient, Name: "Alma Álvarez", IBAN: "DE00 1234", Text: "text"}
		r.do(Stamp{}, Event{Type: packWritten, Entity: packEntity, Subjects: []core.Ref{id, packClient}, Text: "Asked by phone"},
			func(ctx context.Context, tx *store.Tx) error { return packNotes.Insert(ctx, tx, &note) })
	}
	r.seal()
	var built *BuiltPack
	b.Run("build", func(b *testing.B) {
		for range b.N {
			built = r.build(r.spec())
		}
		b.ReportMetric(float64(len(built.Zip)), "zip-bytes")
	})
	b.Run("verify", func(b *testing.B) {
		for range b.N {
			problems, _, err := VerifyPack(bytes.NewReader(built.Zip), int64(len(built.Zip)), r.keys())
			if err != nil || len(problems) > 0 {
				b.Fatal(problems, err)
			}
		}
	})
}
