package app

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// firm is an empty installation, wired as the program wires it: real policies,
// real road, real jobs.
type firm struct {
	*App
	t     *testing.T
	ctx   context.Context
	clock *core.VirtualClock
}

func openFirm(t *testing.T) *firm {
	t.Helper()
	ctx := t.Context()
	cfg, err := Config{Data: filepath.Join(t.TempDir(), "firm"), Host: "firm.vouchsafe.example"}.complete()
	if err == nil {
		err = Create(ctx, cfg, t.Output())
	}
	if err != nil {
		t.Fatal(err)
	}
	clock := core.NewVirtualClock(core.At(demoStart))
	a, err := Open(ctx, cfg, Options{Clock: clock, Wall: clock, Entropy: core.NewSeededEntropy(3), Holder: "test", Report: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	f := &firm{App: a, t: t, ctx: ctx, clock: clock}
	f.do(install, access.CreateEntity{Code: "cy", Name: "Firm (Cyprus) Ltd", Jurisdiction: "CY", Regulator: "CySEC", Licence: "1/26", Currency: "EUR"})
	return f
}

var install = evidence.Actor{Ref: access.SysInstall}

func (f *firm) do(who evidence.Actor, in command.Input) command.Outcome {
	f.t.Helper()
	out, err := f.Road.Run(f.ctx, who, "", in)
	if err != nil {
		f.t.Fatalf("%s: %v", in.Action(), err)
	}
	return out
}

// colleague enters a member of staff who holds one role in en_cy.
func (f *firm) colleague(name string, role access.Role) evidence.Actor {
	f.t.Helper()
	ref := f.do(install, access.CreateStaff{Entity: "en_cy", Name: name, Email: name + "@firm.example", Line: access.FirstLine}).Subject
	f.do(install, access.BootstrapGrant{Holder: ref, Role: role, Entity: "en_cy", Until: f.clock.Now().Add(60 * 24 * time.Hour)})
	return evidence.Actor{Ref: ref, StepUp: true}
}

func (f *firm) count(query string, args ...any) (n int) {
	f.t.Helper()
	if err := f.Store.Reader().QueryRow(f.ctx, query, args...).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// noneDenied demands that no part of the program was denied anything, and that
// no job was given up.
func (f *firm) noneDenied() {
	f.t.Helper()
	noneDenied(f.t, f.App)
}

func noneDenied(t *testing.T, a *App) {
	t.Helper()
	rows, err := a.Store.Reader().Query(t.Context(), "SELECT id, actor FROM event WHERE outcome = $1 AND actor >= 'sys_' AND actor < 'sys`' ORDER BY id", string(evidence.Denied))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, actor string
		if err := rows.Scan(&id, &actor); err != nil {
			t.Fatal(err)
		}
		rec, err := evidence.Get(t.Context(), a.Store.Reader(), id)
		if err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s was denied: %s", actor, rec.Leaf)
	}
	dead, err := jobs.DeadLetters(t.Context(), a.Store.Reader(), core.PageRequest{})
	if err != nil || len(dead.Rows) > 0 {
		t.Errorf("jobs were given up: %+v, %v", dead.Rows, err)
	}
}

// What other domains find becomes a finding, by a job that acts as
// sys_findings; what nobody decided in time is expired by sys_clock.
func TestJobsPassOnTheRealPolicies(t *testing.T) {
	f := openFirm(t)
	cara, sue := f.colleague("cara", access.Compliance), f.colleague("sue", access.Support)
	client := f.do(sue, clients.CreateClient{Entity: "en_cy", Name: "Ada Example", Email: "ada@client.example", Phone: "+35722000001", Address: "1 Samplestreet, Nicosia", Country: "CY", BirthDate: "1984-02-29"}).Subject
	err := f.Store.Write(f.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := jobs.Enqueue(ctx, tx, core.NewSeededEntropy(9), jobs.New{Kind: cases.JobRaise, Args: "rogue-deal|en_cy|" + string(client) + "|mt5.deal.7", RunAt: f.clock.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	set := f.do(cara, clients.SetRestriction{Client: client, Purpose: clients.Funding, Reason: "suspicion", Words: "Third-party payer seen."}).Subject
	lift := f.do(cara, clients.LiftRestriction{Client: client, Restriction: set, Reason: "document", Words: "The payer is the spouse."})
	if err := f.Settle(f.ctx); err != nil {
		t.Fatal(err)
	}
	if n := f.count("SELECT count(*) FROM finding WHERE subject = $1 AND kind = 'rogue-deal'", client); n != 1 {
		t.Errorf("%d findings were raised, want 1", n)
	}
	for range 3 {
		f.clock.Advance(4 * 24 * time.Hour)
		if err := f.Settle(f.ctx); err != nil {
			t.Fatal(err)
		}
	}
	p, err := command.GetProposal(f.ctx, f.Store.Reader(), lift.Proposal)
	if err != nil || p.State != command.Expired {
		t.Errorf("the proposal is %+v, %v", p, err)
	}
	f.noneDenied()
}

// The command line without a colleague's name searches and packs; it is shown
// no value in the clear, and changes nothing.
func TestTheCommandLineHandsOverWithoutSeeing(t *testing.T) {
	f := openFirm(t)
	sue := f.colleague("sue", access.Support)
	client := f.do(sue, clients.CreateClient{Entity: "en_cy", Name: "Ada Canaryname", Email: "ada@client.example", Phone: "+35722000001", Address: "1 Samplestreet, Nicosia", Country: "CY", BirthDate: "1984-02-29"}).Subject
	if err := f.Settle(f.ctx); err != nil {
		t.Fatal(err)
	}
	who := evidence.Actor{Ref: access.SysCLI}
	found, err := command.Ask(f.ctx, f.Road, who, oversight.SearchEventsQuery(f.Road, subjects{}), oversight.SearchEvents{Query: string(client)})
	if err != nil || len(found.Rows) != 1 {
		t.Fatalf("found %d events, %v", len(found.Rows), err)
	}
	pack, err := command.Ask(f.ctx, f.Road, who, f.Packs(), oversight.BuildPack{Kind: "client", Ref: client})
	if err != nil || pack.Counts.Events == 0 || pack.Counts.Disclosed != 0 || pack.Counts.Withheld == 0 {
		t.Fatalf("a pack of %+v, %v", pack.Counts, err)
	}
	f.noneDenied()
	if _, err := f.Road.Run(f.ctx, who, "", clients.SetRestriction{Client: client, Purpose: clients.Funding, Reason: "suspicion", Words: "By the operator."}); core.AsFault(err).Kind != core.Denied {
		t.Errorf("the operator of the machine restricted a client: %v", err)
	}
}

// Each role that a rule may ask can answer where its holder works: on the real
// policies, from real grants. No other role can.
func TestEverySeatCanBeAnswered(t *testing.T) {
	f := openFirm(t)
	staff := map[access.Role]evidence.Actor{}
	for _, role := range access.Roles {
		staff[role] = f.colleague(string(role), role)
	}
	f.clock.Advance(time.Second) // past the moments that the road handed out
	asked := 0
	for _, l := range f.Road.Registry.List() {
		if len(l.Doc.Approvers) == 0 {
			continue
		}
		asked++
		p := command.Proposal{ID: "pr_x", Action: l.Action, Entity: "en_cy", Maker: "st_maker"}
		for _, role := range access.Roles {
			for _, act := range []command.Action{command.ActApprove, command.ActDecline} {
				r, err := f.Road.Policy.Authorize(f.ctx, f.Store.Reader(), staff[role], act, p.Resource(), f.clock.Now())
				if err != nil {
					t.Fatal(err)
				}
				named := slices.Contains(l.Doc.Approvers, string(role))
				if r.Allow != named {
					t.Errorf("%s of %s by %s: the policies allow %v, the rules name the role %v", act, l.Action, role, r.Allow, named)
				}
				if named && !slices.Contains(r.Roles, string(role)) {
					t.Errorf("%s holds a seat of %s and does not fill it", role, l.Action)
				}
			}
		}
	}
	if asked < 5 {
		t.Errorf("only %d commands ask for approval: the list is broken", asked)
	}
}

// What the program decides by is on record with its text, once, whoever starts
// it again; a pack holds the text under the hash that its events name; and the
// text of a set of years ago is still found by its hash.
func TestPolicyTextsAreKept(t *testing.T) {
	f := openFirm(t)
	policy := f.Domains.Policy
	for range 2 {
		if err := policy.Adopt(f.ctx, f.Road); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.count("SELECT count(*) FROM policy_set WHERE id = $1", policy.SetHash()); n != 1 {
		t.Fatalf("the policies are recorded %d times", n)
	}
	if _, err := f.Road.Run(f.ctx, install, "", access.AdoptPolicies{Set: strings.Repeat("a", 64)}); !core.IsFault(err, "other-policies") {
		t.Errorf("policies that are not the program's were adopted: %v", err)
	}
	sue := f.colleague("sue", access.Support)
	client := f.do(sue, clients.CreateClient{
		Entity: "en_cy", Name: "Ada Example", Email: "ada@client.example", Phone: "+35722000001", Address: "1 Samplestreet, Nicosia", Country: "CY", BirthDate: "1984-02-29",
	}).Subject
	if err := f.Settle(f.ctx); err != nil {
		t.Fatal(err)
	}
	who := evidence.Actor{Ref: access.SysCLI}
	pack, err := command.Ask(f.ctx, f.Road, who, f.Packs(), oversight.BuildPack{Kind: "client", Ref: client})
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(pack.Missing, func(m evidence.Missing) bool { return m.Code == "policy-text" }) {
		t.Errorf("the pack lacks the text of the policies: %+v", pack.Missing)
	}
	f.policyInPack(pack.Zip, policy.SetHash())

	// The table is read where the set is not the program's own.
	var text string
	if err := f.Store.Reader().QueryRow(f.ctx, "SELECT text FROM policy_set WHERE id = $1", policy.SetHash()).Scan(&text); err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256([]byte(text)); hex.EncodeToString(sum[:]) != policy.SetHash() {
		t.Error("the text on record has another hash")
	}
}

// policyInPack demands that the text of a set lies in a pack under its hash,
// that the pack verifies, and that it does not with one letter changed.
func (f *firm) policyInPack(zipped []byte, set string) {
	f.t.Helper()
	logs, err := f.Logs(f.ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	trusted, err := f.Signers.Verifiers(logs...)
	if err != nil {
		f.t.Fatal(err)
	}
	problems, _, err := evidence.VerifyPack(bytes.NewReader(zipped), int64(len(zipped)), trusted)
	if err != nil || len(problems) > 0 {
		f.t.Fatalf("the pack: %v, %v", problems, err)
	}
	z, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		f.t.Fatal(err)
	}
	path := "policies/" + set + ".txt"
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	found := false
	for _, file := range z.File {
		r, err := file.Open()
		if err != nil {
			f.t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			f.t.Fatal(err)
		}
		if file.Name == path {
			found = bytes.Contains(body, []byte(`@id("support.clients")`))
			body = bytes.Replace(body, []byte("forbid"), []byte("permit"), 1)
		}
		into, err := w.CreateHeader(&zip.FileHeader{Name: file.Name, Method: zip.Deflate, Modified: file.Modified})
		if err == nil {
			_, err = into.Write(body)
		}
		if err != nil {
			f.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || !found {
		f.t.Fatalf("%s is not in the pack, or does not hold the policies (%v)", path, err)
	}
	problems, _, err = evidence.VerifyPack(bytes.NewReader(out.Bytes()), int64(out.Len()), trusted)
	if err != nil || !slices.ContainsFunc(problems, func(p evidence.Problem) bool { return p.Key == path && p.Code == "changed-file" }) {
		f.t.Errorf("a changed policy text is not named: %v, %v", problems, err)
	}
}

// An upload that no command followed goes after its time, by a schedule of the
// program and not only by a function that somebody might call.
func TestUploadsThatNothingFollowedAreSweptInTime(t *testing.T) {
	f := openFirm(t)
	if _, _, err := f.Domains.Onboarding.Vault.Put(f.ctx, "cl_nobody", strings.NewReader("a passport")); err != nil {
		t.Fatal(err)
	}
	stored := func() int {
		files, err := filepath.Glob(filepath.Join(f.Config.Data, "documents", "??", "*.enc"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if stored() != 1 {
		t.Fatal("nothing was stored")
	}
	f.clock.Set(core.SystemClock{}.Now().Add(31 * 24 * time.Hour)) // files have the machine's time
	if _, err := f.Queue.Step(f.ctx); err != nil {
		t.Fatal(err)
	}
	if stored() != 0 {
		t.Error("it is still there")
	}
}

// A case that a command names is an open one, of a fitting type, about the
// same client, for every command and not only for those that look themselves.
func TestEveryCommandNamesAFittingCase(t *testing.T) {
	f := openFirm(t)
	mina := f.colleague("mina", access.Compliance)
	create := func(name string) core.Ref {
		return f.do(mina, clients.CreateClient{Entity: "en_cy", Name: name, Email: strings.ToLower(name[:3]) + "@mail.example", Country: "CY", BirthDate: "1980-02-03"}).Subject
	}
	ada, bob := create("Ada Byron"), create("Bob Kahn")
	open := func(about core.Ref, typ cases.Type) core.Ref {
		return f.do(mina, cases.OpenCase{Type: typ, About: about, Title: "Client wrote about the address on file", Origin: "email", OriginRef: "m1"}).Subject
	}
	closed := open(ada, cases.KYCReview)
	f.do(mina, cases.CloseCase{Case: closed, Outcome: "resolved", Words: "The address was compared with the bill."})
	address := "1 Harbour Road, Paphos"
	for file, want := range map[core.Ref]string{
		"ca_nowhere": "case-unknown", closed: "case-closed", open(ada, cases.AccessRequest): "case-wrong-type",
		open(bob, cases.KYCReview): "case-wrong-subject", open(ada, cases.KYCReview): "", "": "",
	} {
		in := clients.ChangeClient{Client: ada, Address: &address, Reason: "client_request", Words: "The client moved to another town in May.", Case: file}
		_, err := f.Road.Run(f.ctx, mina, "", in)
		if want == "" && err != nil || want != "" && !core.IsFault(err, want) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
		address += "."
	}
}
