package mt5test

import (
	"context"
	"testing"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/platform"
)

func newAccount() platform.NewAccount {
	return platform.NewAccount{
		Login: 700002, Name: "Grace Example", Group: Group, Leverage: 30, Rights: Rights,
		MainPassword: "1Ar#pqkj", InvestorPassword: "2Ar#pqkj",
	}
}

func create(t *testing.T, rig Rig) {
	want := newAccount()
	receipt, certainty, err := rig.Platform.Create(context.Background(), NewOp(), want)
	check(t, command.Applied, certainty, err)
	if a := receipt.After; a.Login != want.Login || a.Currency != "EUR" || !a.Enabled || a.TradeDisabled || a.Registered.IsZero() {
		t.Fatalf("read back %+v", a)
	}
	receipt, certainty, err = rig.Platform.Create(context.Background(), NewOp(), want)
	check(t, command.Applied, certainty, err)
	if receipt.Code != "already-there" {
		t.Fatalf("the second time: code %q", receipt.Code)
	}
	want.Leverage = 50
	receipt, certainty, err = rig.Platform.Create(context.Background(), NewOp(), want)
	check(t, command.Rejected, certainty, err)
	checkCode(t, "login-taken", receipt, err)

	weak := newAccount()
	weak.Login, weak.MainPassword = 700003, "password"
	receipt, certainty, err = rig.Platform.Create(context.Background(), NewOp(), weak)
	check(t, command.Rejected, certainty, err)
	checkCode(t, "weak-password", receipt, err)
}

func createLost(t *testing.T, rig Rig) {
	rig.Sim.Arm(mt5sim.Arming{Fault: mt5sim.DropAfterApply, Path: "/api/user/add"})
	op := NewOp()
	_, certainty, err := rig.Platform.Create(context.Background(), op, newAccount())
	check(t, command.Uncertain, certainty, err)
	op.Attempt++
	_, certainty, err = rig.Platform.Create(context.Background(), op, newAccount())
	check(t, command.Applied, certainty, err)
	added := 0
	for _, a := range rig.Sim.Oracle() {
		if a.Kind == mt5sim.KindAdd {
			added++
		}
	}
	if added != 1 {
		t.Fatalf("%d accounts were opened", added)
	}
}

func change(t *testing.T, rig Rig) {
	group, leverage := `real\pro-eur`, 100
	const disabled = 0x4
	receipt, certainty, err := rig.Platform.Change(context.Background(), NewOp(), Login, platform.Patch{
		Group: &group, Leverage: &leverage, RightsMask: disabled, RightsValue: disabled,
	})
	check(t, command.Applied, certainty, err)
	truth, _ := rig.Sim.Account(Login)
	if truth.Group != group || truth.Leverage != leverage || truth.Rights != Rights|disabled || !receipt.After.TradeDisabled {
		t.Fatalf("server has %+v, receipt says %+v", truth, receipt.After)
	}
	sent := len(rig.Sim.Arrivals())
	receipt, certainty, err = rig.Platform.Change(context.Background(), NewOp(), Login, platform.Patch{RightsMask: disabled, RightsValue: disabled})
	check(t, command.Applied, certainty, err)
	if receipt.Code != "unchanged" || len(rig.Sim.Arrivals()) != sent {
		t.Fatalf("what is so already was sent again (%q)", receipt.Code)
	}
	_, certainty, err = rig.Platform.Change(context.Background(), NewOp(), Login, platform.Patch{RightsMask: disabled})
	check(t, command.Applied, certainty, err)
	if truth, _ = rig.Sim.Account(Login); truth.Rights != Rights {
		t.Fatalf("rights %#x after clearing one, want %#x", truth.Rights, Rights)
	}
}

func changeIgnored(t *testing.T, rig Rig) {
	ghost, leverage := `real\no-such-group`, 100
	receipt, certainty, err := rig.Platform.Change(context.Background(), NewOp(), Login, platform.Patch{Group: &ghost})
	check(t, command.Rejected, certainty, err)
	checkCode(t, "not-applied", receipt, err)

	receipt, certainty, err = rig.Platform.Change(context.Background(), NewOp(), Login, platform.Patch{Group: &ghost, Leverage: &leverage})
	check(t, command.Uncertain, certainty, err)
	checkCode(t, "partly-applied", receipt, err)

	yen := `real\standard-jpy`
	receipt, certainty, err = rig.Platform.Change(context.Background(), NewOp(), Login, platform.Patch{Group: &yen})
	check(t, command.Rejected, certainty, err)
	checkCode(t, "platform-refused", receipt, err)
}

func changeLost(t *testing.T, rig Rig) {
	rig.Sim.Arm(mt5sim.Arming{Fault: mt5sim.DropAfterApply, Path: "/api/user/update"})
	leverage := 77
	_, certainty, err := rig.Platform.Change(context.Background(), NewOp(), Login, platform.Patch{Leverage: &leverage})
	check(t, command.Uncertain, certainty, err)
	if n := len(rig.Sim.Arrivals()); n != 1 {
		t.Fatalf("%d requests on the wire", n)
	}
}
