package command

import (
	"encoding/json"

	"vouchsafe/core"
	"vouchsafe/store"
)

type keyRow struct {
	ID, MAC, Event string
	Proposal       core.Ref
	At             core.Instant
}

var keyTable = store.Declare(store.Table[keyRow]{
	Name: "command_key", Kind: store.Operational,
	Columns: []store.Column[keyRow]{
		{Name: "id", Class: core.Public, Field: func(r *keyRow) any { return &r.ID }},
		{Name: "mac", Class: core.Public, Field: func(r *keyRow) any { return &r.MAC }},
		{Name: "event", Class: core.Public, Field: func(r *keyRow) any { return &r.Event }},
		{Name: "proposal", Class: core.Public, Field: func(r *keyRow) any { return &r.Proposal }},
		{Name: "at", Class: core.Public, Field: func(r *keyRow) any { return &r.At }},
	},
})

// ProposalState is where a proposal stands; the package comment draws it.
type ProposalState string

// The states of a proposal.
const (
	Open      ProposalState = "open"
	Executed  ProposalState = "executed"
	Declined  ProposalState = "refused"
	Closed    ProposalState = "closed"
	Withdrawn ProposalState = "withdrawn"
	Expired   ProposalState = "expired"
)

// Proposal is a command that waits for other people.
type Proposal struct {
	ID      core.Ref
	Action  Action
	Subject core.Ref
	Entity  core.Ref
	Maker   core.Ref
	Payload string // frozen canonical input; may hold personal data
	Nonce   string
	Hash    string // SHA-256 over action, nonce and payload, hex: what approvers agree to
	Rule    string
	Seats   []Seat
	Case    core.Ref
	State   ProposalState
	Created core.Instant
	Expires core.Instant
	Closed  core.Instant
	Outcome string // why it was closed
	// NotBefore is when people can begin to agree; zero is at once.
	NotBefore core.Instant
	// Floor names what the program itself demands, where Rule is one that the
	// entity adopted.
	Floor string
	// RuleText is the entity's rule in its own words; empty for one of the
	// program.
	RuleText string

	rev   int64
	seats string // Seats as stored
}

// seatsField keeps the stored text beside the typed list: written from Seats
// once, read into it by Proposal reads.
func (p *Proposal) seatsField() *string {
	if p.seats == "" && p.Seats != nil {
		b, _ := json.Marshal(p.Seats) // plain strings: cannot fail
		p.seats = string(b)
	}
	return &p.seats
}

// bound is the rule that a check can hold an agreement to: its own.
func (p *Proposal) bound() string {
	if p.Floor != "" {
		return p.Floor
	}
	return p.Rule
}

var proposals = store.Declare(store.Table[Proposal]{
	Name: "proposal", Kind: store.Recorded,
	Subject: func(p *Proposal) core.Ref { return p.Subject },
	Rev:     func(p *Proposal) *int64 { return &p.rev },
	Columns: []store.Column[Proposal]{
		{Name: "id", Class: core.Public, Field: func(p *Proposal) any { return &p.ID }},
		{Name: "action", Class: core.Public, Field: func(p *Proposal) any { return (*string)(&p.Action) }},
		{Name: "subject", Class: core.Public, Field: func(p *Proposal) any { return &p.Subject }},
		{Name: "entity", Class: core.Public, Field: func(p *Proposal) any { return &p.Entity }},
		{Name: "maker", Class: core.Public, Field: func(p *Proposal) any { return &p.Maker }},
		{Name: "payload", Class: core.Bank, Field: func(p *Proposal) any { return &p.Payload }},
		{Name: "nonce", Class: core.Public, Field: func(p *Proposal) any { return &p.Nonce }},
		{Name: "hash", Class: core.Public, Field: func(p *Proposal) any { return &p.Hash }},
		{Name: "rule", Class: core.Public, Field: func(p *Proposal) any { return &p.Rule }},
		{Name: "seats", Class: core.Public, Field: func(p *Proposal) any { return p.seatsField() }},
		{Name: "case_ref", Class: core.Public, Field: func(p *Proposal) any { return &p.Case }},
		{Name: "state", Class: core.Public, Field: func(p *Proposal) any { return (*string)(&p.State) }},
		{Name: "created", Class: core.Public, Field: func(p *Proposal) any { return &p.Created }},
		{Name: "expires", Class: core.Public, Field: func(p *Proposal) any { return &p.Expires }},
		{Name: "closed", Class: core.Public, Field: func(p *Proposal) any { return &p.Closed }},
		{Name: "outcome", Class: core.Public, Field: func(p *Proposal) any { return &p.Outcome }},
		{Name: "not_before", Class: core.Public, Field: func(p *Proposal) any { return &p.NotBefore }},
		{Name: "floor", Class: core.Public, Field: func(p *Proposal) any { return &p.Floor }},
		{Name: "rule_text", Class: core.Public, Field: func(p *Proposal) any { return &p.RuleText }},
	},
})

// Decision is one person's answer to a proposal.
type Decision struct {
	ID       core.Ref
	Proposal core.Ref
	Approver core.Ref
	Decision string // approve or refuse
	Seat     int
	Role     string
	Hash     string
	Words    string // the approver's own reason
	At       core.Instant
	rev      int64
}

var decisions = store.Declare(store.Table[Decision]{
	Name: "approval", Kind: store.Recorded,
	Subject: func(d *Decision) core.Ref { return d.Approver },
	Rev:     func(d *Decision) *int64 { return &d.rev },
	Columns: []store.Column[Decision]{
		{Name: "id", Class: core.Public, Field: func(d *Decision) any { return &d.ID }},
		{Name: "proposal", Class: core.Public, Field: func(d *Decision) any { return &d.Proposal }},
		{Name: "approver", Class: core.Public, Field: func(d *Decision) any { return &d.Approver }},
		{Name: "decision", Class: core.Public, Field: func(d *Decision) any { return &d.Decision }},
		{Name: "seat", Class: core.Public, Field: func(d *Decision) any { return &d.Seat }},
		{Name: "role", Class: core.Public, Field: func(d *Decision) any { return &d.Role }},
		{Name: "hash", Class: core.Public, Field: func(d *Decision) any { return &d.Hash }},
		{Name: "words", Class: core.Personal, Search: true, Field: func(d *Decision) any { return &d.Words }},
		{Name: "at", Class: core.Public, Field: func(d *Decision) any { return &d.At }},
	},
})
