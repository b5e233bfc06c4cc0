package onboarding

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// OverrideApplication approves an identity although a document differs from
// what the client declares, once a second person agrees.
type OverrideApplication struct {
	Client      core.Ref `json:"client"`
	Application core.Ref `json:"application"`
	Clause      string   `json:"clause"`
	Words       string   `json:"words"`
	Case        core.Ref `json:"case,omitempty"`
}

// Action is onboarding.application.override.
func (OverrideApplication) Action() command.Action { return "onboarding.application.override" }

// Subject is the client, whose key protects the words of the proposal.
func (in OverrideApplication) Subject() core.Ref { return in.Client }

// CaseRef is the case that the decision belongs to, if any.
func (in OverrideApplication) CaseRef() core.Ref { return in.Case }

// Validate asks for words.
func (in OverrideApplication) Validate() error { return needWords(in.Words) }

// Reasons are what the proposal says.
func (in OverrideApplication) Reasons() (code, words string) { return "override", in.Words }

// Facts are what the approver's card shows.
func (in OverrideApplication) Facts() []evidence.Detail {
	return []evidence.Detail{{Name: "application", Value: string(in.Application), Search: true}, {Name: "clause", Value: in.Clause}}
}

type overrideHandler struct{ Domain }

// Load reads the application, which must be the client's.
func (h overrideHandler) Load(ctx context.Context, r store.Reader, in OverrideApplication) (*file, command.Resource, error) {
	f, res, err := h.loadApplication(ctx, r, in.Application)
	if err == nil && f.client != in.Client {
		err = command.ErrHidden
	}
	return f, res, err
}

// Check demands a difference to set aside, and the second person.
func (h overrideHandler) Check(in OverrideApplication, f *file, m command.Moment) command.Verdict {
	return checkOverride(h.Policy, f, in.Clause, m)
}

// Apply records the decision and what it set aside.
func (h overrideHandler) Apply(ctx context.Context, tx *command.Tx, in OverrideApplication, f *file) ([]evidence.Event, error) {
	now := *f.app
	now.State, now.Clause, now.Words = Approved, in.Clause, in.Words
	var codes, texts []string
	for _, d := range f.differences(tx.Now, h.Policy.RulesFor(f.entity)) {
		codes, texts = append(codes, d.Code), append(texts, d.Text)
	}
	now.Overridden = strings.Join(codes, " ")
	ev, err := h.decide(ctx, tx, f, now)
	ev.Type, ev.Reason = EventOverridden, "override"
	ev.Basis = append(ev.Basis, overrideRule.Rule)
	ev.Details = []evidence.Detail{{Name: "set_aside", Value: strings.Join(texts, " ")}}
	return []evidence.Event{ev}, err
}
