package onboarding_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/onboarding"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// people plays the party record.
type people struct {
	says       map[string]string
	restricted []onboarding.Block // Code is the purpose, Since the beginning
}

func (p *people) EntityOf(_ context.Context, _ store.Reader, client core.Ref) (core.Ref, error) {
	if client == "cl_none" {
		return "", command.ErrHidden
	}
	return "en_cy", nil
}

func (p *people) Declared(context.Context, store.Reader, core.Ref) (map[string]string, error) {
	return p.says, nil
}

func (p *people) Restrictions(_ context.Context, _ store.Reader, _ core.Ref, at core.Instant, each func(string, string, core.Instant)) error {
	for _, x := range p.restricted {
		if x.Since <= at {
			each(x.Code, "suspicion", x.Since)
		}
	}
	return nil
}

// rig is an onboarding domain on a road, with its people and its intake.
type rig struct {
	*commandtest.Rig
	d      onboarding.Domain
	people *people
	intake *onboarding.Intake
	n      int
	ada    evidence.Actor // the client, by portal
	cara   evidence.Actor // compliance
	sam    evidence.Actor // senior compliance
}

const client core.Ref = "cl_ada"

func setUp(t *testing.T, s *store.Store) *rig {
	t.Helper()
	reg := command.NewRegistry()
	command.RegisterOwn(reg)
	r := &rig{Rig: commandtest.New(t, s, reg), people: &people{says: map[string]string{
		"name": "Adelheid Canaryname", "birth_date": "1984-02-29", "address": "7 Canarystreet, Limassol",
	}}}
	v, err := onboarding.OpenFileVault(context.Background(), filepath.Join(t.TempDir(), "docs"), r.Road.Log.Keys, core.SystemEntropy{})
	if err != nil {
		t.Fatal(err)
	}
	r.d = onboarding.Domain{Clients: r.people, Vault: v, Policy: onboarding.DefaultPolicy()}
	r.d.Register(reg)
	r.intake = onboarding.NewIntake(v, 2)
	r.ada, r.cara, r.sam = r.Staff("portal"), r.Staff("cara", "compliance"), r.Staff("sam", "senior_compliance")
	r.ada.Ref = client
	r.Policy.Held[client] = []string{"client"}
	return r
}

func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { fn(t, setUp(t, s)) })
}

// photo is a good picture, another one each time.
func (r *rig) photo() []byte {
	r.n++
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 10+r.n%100, 10+r.n/100))); err != nil {
		r.T.Fatal(err)
	}
	return b.Bytes()
}

func (r *rig) receive(b []byte) onboarding.Stored {
	r.T.Helper()
	c, err := r.intake.Receive(context.Background(), client, bytes.NewReader(b))
	if err != nil {
		r.T.Fatal(err)
	}
	return c
}

func (r *rig) upload(kind onboarding.DocumentKind) core.Ref {
	r.T.Helper()
	return r.Do(r.ada, onboarding.UploadDocument{Client: client, Kind: kind, Content: r.receive(r.photo()), Source: "portal", Device: "Canaryphone 9"}).Subject
}

func passportOf(doc core.Ref) onboarding.ExtractDocument {
	return onboarding.ExtractDocument{Document: doc, Name: "CANARYNAME ADELHEID", Number: "L898 902C3", BirthDate: "1984-02-29", Expiry: "2031-04-30"}
}

func billOf(doc core.Ref, issued string) onboarding.ExtractDocument {
	return onboarding.ExtractDocument{Document: doc, Name: "Adelheid Canaryname", Address: "7 Canarystreet, 3040 Limassol", IssueDate: issued}
}

func accept(doc core.Ref) onboarding.ReviewDocument {
	return onboarding.ReviewDocument{Document: doc, Accept: true, Reason: "genuine", Words: "Looks genuine, Canarywords."}
}

func (r *rig) try(a evidence.Actor, in command.Input) string {
	_, err := r.Road.Run(context.Background(), a, "", in)
	if err == nil {
		return ""
	}
	return core.AsFault(err).Code
}

func (r *rig) view(a evidence.Actor, app core.Ref) onboarding.ApplicationView {
	r.T.Helper()
	v, err := command.Ask(context.Background(), r.Road, a, onboarding.ApplicationPage{Domain: r.d}, onboarding.ViewApplication{Application: app})
	if err != nil {
		r.T.Fatal(err)
	}
	return v
}

func (r *rig) blocks(purpose string, at core.Instant) string {
	r.T.Helper()
	bs, err := onboarding.Clearance{Domain: r.d}.Blocks(context.Background(), r.Road.Store.Reader(), client, purpose, at)
	if err != nil {
		r.T.Fatal(err)
	}
	var codes []string
	for _, b := range bs {
		codes = append(codes, b.Code)
	}
	return strings.Join(codes, " ")
}

// later is an instant after everything so far.
func (r *rig) later() core.Instant { return r.Clock.Now().Add(time.Minute) }

func (r *rig) fold(t *testing.T) {
	t.Helper()
	ps, err := r.Road.Log.VerifyFold(context.Background(), r.Road.Store.Reader())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		t.Errorf("fold: %+v", p)
	}
}

func TestStoryToApproval(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		app := r.Do(r.ada, onboarding.OpenApplication{Client: client}).Subject
		state := func(want onboarding.ApplicationState) {
			t.Helper()
			if got := r.view(r.cara, app).State; got != want {
				t.Fatalf("the application is in %s, want %s", got, want)
			}
		}
		state(onboarding.Received)
		if got := r.blocks(onboarding.AnyPurpose, r.later()); got != "identity-not-approved address-missing" {
			t.Fatalf("at first: %q", got)
		}
		pass := r.upload(onboarding.Passport)
		state(onboarding.Documents)
		bill := r.upload(onboarding.ProofOfAddress)
		r.Do(r.cara, passportOf(pass))
		r.Do(r.cara, billOf(bill, "2026-03-15"))
		state(onboarding.Review)
		approve := onboarding.DecideApplication{Application: app, Approve: true, Clause: "2.1", Words: "All in order, seen the originals."}
		if c := r.try(r.cara, approve); c != "identity-not-reviewed" {
			t.Fatalf("approved before review: %q", c)
		}
		r.Do(r.cara, accept(pass))
		r.Do(r.cara, accept(bill))
		if v := r.view(r.cara, app); len(v.Missing)+len(v.Differences) != 0 {
			t.Fatalf("still against it: %v %v", v.Missing, v.Differences)
		}
		r.Do(r.cara, approve)
		state(onboarding.Approved)
		if v := r.view(r.cara, app); v.Basis != "onboarding.identity/1.0.0#2.1" || v.ClauseText == "" {
			t.Fatalf("basis %q", v.Basis)
		}
		if got := r.blocks(onboarding.AnyPurpose, r.later()); got != "" {
			t.Fatalf("after approval: %q", got)
		}
		if c := r.try(r.cara, approve); c != "already-decided" {
			t.Fatalf("decided twice: %q", c)
		}
		if c := r.try(r.ada, onboarding.OpenApplication{Client: client}); c != "application-exists" {
			t.Fatalf("a second application: %q", c)
		}
		r.checkEvidence(t)
		r.fold(t)
	})
}

func (r *rig) checkEvidence(t *testing.T) {
	t.Helper()
	var got []string
	for _, e := range r.Events(client) {
		if !strings.HasPrefix(e.Type, "evidence.") && !strings.HasPrefix(e.Type, "command.") {
			got = append(got, strings.TrimPrefix(e.Type, "onboarding."))
		}
		for _, secret := range []string{"Canary", "CANARY", "L898902C3", "1984-02-29"} {
			if strings.Contains(e.Leaf+e.Changes, secret) {
				t.Errorf("%s holds %q in the clear", e.Type, secret)
			}
		}
	}
	want := "application.opened document.uploaded document.uploaded document.extracted document.extracted document.reviewed document.reviewed application.decided"
	if strings.Join(got, " ") != want {
		t.Errorf("events %s, want %s", strings.Join(got, " "), want)
	}
}

func TestDifferenceNeedsTwoPersons(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		app := r.Do(r.ada, onboarding.OpenApplication{Client: client}).Subject
		pass, bill := r.upload(onboarding.Passport), r.upload(onboarding.ProofOfAddress)
		reading := passportOf(pass)
		reading.Name = "CANARYNAME HEIDI"
		r.Do(r.cara, reading)
		r.Do(r.cara, billOf(bill, "2026-03-15"))
		r.Do(r.cara, accept(pass))
		r.Do(r.cara, accept(bill))
		decide := onboarding.DecideApplication{Application: app, Approve: true, Clause: "2.1", Words: "Close enough for me."}
		if c := r.try(r.cara, decide); c != "needs-override" {
			t.Fatalf("approved against a difference: %q", c)
		}
		override := onboarding.OverrideApplication{Client: client, Application: app, Clause: "2.9", Words: "Heidi is short for Adelheid."}
		out := r.Do(r.cara, override)
		if out.State != command.StateProposed || r.view(r.cara, app).State != onboarding.Review {
			t.Fatalf("one person overrode: %+v", out)
		}
		p, err := command.GetProposal(context.Background(), r.Road.Store.Reader(), out.Proposal)
		if err != nil {
			t.Fatal(err)
		}
		yes := command.Decide{Proposal: p.ID, Hash: p.Hash, Approve: true, Words: "I agree with this."}
		for who, want := range map[core.Ref]string{"st_cara": "maker-is-not-checker", "st_other": "no-seat"} {
			r.Staff("other", "compliance")
			if _, err := r.Road.Approve(context.Background(), evidence.Actor{Ref: who, StepUp: true}, "", yes); core.AsFault(err).Code != want {
				t.Fatalf("%s approved: %v", who, err)
			}
		}
		r.Approve(r.sam, out.Proposal)
		v := r.view(r.cara, app)
		if v.State != onboarding.Approved || len(v.Overridden) != 1 || v.Overridden[0] != "mismatch:"+string(pass) {
			t.Fatalf("after the override: %s, set aside %v", v.State, v.Overridden)
		}
		evs := r.Events(app)
		last := evs[len(evs)-1]
		for _, e := range evs {
			if e.Type == "onboarding.application.overridden" {
				last = e
			}
		}
		if !strings.Contains(last.Leaf, "st_sam") || !strings.Contains(last.Leaf, "onboarding.application.override/1") {
			t.Errorf("the leaf of %s does not tell who agreed under which rule", last.Type)
		}
		r.fold(t)
	})
}

// Who agrees to set one difference aside has not agreed to another one that
// came after.
func TestAnOverrideIsOfWhatWasProposed(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		app := r.Do(r.ada, onboarding.OpenApplication{Client: client}).Subject
		pass, bill := r.upload(onboarding.Passport), r.upload(onboarding.ProofOfAddress)
		reading := passportOf(pass)
		reading.Name = "CANARYNAME HEIDI"
		r.Do(r.cara, reading)
		r.Do(r.cara, billOf(bill, "2026-03-15"))
		r.Do(r.cara, accept(pass))
		r.Do(r.cara, accept(bill))
		out := r.Do(r.cara, onboarding.OverrideApplication{Client: client, Application: app, Clause: "2.9", Words: "Heidi is short for Adelheid."})
		told := false
		for _, f := range out.Need.Facts {
			told = told || f.Name == "set_aside" && strings.Contains(f.Value, "name")
		}
		if !told {
			t.Errorf("the approver is not told what is set aside: %+v", out.Need.Facts)
		}
		r.people.says["birth_date"] = "1971-07-07"
		r.Approve(r.sam, out.Proposal)
		if v := r.view(r.cara, app); v.State != onboarding.Review {
			t.Fatalf("it set aside what nobody had agreed to: %s, %v", v.State, v.Overridden)
		}
		p, err := command.GetProposal(context.Background(), r.Road.Store.Reader(), out.Proposal)
		if err != nil || p.State != command.Closed || p.Outcome != "differences-changed" {
			t.Errorf("%+v, %v", p, err)
		}
		r.fold(t)
	})
}

// Approving is not the only way: what the client declares may be put right.
func TestDifferenceEndsWhenDeclaredAnew(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		app := r.Do(r.ada, onboarding.OpenApplication{Client: client}).Subject
		pass, bill := r.upload(onboarding.Passport), r.upload(onboarding.ProofOfAddress)
		r.people.says["birth_date"] = "1984-02-28"
		r.Do(r.cara, passportOf(pass))
		r.Do(r.cara, billOf(bill, "2026-03-15"))
		r.Do(r.cara, accept(pass))
		r.Do(r.cara, accept(bill))
		if ds := r.view(r.cara, app).Differences; len(ds) != 1 || !strings.Contains(ds[0].Text, "birth date") {
			t.Fatalf("differences %v", ds)
		}
		r.people.says["birth_date"] = "1984-02-29"
		override := onboarding.OverrideApplication{Client: client, Application: app, Clause: "2.9", Words: "Not needed any more."}
		if c := r.try(r.cara, override); c != "nothing-to-override" {
			t.Fatalf("an override of nothing: %q", c)
		}
		r.Do(r.cara, onboarding.DecideApplication{Application: app, Approve: true, Clause: "2.2", Words: "Typo put right by change."})
	})
}

func TestDocumentRefusals(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		b := r.photo()
		good := onboarding.UploadDocument{Client: client, Kind: onboarding.Passport, Content: r.receive(b), Source: "staff"}
		pass := r.Do(r.cara, good).Subject
		bill := r.upload(onboarding.ProofOfAddress)
		forged, missing, elsewhere := good, good, good
		forged.Content.Refused, forged.Content.SHA256 = "", strings.Repeat("ab", 32)
		missing.Client = "cl_none"
		elsewhere.Client = "cl_bob"
		early := billOf(bill, "2026-06-01")
		old := billOf(bill, "2025-11-03")
		for _, c := range []struct {
			name string
			a    evidence.Actor
			in   command.Input
			want string
		}{
			{"the same file", r.ada, good, "same-file"},
			{"content that is not there", r.ada, forged, "content-not-received"},
			{"another client's content", r.ada, elsewhere, "content-not-received"},
			{"no such client", r.ada, missing, "no-such-record"},
			{"no kind", r.ada, onboarding.UploadDocument{Client: client, Source: "portal"}, "invalid-input"},
			{"from the future", r.ada, onboarding.UploadDocument{Client: client, Kind: onboarding.Passport, Source: "email", Received: r.later() + 1e9, Content: r.receive(r.photo())}, "received-later"},
			{"accepted unread", r.sam, accept(pass), "not-read"},
			{"accepted by who uploaded", r.cara, accept(pass), "reviewer-uploaded"},
			{"fields missing", r.cara, onboarding.ExtractDocument{Document: pass, Name: "Ada"}, "fields-missing"},
			{"bad date", r.cara, onboarding.ExtractDocument{Document: pass, Expiry: "31.12.2030"}, "invalid-input"},
			{"no words", r.sam, onboarding.ReviewDocument{Document: pass, Reason: "altered"}, "invalid-input"},
			{"wrong reason", r.sam, onboarding.ReviewDocument{Document: pass, Accept: true, Reason: "altered", Words: "Looks fine."}, "invalid-input"},
			{"read, expired", r.sam, onboarding.ExtractDocument{Document: pass, Name: "A", BirthDate: "1984-02-29", Number: "1", Expiry: "2026-05-03"}, ""},
			{"accepted after expiry", r.sam, accept(pass), "expired"},
			{"read, early", r.cara, early, ""},
			{"accepted before its date", r.cara, accept(bill), "issued-later"},
			{"read, old", r.cara, old, ""},
			{"accepted six months later", r.cara, accept(bill), "too-old"},
			{"rejected", r.cara, onboarding.ReviewDocument{Document: bill, Reason: "expired", Words: "Ask for a newer one."}, ""},
			{"read after rejection", r.cara, old, "not-pending"},
			{"accepted after rejection", r.cara, accept(bill), "not-reviewable"},
		} {
			if got := r.try(c.a, c.in); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
		r.fold(t)
	})
}

// What inspection refused is not stored, and the refusal is evidence with a
// text that the sender can act on.
func TestHostileUploadsAreRefusedWithEvidence(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for name, b := range map[string][]byte{"svg": []byte("<svg/>"), "empty": nil, "large": make([]byte, onboarding.MaxBytes+1)} {
			c := r.receive(b)
			_, err := r.Road.Run(context.Background(), r.ada, "", onboarding.UploadDocument{Client: client, Kind: onboarding.Passport, Content: c, Source: "portal"})
			f := core.AsFault(err)
			if f == nil || f.Kind != core.Refused || f.Event == "" || !strings.Contains(f.Text, "upload that") {
				t.Errorf("%s: %+v", name, f)
			}
			if _, err := r.d.Vault.Open(context.Background(), client, c.SHA256); !core.IsFault(err, "no-content") {
				t.Errorf("%s was stored: %v", name, err)
			}
		}
	})
}

func TestNewerDocumentReplacesOlder(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		first := r.upload(onboarding.ProofOfAddress)
		r.Do(r.cara, billOf(first, "2026-03-15"))
		r.Do(r.cara, accept(first))
		r.Clock.Advance(24 * time.Hour)
		second := r.upload(onboarding.ProofOfAddress)
		r.Do(r.cara, billOf(second, "2026-05-01"))
		if got := r.blocks(onboarding.WithdrawalRelease, r.later()); got != "" {
			t.Fatalf("while the new one waits: %q", got)
		}
		r.Do(r.cara, accept(second))
		list, err := command.Ask(context.Background(), r.Road, r.cara, onboarding.DocumentList{Domain: r.d}, onboarding.ListDocuments{Client: client})
		if err != nil || len(list.Rows) != 2 {
			t.Fatalf("%d documents, %v", len(list.Rows), err)
		}
		if old := list.Rows[0]; old.State != onboarding.Superseded || old.SupersededBy != second || old.Valid {
			t.Fatalf("the older: %+v", old)
		}
		r.Do(r.sam, onboarding.ReviewDocument{Document: second, Reason: "altered", Words: "The bank denies having sent it."})
		if got := r.blocks(onboarding.WithdrawalRelease, r.later()); got != "address-missing" {
			t.Fatalf("after the rejection: %q", got)
		}
		r.fold(t)
	})
}

func TestOpenGivesBackTheBytes(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		blind := r.Staff("blind", "dealing")
		r.Policy.Deny = func(a core.Ref, act command.Action, _ command.Resource) bool {
			return a == "st_blind" && act == "see.identity"
		}
		b := r.photo()
		doc := r.Do(r.ada, onboarding.UploadDocument{Client: client, Kind: onboarding.Passport, Content: r.receive(b), Source: "portal"}).Subject
		ask := func(a evidence.Actor) (onboarding.Content, error) {
			return command.Ask(context.Background(), r.Road, a, onboarding.DocumentContent{Domain: r.d}, onboarding.OpenDocument{Document: doc})
		}
		got, err := ask(r.cara)
		if err != nil || !bytes.Equal(got.Bytes, b) || got.Media != onboarding.PNG || got.FileName != doc.Short()+".png" {
			t.Fatalf("%d bytes as %s (%s), %v", len(got.Bytes), got.Media, got.FileName, err)
		}
		evs := r.Events(client)
		if last := evs[len(evs)-1]; !strings.Contains(last.Changes, "identity:content") || last.Actor != "st_cara" {
			t.Errorf("the last event, %s, does not tell that content was shown", last.Type)
		}
		if _, err := ask(blind); core.AsFault(err).Code != "identity-not-visible" || core.AsFault(err).Event == "" {
			t.Errorf("one who may not see identity data: %v", err)
		}
		if _, err := r.Road.Log.Keys.Destroy(context.Background(), client); err != nil {
			t.Fatal(err)
		}
		if _, err := ask(r.cara); !core.IsFault(err, "no-content") {
			t.Errorf("after erasure: %v", err)
		}
	})
}

func TestMasking(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		bare := r.Staff("bare", "support")
		r.Policy.Deny = func(a core.Ref, act command.Action, _ command.Resource) bool {
			return a == "st_bare" && strings.HasPrefix(string(act), "see.")
		}
		app := r.Do(r.ada, onboarding.OpenApplication{Client: client}).Subject
		pass, bill := r.upload(onboarding.Passport), r.upload(onboarding.ProofOfAddress)
		r.Do(r.cara, passportOf(pass))
		r.Do(r.cara, billOf(bill, "2026-03-15"))
		r.Do(r.cara, accept(pass))
		sha := r.view(r.cara, app).Documents[0].SHA256.Text
		all := func(a evidence.Actor) string {
			docs, err := command.Ask(context.Background(), r.Road, a, onboarding.DocumentList{Domain: r.d}, onboarding.ListDocuments{})
			if err != nil {
				t.Fatal(err)
			}
			one, err := command.Ask(context.Background(), r.Road, a, onboarding.DocumentPage{Domain: r.d}, onboarding.ViewDocument{Document: pass})
			if err != nil {
				t.Fatal(err)
			}
			apps, err := command.Ask(context.Background(), r.Road, a, onboarding.ApplicationList{Domain: r.d}, onboarding.ListApplications{})
			if err != nil {
				t.Fatal(err)
			}
			b, err := json.Marshal([]any{docs, one, apps, r.view(a, app)})
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		canaries := []string{"Canary", "CANARY", "Adelheid", "ADELHEID", "L898902C3", "1984-02-29", "Limassol", "2031-04-30\",\"masked", sha}
		hidden, clear := all(bare), all(r.cara)
		for _, c := range canaries {
			if strings.Contains(hidden, c) {
				t.Errorf("%q is shown to one without rights", c)
			}
		}
		for _, c := range []string{"Adelheid Canaryname", "CANARYNAME ADELHEID", "L898902C3", "1984-02-29", "Canaryphone", "Canarywords", sha} {
			if !strings.Contains(clear, c) {
				t.Errorf("%q is not shown to one with all rights", c)
			}
		}
		r.fold(t)
	})
}

// Whatever happens later, the answer about an instant stays what it was then.
func TestBlocksAtAnyTimeStayTrue(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		rnd := rand.New(rand.NewPCG(7, 7))
		type answer struct {
			at     core.Instant
			blocks []onboarding.Block
		}
		var then []answer
		ask := func(at core.Instant) []onboarding.Block {
			bs, err := onboarding.Clearance{Domain: r.d}.Blocks(context.Background(), r.Road.Store.Reader(), client, onboarding.AnyPurpose, at)
			if err != nil {
				t.Fatal(err)
			}
			return bs
		}
		var app core.Ref
		var bills []core.Ref
		for step := range 60 {
			r.Clock.Advance(time.Duration(rnd.IntN(40*24)) * time.Hour)
			today := r.Clock.Now().Time()
			switch rnd.IntN(7) {
			case 0:
				bill := r.upload(onboarding.ProofOfAddress)
				r.Do(r.cara, billOf(bill, today.AddDate(0, 0, -rnd.IntN(150)).Format(time.DateOnly)))
				bills = append(bills, bill)
			case 1, 2:
				if len(bills) > 0 {
					r.try(r.cara, accept(bills[len(bills)-1]))
				}
			case 3:
				if len(bills) > 0 {
					r.try(r.cara, onboarding.ReviewDocument{Document: bills[rnd.IntN(len(bills))], Reason: "other", Words: "Found wrong later."})
				}
			case 4:
				if out, err := r.Road.Run(context.Background(), r.ada, "", onboarding.OpenApplication{Client: client}); err == nil {
					app = out.Subject
				}
				r.try(r.cara, onboarding.DecideApplication{Application: app, Clause: "3.1", Words: "Not established."})
			case 5:
				pass := r.upload(onboarding.Passport)
				r.Do(r.cara, onboarding.ExtractDocument{
					Document: pass, Name: "Adelheid Canaryname", Number: fmt.Sprint(step), BirthDate: "1984-02-29",
					Expiry: today.AddDate(1, 0, 0).Format(time.DateOnly),
				})
				r.try(r.cara, accept(pass))
				r.try(r.cara, onboarding.DecideApplication{Application: app, Approve: true, Clause: "2.1", Words: "All in order."})
			}
			if rnd.IntN(8) == 0 {
				r.Clock.Advance(400 * 24 * time.Hour)
			}
			at := r.later()
			if step == 30 {
				r.people.restricted = []onboarding.Block{{Code: onboarding.Funding, Since: at}}
			}
			then = append(then, answer{at, ask(at)})
			r.Clock.Advance(2 * time.Minute)
		}
		seen := map[string]bool{}
		for _, a := range then {
			if now := ask(a.at); !reflect.DeepEqual(now, a.blocks) {
				t.Fatalf("about %s: then %+v, now %+v", a.at, a.blocks, now)
			}
			for _, b := range a.blocks {
				seen[b.Code] = true
			}
			seen["none"] = seen["none"] || len(a.blocks) == 0
		}
		for _, code := range []string{"identity-not-approved", "address-missing", "address-expired", "restricted"} {
			if !seen[code] {
				t.Errorf("the story never met %s", code)
			}
		}
		r.fold(t)
	})
}

func TestClearanceByPurpose(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for purpose, want := range map[string]string{
			onboarding.LiveTrading: "identity-not-approved", onboarding.Funding: "identity-not-approved",
			onboarding.WithdrawalRelease: "address-missing", onboarding.AnyPurpose: "identity-not-approved address-missing",
		} {
			if got := r.blocks(purpose, r.later()); got != want {
				t.Errorf("%s: %q, want %q", purpose, got, want)
			}
		}
		bill := r.upload(onboarding.ProofOfAddress)
		r.Do(r.cara, billOf(bill, "2026-03-15"))
		r.Do(r.cara, accept(bill))
		end := core.At(time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC))
		if r.blocks(onboarding.WithdrawalRelease, end-1) != "" || r.blocks(onboarding.WithdrawalRelease, end) != "address-expired" {
			t.Error("a proof of address counts for twelve months to the microsecond")
		}
		r.people.restricted = []onboarding.Block{{Code: onboarding.AnyPurpose, Since: 1}}
		if got := r.blocks(onboarding.WithdrawalRelease, r.later()); got != "restricted" {
			t.Errorf("restricted from everything: %q", got)
		}
		rs, err := onboarding.Clearance{Domain: r.d}.Refusals(context.Background(), r.Road.Store.Reader(), client, onboarding.Funding, r.later())
		if err != nil || len(rs) != 2 || rs[0].Text == "" {
			t.Errorf("refusals %v, %v", rs, err)
		}
	})
}

// Nothing is taken from who may not upload, and no key is made for a client who
// does not exist; the try is on record.
func TestNothingIsTakenFromWhoMayNotUpload(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		r.Policy.Deny = func(a core.Ref, act command.Action, _ command.Resource) bool {
			return a == r.cara.Ref && act == "onboarding.document.upload"
		}
		for who, c := range map[*evidence.Actor]core.Ref{&r.cara: client, &r.ada: "cl_none"} {
			got, err := r.d.Take(ctx, r.Road, r.intake, *who, c, bytes.NewReader(r.photo()))
			if err != nil || got.Refused == "" || got.SHA256 != "" {
				t.Errorf("%s for %s: %+v, %v", who.Ref, c, got, err)
			}
			in := onboarding.UploadDocument{Client: c, Kind: onboarding.Passport, Content: got, Source: "portal"}
			if code := r.try(*who, in); code != "not-allowed" && code != command.ErrHidden.Code {
				t.Errorf("%s for %s: %q", who.Ref, c, code)
			}
		}
		if k, err := r.Road.Log.Keys.Lookup(ctx, "cl_none"); k != nil || err != nil {
			t.Errorf("a key was made for nobody: %v", err)
		}
		if got, err := r.d.Take(ctx, r.Road, r.intake, r.ada, client, bytes.NewReader(r.photo())); err != nil || got.SHA256 == "" {
			t.Errorf("who may: %+v, %v", got, err)
		}
	})
}
