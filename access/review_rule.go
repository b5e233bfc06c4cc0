package access

import (
	"slices"
	"strconv"
	"time"

	"vouchsafe/core"
)

// ReviewEvery is how often an entity looks at who holds which role: a number
// of months, empty for the firm's own rule.
type ReviewEvery string

// ReviewIntervals are those that an entity can choose, in months. None is
// looser than what the law allows: see reviewLaw.
var ReviewIntervals = []ReviewEvery{"1", "3", "6", "12"}

// firmReviews is the firm's own rule: quarterly.
const firmReviews ReviewEvery = "3"

// reviewLaw is how rarely the rules for the firm's entities let access be
// reviewed. Where an entity's own interval is longer than that for critical
// functions, their roles are reviewed in between.
var reviewLaw = struct {
	Source           string
	Months, Critical int
}{
	Source: "Delegated Regulation (EU) 2024/1774, article 21: at least yearly, and every six months for systems that support critical or important functions",
	Months: 12, Critical: 6,
}

// Months is the interval in months.
func (e ReviewEvery) Months() int {
	n, _ := strconv.Atoi(string(e.Choice()))
	return n
}

// Choice is what holds: the entity's own, or the firm's.
func (e ReviewEvery) Choice() ReviewEvery {
	if e == "" {
		return firmReviews
	}
	return e
}

// Valid reports whether an entity may choose it.
func (e ReviewEvery) Valid() bool { return e == "" || slices.Contains(ReviewIntervals, e) }

// uncritical are the roles that support no critical function: they decide
// nothing about clients, money, platform accounts or access. Every other role,
// also one that is new, counts as critical.
var uncritical = []Role{Support, IBManager, Auditor}

// Critical reports whether a role supports a critical or important function.
func (r Role) Critical() bool { return !slices.Contains(uncritical, r) }

// How long a review is open until it is due, and how long after that what is
// late can still be decided.
const (
	reviewDue   = 14 * 24 * time.Hour
	reviewGrace = 24 * time.Hour
)

// reviewReminders are the days before it is due on which reviewers are
// reminded.
var reviewReminders = []int{14, 7, 2, 0}

// reminder is the reminder that is due now and was not given yet; ok is false
// when there is none. Where several were missed, only the latest is given.
func (v *Review) reminder(now core.Instant) (days int, ok bool) {
	last := reviewReminders[0] + 1
	if n, err := strconv.Atoi(v.Reminded); err == nil {
		last = n
	}
	for _, d := range reviewReminders {
		if d < last && now >= v.Due.Add(-time.Duration(d)*24*time.Hour) {
			days, ok = d, true
		}
	}
	return days, ok
}

// due is which review an entity's turn has come for, or "" when none has:
// every role after the entity's interval, and the roles of critical functions
// in between where that is longer than the law allows for them. The moments
// are those of the last review of each scope; a first interval runs from the
// entity's beginning.
func (e *Entity) reviewTurn(all, critical, now core.Instant) ReviewScope {
	all = max(all, e.Created)
	every := e.Reviews.Months()
	switch {
	case now >= months(all, every):
		return ScopeAll
	case every > reviewLaw.Critical && now >= months(max(all, critical), reviewLaw.Critical):
		return ScopeCritical
	}
	return ""
}

func months(from core.Instant, n int) core.Instant { return core.At(from.Time().AddDate(0, n, 0)) }

// reviewerPool is who decides an item, and whether it had to leave the entity.
// Senior compliance of the entity decides; not the holder, and not who asked
// for the role or agreed to it while there is another, there or in the group.
// Who was involved comes before nobody at all.
func reviewerPool(x *ReviewItem, entity, group []core.Ref) (pool []core.Ref, fromGroup bool) {
	fit := func(from []core.Ref, also bool) (out []core.Ref) {
		involved := x.involved()
		for _, ref := range from {
			if ref != x.Holder && (also || !slices.Contains(involved, ref)) {
				out = append(out, ref)
			}
		}
		return out
	}
	for _, also := range []bool{false, true} {
		if pool = fit(entity, also); len(pool) > 0 {
			return pool, false
		}
		if pool = fit(group, also); len(pool) > 0 {
			return pool, true
		}
	}
	return nil, false
}

// mayReassignTo is everybody to whom an item could be handed.
func mayReassignTo(x *ReviewItem, entity, group []core.Ref) []core.Ref {
	pool, _ := reviewerPool(x, slices.Concat(entity, group), nil)
	slices.Sort(pool)
	return slices.Compact(pool)
}
