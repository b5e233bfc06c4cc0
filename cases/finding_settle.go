package cases

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// SettleFinding closes a finding that the program itself sees is no more, or is
// explained, and names the events that prove it. Nobody's words close such a
// finding.
type SettleFinding struct {
	Finding core.Ref `json:"finding"`
	State   string   `json:"state"` // reversed when it is no more, explained when something covers it
	Proof   []string `json:"proof"` // ids of events
}

// settling are the kinds that close by evidence only, with what closes them.
var settling = map[string]string{
	KindToxic: "It closes by itself when one of the roles has ended, or when senior compliance has made an exception. Take a role away, or ask for an exception.",
}

// KindToxic are the findings about people who hold a toxic combination.
const KindToxic = "toxic-combination-held"

// Action is cases.finding.settle.
func (SettleFinding) Action() command.Action { return "cases.finding.settle" }

// Subject is the finding.
func (s SettleFinding) Subject() core.Ref { return s.Finding }

type settleFinding struct{}

// Load reads the finding.
func (settleFinding) Load(ctx context.Context, r store.Reader, in SettleFinding) (*Finding, command.Resource, error) {
	f, err := FindingByID(ctx, r, in.Finding)
	if err == nil && f == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return nil, command.Resource{}, err
	}
	return f, f.Resource(), nil
}

// Check wants a finding of such a kind that is still open, and proof.
func (settleFinding) Check(in SettleFinding, f *Finding, _ command.Moment) command.Verdict {
	switch {
	case settling[f.Kind] == "":
		return command.Refuse(command.Refusal{Code: "needs-a-person", Text: "A finding of this kind is resolved by a person, in their own words."})
	case f.State == FindingExplained || f.State == FindingReversed:
		return command.Refuse(command.Refusal{Code: "finding-resolved", Text: "This finding is resolved already."})
	case len(in.Proof) == 0 || in.State != FindingExplained && in.State != FindingReversed:
		return command.Refuse(command.Refusal{Code: "no-proof", Text: "Name the events that prove it, and whether it is explained or reversed."})
	}
	return command.Proceed()
}

// Apply records the end with its proof.
func (settleFinding) Apply(ctx context.Context, tx *command.Tx, in SettleFinding, f *Finding) ([]evidence.Event, error) {
	now := *f
	now.State, now.Resolved, now.ResolvedBy = in.State, tx.Now, tx.Actor.Ref
	if err := findingTable.Update(ctx, tx.Tx, f, &now); err != nil {
		return nil, err
	}
	ev := evidence.Event{Type: EventSettled, Entity: now.Entity, Reason: in.State, Subjects: []core.Ref{now.ID}, Basis: in.Proof}
	if now.Subject != "" {
		ev.Subjects = append(ev.Subjects, now.Subject)
	}
	return []evidence.Event{ev}, nil
}

// Waiting reads the findings of a kind that are not resolved; about one
// subject, or with "" all of them.
func Waiting(ctx context.Context, r store.Reader, kind string, about core.Ref) ([]Finding, error) {
	return findingTable.Select(ctx, r, "WHERE kind = $1 AND state IN ('open', 'escalated') AND ($2 = '' OR subject = $2) ORDER BY raised, id", kind, about)
}

// Times counts how often the same was found before, under references that
// begin alike.
func Times(ctx context.Context, r store.Reader, kind string, about core.Ref, begin string) (n int, err error) {
	err = r.QueryRow(ctx, "SELECT COUNT(*) FROM finding WHERE kind = $1 AND subject = $2 AND external LIKE $3", kind, about, begin+"#%").Scan(store.Scan(&n)...)
	return n, err
}
