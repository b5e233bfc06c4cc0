package evidence

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// packNote is the toy record of these tests.
type packNote struct {
	ID, Client       core.Ref
	Name, IBAN, Text string
	Secret, Digest   string
	rev              int64
}

var packNotes = store.Declare(store.Table[packNote]{
	Name: "toy_note", Kind: store.Recorded,
	Subject: func(n *packNote) core.Ref { return n.Client },
	Rev:     func(n *packNote) *int64 { return &n.rev },
	Columns: []store.Column[packNote]{
		{Name: "id", Class: core.Public, Field: func(n *packNote) any { return &n.ID }},
		{Name: "client", Class: core.Public, Field: func(n *packNote) any { return &n.Client }},
		{Name: "name", Class: core.Personal, Field: func(n *packNote) any { return &n.Name }},
		{Name: "iban", Class: core.Bank, Field: func(n *packNote) any { return &n.IBAN }},
		{Name: "text", Class: core.Public, Field: func(n *packNote) any { return &n.Text }},
		{Name: "secret", Class: core.Secret, Field: func(n *packNote) any { return &n.Secret }},
		{Name: "digest", Class: core.Identity, Field: func(n *packNote) any { return &n.Digest }},
	},
})

var (
	packWritten = Register("toy.note.written", EntityManagement, "A note was written or changed.")
	packDenied  = Register("toy.note.denied", Authorization, "Somebody may not write this note.")
	packSignIn  = Register("toy.session.started", Authentication, "A client signed in.")
	packGranted = Register("toy.role.granted", UserAccess, "A role was given.")
)

const (
	packClient core.Ref = "cl_alma"
	packOther  core.Ref = "cl_boris"
	packEntity core.Ref = "en_test"
)

// packRig is an installation in miniature with a story in it.
type packRig struct {
	tb      testing.TB
	ctx     context.Context
	s       *store.Store
	log     *Log
	signers Signers
	seq     *Sequencer
	clock   *core.VirtualClock
	entropy core.Entropy
}

func newPackRig(tb testing.TB, s *store.Store) *packRig {
	tb.Helper()
	storetest.Create(tb, s, `CREATE TABLE toy_note (id TEXT PRIMARY KEY, client TEXT NOT NULL, name TEXT, iban TEXT,
		text TEXT, secret TEXT, digest TEXT, rev BIGINT NOT NULL)`)
	ctx := context.Background()
	kek := filepath.Join(tb.TempDir(), "kek.json")
	check(tb, keys.GenerateKEK(kek))
	aead, err := keys.LoadKEK(kek)
	check(tb, err)
	clock, entropy := core.NewVirtualClock(rigStart), core.NewSeededEntropy(5)
	ring, err := keys.OpenRing(ctx, storetest.OpenKeys(tb, store.SQLite), aead, clock, entropy)
	check(tb, err)
	signers, err := SeededSigner(rigHost, [32]byte{7})
	check(tb, err)
	seq, err := NewSequencer(SequencerConfig{Store: s, Signers: signers, Clock: clock, Holder: "one", Outside: &memOutside{notes: map[string]string{}}})
	check(tb, err)
	return &packRig{tb, ctx, s, &Log{Host: rigHost, Keys: ring}, signers, seq, clock, entropy}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// do writes one event, with the row changes that fn makes before it.
func (r *packRig) do(s Stamp, e Event, fn func(ctx context.Context, tx *store.Tx) error) string {
	r.tb.Helper()
	s.At, s.Entropy = r.clock.Advance(time.Second), r.entropy
	if s.Actor.Ref == "" {
		s.Actor = Actor{Ref: "st_maker", Session: "se_1", IP: "192.0.2.7", Roles: []string{"payments"}}
	}
	s.Action, s.Decision = "toy.note.write", Decision{Allow: e.Outcome != Denied, Policies: []string{"toy.any"}, Set: sumHex([]byte("permit all;\n")), Engine: "toy"}
	var id string
	check(r.tb, r.s.Write(r.ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if fn != nil {
			if err := fn(ctx, tx); err != nil {
				return err
			}
		}
		id, err = r.log.Append(ctx, tx, s, e)
		return err
	}))
	return id
}

func (r *packRig) seal() {
	r.tb.Helper()
	_, err := r.seq.Step(r.ctx)
	check(r.tb, err)
}

// noise writes n events about somebody else.
func (r *packRig) noise(n int) {
	for i := range n {
		r.do(Stamp{}, Event{Type: packWritten, Entity: packEntity, Subjects: []core.Ref{packOther}, Text: fmt.Sprint("noise ", i)}, nil)
	}
}

const packPaper = "the text of a contract\n"

// story writes the client's events between those of others: a sign-in, a note,
// its change under approval with an outside reference, a denial.
func (r *packRig) story() {
	r.noise(3)
	r.seal()
	subjects := []core.Ref{"wd_1", packClient}
	note := packNote{ID: "wd_1", Client: packClient, Name: "Alma Álvarez", IBAN: "DE00 1234", Text: "=1+1", Secret: "hunter2", Digest: sumHex([]byte(packPaper))}
	r.do(Stamp{Actor: Actor{Ref: packClient, IP: "198.51.100.9"}}, Event{Type: packSignIn, Subjects: []core.Ref{packClient}}, nil)
	first := r.do(Stamp{}, Event{Type: packWritten, Entity: packEntity, Subjects: subjects, Text: "Asked by phone <script>alert(1)</script>", Reason: "client-request"},
		func(ctx context.Context, tx *store.Tx) error { return packNotes.Insert(ctx, tx, &note) })
	r.seal()
	now := note
	now.IBAN, now.Text = "FR11 9999", "second"
	r.do(Stamp{Correlation: first, Approval: &Approval{Proposal: "pr_1", Payload: sumHex(nil), Rule: "toy/1", Maker: "st_maker", Approvers: []core.Ref{"st_checker"}}},
		Event{
			Type: packWritten, Entity: packEntity, Subjects: subjects, Case: "ca_1", External: []string{"psp:tr_1"}, Observed: rigStart,
			Details: []Detail{{Name: "amount", Value: "EUR 5.00"}},
		},
		func(ctx context.Context, tx *store.Tx) error { return packNotes.Update(ctx, tx, &note, &now) })
	r.noise(2)
	r.do(Stamp{Actor: Actor{Ref: "st_curious", IP: "192.0.2.8"}}, Event{Type: packDenied, Outcome: Denied, Entity: packEntity, Subjects: subjects}, nil)
	r.do(Stamp{Correlation: "0190a7c0-0000-7000-8000-000000000001"}, Event{Type: packGranted, Subjects: []core.Ref{packClient}}, nil)
	r.seal()
}

// spec is what the head of compliance would ask for.
func (r *packRig) spec() PackSpec {
	return PackSpec{
		Kind: "client", Subject: packClient, Title: "Client CL-ALMA", Entity: packEntity, Builder: "st_head", Tool: "vouchsafe test",
		Built: r.clock.Now(), Scope: store.True, May: func(c core.Class, _ core.Ref) bool { return c != core.Bank },
		Whole:   func(string) bool { return true },
		Label:   func(ref core.Ref) string { return map[core.Ref]string{"st_maker": "Mira Maker"}[ref] },
		Printer: plainPrinter{},
		Policy:  func(string) ([]byte, error) { return []byte("permit all;\n"), nil },
		Documents: []PackDocument{
			{Ref: "do_1", Title: "Contract", Media: "text/plain", Body: []byte(packPaper)},
			{Ref: "do_2", Title: "Stray", Media: "image/png", Body: []byte("\x89PNG")},
		},
		Missing: []Missing{{"proof-of-address", "No proof of address is on file."}},
	}
}

func (r *packRig) build(spec PackSpec) *BuiltPack {
	r.tb.Helper()
	var out *BuiltPack
	check(r.tb, r.s.Snapshot(r.ctx, func(rd store.Reader) (err error) {
		out, err = r.log.BuildPack(r.ctx, rd, r.signers, spec)
		return err
	}))
	return out
}

func (r *packRig) keys() Verifiers {
	v, err := r.signers.Verifiers("group", "en_test", "mlro")
	check(r.tb, err)
	return v
}

func (r *packRig) verify(zipped []byte) ([]Problem, PackSummary) {
	r.tb.Helper()
	problems, sum, err := VerifyPack(bytes.NewReader(zipped), int64(len(zipped)), r.keys(), plainPrinter{})
	check(r.tb, err)
	return problems, sum
}

func (r *packRig) sound(zipped []byte) PackSummary {
	r.tb.Helper()
	problems, sum := r.verify(zipped)
	for _, p := range problems {
		r.tb.Error(p)
	}
	return sum
}

// blamed reports whether a problem names the file.
func blamed(problems []Problem, path string) bool {
	for _, p := range problems {
		if p.Key == path || strings.HasPrefix(path, p.Key+"/") {
			return true
		}
	}
	return false
}

// plainPrinter stands for a PDF printer.
type plainPrinter struct{}

func (plainPrinter) Name() string { return "plain/1" }

func (plainPrinter) Print(p *Pack) ([]byte, error) {
	digest, err := p.EntriesDigest()
	return []byte("print of " + p.Manifest.Title + " " + digest), err
}
