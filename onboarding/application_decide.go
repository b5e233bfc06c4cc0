package onboarding

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// DecideApplication approves or refuses a client's identity under a clause of
// the policy.
type DecideApplication struct {
	Application core.Ref `json:"application"`
	Approve     bool     `json:"approve"`
	Clause      string   `json:"clause"`
	Words       string   `json:"words"`
	Case        core.Ref `json:"case,omitempty"`
}

// Action is onboarding.application.decide.
func (DecideApplication) Action() command.Action { return "onboarding.application.decide" }

// Subject is the application.
func (in DecideApplication) Subject() core.Ref { return in.Application }

// CaseRef is the case that the decision belongs to, if any.
func (in DecideApplication) CaseRef() core.Ref { return in.Case }

// Validate asks for words.
func (in DecideApplication) Validate() error { return needWords(in.Words) }

func needWords(words string) error {
	if len(strings.TrimSpace(words)) < 5 {
		return core.InvalidField("words", "Say in your own words why (at least five characters).")
	}
	return nil
}

type decideHandler struct{ Domain }

// Load reads the application and the client's file.
func (h decideHandler) Load(ctx context.Context, r store.Reader, in DecideApplication) (*file, command.Resource, error) {
	return h.loadApplication(ctx, r, in.Application)
}

// loadApplication reads the file that an application stands in, with that
// application as its own.
func (d Domain) loadApplication(ctx context.Context, r store.Reader, id core.Ref) (*file, command.Resource, error) {
	a, err := application(ctx, r, id)
	if err != nil {
		return nil, command.Resource{}, err
	}
	f, err := d.load(ctx, r, a.Client)
	if err != nil {
		return nil, command.Resource{}, err
	}
	f.app = a
	return f, a.Resource(), nil
}

// Check holds the documents against the policy.
func (h decideHandler) Check(in DecideApplication, f *file, m command.Moment) command.Verdict {
	return checkDecision(h.Policy, f, in.Approve, in.Clause, m.Now)
}

// Apply records the decision.
func (h decideHandler) Apply(ctx context.Context, tx *command.Tx, in DecideApplication, f *file) ([]evidence.Event, error) {
	now := *f.app
	now.State, now.Clause, now.Words = Refused, in.Clause, in.Words
	if in.Approve {
		now.State = Approved
	}
	ev, err := h.decide(ctx, tx, f, now)
	return []evidence.Event{ev}, err
}

// decide writes a decision with its basis and returns its event.
func (d Domain) decide(ctx context.Context, tx *command.Tx, f *file, now Application) (evidence.Event, error) {
	now.Decided, now.DecidedBy = tx.Now, tx.Actor.Ref
	now.Policy, now.PolicyVersion = d.Policy.ID, d.Policy.Version
	if err := applications.Update(ctx, tx.Tx, f.app, &now); err != nil {
		return evidence.Event{}, err
	}
	ev := evidence.Event{
		Type: EventDecided, Entity: f.entity, Subjects: []core.Ref{now.ID, now.Client},
		Reason: "clause_" + strings.ReplaceAll(now.Clause, ".", "_"), Text: now.Words, Basis: []string{d.Policy.Basis(now.Clause)},
	}
	rules := d.Policy.RulesFor(f.entity)
	for i := range f.docs { // the documents that it rests on are part of the story
		if f.docs[i].Kind.Group() != "" && f.docs[i].ValidAt(tx.Now, rules) && len(ev.Subjects) < 16 {
			ev.Subjects = append(ev.Subjects, f.docs[i].ID)
		}
	}
	return ev, nil
}
