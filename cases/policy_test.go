package cases

import (
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
)

// The table of which case is a reason for which sensitive command.
func TestPermits(t *testing.T) {
	acts := []command.Action{
		"platform.intervention.request", "platform.intervention.resolve", "payments.withdrawal.release",
		"onboarding.application.decide", "clients.restriction.lift", "access.grant.request", "cases.case.open",
	}
	for typ, want := range map[Type]string{
		Complaint: "x.x....", PlatformError: "xx.....", DealingTask: "xx.....", KYCReview: "x..xx..", PaymentQuery: "..x....",
		AccessRequest: ".....x.", Investigation: "xx..x..", Other: ".......", "unknown": ".......",
	} {
		got := ""
		for _, a := range acts {
			mark := "."
			if fits(&Case{State: StateOpen, Type: typ, Subject: "cl_ada"}, a, []core.Ref{"cl_ada"}) == nil {
				mark = "x"
			}
			got += mark
		}
		if got != want {
			t.Errorf("%s permits %s, want %s", typ, got, want)
		}
	}
	for _, typ := range Types {
		if typ.Title() == "" {
			t.Errorf("%s has no title", typ)
		}
		if (len(typ.Permits()) == 0) != (typ == Other) {
			t.Errorf("%s permits %v", typ, typ.Permits())
		}
	}
}

func TestFits(t *testing.T) {
	const act = command.Action("platform.intervention.request")
	good := Case{ID: "ca_1", State: StateOpen, Type: Complaint, Subject: "cl_ada"}
	with := func(mod func(*Case)) *Case {
		c := good
		mod(&c)
		return &c
	}
	for name, c := range map[string]struct {
		c        *Case
		subjects []core.Ref
		want     string
	}{
		"fits":                      {&good, []core.Ref{"cl_ada"}, ""},
		"about one of the subjects": {&good, []core.Ref{"ta_1", "cl_ada"}, ""},
		"none":                      {nil, []core.Ref{"cl_ada"}, "case-unknown"},
		"closed":                    {with(func(c *Case) { c.State = StateClosed }), []core.Ref{"cl_ada"}, "case-closed"},
		"wrong type":                {with(func(c *Case) { c.Type = AccessRequest }), []core.Ref{"cl_ada"}, "case-wrong-type"},
		"catch-all":                 {with(func(c *Case) { c.Type = Other }), []core.Ref{"cl_ada"}, "case-wrong-type"},
		"about somebody else":       {&good, []core.Ref{"cl_bob", "ta_1"}, "case-wrong-subject"},
		"about nobody":              {&good, nil, "case-wrong-subject"},
	} {
		got := ""
		if r := fits(c.c, act, c.subjects); r != nil {
			got = r.Code
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestBoilerplate(t *testing.T) {
	for words, want := range map[string]bool{
		"": true, "ok": true, "as discussed": true, "As per   see EMAIL.": true, "Correction - as requested by client": true,
		"n/a": true, "fix fix fix fix fix fix fix fix fix fix fix fix": true, "adjustment, as requested, approved": true, "aaaaa": true, "1234567890123456": true,
		"Swap booked twice on 3 May": false, "The latest token was broken": false, "Ошибка котировки": false, "重复收取了隔夜利息两次需要退还": false,
	} {
		if got := Boilerplate(words); got != want {
			t.Errorf("%q: %t", words, got)
		}
	}
}
