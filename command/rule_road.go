package command

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Ruled is a Handler that tells approval rules what to look at. Both methods
// are pure, like Check.
type Ruled[I Input, F any] interface {
	// Weigh draws the inputs of the rules from what was loaded.
	Weigh(in I, f F, m Moment) Inputs
	// Builtin are the rules that hold until the entity adopts its own.
	Builtin(in I, f F) RuleSet
}

// RuleBook finds the rules that an entity has adopted for an action and that
// are in force; nil when there are none.
type RuleBook func(ctx context.Context, r store.Reader, entity core.Ref, act Action, at core.Instant) (*RuleSet, error)

// verdict is the check's verdict and, where that does not refuse, what the
// entity's rules add to it. What the program itself demands is the floor:
// rules never take away from it. It keeps what they said for the evidence.
func (r *run) verdict(ctx context.Context, reader store.Reader, f any, m Moment, roles []string) (Verdict, error) {
	v := r.e.check(r.in, f, m)
	if len(v.refusals) > 0 {
		return v, nil
	}
	set, in, err := r.rules(ctx, reader, f, m)
	if err != nil || set == nil {
		return v, err
	}
	in.Requester = roles
	v, r.rule = set.Demand(in, v.need)
	return v, nil
}

// Demand is what the set asks of an act, over the floor that the program
// itself demands: proceed, refuse, or approvals. The details are the rule and
// its inputs as evidence keeps them; they stand among the facts of a need too.
func (s RuleSet) Demand(in Inputs, floor *Need) (Verdict, []evidence.Detail) {
	rule := s.Decide(in)
	id := s.ID + "#" + rule.Name
	text, _ := json.Marshal(in) // strings and numbers: cannot fail
	said := []evidence.Detail{{Name: "rule", Value: id, Search: true}, {Name: "rule_text", Value: rule.String()}, {Name: "weighed", Value: string(text)}}
	v := Verdict{need: floor}
	switch rule.Effect {
	case Forbid:
		return Refuse(Refusal{"rule-refuses", rule.Why}), said
	case Approval:
		v = Needs(over(floor, Need{Rule: id, Text: rule.String(), Seats: rule.Seats, Wait: rule.Wait}))
	}
	if v.need != nil {
		n := *v.need
		n.Facts = append(slices.Clone(n.Facts), said...)
		v.need = &n
	}
	return v, said
}

// rules finds the set that holds, and draws its inputs. Rules are about what
// people do: parts of the program do what was decided before, and would wait
// for nobody's approval of their own work.
func (r *run) rules(ctx context.Context, reader store.Reader, f any, m Moment) (set *RuleSet, in Inputs, err error) {
	if len(r.e.doc.Approvers) == 0 || m.Actor.Ref.Kind() == core.KindSystem {
		return nil, in, nil
	}
	if r.rd.Rules != nil {
		if set, err = r.rd.Rules(ctx, reader, r.res.Entity, r.e.action, r.at); err != nil {
			return nil, in, err
		}
	}
	if r.e.weigh == nil {
		return set, in, nil
	}
	in, builtin := r.e.weigh(r.in, f, m)
	if set == nil {
		set = &builtin
	}
	return set, in, nil
}

// over lays what a rule demands over the floor: its seats, and those of the
// floor that none of them covers. The name tells the rule, and with a plus what
// of the floor it meets: what follows the floor's own plus, or its name where
// it added a seat.
func over(floor *Need, n Need) Need {
	if floor == nil {
		return n
	}
	n.floor = floor.Rule
	n.Facts, n.Days, n.Wait = floor.Facts, floor.Days, max(n.Wait, floor.Wait)
	free, count := slices.Clone(n.Seats), len(n.Seats)
	n.Seats = slices.Clone(n.Seats)
	for _, s := range floor.Seats {
		if i := slices.IndexFunc(free, func(x Seat) bool { return within(x.Roles, s.Roles) }); i >= 0 {
			free = slices.Delete(free, i, i+1)
			continue
		}
		n.Seats = append(n.Seats, s)
	}
	if name, what, ok := strings.Cut(floor.Rule, "+"); ok && !strings.Contains(name, "#") {
		n.Rule += "+" + what
	} else if len(n.Seats) > count {
		n.Rule += "+" + floor.Rule
	}
	return n
}

// within reports whether everybody who may take the one seat may take the other.
func within(roles, others []string) bool {
	return !slices.ContainsFunc(roles, func(x string) bool { return !slices.Contains(others, x) })
}
