package psptest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// usualPatience is ample for a request that nothing delays.
const usualPatience = 10 * time.Second

// operation is one payout and everything that was tried for it.
type operation struct {
	op       command.Op
	attempts []attempt
}

// attempt is one Submit and its outcome.
type attempt struct {
	payout    payments.Payout
	fault     string
	object    payments.PSPObject
	certainty command.Certainty
	err       error
}

// sequence is one random history of a few operations.
type sequence struct {
	rig  Rig
	rng  *rand.Rand
	seed uint64
	ops  []*operation
}

// play runs the random history of a seed and returns the first broken promise.
// The caller never waits for proof before it tries again: what an impatient
// operator does must not pay twice either.
func play(rig Rig, seed uint64) error {
	s := &sequence{rig: rig, rng: rand.New(rand.NewPCG(seed, 0x5eed)), seed: seed}
	for n := range 1 + s.rng.IntN(3) {
		s.ops = append(s.ops, &operation{op: s.operation(n)})
	}
	for range len(s.ops) + s.rng.IntN(3) {
		if err := s.try(s.ops[s.rng.IntN(len(s.ops))]); err != nil {
			return s.broken(err)
		}
		if s.rng.IntN(4) == 0 {
			rig.Settle()
		}
	}
	rig.Settle()
	for _, o := range s.ops {
		if err := s.resolve(o); err != nil {
			return s.broken(fmt.Errorf("%s: %w", o.op.Tag, err))
		}
	}
	return nil
}

func (s *sequence) broken(err error) error {
	history := ""
	for _, o := range s.ops {
		for i, a := range o.attempts {
			history += fmt.Sprintf("\n  %s #%d %s to %s, fault %q: %s, %v", o.op.Tag, i+1,
				a.payout.Amount, a.payout.Account, a.fault, a.certainty, a.err)
		}
	}
	return fmt.Errorf("seed %d: %w%s", s.seed, err, history)
}

func (s *sequence) operation(n int) command.Op {
	return command.Op{
		ID:  core.Ref(fmt.Sprintf("wd_%016x.%d", s.seed, n)),
		Tag: fmt.Sprintf("F1%016X%d", s.seed, n), Operator: "st_operator", Reason: "client-request",
	}
}

// try submits an operation once more, usually under a fault.
func (s *sequence) try(o *operation) error {
	a := attempt{payout: s.payout(o)}
	patience := usualPatience
	s.rig.Calm()
	if s.rng.IntN(5) > 0 {
		fault := s.rig.Faults[s.rng.IntN(len(s.rig.Faults))]
		a.fault = fault.Name
		if fault.Patience > 0 {
			patience = fault.Patience
		}
		s.rig.Inject(fault.Name)
	}
	o.op.Attempt = len(o.attempts) + 1
	o.op.Deadline = s.rig.Wall.Now().Add(patience)
	a.object, a.certainty, a.err = s.rig.PSP.Submit(context.Background(), o.op, a.payout)
	o.attempts = append(o.attempts, a)
	return s.judge(o, a)
}

// payout repeats what was asked first, as it should be, or now and then asks
// for something else under the same operation, as it must not be.
func (s *sequence) payout(o *operation) payments.Payout {
	if len(o.attempts) > 0 && s.rng.IntN(5) > 0 {
		return o.attempts[0].payout
	}
	p := payments.Payout{
		Amount:  core.Money{Minor: 1 + s.rng.Int64N(5_000_000), Currency: []string{"EUR", "JPY", "KWD"}[s.rng.IntN(3)]},
		Account: s.rig.Good, Holder: "Ada Byron", Bank: "TESTBANK", Merchant: s.rig.Merchant,
	}
	if s.rng.IntN(6) == 0 {
		p.Account = s.rig.Refused
	}
	return p
}

// judge checks what must hold as soon as an attempt has ended.
func (s *sequence) judge(o *operation, a attempt) error {
	booked := s.rig.Booked(o.op.Tag)
	switch {
	case (a.err == nil) != (a.certainty == command.Applied):
		return fmt.Errorf("certainty %q came with error %v", a.certainty, a.err)
	case s.rig.Received(o.op.Tag) > len(o.attempts):
		return fmt.Errorf("%d requests arrived for %d attempts", s.rig.Received(o.op.Tag), len(o.attempts))
	case len(booked) > 1:
		return fmt.Errorf("%d payouts were booked", len(booked))
	case a.certainty == command.Applied:
		return applied(a, booked)
	case a.certainty != command.Rejected && a.certainty != command.Uncertain:
		return fmt.Errorf("there is no certainty %q", a.certainty)
	}
	// A first attempt that nothing disturbs must not be left in doubt, or an
	// adapter that always shrugs would pass.
	if a.fault == "" && len(o.attempts) == 1 {
		if want := s.undisturbed(a.payout); a.certainty != want {
			return fmt.Errorf("an undisturbed payout is %s, not %s", a.certainty, want)
		}
	}
	return nil
}

func (s *sequence) undisturbed(p payments.Payout) command.Certainty {
	if p.Account == s.rig.Refused {
		return command.Rejected
	}
	return command.Applied
}

// applied checks an Applied attempt against the books.
func applied(a attempt, booked []payments.PSPObject) error {
	if len(booked) != 1 {
		return fmt.Errorf("applied, but %d payouts are booked", len(booked))
	}
	b := booked[0]
	if a.object.ID != b.ID || b.Amount != a.payout.Amount || b.Account != a.payout.Account || a.object.Amount != b.Amount {
		return fmt.Errorf("applied %v, but booked is %v", a.object, b)
	}
	return nil
}
