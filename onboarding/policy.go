package onboarding

import (
	"fmt"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Rules are the numbers of the policy for one legal entity.
type Rules struct {
	Accept int // months after its date within which a proof of address is accepted
	Stand  int // months after its date for which a proof of address counts
}

// Clause is one clause under which an application is decided.
type Clause struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Approve bool   `json:"approve"` // whether it is a ground for approval or for refusal
}

// Policy is the firm's identity policy, as decisions name it.
type Policy struct {
	ID, Version string
	Clauses     []Clause
	Default     Rules
	Entities    map[core.Ref]Rules // where an entity differs
}

// DefaultPolicy is the policy that the product comes with.
func DefaultPolicy() Policy {
	return Policy{ID: "onboarding.identity", Version: "1.0.0", Default: Rules{Accept: 6, Stand: 12}, Clauses: []Clause{
		{"2.1", "Identity and address verified on documents", true},
		{"2.2", "Verified with enhanced due diligence", true},
		{"2.9", "Approved against a named difference, by two persons", true},
		{"3.1", "Identity or address not established", false},
		{"3.2", "Outside the firm's risk appetite", false},
		{"3.3", "Withdrawn by the client", false},
	}}
}

// RulesFor are the rules of an entity.
func (p Policy) RulesFor(entity core.Ref) Rules {
	if r, ok := p.Entities[entity]; ok {
		return r
	}
	return p.Default
}

// Basis names the ground of a decision, for its event.
func (p Policy) Basis(clause string) string { return p.ID + "/" + p.Version + "#" + clause }

func (p Policy) clause(id string) (Clause, bool) {
	for _, c := range p.Clauses {
		if c.ID == id {
			return c, true
		}
	}
	return Clause{}, false
}

// required are the groups of which approval needs a document.
var required = []struct{ group, title string }{{"identity", "identity document"}, {"address", "proof of address"}}

// missing says what stands against approval and cannot be set aside.
func (f *file) missing(now core.Instant, rules Rules) []command.Refusal {
	var out []command.Refusal
	for _, g := range required {
		state := ""
		for i := range f.docs {
			d := &f.docs[i]
			if d.Kind.Group() != g.group {
				continue
			}
			switch {
			case d.ValidAt(now, rules):
				state = "valid"
			case state == "valid":
			case d.State == Pending:
				state = "pending"
			case d.State == Accepted && state == "":
				state = "expired"
			}
		}
		switch state {
		case "":
			out = append(out, command.Refusal{Code: g.group + "-missing", Text: "There is no " + g.title + "."})
		case "pending":
			out = append(out, command.Refusal{Code: g.group + "-not-reviewed", Text: "The " + g.title + " has not been reviewed yet."})
		case "expired":
			out = append(out, command.Refusal{Code: g.group + "-expired", Text: "The " + g.title + " has expired."})
		}
	}
	return out
}

// differences says where the documents that approval rests on differ from what
// the client declares today. An override sets these aside.
func (f *file) differences(now core.Instant, rules Rules) []command.Refusal {
	var out []command.Refusal
	f.eachDifference(now, rules, func(d *Document, bad []string) {
		out = append(out, command.Refusal{
			Code: "mismatch:" + string(d.ID),
			Text: fmt.Sprintf("%s (%s) differs from what the client declares: %s.", d.Kind.Title(), d.ID.Short(), fieldNames(bad)),
		})
	})
	return out
}

// overrideOf is what an override demands, with what it sets aside: the rule
// names documents and fields, and so binds them, the facts say it in words.
func (f *file) overrideOf(now core.Instant, rules Rules) command.Need {
	var bound, told []string
	f.eachDifference(now, rules, func(d *Document, bad []string) {
		bound = append(bound, string(d.ID)+":"+strings.Join(bad, ","))
	})
	for _, d := range f.differences(now, rules) {
		told = append(told, d.Text)
	}
	n := overrideRule
	n.Rule += "#" + strings.Join(bound, "+")
	n.Facts = []evidence.Detail{{Name: "set_aside", Value: strings.Join(told, " ")}}
	return n
}

func (f *file) eachDifference(now core.Instant, rules Rules, each func(d *Document, fields []string)) {
	for i := range f.docs {
		d := &f.docs[i]
		x, read := f.read[d.ID]
		if d.Kind.Group() == "" || !d.ValidAt(now, rules) || !read {
			continue
		}
		if _, bad := x.compareAll(f.says); len(bad) > 0 {
			each(d, bad)
		}
	}
}

func fieldNames(fields []string) string {
	return strings.ReplaceAll(strings.Join(fields, ", "), "_", " ")
}

// checkDecision rules on deciding an application.
func checkDecision(p Policy, f *file, approve bool, clause string, now core.Instant) command.Verdict {
	if v, ok := decidable(p, f, approve, clause); !ok {
		return v
	}
	if !approve {
		return command.Proceed()
	}
	rules := p.RulesFor(f.entity)
	if rs := f.missing(now, rules); len(rs) > 0 {
		return command.Refuse(rs...)
	}
	if rs := f.differences(now, rules); len(rs) > 0 {
		return command.Refuse(append([]command.Refusal{{
			Code: "needs-override",
			Text: "Approving against a difference needs a second person: propose an override.",
		}}, rs...)...)
	}
	return command.Proceed()
}

// overrideRule demands the second person for approving against differences.
var overrideRule = command.Need{Rule: "onboarding.application.override/1", Seats: []command.Seat{{Roles: []string{"senior_compliance"}}}}

// checkOverride rules on approving against differences.
func checkOverride(p Policy, f *file, clause string, m command.Moment) command.Verdict {
	now := m.Now
	if v, ok := decidable(p, f, true, clause); !ok {
		return v
	}
	rules := p.RulesFor(f.entity)
	if rs := f.missing(now, rules); len(rs) > 0 {
		return command.Refuse(rs...)
	}
	if len(f.differences(now, rules)) == 0 {
		return command.Refuse(command.Refusal{Code: "nothing-to-override", Text: "Nothing stands against approval: decide it without an override."})
	}
	n := f.overrideOf(now, rules)
	if m.Rule != "" && m.Rule != n.Rule {
		return command.Refuse(command.Refusal{
			Code: "differences-changed",
			Text: "The documents differ otherwise than when this was proposed. Look at them, and propose it again.",
		})
	}
	return command.Needs(n)
}

func decidable(p Policy, f *file, approve bool, clause string) (command.Verdict, bool) {
	c, ok := p.clause(clause)
	switch {
	case f.app.State.Decided():
		return command.Refuse(command.Refusal{Code: "already-decided", Text: "This application is already " + string(f.app.State) + "."}), false
	case !ok || c.Approve != approve:
		return command.Refuse(command.Refusal{Code: "wrong-clause", Text: "This clause of the policy is not a ground for this decision."}), false
	}
	return command.Verdict{}, true
}

// checkReview rules on accepting or rejecting a document.
func checkReview(f *file, d *Document, accept bool, by core.Ref, now core.Instant, rules Rules) command.Verdict {
	no := func(code, text string) command.Verdict {
		return command.Refuse(command.Refusal{Code: code, Text: text})
	}
	_, read := f.read[d.ID]
	switch {
	case d.State != Pending && (accept || d.State != Accepted):
		return no("not-reviewable", "This document is already "+string(d.State)+".")
	case d.UploadedBy == by:
		return no("reviewer-uploaded", "You uploaded this document; another person must review it.")
	case !accept:
		return command.Proceed()
	case d.Kind.Group() != "" && !read:
		return no("not-read", "Enter what this document says before you accept it.")
	}
	if lapse := d.Lapses(rules); lapse != 0 && lapse <= now {
		return no("expired", "This document is no longer valid.")
	}
	if t, ok := date(d.IssuedOn); ok {
		if core.At(t) > now {
			return no("issued-later", "This document bears a date that has not come yet.")
		}
		if d.Kind == ProofOfAddress && core.At(addMonths(t, rules.Accept)) <= now {
			return no("too-old", fmt.Sprintf("A proof of address is accepted within %d months of its date.", rules.Accept))
		}
	}
	return command.Proceed()
}
