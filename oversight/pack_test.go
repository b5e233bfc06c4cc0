package oversight_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

var (
	packTouched = evidence.Register("toypack.record.touched", evidence.EntityManagement, "Something happened to a record.")
	packWarned  = evidence.Register("toypack.officer.warned", evidence.EntityManagement, "The officer was told something.")
)

// packWorld answers the ports of packs.
type packWorld struct{ broken error }

func (packWorld) EntityOf(_ context.Context, _ store.Reader, ref core.Ref) (core.Ref, error) {
	return map[core.Ref]core.Ref{"cl_alma": "en_here", "st_mira": "en_group"}[ref], nil
}

func (w packWorld) Name(_ context.Context, _ store.Reader, ref core.Ref) (string, error) {
	return map[core.Ref]string{"cl_alma": "Alma Álvarez", "st_mira": "Mira Maker"}[ref], w.broken
}

func (packWorld) Gaps(context.Context, store.Reader, core.Ref, core.Instant) ([]evidence.Missing, error) {
	return []evidence.Missing{{Code: "proof-of-address", Text: "No proof of address is on file."}}, nil
}

type packRig struct {
	*commandtest.Rig
	packs oversight.Packs
	seq   *evidence.Sequencer
	keys  evidence.Verifiers
}

// newPackRig has a client's story in three logs: at home, abroad, and with the
// officer.
func newPackRig(t *testing.T, s *store.Store) *packRig {
	t.Helper()
	rig := commandtest.New(t, s, command.NewRegistry())
	signers, err := evidence.SeededSigner(rig.Road.Log.Host, [32]byte{3})
	must(t, err)
	outside, err := evidence.NewFileOutside(t.TempDir())
	must(t, err)
	seq, err := evidence.NewSequencer(evidence.SequencerConfig{Store: s, Signers: signers, Clock: rig.Clock, Holder: "one", Outside: outside})
	must(t, err)
	keys, err := signers.Verifiers("en_here", "en_there", "group", "mlro")
	must(t, err)
	r := &packRig{rig, oversight.Packs{Log: rig.Road.Log, Signers: signers, Records: packWorld{}, Tool: "test", Names: packWorld{}, Gaps: packWorld{}}, seq, keys}
	mira := r.Staff("mira", "payments")
	for _, e := range []evidence.Event{
		{Type: packTouched, Entity: "en_here", Text: "at home"},
		{Type: packTouched, Entity: "en_there", Text: "abroad"},
		{Type: packWarned, Log: evidence.MLROLog, Text: "suspicion"},
		{Type: packTouched, Text: "group matter"},
	} {
		e.Subjects = []core.Ref{"wd_1", "cl_alma"}
		must(t, s.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			_, err := rig.Road.Log.Append(ctx, tx, evidence.Stamp{At: rig.Clock.Advance(1e9), Entropy: rig.Road.Entropy, Actor: mira}, e)
			return err
		}))
	}
	r.seal()
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *packRig) seal() {
	r.T.Helper()
	_, err := r.seq.Step(context.Background())
	must(r.T, err)
}

func (r *packRig) build(who evidence.Actor, in oversight.BuildPack) (oversight.PackFile, error) {
	r.Clock.Advance(1e9)
	return command.Ask(context.Background(), r.Road, who, r.packs, in)
}

// text is everything that a pack says, unpacked; it must verify.
func (r *packRig) text(p oversight.PackFile) string {
	r.T.Helper()
	problems, _, err := evidence.VerifyPack(bytes.NewReader(p.Zip), int64(len(p.Zip)), r.keys, oversight.PDFPrinter{})
	must(r.T, err)
	for _, x := range problems {
		r.T.Error(x)
	}
	z, err := zip.NewReader(bytes.NewReader(p.Zip), int64(len(p.Zip)))
	must(r.T, err)
	var b strings.Builder
	for _, f := range z.File {
		body, err := f.Open()
		must(r.T, err)
		_, err = io.Copy(&b, body)
		must(r.T, err)
	}
	return b.String()
}

var almasPack = oversight.BuildPack{Kind: "client", Ref: "cl_alma"}

func TestPackIsAnExportOnRecord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newPackRig(t, s)
		p, err := r.build(r.Staff("head", "compliance"), almasPack)
		must(t, err)
		text := r.text(p)
		for _, want := range []string{"at home", "abroad", "group matter", "Alma Álvarez", "Mira Maker", "No proof of address"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in the pack", want)
			}
		}
		if strings.Contains(text, "suspicion") || strings.Contains(text, "mlro") || strings.Contains(text, "toypack.officer") {
			t.Error("the pack says something of the officer's log")
		}
		events := r.Events("cl_alma")
		last := events[len(events)-1]
		if last.Type != "command.data.exported" || !strings.Contains(last.Changes, p.Manifest) || !strings.Contains(last.Changes, "personal:") {
			t.Errorf("the export left %s %s", last.Type, last.Changes)
		}
		if p.Name != "pack-client-CL-ALMA-20260504-090005.zip" {
			t.Error(p.Name)
		}
	})
}

// A pack tells no more than its builder may see.
func TestPackKeepsToPolicy(t *testing.T) {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	r.Policy.Deny = func(a core.Ref, act command.Action, res command.Resource) bool {
		return act == "evidence.event.view" && res.Entity == "en_there" || act == "evidence.log.view" && res.Ref != "en_here" || act == "see.personal"
	}
	p, err := r.build(r.Staff("local", "compliance"), almasPack)
	must(t, err)
	text := r.text(p)
	for _, no := range []string{"at home", "abroad", "group matter", "Alma", "Mira", "en_there", "en-there", "192.0.2"} {
		if strings.Contains(text, no) {
			t.Errorf("the pack holds %q", no)
		}
	}
	if p.Counts.Events != 2 || p.Counts.Disclosed != 0 || !strings.Contains(text, "cannot be counted in log group") {
		t.Errorf("%+v %+v", p.Counts, p.Missing)
	}
	r.Policy.Deny = func(_ core.Ref, act command.Action, _ command.Resource) bool { return act == "oversight.pack.build" }
	before := len(r.Events("cl_alma"))
	if _, err := r.build(r.Staff("curious", "support"), almasPack); core.AsFault(err) == nil || core.AsFault(err).Kind != core.Denied {
		t.Errorf("a denied pack: %v", err)
	}
	if events := r.Events("cl_alma"); len(events) != before+1 || events[before].Outcome != evidence.Denied {
		t.Error("the denial left no evidence")
	}
}

func TestPackOfOtherRecords(t *testing.T) {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	head := r.Staff("head", "compliance")
	for kind, ref := range map[string]core.Ref{"withdrawal": "wd_1", "staff": "st_mira"} {
		p, err := r.build(head, oversight.BuildPack{Kind: kind, Ref: ref})
		must(t, err)
		if r.text(p); p.Counts.Events < 3 {
			t.Errorf("%s: %+v", kind, p.Counts)
		}
		if told := slices.ContainsFunc(p.Missing, func(m evidence.Missing) bool { return m.Code == "rights" }); told != (kind == "staff") {
			t.Errorf("%s says where rights are worked out: %v", kind, told)
		}
		r.seal()
	}
	for _, in := range []oversight.BuildPack{{Kind: "client", Ref: "wd_1"}, {Kind: "x", Ref: "cl_alma"}, {Kind: "client", Ref: "cl_alma", From: 5, To: 5}} {
		if _, err := r.build(head, in); core.AsFault(err).Kind != core.Invalid {
			t.Errorf("%+v: %v", in, err)
		}
	}
	if _, err := r.build(head, oversight.BuildPack{Kind: "client", Ref: "cl_nobody"}); !core.IsFault(err, "no-such-record") {
		t.Error(err)
	}
	r.packs.Names = packWorld{broken: io.ErrUnexpectedEOF}
	if _, err := r.build(head, almasPack); err == nil {
		t.Error("a pack was built although names could not be read")
	}
}

// A print holds whatever people write, breaks whatever is long, and comes out
// the same each time.
func TestPackPrintsAnything(t *testing.T) {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	head := r.Staff("head", "compliance")
	for _, words := range []string{
		"Nguyễn Minh Anh, Łódź, Αθήνα, Москва", "\U0001f600 \u202e \u0007 \x1b[2J {pages}", "שלום عليكم 漢字",
		strings.Repeat("unbroken", 2000), strings.Repeat("line\n", 300), ") Tj /F1 << >> stream endstream (",
	} {
		must(t, r.Road.Store.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			_, err := r.Road.Log.Append(ctx, tx, evidence.Stamp{At: r.Clock.Advance(1e9), Entropy: r.Road.Entropy, Actor: head},
				evidence.Event{Type: packTouched, Entity: "en_here", Subjects: []core.Ref{"cl_alma"}, Text: words})
			return err
		}))
	}
	r.seal()
	p, err := r.build(head, almasPack)
	must(t, err)
	if !strings.Contains(r.text(p), "%PDF-") {
		t.Error("there is no PDF")
	}
}
