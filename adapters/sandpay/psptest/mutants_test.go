package psptest

import (
	"context"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// mutant is an adapter with one promise broken on purpose.
type mutant struct {
	payments.PSP
	submit func(payments.PSP, command.Op, payments.Payout) (payments.PSPObject, command.Certainty, error)
	find   func(payments.PSP, command.Op) (payments.PSPObject, bool, error)
	status func(payments.PSPObject) payments.PSPObject
}

func (m mutant) Submit(ctx context.Context, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
	if m.submit == nil {
		return m.PSP.Submit(ctx, op, p)
	}
	return m.submit(m.PSP, op, p)
}

func (m mutant) Find(ctx context.Context, op command.Op) (payments.PSPObject, bool, error) {
	if m.find == nil {
		return m.PSP.Find(ctx, op)
	}
	return m.find(m.PSP, op)
}

func (m mutant) Status(ctx context.Context, id string) (payments.PSPObject, error) {
	o, err := m.PSP.Status(ctx, id)
	if m.status != nil {
		o = m.status(o)
	}
	return o, err
}

var errMutant = core.NewFault(core.Unavailable, "mutant", "Broken on purpose.")

// onDoubt replaces the outcome of an uncertain attempt.
func onDoubt(certainty command.Certainty, err error) func(payments.PSP, command.Op, payments.Payout) (payments.PSPObject, command.Certainty, error) {
	return func(psp payments.PSP, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
		o, c, e := psp.Submit(context.Background(), op, p)
		if c == command.Uncertain {
			return o, certainty, err
		}
		return o, c, e
	}
}

var mutants = map[string]mutant{
	"takes doubt for success": {submit: onDoubt(command.Applied, nil)},
	"takes doubt for failure": {submit: onDoubt(command.Rejected, errMutant)},
	"doubts without an error": {submit: onDoubt(command.Uncertain, nil)},
	"sends again on doubt": {submit: func(psp payments.PSP, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
		o, c, err := psp.Submit(context.Background(), op, p)
		if c == command.Uncertain {
			return psp.Submit(context.Background(), op, p)
		}
		return o, c, err
	}},
	"believes any object it is shown": {submit: func(psp payments.PSP, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
		o, c, err := psp.Submit(context.Background(), op, p)
		if o.ID != "" {
			return o, command.Applied, nil
		}
		return o, c, err
	}},
	"makes a key for every attempt": {submit: func(psp payments.PSP, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
		if op.Attempt > 1 {
			op.ID += ".again"
		}
		return psp.Submit(context.Background(), op, p)
	}},
	"always shrugs": {submit: func(psp payments.PSP, op command.Op, p payments.Payout) (payments.PSPObject, command.Certainty, error) {
		_, _, _ = psp.Submit(context.Background(), op, p)
		return payments.PSPObject{}, command.Uncertain, errMutant
	}},
	"never finds": {find: func(payments.PSP, command.Op) (payments.PSPObject, bool, error) {
		return payments.PSPObject{}, false, nil
	}},
	"finds what is not there": {find: func(psp payments.PSP, op command.Op) (payments.PSPObject, bool, error) {
		o, _, err := psp.Find(context.Background(), op)
		return o, true, err
	}},
	"misreads the phase": {status: func(o payments.PSPObject) payments.PSPObject {
		o.Phase = payments.PhasePending
		return o
	}},
}

// TestMutantsAreCaught proves that the contract can fail: each adapter that
// breaks one promise is caught within a hundred sequences.
func TestMutantsAreCaught(t *testing.T) {
	for name, m := range mutants {
		t.Run(name, func(t *testing.T) {
			rig := sandpayRig(t)
			m.PSP = rig.PSP
			rig.PSP = m
			for seed := range uint64(100) {
				if err := play(rig, seed); err != nil {
					return
				}
			}
			t.Error("a hundred sequences did not catch it")
		})
	}
}
