package clients

import (
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

const adult = 18

// tooYoung reports whether someone born on a date is under age at an instant.
// The birthday itself counts as the full year; 29 February counts on 1 March.
func tooYoung(birth string, now core.Instant) bool {
	b, err := time.Parse(time.DateOnly, birth)
	return err != nil || b.AddDate(adult, 0, 0).After(now.Time())
}

// tooOld reports a date of birth that nobody living has.
func tooOld(birth string, now core.Instant) bool {
	b, err := time.Parse(time.DateOnly, birth)
	return err != nil || b.AddDate(125, 0, 0).Before(now.Time())
}

// checkPerson refuses a date of birth that cannot be a client's.
func checkPerson(c *Client, now core.Instant) []command.Refusal {
	switch {
	case tooYoung(c.BirthDate, now):
		return []command.Refusal{{Code: "under-age", Text: "A client must be at least 18 years old."}}
	case tooOld(c.BirthDate, now):
		return []command.Refusal{{Code: "birth-date-implausible", Text: "This date of birth lies more than 125 years back. Check it."}}
	}
	return nil
}

var (
	emailTaken = command.Refusal{
		Code: "email-taken",
		Text: "Another client of this entity has this e-mail address. Look for that record before you make a second one.",
	}
	nothingChanged = command.Refusal{
		Code: "nothing-changed",
		Text: "Nothing of this differs from what is on record.",
	}
	accountKnown = command.Refusal{
		Code: "account-known",
		Text: "This account is on record for the client already.",
	}
)

// identityRule demands the second person for who a client is: whoever could
// rename a client alone would make any payee's name the client's own.
func identityRule(was, now *Client) command.Need {
	n := command.Need{Rule: "clients.client.identity/1", Seats: []command.Seat{{Roles: []string{"compliance"}}}}
	fact := func(name, old, new string, c core.Class) {
		if old != new {
			n.Facts = append(n.Facts,
				evidence.Detail{Name: name + "_was", Value: old, Class: c, Subject: was.ID},
				evidence.Detail{Name: name, Value: new, Class: c, Subject: was.ID, Search: true})
		}
	}
	fact("name", was.Name, now.Name, core.Personal)
	fact("birth_date", was.BirthDate, now.BirthDate, core.Identity)
	fact("nationality", was.Nationality, now.Nationality, core.Identity)
	return n
}

// checkChange rules on a client's change. Who the client is changes with a
// second person; the rest at once.
func checkChange(was, now *Client, taken bool, at core.Instant) command.Verdict {
	if was.ErasedBy != "" {
		return command.Refuse(erased)
	}
	if *was == *now {
		return command.Refuse(nothingChanged)
	}
	if was.BirthDate != now.BirthDate {
		if rs := checkPerson(now, at); rs != nil {
			return command.Refuse(rs...)
		}
	}
	if taken {
		return command.Refuse(emailTaken)
	}
	if n := identityRule(was, now); len(n.Facts) > 0 {
		return command.Needs(n)
	}
	return command.Proceed()
}

var erased = command.Refusal{Code: "client-erased", Text: "This client's data was erased. Nothing may be written to the record any more."}

// detailRule demands the second person for a bank detail that staff enter: one
// alone could redirect a client's money. Senior compliance approves payments,
// and so has no hand in where they go.
var detailRule = command.Need{
	Rule:  "clients.bankdetail.confirm/1",
	Seats: []command.Seat{{Roles: []string{"compliance"}}},
}

// confirm says whether a bank detail applies at once. A client's own request
// does, since its use waits out the cooling-off and needs a release; so does
// what only takes an account out of use.
func confirm(maker core.Ref, was, now *BankDetail) command.Verdict {
	if was != nil {
		off := *was
		off.Active = false
		if *now == off {
			return command.Proceed()
		}
	}
	if maker.Kind() == core.KindStaff {
		return command.Needs(detailRule)
	}
	return command.Proceed()
}

// liftRule demands the second person for lifting a restriction.
var liftRule = command.Need{
	Rule:  "clients.restriction.lift/1",
	Seats: []command.Seat{{Roles: []string{"senior_compliance"}}},
}
