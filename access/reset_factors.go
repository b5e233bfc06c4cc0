package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ResetFactors takes somebody's code generator and passkeys away, when they
// lost them. They sign in with their password and set up new ones. Who holds a
// privileged role is worth stealing: for them a second person agrees.
type ResetFactors struct{ reset }

// Action is access.factor.reset.
func (ResetFactors) Action() command.Action { return "access.factor.reset" }

// Subject is the person.
func (in ResetFactors) Subject() core.Ref { return in.Staff }

// CaseRef is the case in which they asked.
func (in ResetFactors) CaseRef() core.Ref { return in.Case }

// Reasons are how identity was checked, and the maker's own words.
func (in ResetFactors) Reasons() (code, words string) { return in.Identity, in.Words }

// Facts are what an approver must see.
func (in ResetFactors) Facts() []evidence.Detail {
	return []evidence.Detail{{Name: "identity", Value: in.Identity}}
}

// Validate checks the form.
func (in ResetFactors) Validate() error { return in.validate() }

type resetFactors struct{}

// Load reads the person.
func (resetFactors) Load(ctx context.Context, r store.Reader, in ResetFactors) (resetFacts, command.Resource, error) {
	return loadReset(ctx, r, in.Staff)
}

// Check asks for a second person where a privileged role is held.
func (resetFactors) Check(_ ResetFactors, f resetFacts, m command.Moment) command.Verdict {
	if why := f.against(m); why != nil {
		return command.Refuse(*why)
	}
	if !f.privileged(m.Now) {
		return command.Proceed()
	}
	return command.Needs(command.Need{
		Rule: "access.factor.reset/1#privileged", Seats: []command.Seat{{Roles: []string{string(SeniorCompliance), string(SystemAdmin)}}},
	})
}

// Apply takes the factors away and ends sessions and API tokens.
func (resetFactors) Apply(ctx context.Context, tx *command.Tx, in ResetFactors, _ resetFacts) ([]evidence.Event, error) {
	n, err := dropFactors(ctx, tx, in.Staff)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, core.NewFault(core.Refused, "no-second-factor-set", "This person has no second factor that could be reset.")
	}
	ended, err := EndAccess(ctx, tx, in.Staff, "factors-reset", "")
	return append([]evidence.Event{in.event(EventFactorsReset)}, ended...), err
}
