package command_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func out(n int64) moveTill { return moveTill{Till: "ti_a", Client: "cl_a", Minor: -n} }

func decide(r *commandtest.Rig, a evidence.Actor, id core.Ref, mod func(*command.Decide)) error {
	p, err := command.GetProposal(context.Background(), r.Road.Store.Reader(), id)
	if err != nil {
		return err
	}
	d := command.Decide{Proposal: id, Hash: p.Hash, Approve: true, Words: "I looked at it."}
	if mod != nil {
		mod(&d)
	}
	_, err = r.Road.Approve(context.Background(), a, "", d)
	return err
}

func TestMakerIsNeverChecker(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ann, lea := r.Staff("ann", "clerk", "lead"), r.Staff("lea", "lead")
		r.Do(ann, put)
		o := r.Do(ann, out(200))
		if o.State != command.StateProposed || minor(t, r, "ti_a") != 5000 {
			t.Fatalf("outcome %+v", o)
		}
		if err := decide(r, ann, o.Proposal, nil); code(err) != "maker-is-not-checker" {
			t.Fatalf("maker approved: %v", err)
		}
		if err := decide(r, r.Staff("bob", "clerk"), o.Proposal, nil); code(err) != "no-seat" {
			t.Fatalf("approver without the role: %v", err)
		}
		if err := decide(r, lea, o.Proposal, func(d *command.Decide) { d.Hash = strings.Repeat("0", 64) }); code(err) != "other-payload" {
			t.Fatalf("approval of another payload: %v", err)
		}
		done := r.Approve(lea, o.Proposal)
		if minor(t, r, "ti_a") != 4800 || done.Subject != "ti_a" {
			t.Fatalf("not executed: %+v", done)
		}
		if err := decide(r, r.Staff("max", "lead"), o.Proposal, nil); code(err) != "proposal-not-open" {
			t.Fatalf("approved twice: %v", err)
		}
		evs := r.Events("ti_a")
		v, err := evs[len(evs)-1].View()
		if err != nil || v.Approval == nil || v.Approval.Maker != "st_ann" || v.Approval.Approvers[0] != "st_lea" || v.Approval.Rule != "toy/1" {
			t.Fatalf("execution event %s", evs[len(evs)-1].Leaf)
		}
	})
}

func TestAPayloadEditedInTheDatabaseIsNeverExecuted(t *testing.T) {
	for name, sql := range map[string]string{
		"payload": `UPDATE proposal SET payload = replace(payload, '-2000', '-4000')`,
		"action":  `UPDATE proposal SET action = 'command.proposal.withdraw'`,
		"both":    `UPDATE proposal SET payload = replace(payload, '-2000', '-4000'), hash = 'x'`,
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, r *commandtest.Rig) {
				ann := r.Staff("ann", "clerk")
				r.Do(ann, put)
				o := r.Do(ann, out(2000))
				if err := decide(r, r.Staff("lea", "lead"), o.Proposal, nil); err != nil {
					t.Fatal(err)
				}
				storetest.Tamper(t, r.Road.Store, sql)
				if err := decide(r, r.Staff("max", "lead"), o.Proposal, nil); code(err) != "payload-changed" {
					t.Fatalf("decided: %v", err)
				}
				if m := minor(t, r, "ti_a"); m != 5000 {
					t.Fatalf("till holds %d", m)
				}
			})
		})
	}
}

func TestTwoSeatsNeedTwoPeople(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ann, lea, hal := r.Staff("ann", "clerk"), r.Staff("lea", "lead"), r.Staff("hal", "head")
		r.Do(ann, put)
		o := r.Do(ann, out(2000))
		r.Approve(lea, o.Proposal)
		if err := decide(r, lea, o.Proposal, nil); code(err) != "already-decided" {
			t.Fatalf("one person took two seats: %v", err)
		}
		if minor(t, r, "ti_a") != 5000 {
			t.Fatal("executed with one of two")
		}
		r.Approve(hal, o.Proposal)
		if minor(t, r, "ti_a") != 3000 {
			t.Fatal("not executed with two of two")
		}
	})
}

func TestRightsLostMeanwhileCloseTheProposal(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ann, lea, hal := r.Staff("ann", "clerk"), r.Staff("lea", "lead"), r.Staff("hal", "head")
		r.Do(ann, put)
		first, second := r.Do(ann, out(2000)), r.Do(ann, out(300))
		r.Approve(lea, first.Proposal)
		r.Policy.Held["st_lea"] = []string{"clerk"}
		r.Approve(hal, first.Proposal)
		r.Policy.Held["st_lea"] = []string{"lead"}
		r.Policy.Held["st_ann"] = nil
		r.Approve(lea, second.Proposal)
		for id, want := range map[core.Ref]string{first.Proposal: "approver-lost-rights", second.Proposal: "maker-lost-rights"} {
			p, _ := command.GetProposal(context.Background(), r.Road.Store.Reader(), id)
			if p.State != command.Closed || p.Outcome != want {
				t.Errorf("proposal %s %s, want closed %s", p.State, p.Outcome, want)
			}
		}
		if minor(t, r, "ti_a") != 5000 {
			t.Fatal("executed although rights were lost")
		}
	})
}

func TestExecutionRefusedClosesWithTheApprovalOnRecord(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ann, lea := r.Staff("ann", "clerk"), r.Staff("lea", "lead")
		r.Do(ann, moveTill{Till: "ti_a", Client: "cl_a", Minor: 250})
		a, b := r.Do(ann, out(200)), r.Do(ann, out(200))
		r.Approve(lea, a.Proposal)
		r.Approve(lea, b.Proposal)
		p, _ := command.GetProposal(context.Background(), r.Road.Store.Reader(), b.Proposal)
		ds, _ := command.Decisions(context.Background(), r.Road.Store.Reader(), b.Proposal)
		if p.State != command.Closed || p.Outcome != "overdrawn" || len(ds) != 1 || minor(t, r, "ti_a") != 50 {
			t.Fatalf("%s %s, %d decisions, till %d", p.State, p.Outcome, len(ds), minor(t, r, "ti_a"))
		}
	})
}

func TestRefuseWithdrawExpire(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		ann, lea := r.Staff("ann", "clerk"), r.Staff("lea", "lead")
		r.Do(ann, put)
		a, b, c := r.Do(ann, out(200)), r.Do(ann, out(300)), r.Do(ann, out(400))
		if err := decide(r, lea, a.Proposal, func(d *command.Decide) { d.Approve = false }); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Road.Run(ctx, lea, "", command.WithdrawProposal{Proposal: b.Proposal, Words: "no"}); code(err) != "not-the-maker" {
			t.Fatalf("another withdrew: %v", err)
		}
		r.Do(ann, command.WithdrawProposal{Proposal: b.Proposal, Words: "mistaken"})
		if _, err := r.Road.Run(ctx, evidence.Actor{Ref: "sys_clock"}, "", command.ExpireProposal{Proposal: c.Proposal}); code(err) != "proposal-not-due" {
			t.Fatalf("expired early: %v", err)
		}
		r.Clock.Advance(8 * 24 * time.Hour)
		if err := decide(r, lea, c.Proposal, nil); code(err) != "proposal-expired" {
			t.Fatalf("approved after expiry: %v", err)
		}
		due, err := command.DueProposals(ctx, r.Road.Store.Reader(), r.Clock.Now())
		if err != nil || len(due) != 1 {
			t.Fatalf("due %v %v", due, err)
		}
		r.Do(evidence.Actor{Ref: "sys_clock"}, command.ExpireProposal{Proposal: due[0]})
		for id, want := range map[core.Ref]command.ProposalState{a.Proposal: command.Declined, b.Proposal: command.Withdrawn, c.Proposal: command.Expired} {
			if p, _ := command.GetProposal(ctx, r.Road.Store.Reader(), id); p.State != want {
				t.Errorf("%s is %s, want %s", id, p.State, want)
			}
		}
		if minor(t, r, "ti_a") != 5000 {
			t.Fatal("money moved")
		}
	})
}

func TestFiftyApproversAtOnceExecuteOnce(t *testing.T) {
	each(t, func(t *testing.T, r *commandtest.Rig) {
		ann := r.Staff("ann", "clerk")
		r.Do(ann, put)
		o := r.Do(ann, out(200))
		var actors []evidence.Actor
		for i := range 50 {
			actors = append(actors, r.Staff("x"+string(rune('a'+i%26))+string(rune('a'+i/26)), "lead"))
		}
		gate := make(chan struct{})
		var wg sync.WaitGroup
		var won atomic.Int32
		for _, a := range actors {
			wg.Go(func() {
				<-gate
				if decide(r, a, o.Proposal, nil) == nil {
					won.Add(1)
				}
			})
		}
		close(gate)
		wg.Wait()
		if won.Load() != 1 || minor(t, r, "ti_a") != 4800 {
			t.Fatalf("%d approvals won, till %d", won.Load(), minor(t, r, "ti_a"))
		}
	})
}

// Where only approving is risky, only that wants a fresh second factor: asking
// and refusing do not.
func TestApprovingCanWantASecondFactor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		storetest.Create(t, s, `CREATE TABLE toy_till (id TEXT PRIMARY KEY, client TEXT NOT NULL, owner TEXT, minor BIGINT NOT NULL, rev BIGINT NOT NULL)`)
		reg := command.NewRegistry()
		command.RegisterOwn(reg)
		command.Handle[moveTill, *till](reg, moveHandler{}, command.Doc{Title: "Move money", Kind: "ti", ApproveStepUp: true, Approvers: []string{"lead", "head"}})
		r := commandtest.New(t, s, reg)
		ann, bob := r.Staff("ann", "clerk"), r.Staff("bob", "lead")
		ann.StepUp, bob.StepUp = false, false
		r.Do(ann, put)
		decide := func(yes bool) (command.ProposalState, string) {
			p, err := command.GetProposal(context.Background(), r.Road.Store.Reader(), r.Do(ann, out(500)).Proposal)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Road.Approve(context.Background(), bob, "", command.Decide{Proposal: p.ID, Hash: p.Hash, Approve: yes, Words: "Seen and decided."})
			after, _ := command.GetProposal(context.Background(), r.Road.Store.Reader(), p.ID)
			return after.State, code(err)
		}
		if state, c := decide(true); state != command.Open || c != command.ErrStepUp.Code {
			t.Errorf("approved without a second factor: %s, %q", state, c)
		}
		if state, c := decide(false); state != command.Declined || c != "" {
			t.Errorf("refusing: %s, %q", state, c)
		}
		bob.StepUp = true
		if state, c := decide(true); state != command.Executed || c != "" {
			t.Errorf("approved with one: %s, %q", state, c)
		}
	})
}
