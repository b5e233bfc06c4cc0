package platform

import (
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
)

var testTags = Tagger{Key: []byte("test")}

func sentOp(id core.Ref, mod func(*Intervention)) *Intervention {
	i := &Intervention{
		ID: id, Platform: "mt5", Login: 7, Kind: BalanceCorrection, Minor: 100, State: StateApplied, Tag: testTags.Tag(id),
		Attempt: command.Attempt{Phase: command.PhaseApplied, Number: 1},
	}
	if mod != nil {
		mod(i)
	}
	return i
}

func TestJudge(t *testing.T) {
	const id = core.Ref("iv_06ez4dsyg12xx7rjhma1r")
	tag := testTags.Tag(id)
	deal := func(mod func(*DealRow)) DealRow {
		d := DealRow{Platform: "mt5", Ticket: 50, Login: 7, Action: PostCorrection, Minor: 100, Comment: tag}
		if mod != nil {
			mod(&d)
		}
		return d
	}
	phase := func(p command.Phase, state string, n int) func(*Intervention) {
		return func(i *Intervention) { i.Attempt, i.State = command.Attempt{Phase: p, Number: n}, state }
	}
	ticket := func(n int64) func(*Intervention) { return func(i *Intervention) { i.Ticket = n } }
	for name, c := range map[string]struct {
		i      *Intervention
		d      DealRow
		holder int64
		want   string
		whose  bool
	}{
		"as approved":               {sentOp(id, nil), deal(nil), 0, "", true},
		"with a word after":         {sentOp(id, nil), deal(func(d *DealRow) { d.Comment += " swap" }), 0, "", true},
		"while sending":             {sentOp(id, phase(command.PhaseSending, StateExecuting, 1)), deal(nil), 0, "", true},
		"while uncertain":           {sentOp(id, phase(command.PhaseUncertain, StateUncertain, 1)), deal(nil), 0, "", true},
		"after we gave up":          {sentOp(id, phase(command.PhasePerson, StatePerson, 1)), deal(nil), 0, "operation-late", true},
		"approved, not executed":    {sentOp(id, phase(command.PhaseNone, StateApproved, 0)), deal(nil), 0, "operation-not-sent", true},
		"ready, not sent":           {sentOp(id, phase(command.PhaseReady, StateExecuting, 0)), deal(nil), 0, "operation-not-sent", true},
		"rejected":                  {sentOp(id, phase(command.PhaseRejected, StateRejected, 1)), deal(nil), 0, "operation-not-sent", true},
		"other amount":              {sentOp(id, nil), deal(func(d *DealRow) { d.Minor = 101 }), 0, "operation-differs", true},
		"other sign":                {sentOp(id, nil), deal(func(d *DealRow) { d.Minor = -100 }), 0, "operation-differs", true},
		"other action":              {sentOp(id, nil), deal(func(d *DealRow) { d.Action = PostBalance }), 0, "operation-differs", true},
		"other account":             {sentOp(id, nil), deal(func(d *DealRow) { d.Login = 8 }), 0, "operation-differs", true},
		"other platform":            {sentOp(id, nil), deal(func(d *DealRow) { d.Platform = "mt4" }), 0, "operation-differs", true},
		"settings book nothing":     {sentOp(id, func(i *Intervention) { i.Kind, i.Minor = GroupChange, 0 }), deal(nil), 0, "operation-differs", true},
		"second use":                {sentOp(id, nil), deal(nil), 49, "tag-reused", true},
		"second use, after a match": {sentOp(id, ticket(49)), deal(nil), 0, "tag-reused", true},
		"second use, other amount":  {sentOp(id, ticket(49)), deal(func(d *DealRow) { d.Minor = 1 }), 0, "tag-reused", true},
		"by ticket":                 {sentOp(id, ticket(50)), deal(nil), 0, "", true},
		"by ticket, comment cut":    {sentOp(id, ticket(50)), deal(func(d *DealRow) { d.Comment = tag[:3] }), 0, "", true},
		"by ticket, other amount":   {sentOp(id, ticket(50)), deal(func(d *DealRow) { d.Minor = 101 }), 0, "operation-differs", true},
		"cut, answer out":           {sentOp(id, nil), deal(func(d *DealRow) { d.Comment = tag[:10] }), 0, "comment-cut", true},
		"cut to a stump":            {sentOp(id, nil), deal(func(d *DealRow) { d.Comment = tag[:7] }), 0, "rogue-deal", false},
		"cut, another amount":       {sentOp(id, nil), deal(func(d *DealRow) { d.Comment, d.Minor = tag[:10], 5 }), 0, "rogue-deal", false},
		"cut, never sent":           {sentOp(id, phase(command.PhaseNone, StateApproved, 0)), deal(func(d *DealRow) { d.Comment = tag[:10] }), 0, "rogue-deal", false},
		"cut, ours is known":        {sentOp(id, ticket(49)), deal(func(d *DealRow) { d.Comment = tag[:10] }), 0, "rogue-deal", false},
		"no word":                   {sentOp(id, nil), deal(func(d *DealRow) { d.Comment = "" }), 0, "rogue-deal", false},
		"some word":                 {sentOp(id, nil), deal(func(d *DealRow) { d.Comment = "welcome bonus" }), 0, "rogue-deal", false},
		"minted":                    {sentOp(id, nil), deal(func(d *DealRow) { d.Comment = tag[:14] + "AAAAAA" }), 0, "tag-minted", false},
		"genuine, of nothing":       {sentOp(id, nil), deal(func(d *DealRow) { d.Comment = testTags.Tag("iv_06ez4dsyg12xx7rjhma1s") }), 0, "tag-minted", false},
	} {
		t.Run(name, func(t *testing.T) {
			ops := newOperations()
			ops.add(c.i)
			ops.onLogin[c.i.Login] = []*Intervention{c.i}
			if c.holder != 0 {
				ops.holder[c.i.Tag] = c.holder
			}
			v := ops.judge(testTags, &c.d)
			if v.finding != c.want || (v.intervention != nil) != c.whose {
				t.Errorf("%q about %v", v.finding, v.intervention)
			}
		})
	}
}

// Of two deals with one tag in one sweep, the first holds it.
func TestJudgeRemembersTheHolder(t *testing.T) {
	i := sentOp("iv_06ez4dsyg12xx7rjhma1r", nil)
	ops := newOperations()
	ops.add(i)
	first := DealRow{Platform: "mt5", Ticket: 50, Login: 7, Action: PostCorrection, Minor: 100, Comment: i.Tag}
	second := first
	second.Ticket = 51
	if a, b := ops.judge(testTags, &first), ops.judge(testTags, &second); a.finding != "" || b.finding != "tag-reused" {
		t.Fatal(a, b)
	}
}

func TestSettings(t *testing.T) {
	pro := `real\eu-pro`
	a := Account{Group: `real\eu-retail`, Leverage: 30, Code: "done"}
	ours := a.settings()
	same := settings{Group: a.Group, Leverage: 30, Rights: openingRights}
	if len(differences(ours, same)) != 0 {
		t.Fatal(differences(ours, same))
	}
	for name, c := range map[string]struct {
		seen settings
		want string // names of the differences
		code string // after the row says what was seen
	}{
		"owner's switches": {settings{a.Group, 30, openingRights | 0x800 | 0x10, false}, "", "done"},
		"group":            {settings{pro, 30, openingRights, false}, "group", "done"},
		"all":              {settings{pro, 31, 0, false}, "group leverage rights", "rights:0x0"},
		"trading disabled": {settings{a.Group, 30, openingRights | 4, false}, "rights", "done"},
		"read only":        {settings{a.Group, 30, openingRights | 0x200, false}, "rights", "rights:0x303"},
		"missing":          {settings{a.Group, 30, openingRights, true}, "account", "missing"},
	} {
		names := ""
		for _, d := range differences(ours, c.seen) {
			names += " " + d.Name
		}
		row := a
		row.set(c.seen)
		if names != "" {
			names = names[1:]
		}
		if names != c.want || row.Code != c.code || len(differences(row.settings(), c.seen)) != 0 {
			t.Errorf("%s: %q, row %+v", name, names, row)
		}
		row.set(same)
		if c.code != "done" && row.Code != "" || len(differences(row.settings(), same)) != 0 {
			t.Errorf("%s, set right: %+v", name, row)
		}
	}
	seen := settings{pro, 30, openingRights | 4, false}
	for k, want := range map[Kind]int{GroupChange: 1, DisableTrading: 1, EnableTrading: 2, BalanceCorrection: 2} {
		i := Intervention{Kind: k, ToGroup: pro}
		if got := differences(ours.explained(seen, i.patch()), seen); len(got) != want {
			t.Errorf("%s under way leaves %v", k, got)
		}
	}
}
