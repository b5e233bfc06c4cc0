package access

import (
	"context"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Where an entity says so, nobody approves for their own line of managers,
// upwards or downwards, however far; refusing stays open to them.
func TestNobodyApprovesForTheirOwnLineWhereTheEntitySaysSo(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		ctx := context.Background()
		f.Road.Apart = Apart
		boss, chief := f.hire("boss", "en_cy"), f.hire("chief", "en_cy")
		f.grant(boss, SystemAdmin, "en_cy", 9*day)
		f.grant(chief, SystemAdmin, "en_cy", 9*day)
		f.grant(f.ana, SystemAdmin, "en_cy", 9*day)
		f.manage(boss.Ref, f.ana.Ref)
		f.manage(chief.Ref, boss.Ref)
		ask := func(maker command.Input) core.Ref { return f.Do(f.ana, maker).Proposal }
		outcome := func(p core.Ref) command.ProposalState {
			x, _ := command.GetProposal(ctx, f.Road.Store.Reader(), p)
			return x.State
		}
		p := ask(f.request(f.ben, Support, "en_cy", 5*day))
		if _, err := f.decide(chief, p); err != nil || outcome(p) != command.Executed {
			t.Fatalf("refused though the entity does not say so: %v", err)
		}
		f.tick()
		change := f.Do(f.root, SetLineRule{Entity: "en_cy", Apart: true, Words: "The regulator asked for it."})
		if change.State != command.StateProposed {
			t.Fatal("the rule changed without a second person")
		}
		if _, err := f.decide(f.senior, change.Proposal); err != nil {
			t.Fatal(err)
		}
		f.tick()
		f.refused(f.root, SetLineRule{Entity: "en_cy", Apart: true, Words: "The regulator asked for it."}, "nothing-changed")
		p = ask(f.request(f.ben, Dealing, "en_cy", 5*day))
		for name, who := range map[string]evidence.Actor{"manager": boss, "manager's manager": chief} {
			if _, err := f.decide(who, p); !core.IsFault(err, "own-line") {
				t.Errorf("the %s approves: %v", name, err)
			}
			page, err := command.Ask(ctx, f.Road, who, command.ListInboxQuery, command.ListInbox{Tab: command.TabForMe})
			if err != nil || len(page.Rows) != 0 {
				t.Errorf("the %s is offered %+v, %v", name, page.Rows, err)
			}
		}
		if outcome(p) != command.Open {
			t.Fatal("the proposal moved")
		}
		down := f.Do(chief, f.request(f.ben, IBManager, "en_cy", 5*day)).Proposal
		if _, err := f.decide(f.ana, down); !core.IsFault(err, "own-line") {
			t.Errorf("who works for the maker approves: %v", err)
		}
		decline := func(who evidence.Actor, p core.Ref) error {
			x, _ := command.GetProposal(ctx, f.Road.Store.Reader(), p)
			_, err := f.Road.Approve(ctx, who, "", command.Decide{Proposal: p, Hash: x.Hash, Words: "Not needed for the job."})
			return err
		}
		if err := decline(boss, p); err != nil || outcome(p) != command.Declined {
			t.Errorf("a manager cannot even refuse: %v", err)
		}
		if _, err := f.decide(f.senior, down); err != nil || outcome(down) != command.Executed {
			t.Errorf("somebody outside the line cannot approve: %v", err)
		}
	})
}
