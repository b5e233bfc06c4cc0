package platform

import (
	"strings"

	"vouchsafe/command"
)

// verdictOn is what a sweep says of one balance-type deal.
type verdictOn struct {
	intervention *Intervention // whose the deal is, or claims to be; nil when nobody's
	finding      string        // kind of the finding; "" when the deal is as it was approved
}

// manual reports whether deals of the action are balance operations that only
// an intervention or transfer of ours may make: balance, credit, charge,
// correction, bonus.
func manual(action int) bool { return action >= PostBalance && action <= PostBonus }

// operations are the interventions that a sweep's deals can be about.
type operations struct {
	onLogin  map[int64][]*Intervention // of the accounts concerned
	byTag    map[string]*Intervention  // also of other accounts: tags get copied
	byTicket map[int64]*Intervention   // whose answer named the ticket
	holder   map[string]int64          // ticket of the deal that holds a tag
}

func newOperations() operations {
	return operations{onLogin: map[int64][]*Intervention{}, byTag: map[string]*Intervention{}, byTicket: map[int64]*Intervention{}, holder: map[string]int64{}}
}

func (o *operations) add(i *Intervention) {
	o.byTag[i.Tag] = i
	if i.Ticket != 0 {
		o.byTicket[i.Ticket] = i
		o.holder[i.Tag] = i.Ticket
	}
}

// judge says whose a balance-type deal is: by the ticket that the platform's
// own answer named, else by its tag, and then by account, action and amount.
// It notes which deal holds which tag, and is otherwise pure.
//
// The findings: a deal that carries nothing of ours (rogue-deal); a tag in our
// form that we never gave out (tag-minted); a genuine tag on a second deal
// (tag-reused); our tag or ticket on another amount, action or account
// (operation-differs); the tag of an operation that was never sent or was
// refused (operation-not-sent), or that the look-ups had given up on
// (operation-late); the beginning of a tag of ours (comment-cut).
func (o *operations) judge(t Tagger, d *DealRow) verdictOn {
	if i := o.byTicket[d.Ticket]; i != nil {
		return i.compare(d)
	}
	tag, ours, genuine := t.Read(d.Comment)
	if !ours {
		return o.untagged(d)
	}
	i := o.byTag[tag]
	switch {
	case !genuine || i == nil:
		return verdictOn{finding: "tag-minted"}
	case !i.sent() || i.Attempt.Phase == command.PhaseRejected:
		return verdictOn{i, "operation-not-sent"}
	case o.holder[tag] != 0 && o.holder[tag] != d.Ticket:
		return verdictOn{i, "tag-reused"}
	}
	v := i.compare(d)
	if v.finding == "" {
		o.holder[tag] = d.Ticket
		if i.State == StatePerson {
			v.finding = "operation-late"
		}
	}
	return v
}

// cutAtLeast is how much of a tag must be left for a deal to be taken for one
// of ours whose comment was cut.
const cutAtLeast = 8

// untagged looks whether the comment is what a platform left of a tag of ours,
// while the answer that would name the ticket is still out.
func (o *operations) untagged(d *DealRow) verdictOn {
	for _, i := range o.onLogin[d.Login] {
		if len(d.Comment) >= cutAtLeast && strings.HasPrefix(i.Tag, d.Comment) && i.sent() && i.Ticket == 0 && i.equals(d) {
			return verdictOn{i, "comment-cut"}
		}
	}
	return verdictOn{finding: "rogue-deal"}
}

func (i *Intervention) compare(d *DealRow) verdictOn {
	if !i.equals(d) {
		return verdictOn{i, "operation-differs"}
	}
	return verdictOn{intervention: i}
}

// equals reports whether the deal is what the intervention books, where it
// books it.
func (i *Intervention) equals(d *DealRow) bool {
	action, books := i.Kind.Books()
	return books && action == d.Action && i.Minor == d.Minor && i.Login == d.Login && i.Platform == d.Platform
}
