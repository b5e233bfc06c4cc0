package access

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RequestException asks that a person may hold a toxic combination for a time,
// because something keeps it harmless. It is a proposal to senior compliance.
type RequestException struct {
	Holder      core.Ref     `json:"holder"`
	Combination string       `json:"combination"`
	Entity      core.Ref     `json:"entity"`
	Other       core.Ref     `json:"other,omitempty"` // where the other side is held, if elsewhere
	Until       core.Instant `json:"until"`
	Mitigation  string       `json:"mitigation"`
}

const exceptionRule = "access.exception.request/1"

// Action is access.exception.request.
func (RequestException) Action() command.Action { return "access.exception.request" }

// Subject is the person.
func (x RequestException) Subject() core.Ref { return x.Holder }

// Reasons are what keeps it harmless, in the maker's own words.
func (x RequestException) Reasons() (code, words string) { return "mitigation", x.Mitigation }

// Facts are what an approver must see.
func (x RequestException) Facts() []evidence.Detail {
	return []evidence.Detail{
		{Name: "combination", Value: x.Combination, Search: true},
		{Name: "entity", Value: string(x.Entity)},
		{Name: "other", Value: string(x.elsewhere())},
		{Name: "until", Value: x.Until.String()},
	}
}

func (x RequestException) elsewhere() core.Ref { return first(x.Other, x.Entity) }

// Validate checks the form of every field.
func (x RequestException) Validate() error {
	switch {
	case x.Holder.Kind() != core.KindStaff:
		return core.InvalidField("holder", "Choose a staff member.")
	case x.Entity == "":
		return core.InvalidField("entity", "Choose the legal entity in which the combination is held.")
	case len(strings.TrimSpace(x.Mitigation)) < 20:
		return core.InvalidField("mitigation", "Say in your own words, in at least 20 characters, what keeps it harmless: who looks at what, and how often.")
	}
	return nil
}

type requestException struct{ policies *Authorizer }

// exceptionFacts are the person and the combination.
type exceptionFacts struct {
	holder   *Staff
	entities bool // both are there
	known    bool
	anywhere bool
}

// Load reads the person and looks the combination up.
func (h requestException) Load(ctx context.Context, r store.Reader, in RequestException) (f exceptionFacts, res command.Resource, err error) {
	res = exceptionResource("", in.Holder, in.Entity)
	if f.holder, err = loadStaff(ctx, r, in.Holder); err != nil {
		return f, res, err
	}
	f.entities = true
	for _, ref := range []core.Ref{in.Entity, in.elsewhere()} {
		e, err := EntityByID(ctx, r, ref)
		if err != nil {
			return f, res, err
		}
		f.entities = f.entities && (e != nil || ref == Everywhere)
	}
	c, known := h.policies.CombinationByID(in.Combination)
	f.known, f.anywhere = known, c.Anywhere
	return f, res, nil
}

// Check asks senior compliance, and not the person.
func (requestException) Check(in RequestException, f exceptionFacts, m command.Moment) command.Verdict {
	var no []command.Refusal
	refuse := func(code, text string) { no = append(no, command.Refusal{Code: code, Text: text}) }
	if !f.known || !f.entities {
		refuse("no-such-combination", "There is no toxic combination of this name, or no such legal entity.")
	}
	if in.elsewhere() != in.Entity && f.known && !f.anywhere {
		refuse("not-across", "This combination counts within one legal entity only.")
	}
	if m.Actor.Ref == in.Holder {
		refuse("own-exception", "You cannot ask for an exception for yourself; a colleague must.")
	}
	for _, a := range m.Approvals {
		if a.Ref == in.Holder {
			refuse("holder-is-not-approver", "The person whom an exception is for cannot approve it.")
		}
	}
	if f.holder.Status != Active {
		refuse("staff-not-active", "This person no longer works here.")
	}
	if in.Until <= m.Now || in.Until.Sub(m.Now) > longestException {
		refuse("exception-too-long", "An exception ends within "+lengthText(longestException)+". After that, somebody decides again.")
	}
	if len(no) > 0 {
		return command.Refuse(no...)
	}
	return command.Needs(command.Need{Rule: exceptionRule, Seats: []command.Seat{{Roles: []string{string(SeniorCompliance)}}}})
}

// Apply grants it.
func (requestException) Apply(ctx context.Context, tx *command.Tx, in RequestException, _ exceptionFacts) ([]evidence.Event, error) {
	if tx.Approval == nil {
		return nil, core.NewFault(core.Refused, "not-approved", "An exception is granted only after somebody else has agreed.")
	}
	x := &Exception{
		ID: tx.NewRef(KindException), Holder: in.Holder, Combination: in.Combination, Entity: in.Entity, Other: in.elsewhere(), Mitigation: in.Mitigation,
		Maker: tx.Approval.Maker, Proposal: tx.Approval.Proposal, Starts: tx.Now, Ends: in.Until, State: Granted,
		Home: exceptionHome(in.Entity), Approvers: listing(tx.Approval.Approvers),
	}
	if err := exceptions.Insert(ctx, tx.Tx, x); err != nil {
		return nil, err
	}
	return []evidence.Event{x.event(EventExceptionGranted, in.Mitigation)}, nil
}

// ExpireException records that an exception has ended; it stopped counting by
// the clock already.
type ExpireException struct {
	Exception core.Ref `json:"exception"`
}

// Action is access.exception.expire.
func (ExpireException) Action() command.Action { return "access.exception.expire" }

// Subject is the exception.
func (x ExpireException) Subject() core.Ref { return x.Exception }

type expireException struct{}

// Load reads it.
func (expireException) Load(ctx context.Context, r store.Reader, in ExpireException) (*Exception, command.Resource, error) {
	return loadException(ctx, r, in.Exception)
}

// Check refuses before the time.
func (expireException) Check(_ ExpireException, x *Exception, m command.Moment) command.Verdict {
	if x.State != Granted || m.Now < x.Ends {
		return command.Refuse(command.Refusal{Code: "exception-not-due", Text: "This exception is not due to expire."})
	}
	return command.Proceed()
}

// Apply records the end.
func (expireException) Apply(ctx context.Context, tx *command.Tx, _ ExpireException, x *Exception) ([]evidence.Event, error) {
	now := *x
	now.State, now.Closed = Expired, tx.Now
	if err := exceptions.Update(ctx, tx.Tx, x, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{now.event(EventExceptionExpired, "")}, nil
}
