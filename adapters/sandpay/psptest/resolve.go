package psptest

import (
	"context"
	"fmt"

	"vouchsafe/command"
	"vouchsafe/payments"
)

// resolve checks what must hold once the PSP has settled.
func (s *sequence) resolve(o *operation) error {
	booked, found, ok, err := s.settled(o.op)
	if err != nil {
		return err
	}
	switch {
	case len(booked) > 1:
		return fmt.Errorf("%d payouts were booked", len(booked))
	case o.all(command.Rejected) && len(booked) > 0:
		return fmt.Errorf("every attempt was rejected, but %s is booked", booked[0].ID)
	case o.any(command.Applied) && len(booked) == 0:
		return fmt.Errorf("an attempt was applied, but nothing is booked")
	case ok != (len(booked) == 1):
		return fmt.Errorf("find says %v, but %d payouts are booked", ok, len(booked))
	case !ok:
		return nil
	}
	if err := same(found, booked[0]); err != nil {
		return fmt.Errorf("find: %w", err)
	}
	status, err := s.rig.PSP.Status(context.Background(), found.ID)
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	return same(status, booked[0])
}

// settled reads the books and what Find says of them. A request that was still
// on its way into the PSP's process may be booked between the two; then both
// are read again.
func (s *sequence) settled(op command.Op) ([]payments.PSPObject, payments.PSPObject, bool, error) {
	for {
		before := s.rig.Booked(op.Tag)
		found, ok, err := s.rig.PSP.Find(context.Background(), op)
		if err != nil {
			return nil, found, ok, fmt.Errorf("find: %w", err)
		}
		if after := s.rig.Booked(op.Tag); len(after) == len(before) {
			return after, found, ok, nil
		}
	}
}

// same compares what the adapter shows with the books.
func same(shown, booked payments.PSPObject) error {
	shown.Raw = booked.Raw // of the answer's bytes, which the books do not have
	if shown != booked {
		return fmt.Errorf("shown is %+v, but booked is %+v", shown, booked)
	}
	return nil
}

func (o *operation) any(c command.Certainty) bool {
	for _, a := range o.attempts {
		if a.certainty == c {
			return true
		}
	}
	return false
}

func (o *operation) all(c command.Certainty) bool {
	for _, a := range o.attempts {
		if a.certainty != c {
			return false
		}
	}
	return true
}
