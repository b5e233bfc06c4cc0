package approvals

import (
	"context"
	"encoding/json"
	"fmt"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Comparison is what a draft would have decided of what was decided before.
type Comparison struct {
	Tried   int         `json:"tried"`
	More    bool        `json:"more"` // there are older decisions that were not looked at
	Differs []Different `json:"differs"`
}

// Different is one decision that would have gone another way.
type Different struct {
	Event   string       `json:"event"`
	At      core.Instant `json:"at"`
	Subject core.Ref     `json:"subject"`
	Was     string       `json:"was"`     // the rule that decided, in its own words
	Becomes string       `json:"becomes"` // the rule of the draft that would have
}

// atMost bounds how many decisions a draft is tried on, the newest first.
const atMost = 1000

// Sentence says how many of them.
func (c Comparison) Sentence() string {
	text := fmt.Sprintf("%d of %d decisions would have gone another way", len(c.Differs), c.Tried)
	if c.More {
		text += fmt.Sprintf(" (the newest %d were tried)", atMost)
	}
	return text
}

// compare tries a draft on the recorded decisions of an entity. Their inputs
// stand in the evidence as they were then, so the answer does not depend on
// what has changed since.
func (d Deps) compare(ctx context.Context, r store.Reader, entity core.Ref, act command.Action, set command.RuleSet) (c Comparison, err error) {
	f := evidence.Filter{Types: []string{command.EventProposed.Name}, Words: []string{string(act)}, Scope: store.Eq("entity", entity)}
	page := core.PageRequest{Limit: core.MaxPage}
	for {
		found, err := d.Log.Find(ctx, r, f, page)
		if err != nil {
			return c, err
		}
		for i := range found.Rows {
			if err := c.try(&found.Rows[i], act, set); err != nil {
				return c, err
			}
		}
		if c.More = found.Next != ""; !c.More || c.Tried >= atMost {
			return c, nil
		}
		page.After = found.Next
	}
}

// try holds one decision against the draft.
func (c *Comparison) try(rec *evidence.Record, act command.Action, set command.RuleSet) error {
	details, err := rec.PublicDetails()
	if err != nil || details["action"] != string(act) || details["weighed"] == "" {
		return err
	}
	var in command.Inputs
	if err := json.Unmarshal([]byte(details["weighed"]), &in); err != nil {
		return fmt.Errorf("approvals: the inputs of %s cannot be read: %w", rec.ID, err)
	}
	c.Tried++
	then, now := details["rule_text"], set.Decide(in)
	if was, err := command.ParseRule(then); err == nil && was.EffectText() == now.EffectText() {
		return nil
	}
	c.Differs = append(c.Differs, Different{Event: rec.ID, At: rec.At, Subject: about(rec), Was: then, Becomes: now.String()})
	return nil
}

// about is the record that a proposal's event is about, beside the proposal.
func about(rec *evidence.Record) core.Ref {
	for _, s := range rec.Subjects {
		if s.Kind() != core.KindProposal {
			return s
		}
	}
	return ""
}
