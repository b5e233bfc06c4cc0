package elsewhere_test

import (
	"context"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// staff is who works here in these tests; those with a time have left.
type staff map[core.Ref]core.Instant

func (s staff) Person(_ context.Context, _ store.Reader, ref core.Ref) (elsewhere.Person, error) {
	left, known := s[ref]
	if !known {
		return elsewhere.Person{}, nil
	}
	return elsewhere.Person{Ref: ref, Active: left == 0, Left: left, Record: command.Resource{Kind: core.KindStaff, Ref: ref}}, nil
}

type rig struct {
	*commandtest.Rig
	people               staff
	ada, bob, dan, carol evidence.Actor
	system               core.Ref
}

func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		reg := command.NewRegistry()
		command.RegisterOwn(reg)
		r := &rig{people: staff{}}
		elsewhere.Register(reg, r.people)
		r.Rig = commandtest.New(t, s, reg)
		r.ada, r.bob, r.dan, r.carol = r.Staff("ada", "system_admin"), r.Staff("bob", "system_admin"), r.Staff("dan", "system_admin"), r.Staff("carol", "dealing")
		for _, a := range []evidence.Actor{r.ada, r.bob, r.dan, r.carol} {
			r.people[a.Ref] = 0
		}
		r.system = r.Do(r.ada, elsewhere.RecordSystem{Entity: "en_cy", Kind: elsewhere.MTManager, Name: "MT5 manager, Europe", Outside: "mt5-eu", Owner: r.ada.Ref}).Subject
		fn(t, r)
	})
}

func (r *rig) refused(a evidence.Actor, in command.Input, code string) {
	r.T.Helper()
	if _, err := r.Road.Run(context.Background(), a, "", in); !core.IsFault(err, code) {
		r.T.Errorf("%s: %v, want %s", in.Action(), err, code)
	}
}

func (r *rig) account(holder evidence.Actor, login string) core.Ref {
	r.T.Helper()
	return r.Do(r.ada, elsewhere.RecordAccount{System: r.system, Holder: holder.Ref, Login: login, Rights: "Corrects balances up to 500."}).Subject
}

func (r *rig) list(show string) []elsewhere.AccountView {
	r.T.Helper()
	page, err := command.Ask(context.Background(), r.Road, r.ada, elsewhere.AccountsQuery(r.people), elsewhere.ListAccounts{Show: show})
	if err != nil {
		r.T.Fatal(err)
	}
	return page.Rows
}

const proof = "Seen in the list of managers today: the login is gone."

func (r *rig) decide(a evidence.Actor, proposal core.Ref) (command.ProposalState, error) {
	p, err := command.GetProposal(context.Background(), r.Road.Store.Reader(), proposal)
	if err != nil {
		r.T.Fatal(err)
	}
	_, err = r.Road.Approve(context.Background(), a, "", command.Decide{Proposal: proposal, Hash: p.Hash, Approve: true, Words: "Looked at it myself."})
	p, _ = command.GetProposal(context.Background(), r.Road.Store.Reader(), proposal)
	return p.State, err
}

// An account is due from the moment its holder leaves, overdue after a day, and
// neither once two others proved it closed.
func TestALeaversAccountIsDueUntilTwoOthersProveItClosed(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		id := r.account(r.carol, "1055")
		r.account(r.dan, "1056")
		if len(r.list(elsewhere.ShowDue)) != 0 || len(r.list(elsewhere.ShowOpen)) != 2 {
			t.Fatal("due while the holder works here")
		}
		r.people[r.carol.Ref] = r.Clock.Now()
		due := r.list(elsewhere.ShowDue)
		if len(due) != 1 || due[0].ID != id || due[0].Overdue {
			t.Fatalf("on leaving: %+v", due)
		}
		r.Clock.Advance(elsewhere.Grace + time.Minute)
		if due = r.list(elsewhere.ShowDue); len(due) != 1 || !due[0].Overdue {
			t.Fatalf("a day later: %+v", due)
		}
		ask := r.Do(r.ada, elsewhere.CloseAccount{Account: id, Proof: proof}) // ada gave it: alone she closes nothing
		if ask.State != command.StateProposed || len(r.list(elsewhere.ShowDue)) != 1 {
			t.Fatal("one person closed it")
		}
		if _, err := r.decide(r.ada, ask.Proposal); !core.IsFault(err, "maker-is-not-checker") {
			t.Errorf("who asked agreed: %v", err)
		}
		if state, err := r.decide(r.bob, ask.Proposal); err != nil || state != command.Executed {
			t.Fatal(state, err)
		}
		if len(r.list(elsewhere.ShowDue)) != 0 || len(r.list(elsewhere.ShowClosed)) != 1 {
			t.Error("proved closed, and still due")
		}
		r.refused(r.ada, elsewhere.CloseAccount{Account: id, Proof: proof}, "account-closed")
		r.refused(r.ada, elsewhere.ChangeAccount{Account: id, Rights: "Reads only.", Words: "Fewer rights."}, "account-closed")
		if ps, err := r.Road.Log.VerifyFold(context.Background(), r.Road.Store.Reader()); err != nil || len(ps) > 0 {
			t.Fatal(ps, err)
		}
	})
}

// Whose account it is neither says nor agrees that it is closed.
func TestNobodyClosesTheirOwnAccount(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		id := r.account(r.dan, "1056")
		r.refused(r.dan, elsewhere.CloseAccount{Account: id, Proof: proof}, "own-account-elsewhere")
		r.refused(r.dan, elsewhere.ChangeAccount{Account: id, Rights: "Everything.", Words: "I need more."}, "own-account-elsewhere")
		ask := r.Do(r.ada, elsewhere.CloseAccount{Account: id, Proof: proof})
		if state, err := r.decide(r.dan, ask.Proposal); err == nil && state != command.Closed || len(r.list(elsewhere.ShowOpen)) != 1 {
			t.Errorf("the holder agreed: %s, %v", state, err)
		}
	})
}

func TestBadRecordsAreRefusedWithASentence(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		id := r.account(r.carol, "1055")
		good := elsewhere.RecordAccount{System: r.system, Holder: r.carol.Ref, Login: "1057", Rights: "Reads only."}
		for code, bad := range map[string]func(*elsewhere.RecordAccount){
			"login-known":    func(x *elsewhere.RecordAccount) { x.Login = " 1055 " },
			"no-such-person": func(x *elsewhere.RecordAccount) { x.Holder = "st_nobody" },
			"not-yet":        func(x *elsewhere.RecordAccount) { x.Since = r.Clock.Now().Add(time.Hour) },
			"no-such-record": func(x *elsewhere.RecordAccount) { x.System = "xs_nowhere" },
			"invalid-input":  func(x *elsewhere.RecordAccount) { x.Login = "" },
		} {
			in := good
			bad(&in)
			r.refused(r.ada, in, code)
		}
		for _, bad := range []command.Input{
			elsewhere.RecordSystem{Entity: "en_cy", Kind: "fax", Name: "Fax", Owner: r.ada.Ref},
			elsewhere.RecordSystem{Entity: "cl_x", Kind: "mailbox", Name: "Mail", Owner: r.ada.Ref},
			elsewhere.RecordSystem{Entity: "en_cy", Kind: "mailbox", Name: "", Owner: r.ada.Ref},
			elsewhere.RecordSystem{Entity: "en_cy", Kind: "mailbox", Name: "Mail", Owner: "cl_x"},
			elsewhere.CloseAccount{Account: id, Proof: "gone"},
			elsewhere.CloseAccount{Account: id, Proof: proof, ProofSum: "ABC"},
			elsewhere.ChangeAccount{Account: id, Rights: "", Words: "Because."},
			elsewhere.ChangeSystem{System: r.system, Name: "Other"},
		} {
			r.refused(r.ada, bad, "invalid-input")
		}
		r.people[r.bob.Ref] = r.Clock.Now()
		r.refused(r.ada, elsewhere.RecordSystem{Entity: "en_cy", Kind: "mailbox", Name: "Mail", Owner: r.bob.Ref}, "owner-not-active")
		r.refused(r.ada, elsewhere.ChangeSystem{System: r.system, Owner: r.bob.Ref, Words: "Bob takes over."}, "owner-not-active")
		r.refused(r.ada, elsewhere.ChangeSystem{System: r.system, Retire: true, Words: "Not used any more."}, "accounts-open")
		r.refused(r.ada, elsewhere.ChangeSystem{System: r.system, Owner: r.ada.Ref, Words: "As it is."}, "nothing-changed")
		r.refused(r.ada, elsewhere.ChangeAccount{Account: id, Rights: "Corrects balances up to 500.", Words: "As it is."}, "nothing-changed")
		r.Do(r.ada, elsewhere.ChangeAccount{Account: id, Rights: "Reads only.", Words: "Fewer rights."})
		if _, err := command.Ask(context.Background(), r.Road, r.ada, elsewhere.AccountsQuery(r.people), elsewhere.ListAccounts{Show: "everything"}); !core.IsFault(err, "invalid-input") {
			t.Error(err)
		}
	})
}
