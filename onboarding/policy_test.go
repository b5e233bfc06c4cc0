package onboarding

import (
	"testing"
	"time"

	"vouchsafe/core"
)

func day(s string) core.Instant {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return core.At(t)
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		field, document, declared string
		want                      Result
	}{
		{"name", "EXAMPLE ADA-MARIA", "Ada Maria Example", Match},
		{"name", "JOSÉ GARCÍA", "Jose Garcia", Match},
		{"name", "O'BRIEN SIOBHAN", "Siobhan OBrien", Match},
		{"name", "ADA EXAMPLE", "Ada Maria Example", Mismatch},
		{"name", "ADA ADA", "Ada", Mismatch},
		{"name", "", "Ada", Noted},
		{"number", "L898902C3", "", Noted},
		{"birth_date", "1984-02-29", "1984-02-29", Match},
		{"birth_date", "1984-02-28", "1984-02-29", Mismatch},
		{"address", "7 Main St., 3040 Limassol, Cyprus", "7 Main St Limassol", Match},
		{"address", "7 Main St", "7 Main St, Limassol", Match},
		{"address", "8 Main St Limassol", "7 Main St Limassol", Mismatch},
	} {
		if got := Compare(c.field, c.document, c.declared); got != c.want {
			t.Errorf("%s: %q and %q: %s, want %s", c.field, c.document, c.declared, got, c.want)
		}
	}
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2027-12-31", 2, "2028-02-29"},
		{"2026-08-31", 6, "2027-02-28"},
		{"2026-01-15", 12, "2027-01-15"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2026-03-31", 6, "2026-09-30"},
	} {
		from, _ := date(c.from)
		if got := addMonths(from, c.months).Format(time.DateOnly); got != c.want {
			t.Errorf("%s + %d months: %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

func TestValidAt(t *testing.T) {
	rules := Rules{Accept: 6, Stand: 12}
	passport := Document{Kind: Passport, Accepted: day("2026-01-10"), ExpiresOn: "2026-06-30"}
	bill := Document{Kind: ProofOfAddress, Accepted: day("2026-01-10"), IssuedOn: "2025-08-31"}
	gone := Document{Kind: ProofOfAddress, Accepted: day("2026-01-10"), IssuedOn: "2025-12-01", Ended: day("2026-03-01")}
	forever := Document{Kind: IDCard, Accepted: day("2026-01-10")}
	pending := Document{Kind: Passport, ExpiresOn: "2030-01-01"}
	for _, c := range []struct {
		name string
		d    *Document
		at   core.Instant
		want bool
	}{
		{"before it was accepted", &passport, day("2026-01-10") - 1, false},
		{"when it is accepted", &passport, day("2026-01-10"), true},
		{"in its last microsecond", &passport, day("2026-07-01") - 1, true},
		{"after its last day", &passport, day("2026-07-01"), false},
		{"within a year of issue", &bill, day("2026-08-31") - 1, true},
		{"a year after issue", &bill, day("2026-08-31"), false},
		{"before its end", &gone, day("2026-03-01") - 1, true},
		{"after its end", &gone, day("2026-03-01"), false},
		{"without an expiry", &forever, day("2099-01-01"), true},
		{"never accepted", &pending, day("2026-02-01"), false},
	} {
		if got := c.d.ValidAt(c.at, rules); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestStage(t *testing.T) {
	pass, bill := Document{ID: "do_p", Kind: Passport, State: Pending}, Document{ID: "do_b", Kind: ProofOfAddress, State: Accepted}
	rejected, letter := bill, Document{ID: "do_l", Kind: BankLetter, State: Pending}
	rejected.State = Rejected
	read := map[core.Ref]Extraction{"do_p": {}, "do_b": {}}
	for _, c := range []struct {
		name string
		was  ApplicationState
		docs []Document
		read map[core.Ref]Extraction
		want ApplicationState
	}{
		{"nothing", Received, nil, nil, Received},
		{"nothing any more", Documents, nil, nil, Documents},
		{"only a bank letter", Received, []Document{letter}, nil, Documents},
		{"unread", Documents, []Document{pass, bill}, nil, Documents},
		{"one read", Documents, []Document{pass}, read, Documents},
		{"both read", Documents, []Document{pass, bill}, read, Review},
		{"rejected again", Review, []Document{pass, rejected}, read, Documents},
		{"all rejected", Review, []Document{rejected}, read, Documents},
	} {
		f := file{app: &Application{State: c.was}, docs: c.docs, read: c.read}
		if got := f.stage(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestRestrictionsAndBlocksStop(t *testing.T) {
	b := Block{Stops: []string{Funding}}
	if b.stops(LiveTrading) || !b.stops(Funding) || !b.stops(AnyPurpose) || !(&Block{Stops: []string{AnyPurpose}}).stops(Funding) {
		t.Error("a block stops its own purposes, and a block from everything stops all")
	}
}

func TestDecidableOnlyUnderItsClauses(t *testing.T) {
	p := DefaultPolicy()
	f := &file{app: &Application{State: Review}}
	for _, c := range []struct {
		approve bool
		clause  string
		want    string
	}{
		{true, "3.1", "wrong-clause"},
		{false, "2.1", "wrong-clause"},
		{false, "9.9", "wrong-clause"},
		{true, "", "wrong-clause"},
		{false, "3.1", ""},
		{true, "2.1", "identity-missing"},
	} {
		v, got := checkDecision(p, f, c.approve, c.clause, day("2026-05-01")), ""
		if rs := v.Refusals(); len(rs) > 0 {
			got = rs[0].Code
		}
		if got != c.want {
			t.Errorf("approve %v under %q: %q, want %q", c.approve, c.clause, got, c.want)
		}
	}
}
