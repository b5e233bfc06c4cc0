package cases

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ResolveFinding explains, reverses or escalates a finding. Explaining and
// reversing name a case.
type ResolveFinding struct {
	Finding core.Ref `json:"finding"`
	State   string   `json:"state"`
	Case    core.Ref `json:"case,omitempty"`
	Words   string   `json:"words"`
}

// Action is cases.finding.resolve.
func (ResolveFinding) Action() command.Action { return "cases.finding.resolve" }

// Subject is the finding.
func (f ResolveFinding) Subject() core.Ref { return f.Finding }

// CaseRef is the case that explains it.
func (f ResolveFinding) CaseRef() core.Ref { return f.Case }

// Validate checks the form.
func (f ResolveFinding) Validate() error {
	if f.State != FindingExplained && f.State != FindingReversed && f.State != FindingEscalated {
		return core.InvalidField("state", "Choose explained, reversed or escalated.")
	}
	if f.State != FindingEscalated && f.Case == "" {
		return core.InvalidField("case", "Name the case that explains this.")
	}
	if Boilerplate(f.Words) || len(strings.TrimSpace(f.Words)) < 15 {
		return core.InvalidField("words", "Explain what happened in your own words (at least 15 characters that say something).")
	}
	return nil
}

type findingFacts struct {
	finding *Finding
	file    *Case    // the case that explains it
	cause   core.Ref // who caused it, where that is known
}

type resolveFinding struct{}

// Load reads the finding and the case.
func (resolveFinding) Load(ctx context.Context, r store.Reader, in ResolveFinding) (findingFacts, command.Resource, error) {
	var f findingFacts
	var err error
	if f.finding, err = FindingByID(ctx, r, in.Finding); err != nil {
		return f, command.Resource{}, err
	}
	if f.finding == nil {
		return f, command.Resource{}, command.ErrHidden
	}
	if f.cause, err = causeOf(ctx, r, f.finding); err != nil {
		return f, command.Resource{}, err
	}
	if in.Case != "" {
		f.file, err = CaseByID(ctx, r, in.Case)
	}
	return f, f.finding.Resource(), err
}

// causeOf is the person behind a finding: its subject, or who opened the case
// that it is about.
func causeOf(ctx context.Context, r store.Reader, f *Finding) (core.Ref, error) {
	if f.Subject.Kind() != core.KindCase {
		return f.Subject, nil
	}
	c, err := CaseByID(ctx, r, f.Subject)
	if err != nil || c == nil {
		return "", err
	}
	return c.OpenedBy, nil
}

// Check keeps a finding from being resolved twice, by a foreign case, by the
// case that it is about, or by the person behind it.
func (resolveFinding) Check(in ResolveFinding, f findingFacts, m command.Moment) command.Verdict {
	switch {
	case f.finding.State == FindingExplained || f.finding.State == FindingReversed:
		return command.Refuse(command.Refusal{Code: "finding-resolved", Text: "This finding is resolved already."})
	case settling[f.finding.Kind] != "" && in.State != FindingEscalated:
		return command.Refuse(command.Refusal{Code: "closes-by-evidence", Text: "Words do not close this finding. " + settling[f.finding.Kind]})
	case f.cause == m.Actor.Ref:
		return command.Refuse(command.Refusal{Code: "own-finding", Text: "This finding is about you or about what you did; somebody else must resolve it."})
	case in.Case != "" && in.Case == f.finding.Subject:
		return command.Refuse(command.Refusal{Code: "case-explains-itself", Text: "The finding is about this case; another one must explain it."})
	case in.Case != "" && (f.file == nil || f.file.Entity != f.finding.Entity):
		return command.Refuse(command.Refusal{Code: "case-unknown", Text: "There is no such case in this entity."})
	}
	return command.Proceed()
}

// Apply records the resolution.
func (resolveFinding) Apply(ctx context.Context, tx *command.Tx, in ResolveFinding, f findingFacts) ([]evidence.Event, error) {
	now := *f.finding
	now.State, now.Case = in.State, in.Case
	if in.State != FindingEscalated {
		now.Resolved, now.ResolvedBy = tx.Now, tx.Actor.Ref
	}
	if err := findingTable.Update(ctx, tx.Tx, f.finding, &now); err != nil {
		return nil, err
	}
	ev := evidence.Event{Type: EventResolved, Entity: now.Entity, Case: in.Case, Reason: in.State, Text: in.Words, Subjects: []core.Ref{now.ID}}
	if now.Subject != "" {
		ev.Subjects = append(ev.Subjects, now.Subject)
	}
	return []evidence.Event{ev}, nil
}
