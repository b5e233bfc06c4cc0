package clients_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func each(t *testing.T, fn func(t *testing.T, r *commandtest.Rig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		reg := command.NewRegistry()
		command.RegisterOwn(reg)
		clients.Register(reg)
		fn(t, commandtest.New(t, s, reg))
	})
}

var ada = clients.CreateClient{
	Entity: "en_cy", Name: "Adelheid Canaryname", Email: "adelheid@canarymail.example", Phone: "+35799123456",
	Address: "7 Canarystreet, Limassol", Country: "CY", BirthDate: "1984-02-29", Nationality: "DE", IntroducedBy: "ib_north",
}

const (
	ibanOld = "DE89370400440532013000"
	ibanNew = "GB29NWBK60161331926819"
)

func code(err error) string {
	if err == nil {
		return ""
	}
	return core.AsFault(err).Code
}

func text(s string) *string { return &s }

func try(r *commandtest.Rig, a evidence.Actor, in command.Input) string {
	_, err := r.Road.Run(context.Background(), a, "", in)
	return code(err)
}

func fold(t *testing.T, r *commandtest.Rig) {
	t.Helper()
	ps, err := r.Road.Log.VerifyFold(context.Background(), r.Road.Store.Reader())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		t.Errorf("fold: %+v", p)
	}
}

func TestStory(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue, cara, cole := r.Staff("sue", "support"), r.Staff("cara", "compliance"), r.Staff("cole", "senior_compliance")
		svc, ctx, rd := clients.Service{}, context.Background(), r.Road.Store.Reader()

		cl := r.Do(sue, ada).Subject
		r.Do(sue, clients.ChangeClient{Client: cl, Address: text("8 Otherstreet, Paphos"), Reason: "client_request", Words: "Moved house, told us by phone."})
		add := clients.AddBankDetail{Client: cl, Holder: "Adelheid Canaryname", Account: "DE89 3704 0044 0532 0130 00", Currency: "eur"}
		bd := confirmed(t, r, cara, r.Do(sue, add))
		before, err := svc.BankDetail(ctx, rd, bd)
		if err != nil {
			t.Fatal(err)
		}
		r.Clock.Advance(time.Hour)
		confirmed(t, r, cara, r.Do(sue, clients.ChangeBankDetail{Client: cl, Detail: bd, Account: text(ibanNew), Reason: "client_request", Words: "New bank since June."}))
		after, err := svc.BankDetail(ctx, rd, bd)
		if err != nil || after.Account != ibanNew || after.Created != before.Created || after.ChangedAt.Sub(before.ChangedAt) < 59*time.Minute {
			t.Fatalf("after the change: %+v, %v", after, err)
		}

		rs := r.Do(cara, clients.SetRestriction{Client: cl, Purpose: clients.Funding, Reason: "suspicion", Words: "Third-party payer seen."}).Subject
		lift := clients.LiftRestriction{Client: cl, Restriction: rs, Reason: "document", Words: "Payer is the spouse, shown."}
		out := r.Do(cara, lift)
		if out.State != command.StateProposed || len(restricted(t, r, cl)) != 1 {
			t.Fatalf("lifting by one person: %+v", out)
		}
		p, err := command.GetProposal(ctx, rd, out.Proposal)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Road.Approve(ctx, cara, "", command.Decide{Proposal: p.ID, Hash: p.Hash, Approve: true, Words: "I agree with myself."})
		if code(err) != "maker-is-not-checker" {
			t.Fatalf("the maker approved: %v", err)
		}
		if _, err := r.Road.Approve(ctx, sue, "", command.Decide{Proposal: p.ID, Hash: p.Hash, Approve: true, Words: "Support agrees."}); code(err) != "no-seat" {
			t.Fatalf("support approved: %v", err)
		}
		r.Approve(cole, out.Proposal)
		if got := restricted(t, r, cl); len(got) != 0 {
			t.Fatalf("still restricted: %v", got)
		}
		if c := try(r, cara, lift); c != "not-in-force" {
			t.Fatalf("lifted twice: %q", c)
		}
		want := "clients.client.created clients.client.changed " +
			"command.proposal.opened command.proposal.approved clients.bankdetail.added " +
			"command.proposal.opened command.proposal.approved clients.bankdetail.changed clients.restriction.set " +
			"command.proposal.opened command.run.refused command.run.refused command.proposal.approved clients.restriction.lifted command.run.refused"
		checkEvents(t, r, cl, want)
		fold(t, r)
	})
}

// confirmed approves what must be a proposal and returns what it made.
func confirmed(t *testing.T, r *commandtest.Rig, by evidence.Actor, out command.Outcome) core.Ref {
	t.Helper()
	if out.State != command.StateProposed {
		t.Fatalf("applied without a second person: %+v", out)
	}
	return r.Approve(by, out.Proposal).Subject
}

func checkEvents(t *testing.T, r *commandtest.Rig, cl core.Ref, want string) {
	t.Helper()
	var got []string
	for _, e := range r.Events(cl) {
		got = append(got, e.Type)
		for _, secret := range []string{"Canary", "canarymail", "99123456", ibanOld, ibanNew, "1984-02-29", "Moved house"} {
			if strings.Contains(e.Leaf+e.Changes, secret) {
				t.Errorf("%s holds %q in the clear", e.Type, secret)
			}
		}
	}
	if strings.Join(got, " ") != want {
		t.Errorf("events\n%s, want\n%s", strings.Join(got, " "), want)
	}
}

func restricted(t *testing.T, r *commandtest.Rig, cl core.Ref) (out []string) {
	t.Helper()
	err := clients.Service{}.Restrictions(context.Background(), r.Road.Store.Reader(), cl, r.Clock.Now().Add(time.Minute),
		func(purpose, reason string, _ core.Instant) { out = append(out, purpose+"/"+reason) })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The old and the new account both stand in the change's event, disclosed to
// those who may see bank data.
func TestBankDetailHistoryIsOldAndNew(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue := r.Staff("sue", "support")
		cl := r.Do(sue, ada).Subject
		me := r.Staff("self")
		me.Ref = cl
		r.Policy.Held[cl] = []string{"client"}
		bd := r.Do(me, clients.AddBankDetail{Client: cl, Holder: "Adelheid Canaryname", Account: ibanOld, Currency: "EUR"}).Subject
		r.Do(me, clients.ChangeBankDetail{Client: cl, Detail: bd, Account: text(ibanNew), Reason: "client_request", Words: "New bank since June."})
		evs := r.Events(bd)
		lines, err := evidence.ParseChanges(evs[len(evs)-1].Changes)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if l.Table == "bank_detail" {
				c := l.Cells["account"]
				if c.OldSD == "" || c.NewSD == "" || c.Class != core.Bank || l.Rev != "2" {
					t.Fatalf("account cell %+v in rev %s", c, l.Rev)
				}
				if _, kept := l.Cells["holder"]; kept {
					t.Fatal("an unchanged column stands in the change")
				}
				return
			}
		}
		t.Fatalf("no change of bank_detail in %s", evs[len(evs)-1].Changes)
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue := r.Staff("sue", "support")
		cl := r.Do(sue, ada).Subject
		other := ada
		other.Email, other.IntroducedBy = "other@example.com", ""
		cl2 := r.Do(sue, other).Subject
		bd := confirmed(t, r, r.Staff("cara", "compliance"), r.Do(sue, clients.AddBankDetail{Client: cl, Holder: "Adelheid Canaryname", Account: ibanOld, Currency: "EUR"}))
		r.Do(sue, clients.SetRestriction{Client: cl, Purpose: clients.Everything, Reason: "suspicion", Words: "Under review."})
		elsewhere, young := ada, ada
		elsewhere.Entity = "en_uk"
		young.BirthDate, young.Email = "2010-01-01", "young@example.com"
		for name, c := range map[string]struct {
			in   command.Input
			want string
		}{
			"second record":           {ada, "email-taken"},
			"minor":                   {young, "under-age"},
			"same person elsewhere":   {elsewhere, ""},
			"no change":               {clients.ChangeClient{Client: cl, Name: text(" Adelheid  Canaryname"), Reason: "correction", Words: "A typo in it."}, "nothing-changed"},
			"change without words":    {clients.ChangeClient{Client: cl, Name: text("X Y"), Reason: "correction"}, "invalid-input"},
			"change without reason":   {clients.ChangeClient{Client: cl, Name: text("X Y"), Words: "A typo in it."}, "invalid-input"},
			"bad new value":           {clients.ChangeClient{Client: cl, Email: text("nonsense"), Reason: "correction", Words: "A typo in it."}, "invalid-input"},
			"address of another":      {clients.ChangeClient{Client: cl, Email: text("other@example.com"), Reason: "correction", Words: "A typo in it."}, "email-taken"},
			"no such client":          {clients.ChangeClient{Client: "cl_none", Name: text("X Y"), Reason: "correction", Words: "A typo in it."}, "no-such-record"},
			"wrong IBAN":              {clients.AddBankDetail{Client: cl, Holder: "Ada", Account: "DE89370400440532013001", Currency: "EUR"}, "invalid-input"},
			"known account":           {clients.AddBankDetail{Client: cl, Holder: "Ada", Account: ibanOld, Currency: "USD"}, "account-known"},
			"another's bank detail":   {clients.ChangeBankDetail{Client: cl2, Detail: bd, Bank: text("X"), Reason: "correction", Words: "A typo in it."}, "no-such-record"},
			"changed to a wrong IBAN": {clients.ChangeBankDetail{Client: cl, Detail: bd, Account: text("DE00"), Reason: "correction", Words: "A typo in it."}, "bad-account"},
			"unchanged bank detail":   {clients.ChangeBankDetail{Client: cl, Detail: bd, Account: text(ibanOld), Reason: "correction", Words: "A typo in it."}, "nothing-changed"},
			"restricted twice":        {clients.SetRestriction{Client: cl, Purpose: clients.Everything, Reason: "suspicion", Words: "Again, the same."}, "restricted-already"},
			"unknown purpose":         {clients.SetRestriction{Client: cl, Purpose: "life", Reason: "suspicion", Words: "Under review."}, "invalid-input"},
		} {
			t.Run(name, func(t *testing.T) {
				if got := try(r, sue, c.in); got != c.want {
					t.Fatalf("%q, want %q", got, c.want)
				}
			})
		}
		fold(t, r)
	})
}

// What a reader without the right to a class gets holds nothing of it, in any
// view; with the right it is whole, and the read leaves evidence.
func TestMasking(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue, bare, bank := r.Staff("sue", "support"), r.Staff("bare", "auditor"), r.Staff("bank", "payments")
		r.Policy.Deny = func(a core.Ref, act command.Action, _ command.Resource) bool {
			sees := strings.HasPrefix(string(act), "see.")
			return sees && (a == "st_bare" || a == "st_bank" && act != "see.bank")
		}
		cl := r.Do(sue, ada).Subject
		confirmed(t, r, r.Staff("cara", "compliance"), r.Do(sue, clients.AddBankDetail{Client: cl, Holder: "Adelheid Canaryname", Account: ibanOld, Bank: "Canarybank", Currency: "EUR"}))
		r.Do(sue, clients.SetRestriction{Client: cl, Purpose: clients.Everything, Reason: "suspicion", Words: "Canarywords here."})
		before := len(r.Events(cl))
		canaries := []string{"Canary", "canary", "Adelheid", "adelheid", "123456", "Limassol", "1984", "3704", "3000"}
		for _, a := range everyView(t, r, bare, cl) {
			for _, c := range canaries {
				if strings.Contains(a, c) {
					t.Errorf("%q shown to one without rights: %s", c, a)
				}
			}
		}
		if n := len(r.Events(cl)) - before; n != 0 {
			t.Errorf("%d read events about the client where nothing was shown", n)
		}
		v := view(t, r, bank, cl, false)
		if got := v.BankDetails[0].Account; got.Text != "DE••• 3000" || !got.Masked || v.Name.Text != "A• C•" {
			t.Errorf("payments see %+v and name %+v", got, v.Name)
		}
		if got := view(t, r, bank, cl, true).BankDetails[0].Account; got.Text != ibanOld || got.Masked {
			t.Errorf("asked for, the account is %+v", got)
		}
		all := strings.Join(everyView(t, r, sue, cl), " ")
		for _, want := range []string{"Adelheid Canaryname", "adelheid@canarymail.example", "+35799123456", "1984-02-29", ibanOld, "Canarywords"} {
			if !strings.Contains(all, want) {
				t.Errorf("%q is not shown to one with all rights: %s", want, all)
			}
		}
		evs := r.Events(cl)
		if last := evs[len(evs)-1]; !strings.HasPrefix(last.Type, "evidence.") && !strings.HasPrefix(last.Type, "command.") || len(evs) == before {
			t.Errorf("no read event, the last is %s", last.Type)
		}
		fold(t, r)
	})
}

func view(t *testing.T, r *commandtest.Rig, a evidence.Actor, cl core.Ref, account bool) clients.ClientView {
	t.Helper()
	v, err := command.Ask(context.Background(), r.Road, a, clients.ClientPage{}, clients.ViewClient{Client: cl, Account: account})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func everyView(t *testing.T, r *commandtest.Rig, a evidence.Actor, cl core.Ref) []string {
	t.Helper()
	list, err := command.Ask(context.Background(), r.Road, a, clients.ClientList{}, clients.ListClients{})
	if err != nil || len(list.Rows) != 1 {
		t.Fatalf("%d rows, %v", len(list.Rows), err)
	}
	found := search(t, r, a, string(cl))
	if len(found) != 1 {
		t.Fatalf("%d found by reference", len(found))
	}
	return []string{asJSON(t, list), asJSON(t, found), asJSON(t, view(t, r, a, cl, false)), asJSON(t, view(t, r, a, cl, true))}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func search(t *testing.T, r *commandtest.Rig, a evidence.Actor, words string) []clients.ClientRow {
	t.Helper()
	rows, err := command.Ask(context.Background(), r.Road, a, clients.ClientSearch{}, clients.SearchClients{Words: words})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestListAndSearch(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue, bare := r.Staff("sue", "support"), r.Staff("bare", "auditor")
		r.Policy.Deny = func(a core.Ref, act command.Action, _ command.Resource) bool {
			return a == "st_bare" && act == "see.personal"
		}
		var refs []core.Ref
		for i := range 5 {
			in := ada
			in.Name, in.Email = fmt.Sprintf("Zoë%d O'Brien_%%", i), fmt.Sprintf("c%d@example.com", i)
			r.Clock.Advance(time.Second)
			refs = append(refs, r.Do(sue, in).Subject)
		}
		var got []core.Ref
		for page := (core.PageRequest{Limit: 2}); ; {
			p, err := command.Ask(context.Background(), r.Road, sue, clients.ClientList{}, clients.ListClients{Status: clients.Open, Page: page})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range p.Rows {
				got = append(got, row.ID)
			}
			if page.After = p.Next; p.Next == "" {
				break
			}
		}
		if len(got) != 5 || got[0] != refs[4] || got[4] != refs[0] {
			t.Errorf("paged %v of %v", got, refs)
		}
		for words, want := range map[string]int{"ZOË": 5, "zoë3": 1, "o'bri": 5, "brien": 0, "zoë_": 0, "o'brien_%": 5, "o'brien%": 0, "%%": 0, "e3": 0, refs[2].Short(): 1} {
			if n := len(search(t, r, sue, words)); n != want {
				t.Errorf("%q finds %d, want %d", words, n, want)
			}
		}
		if n := len(search(t, r, bare, "zoë")); n != 0 {
			t.Errorf("one who may not see names found %d by name", n)
		}
		if n := len(search(t, r, bare, refs[2].Short())); n != 1 {
			t.Errorf("one who may not see names found %d by reference", n)
		}
	})
}

// Taking an account out of use protects and needs nobody else; taking it back
// into use does.
func TestOutOfUseAtOnce(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		sue, cara := r.Staff("sue", "support"), r.Staff("cara", "compliance")
		cl := r.Do(sue, ada).Subject
		bd := confirmed(t, r, cara, r.Do(sue, clients.AddBankDetail{Client: cl, Holder: "Ada Example", Account: ibanOld, Currency: "EUR"}))
		off, on := false, true
		in := clients.ChangeBankDetail{Client: cl, Detail: bd, Active: &off, Reason: "suspicion", Words: "Account is not theirs."}
		if out := r.Do(sue, in); out.State != command.StateDone {
			t.Fatalf("taking out of use: %+v", out)
		}
		in.Active = &on
		confirmed(t, r, cara, r.Do(sue, in))
		fold(t, r)
	})
}

// Whoever could rename a client alone would make any payee's name the
// client's own.
func TestWhoAClientIsChangesWithASecondPerson(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		cara, otto := r.Staff("cara", "compliance"), r.Staff("otto", "compliance")
		cl := r.Do(cara, ada).Subject
		named := func() string {
			c, err := clients.Service{}.Client(t.Context(), r.Road.Store.Reader(), cl)
			if err != nil {
				t.Fatal(err)
			}
			return c.Name
		}
		for _, in := range []clients.ChangeClient{
			{Client: cl, Name: text("Mallory Payee"), Reason: "correction", Words: "A typo in the passport."},
			{Client: cl, BirthDate: text("1971-02-03"), Reason: "correction", Words: "A typo in the passport."},
			{Client: cl, Nationality: text("FR"), Address: text("1 Elsewhere"), Reason: "correction", Words: "A typo in the passport."},
		} {
			was := named()
			out := r.Do(cara, in)
			if out.State != command.StateProposed || out.Need.Rule != "clients.client.identity/1" {
				t.Fatalf("%+v is %s", in, out.State)
			}
			if named() != was {
				t.Fatal("the name changed before anybody agreed")
			}
			if _, err := r.Road.Approve(t.Context(), cara, "", decide(t, r, out.Proposal)); core.AsFault(err).Code != "maker-is-not-checker" {
				t.Fatalf("the maker approves: %v", err)
			}
			r.Approve(otto, out.Proposal)
		}
		if named() != "Mallory Payee" {
			t.Fatalf("two people agreed, and the name is %q", named())
		}
		for _, e := range r.Events(cl) {
			if strings.Contains(e.Leaf+e.Changes, "Mallory") {
				t.Error("a name stands in the evidence in the clear")
			}
		}
	})
}

func decide(t *testing.T, r *commandtest.Rig, proposal core.Ref) command.Decide {
	t.Helper()
	p, err := command.GetProposal(t.Context(), r.Road.Store.Reader(), proposal)
	if err != nil {
		t.Fatal(err)
	}
	return command.Decide{Proposal: proposal, Hash: p.Hash, Approve: true, Words: "Seen and agreed."}
}
