package app

import (
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
)

// later lets time pass, and what is due be done.
func (f *firm) later(d time.Duration) {
	f.t.Helper()
	f.clock.Advance(d)
	if err := f.Settle(f.ctx); err != nil {
		f.t.Fatal(err)
	}
}

// Who leaves is told, and what they read in the last days becomes a finding
// that somebody else must explain; whose employment ends leaves by the clock.
func TestWhoLeavesIsToldAndTheirReadsAreLookedAt(t *testing.T) {
	f := openFirm(t)
	sue, ada, cara := f.colleague("sue", access.Support), f.colleague("ada", access.SystemAdmin), f.colleague("cara", access.Compliance)
	client := f.do(sue, clients.CreateClient{Entity: "en_cy", Name: "Ada Example", Email: "ada@client.example", Phone: "+35722000001", Address: "1 Samplestreet, Nicosia", Country: "CY", BirthDate: "1984-02-29"}).Subject
	for range 3 {
		if _, err := command.Ask(f.ctx, f.Road, cara, clients.ClientPage{}, clients.ViewClient{Client: client}); err != nil {
			t.Fatal(err)
		}
	}
	f.do(ada, access.DeactivateStaff{Staff: cara.Ref, Words: "Left the firm today."})
	f.later(time.Second)
	var text string
	rows, err := f.Store.Reader().Query(f.ctx, "SELECT words FROM finding WHERE subject = $1 AND kind = 'leaver-reads' AND entity = 'en_group'", cara.Ref)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
	}
	rows.Close()
	if !strings.Contains(text, "3 times") || !strings.Contains(text, "1 client") {
		t.Errorf("the reads of a leaver are summed up as %q", text)
	}
	if n := f.count("SELECT count(*) FROM staff_notice WHERE staff = $1 AND type = 'access.staff.deactivated'", cara.Ref); n != 1 {
		t.Errorf("told %d times", n)
	}
	_, err = f.Domains.Auth.SignIn(f.ctx, "cara@firm.example", "whatever it was 99", "", "192.0.2.1", "")
	if !core.IsFault(err, access.ErrSignIn.Code) {
		t.Fatal(err)
	}
	f.later(time.Second)
	if n := f.count("SELECT count(*) FROM finding WHERE subject = $1 AND kind = 'use-after-leaving' AND severity = 'critical' AND state = $2", cara.Ref, cases.FindingOpen); n != 1 {
		t.Errorf("%d findings about a use after leaving", n)
	}

	temp := f.do(install, access.CreateStaff{Entity: "en_cy", Name: "Tim Temporary", Email: "tim@firm.example", Line: access.FirstLine, From: f.clock.Now(), Until: f.clock.Now().Add(48 * time.Hour)}).Subject
	for want, wait := range []time.Duration{47 * time.Hour, 2 * time.Hour} {
		f.later(wait)
		if n := f.count("SELECT count(*) FROM staff WHERE id = $1 AND status = 'inactive'", temp); n != want {
			t.Errorf("%s on, %d have left", wait, n)
		}
	}
	f.noneDenied()
}

// An access elsewhere that nobody closed within a day of its holder's leaving
// is found, once.
func TestAnAccessElsewhereThatStaysOpenIsFound(t *testing.T) {
	f := openFirm(t)
	ada, cara := f.colleague("ada", access.SystemAdmin), f.colleague("cara", access.Compliance)
	system := f.do(ada, elsewhere.RecordSystem{Entity: "en_cy", Kind: elsewhere.MTManager, Name: "MT5 manager", Outside: "mt5", Owner: ada.Ref}).Subject
	f.do(ada, elsewhere.RecordAccount{System: system, Holder: cara.Ref, Login: "1055", Rights: "Reads accounts."})
	f.do(ada, elsewhere.RecordAccount{System: system, Holder: ada.Ref, Login: "1056", Rights: "Reads accounts."})
	found := func() int { return f.count("SELECT count(*) FROM finding WHERE kind = 'elsewhere-overdue'") }
	f.later(48 * time.Hour)
	if found() != 0 {
		t.Fatal("found while everybody works here")
	}
	f.do(ada, access.DeactivateStaff{Staff: cara.Ref, Words: "Left the firm today."})
	f.later(23 * time.Hour)
	if found() != 0 {
		t.Error("found within a day")
	}
	for range 3 {
		f.later(2 * time.Hour)
	}
	if n := f.count("SELECT count(*) FROM finding WHERE kind = 'elsewhere-overdue' AND subject = $1", cara.Ref); n != 1 || found() != 1 {
		t.Errorf("%d findings, %d about her", found(), n)
	}
	if n := f.count("SELECT count(*) FROM staff_notice WHERE staff = $1 AND type = 'elsewhere.account.recorded'", cara.Ref); n != 1 {
		t.Errorf("told %d times", n)
	}
	f.noneDenied()
}
