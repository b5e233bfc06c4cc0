package clients

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

func TestAge(t *testing.T) {
	for _, c := range []struct {
		birth, now string
		want       string
	}{
		{"2008-05-04", "2026-05-03", "under-age"},
		{"2008-05-04", "2026-05-04", ""},
		{"2008-02-29", "2026-02-28", "under-age"},
		{"2008-02-29", "2026-03-01", ""},
		{"2030-01-01", "2026-03-01", "under-age"},
		{"1901-01-01", "2025-12-31", ""},
		{"1900-01-01", "2026-01-01", "birth-date-implausible"},
	} {
		got := ""
		if rs := checkPerson(&Client{BirthDate: c.birth}, day(c.now)); rs != nil {
			got = rs[0].Code
		}
		if got != c.want {
			t.Errorf("born %s on %s: %q, want %q", c.birth, c.now, got, c.want)
		}
	}
}

// The good ones are the registry's own examples.
func TestIBAN(t *testing.T) {
	for _, good := range []string{
		"DE89 3704 0044 0532 0130 00", "gb29 nwbk 6016 1331 9268 19", "CY17002001280000001200527600",
		"MT84MALT011000012345MTLCAST001S", "NO9386011117947", "FR1420041010050500013M02606", "XK051212012345678906",
	} {
		b := BankDetail{Scheme: IBAN, Account: good}
		b.tidy()
		if why := checkIBAN(b.Account); why != "" {
			t.Errorf("%s: %s", good, why)
		}
	}
	for _, bad := range []string{
		"", "DE89", "DE89370400440532013001", "DE8937040044053201300", "DE98370400440532013000",
		"DE89370400440532O13000", "8937040044053201300000", "DEA9370400440532013000", "DE89370400440532013000\x00", "ÄE89370400440532013000",
	} {
		if checkIBAN(bad) == "" {
			t.Errorf("%q passes", bad)
		}
	}
}

// One wrong character, and two neighbours swapped, are always found.
func TestIBANFindsSlips(t *testing.T) {
	const good = "DE89370400440532013000"
	for i := 2; i < len(good); i++ {
		for c := byte('0'); c <= '9'; c++ {
			if bad := good[:i] + string(c) + good[i+1:]; bad != good && checkIBAN(bad) == "" {
				t.Errorf("%s passes", bad)
			}
		}
		if i+1 < len(good) && good[i] != good[i+1] {
			if bad := good[:i] + string(good[i+1]) + string(good[i]) + good[i+2:]; checkIBAN(bad) == "" {
				t.Errorf("%s passes", bad)
			}
		}
	}
}

func TestMasks(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{maskEmail("kim@example.com"), "k•••@e…"},
		{maskEmail("ünal@örnek.com"), "ü•••@ö…"},
		{maskPhone("+4930901820"), "••• 20"},
		{maskPhone("+49"), "•••"},
		{maskName("Ada Maria Example"), "A• M• E•"},
		{maskName(""), ""},
		{maskAccount(IBAN, "DE89370400440532013000"), "DE••• 3000"},
		{maskAccount(Local, "0532013000"), "••• 3000"},
		{maskAccount(Local, "0532"), "•••"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestRestrictionInForce(t *testing.T) {
	x := Restriction{Purpose: Funding, SetAt: 10, LiftedAt: 20}
	for at, want := range map[core.Instant]bool{9: false, 10: true, 19: true, 20: false} {
		if x.InForce(at) != want {
			t.Errorf("at %d: %v", at, !want)
		}
	}
	if x.Stops(LiveTrading) || !x.Stops(Funding) || !x.Stops(Everything) || !(&Restriction{Purpose: Everything}).Stops(Funding) {
		t.Error("a restriction stops its own purpose, and everything stops all")
	}
}

func TestFields(t *testing.T) {
	good := CreateClient{Entity: "en_cy", Name: "Ada Example", Email: " Ada@Example.com ", Phone: "0049 30 (90)-1820", Country: "de", BirthDate: "1984-02-29"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	if c := good.client(); c.Email != "ada@example.com" || c.Phone != "+4930901820" || c.Country != "DE" || c.Category != Retail {
		t.Fatalf("tidied to %+v", c)
	}
	for field, spoil := range map[string]func(*CreateClient){
		"name":          func(c *CreateClient) { c.Name = "A\x00B" },
		"email":         func(c *CreateClient) { c.Email = "Ada <ada@example.com>" },
		"phone":         func(c *CreateClient) { c.Phone = "030901820" },
		"country":       func(c *CreateClient) { c.Country = "DEU" },
		"nationality":   func(c *CreateClient) { c.Nationality = "1A" },
		"birth_date":    func(c *CreateClient) { c.BirthDate = "1983-02-29" },
		"category":      func(c *CreateClient) { c.Category = "vip" },
		"introduced_by": func(c *CreateClient) { c.IntroducedBy = "st_x" },
		"entity":        func(c *CreateClient) { c.Entity = "cl_x" },
		"address":       func(c *CreateClient) { c.Address = "a\u202eb" },
	} {
		bad := good
		spoil(&bad)
		f := core.AsFault(bad.Validate())
		if f == nil || len(f.Fields) != 1 || f.Fields[0].Field != field {
			t.Errorf("%s: %+v", field, f)
		}
	}
}
