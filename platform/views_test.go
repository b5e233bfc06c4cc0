package platform_test

import (
	"context"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/platform"
)

func (w *world) listed(a evidence.Actor, in platform.ListInterventions) core.Page[platform.InterventionView] {
	w.t.Helper()
	p, err := command.Ask(context.Background(), w.Road, a, platform.InterventionList{}, in)
	w.must(err)
	return p
}

func TestLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.open("cl_ada"), w.open("cl_bob")
		w.Do(w.dealer, fund{Client: "cl_ada", Minor: 1000})
		start := w.Clock.Now()
		ids := []core.Ref{w.executed(ask(a, platform.BalanceCorrection, 10)), w.executed(ask(a, platform.GroupChange, 0)), w.approved(ask(b, platform.CreditChange, 20))}
		w.Do(w.as("cl_ada"), platform.RequestTransfer{Account: a.ID, Minor: 5})
		w.step()
		w.sweep()
		for name, c := range map[string]struct {
			in   platform.ListInterventions
			want int
		}{
			"all":                  {platform.ListInterventions{}, 4},
			"manual":               {platform.ListInterventions{Manual: true}, 3},
			"matched":              {platform.ListInterventions{State: platform.StateMatched}, 3},
			"kind":                 {platform.ListInterventions{Kind: platform.CreditChange}, 1},
			"account":              {platform.ListInterventions{Account: a.ID}, 3},
			"client":               {platform.ListInterventions{Client: "cl_bob"}, 1},
			"on a group, manual":   {platform.ListInterventions{Group: groupPro, Manual: true}, 2},
			"on the other group":   {platform.ListInterventions{Group: groupRetail}, 1},
			"since":                {platform.ListInterventions{From: start}, 4},
			"before":               {platform.ListInterventions{To: start}, 0},
			"between, on a group":  {platform.ListInterventions{Group: groupPro, Manual: true, From: start, To: start.Add(time.Hour)}, 2},
			"between, on no group": {platform.ListInterventions{Group: "real\\none", From: start, To: start.Add(time.Hour)}, 0},
		} {
			if got := w.listed(w.operator, c.in); len(got.Rows) != c.want {
				t.Errorf("%s: %d rows, want %d", name, len(got.Rows), c.want)
			}
		}
		var paged []core.Ref
		for in := (platform.ListInterventions{Manual: true, Page: core.PageRequest{Limit: 2}}); ; {
			p := w.listed(w.operator, in)
			for _, v := range p.Rows {
				paged = append(paged, v.ID)
			}
			if in.Page.After = p.Next; p.Next == "" {
				break
			}
		}
		if len(paged) != 3 || paged[0] != ids[2] || paged[2] != ids[0] {
			t.Errorf("paged %v of %v", paged, ids)
		}
		list, err := command.Ask(context.Background(), w.Road, w.operator, platform.AccountList{}, platform.ListAccounts{Group: groupPro})
		w.must(err)
		if len(list.Rows) != 1 || list.Rows[0].ID != a.ID {
			t.Errorf("accounts %+v", list.Rows)
		}
		health, err := command.Ask(context.Background(), w.Road, w.operator, platform.SweepList{}, platform.ListSweeps{})
		w.must(err)
		if len(health) != 1 || health[0].LastRun == 0 || health[0].Error != "" || health[0].Deals != 2 || w.Clock.Now().Sub(health[0].Recorded) > time.Minute {
			t.Errorf("health %+v", health)
		}
	})
}

func TestWordsAreMasked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		id := w.approved(ask(a, platform.BalanceCorrection, 10))
		w.Policy.Deny = func(who core.Ref, act command.Action, _ command.Resource) bool {
			return who == w.operator.Ref && act == "see.personal"
		}
		if v := w.listed(w.operator, platform.ListInterventions{}).Rows[0]; v.Words != "" || !v.WordsMasked {
			t.Errorf("shown to one who may not see: %+v", v)
		}
		before := len(w.Events(id))
		if v := w.listed(w.dealer, platform.ListInterventions{}).Rows[0]; v.Words == "" || v.WordsMasked {
			t.Errorf("hidden from one who may see: %+v", v)
		}
		if evs := w.Events(id); len(evs) != before+1 || evs[before].Type != "command.data.shown" {
			t.Errorf("reading the words left %d events", len(evs)-before)
		}
	})
}

func TestAccountPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.open("cl_ada")
		w.seed(a, 4200)
		w.executed(ask(a, platform.DisableTrading, 0))
		w.step()
		_, err := w.sim.Balance(rogue, a.Login, mt5sim.ActionBonus, 7, "gift")
		w.must(err)
		w.sweep()
		v, err := command.Ask(context.Background(), w.Road, w.operator, platform.AccountPage{}, platform.ViewAccount{Account: a.ID})
		w.must(err)
		if len(v.Interventions) != 2 || len(v.Deals) != 2 || v.Deals[0].Intervention != "" || v.Deals[1].Intervention != v.Interventions[1].ID ||
			v.Deals[0].Dealer != rogue || v.Rights != "enabled, own password, trading disabled, reports" || len(v.Groups) != 2 || len(v.Requests) != len(platform.Kinds) || !v.MayTransfer {
			t.Errorf("%+v", v)
		}
	})
}
