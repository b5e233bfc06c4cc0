package clients

import (
	"slices"

	"vouchsafe/core"
)

// KindRestriction is the kind of restriction references.
const KindRestriction core.Kind = "rs"

// Purpose is what a restriction stops.
type Purpose string

// The purposes that can be restricted. They are spelt as in the blocks that
// onboarding computes.
const (
	Everything        Purpose = "any"
	LiveTrading       Purpose = "live_trading"
	Funding           Purpose = "funding"
	WithdrawalRelease Purpose = "withdrawal_release"
)

// Purposes lists them, the widest first.
var Purposes = []Purpose{Everything, LiveTrading, Funding, WithdrawalRelease}

func (p Purpose) valid() bool { return slices.Contains(Purposes, p) }

// Restriction keeps a client from something, from SetAt until LiftedAt.
type Restriction struct {
	ID          core.Ref
	Client      core.Ref
	Purpose     Purpose
	Reason      string // reason code
	Words       string
	SetBy       core.Ref
	SetAt       core.Instant
	LiftedBy    core.Ref // who asked; the approver stands in the evidence
	LiftedAt    core.Instant
	LiftedWords string
	ErasedBy    core.Ref

	rev int64
}

// InForce reports whether the restriction holds at an instant.
func (x *Restriction) InForce(at core.Instant) bool {
	return x.SetAt <= at && (x.LiftedAt == 0 || at < x.LiftedAt)
}

// Stops reports whether the restriction concerns a purpose; asked about
// everything, every restriction does.
func (x *Restriction) Stops(p Purpose) bool {
	return p == Everything || x.Purpose == Everything || x.Purpose == p
}
