package platform

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ResolveIntervention settles, by evidence from outside, an intervention or an
// account opening whose outcome the look-ups could not tell. It needs a second
// person. That money was booked is shown by a deal that a sweep has read back,
// not by words.
type ResolveIntervention struct {
	Intervention core.Ref `json:"intervention"`
	Applied      bool     `json:"applied"`
	Ticket       int64    `json:"ticket,omitempty"`
	Words        string   `json:"words"`
}

// Action is platform.intervention.resolve.
func (ResolveIntervention) Action() command.Action { return "platform.intervention.resolve" }

// Subject is the intervention.
func (s ResolveIntervention) Subject() core.Ref { return s.Intervention }

// Validate asks for the evidence in words.
func (s ResolveIntervention) Validate() error {
	if len(strings.TrimSpace(s.Words)) < 20 {
		return core.InvalidField("words", "Say what you looked at and what it shows (at least 20 characters).")
	}
	return nil
}

// Reasons are the words.
func (s ResolveIntervention) Reasons() (code, words string) { return "resolved_by_evidence", s.Words }

// Facts say which way it is resolved.
func (s ResolveIntervention) Facts() []evidence.Detail {
	v := "not applied"
	if s.Applied {
		v = "applied"
	}
	return []evidence.Detail{{Name: "resolution", Value: v}}
}

type resolveFacts struct {
	effect
	deal  *DealRow      // of the ticket that was given
	taken *Intervention // another one that the ticket settled already
	equal *DealRow      // a deal with the operation's own tag, amount and action
}

type resolveIntervention struct{ d Deps }

// Load reads the row and the deals that bear on it. Policy sees an opening as
// the intervention that it is.
func (h resolveIntervention) Load(ctx context.Context, r store.Reader, in ResolveIntervention) (resolveFacts, command.Resource, error) {
	e, res, err := loadEffect(ctx, r, in.Intervention)
	if err != nil {
		return resolveFacts{}, res, err
	}
	f := resolveFacts{effect: e}
	if e.account != nil {
		res.Kind, res.Attrs["type"] = core.KindIntervention, "account_opening"
		return f, res, nil
	}
	if in.Ticket != 0 {
		if f.deal, err = deals.Get(ctx, r, dealID(e.i.Platform, in.Ticket)); err != nil {
			return f, res, err
		}
		if f.taken, err = holding(ctx, r, e.i.Platform, in.Ticket, e.i.ID); err != nil {
			return f, res, err
		}
	}
	f.equal, err = tagged(ctx, r, h.d.Tags, e.i)
	return f, res, err
}

// Check wants something that waits for a person, and a resolution that the
// imported deals do not contradict.
func (h resolveIntervention) Check(in ResolveIntervention, f resolveFacts, _ command.Moment) command.Verdict {
	if f.attempt().Phase != command.PhasePerson {
		return command.Refuse(command.Refusal{Code: "not-resolvable", Text: "This is " + string(f.attempt().Phase) + ": only what the look-ups gave up on is resolved by hand."})
	}
	if r := f.contradiction(h.d.Tags, in); r != nil {
		return command.Refuse(*r)
	}
	return command.Needs(command.Need{Rule: "platform/resolve/1", Seats: []command.Seat{{Roles: approvers}}})
}

func (f resolveFacts) contradiction(t Tagger, in ResolveIntervention) *command.Refusal {
	if f.i == nil {
		return nil
	}
	switch _, books := f.i.Kind.Books(); {
	case !books && in.Ticket != 0:
		return &command.Refusal{Code: "ticket-not-expected", Text: "This kind books no deal, so there is no ticket to name."}
	case !in.Applied && f.equal != nil:
		return &command.Refusal{Code: "deal-shows-otherwise", Text: "The platform shows the deal " + strconv.FormatInt(f.equal.Ticket, 10) + " with the tag, amount and action of this intervention: it was applied."}
	case !in.Applied && in.Ticket != 0:
		return &command.Refusal{Code: "ticket-not-expected", Text: "What was not applied has no ticket."}
	case in.Applied && books && (f.deal == nil || !f.i.equals(f.deal)):
		return &command.Refusal{Code: "deal-not-shown", Text: "Name the ticket of the deal that shows it: one that was read back from the platform, on this account, of this amount and action."}
	case in.Applied && books && (f.taken != nil || !mayBe(t, f.i, f.deal)):
		return &command.Refusal{Code: "deal-of-another", Text: "This deal belongs to another operation."}
	}
	return nil
}

// mayBe reports whether a deal without a trace of another operation can be the
// intervention's: its tag, or a comment that is not a tag of ours.
func mayBe(t Tagger, i *Intervention, d *DealRow) bool {
	tag, ours, _ := t.Read(d.Comment)
	return !ours || tag == i.Tag
}

// Apply records it.
func (resolveIntervention) Apply(ctx context.Context, tx *command.Tx, in ResolveIntervention, f resolveFacts) ([]evidence.Event, error) {
	a, ok := f.attempt().Resolved(in.Applied)
	if !ok {
		return nil, fmt.Errorf("platform: %s of phase %s was resolved", in.Intervention, f.attempt().Phase)
	}
	evs, err := f.update(ctx, tx, a, EventResolved, func(_ *Account, i *Intervention) {
		if i != nil {
			i.Ticket = in.Ticket
		}
	})
	if err != nil {
		return nil, err
	}
	evs[0].Text = in.Words
	return evs, nil
}
