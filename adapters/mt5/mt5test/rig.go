package mt5test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

// Rig is an adapter connected to a fresh simulator. The simulator has the
// account Login in Group with 1,000.00 EUR, leverage 30 and Rights.
type Rig struct {
	Platform platform.Platform
	Sim      *mt5sim.Server
	// Patience is the adapter's timeout: a late answer comes after it.
	Patience time.Duration
}

// What every rig's account begins with.
const (
	Login   = 700001
	Group   = `real\standard-eur`
	Rights  = 0x1 | 0x2 | 0x20 | 0x40 | 0x100
	Balance = 100000
)

// Fill puts the account of a Rig on a simulator.
func Fill(t *testing.T, sim *mt5sim.Server) {
	t.Helper()
	err := sim.AddAccount(mt5sim.Account{Login: Login, Name: "Ada Example", Group: Group, Leverage: 30, Rights: Rights})
	if err == nil {
		_, err = sim.Balance(1055, Login, mt5sim.ActionBalance, Balance, "opening")
	}
	if err != nil {
		t.Fatal(err)
	}
}

var operations atomic.Int64

// NewOp makes a complete operation with a tag of its own.
func NewOp() command.Op {
	n := operations.Add(1)
	return command.Op{
		ID: core.Ref(fmt.Sprintf("iv_%d", n)), Attempt: 1, Tag: fmt.Sprintf("F1%013dABCDEF", n),
		Operator: "st_operator", Reason: "goodwill", Deadline: core.SystemClock{}.Now().Add(time.Minute),
	}
}

func deposit(op command.Op, minor int64) platform.Posting {
	return platform.Posting{Action: platform.PostBalance, Minor: minor, Digits: 2, Comment: op.Tag}
}

// check fails the test when got is not the certainty wanted, or the error does
// not go with it.
func check(t *testing.T, want, got command.Certainty, err error) {
	t.Helper()
	if got != want {
		t.Fatalf("certainty %q, want %q (%v)", got, want, err)
	}
	if (err == nil) != (got == command.Applied) {
		t.Fatalf("certainty %q with error %v: the error is nil exactly when applied", got, err)
	}
}

// checkCode fails the test unless both the fault and the receipt carry code.
func checkCode(t *testing.T, code string, r platform.Receipt, err error) {
	t.Helper()
	if !core.IsFault(err, code) || r.Code != code {
		t.Fatalf("fault %v with receipt code %q, want %q", err, r.Code, code)
	}
}
