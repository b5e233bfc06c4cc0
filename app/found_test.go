package app

import (
	"testing"

	"vouchsafe/access"
	"vouchsafe/core"
)

// A firm that nobody could ever let in is refused before anything is entered.
func TestAFirmBeginsWithTwoPeople(t *testing.T) {
	person := func(email string, roles ...FirstRole) FirstStaff {
		return FirstStaff{access.CreateStaff{Entity: access.Group, Name: "A Person", Email: email, Line: access.FirstLine}, roles}
	}
	admin := FirstRole{access.SystemAdmin, access.Group, 0}
	senior := FirstRole{access.SeniorCompliance, access.Group, 0}
	cy := access.CreateEntity{Code: "cy", Name: "Firm Ltd", Jurisdiction: "CY", Regulator: "CySEC", Currency: "EUR"}
	for name, x := range map[string]struct {
		firm Firm
		good bool
	}{
		"two people":                 {Firm{nil, []FirstStaff{person("a@firm.example", admin), person("b@firm.example", senior)}}, true},
		"two who hold both":          {Firm{nil, []FirstStaff{person("a@firm.example", admin, senior), person("b@firm.example", senior)}}, true},
		"nobody":                     {},
		"one person":                 {Firm{nil, []FirstStaff{person("a@firm.example", admin, senior)}}, false},
		"an administrator elsewhere": {Firm{[]access.CreateEntity{cy}, []FirstStaff{person("a@firm.example", FirstRole{access.SystemAdmin, "en_cy", 0}), person("b@firm.example", senior)}}, false},
		"an unknown entity":          {Firm{nil, []FirstStaff{person("a@firm.example", admin, FirstRole{access.Support, "en_cy", 0}), person("b@firm.example", senior)}}, false},
		"an unknown role":            {Firm{nil, []FirstStaff{person("a@firm.example", admin, FirstRole{"king", access.Group, 0}), person("b@firm.example", senior)}}, false},
		"a role for ever":            {Firm{nil, []FirstStaff{person("a@firm.example", admin, FirstRole{access.Support, access.Group, 4000}), person("b@firm.example", senior)}}, false},
		"one address twice":          {Firm{nil, []FirstStaff{person("a@firm.example", admin), person("A@firm.example", senior)}}, false},
		"no regulator":               {Firm{[]access.CreateEntity{{Code: "cy", Name: "Firm Ltd", Jurisdiction: "CY", Currency: "EUR"}}, []FirstStaff{person("a@firm.example", admin), person("b@firm.example", senior)}}, false},
	} {
		if err := x.firm.validate(); (err == nil) != x.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	if day := core.At(demoStart); day.Add(senior.length()).Sub(day) >= access.DefaultPrivilegedDays*24*3600*1e9 {
		t.Error("a privileged role of the first day is longer than an entity allows")
	}
}
