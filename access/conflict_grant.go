package access

import (
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
)

// toxic lists the toxic combinations that a new grant would complete, at any
// moment of it, together with what its holder has or is to have. One that an
// exception covers to the end of the grant is none.
func (f *grantFacts) toxic(role Role, starts, ends, now core.Instant) (no []command.Refusal) {
	fresh := Grant{ID: "gr_new", Role: role, Entity: f.entity.ID, Starts: starts, Ends: ends, State: Granted}
	held := f.policies.conflictsOver(f.theirs, starts, ends)
	for _, c := range f.policies.conflictsOver(append(slices.Clone(f.theirs), fresh), starts, ends) {
		if slices.ContainsFunc(held, c.same) && !slices.Contains(c.Grants(), fresh.ID) {
			continue // it is held already, and this grant has no part in it
		}
		if slices.ContainsFunc(f.exceptions, func(x Exception) bool { return x.covers(c, now, ends) }) {
			continue
		}
		combination, _ := f.policies.CombinationByID(c.Combination)
		where := "in " + string(c.OneIn)
		if c.Across() {
			where = "in " + string(c.OneIn) + " and " + string(c.OtherIn)
		}
		no = append(no, command.Refusal{Code: "toxic-combination", Text: "With what this person holds already it would be a toxic combination (" + c.Combination + ", " + where + "): " +
			combination.Why + " Take the other role away first, or ask senior compliance for an exception that lasts as long as the grant."})
	}
	return no
}
