package payments

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/ledger"
	"vouchsafe/store"
)

// RefuseWithdrawal ends a withdrawal before it is approved; its money is
// available again.
type RefuseWithdrawal struct {
	Withdrawal core.Ref `json:"withdrawal"`
	Reason     string   `json:"reason"` // one of RefuseReasons
	Words      string   `json:"words"`
}

// RefuseReasons are the reason codes of a refusal.
var RefuseReasons = []string{"client_cancelled", "third_party", "destination_changed", "suspicion", "documents_missing", "other"}

// Action is payments.withdrawal.refuse.
func (RefuseWithdrawal) Action() command.Action { return "payments.withdrawal.refuse" }

// Subject is the withdrawal.
func (q RefuseWithdrawal) Subject() core.Ref { return q.Withdrawal }

// Validate asks for a code and words.
func (q RefuseWithdrawal) Validate() error {
	if !slices.Contains(RefuseReasons, q.Reason) {
		return core.InvalidField("reason", "Choose a reason: "+strings.Join(RefuseReasons, ", ")+".")
	}
	if len([]rune(strings.TrimSpace(q.Words))) < 10 {
		return core.InvalidField("words", "Say in your own words why (at least 10 characters).")
	}
	return nil
}

type refuseWithdrawal struct{}

// Load reads the withdrawal.
func (refuseWithdrawal) Load(ctx context.Context, r store.Reader, in RefuseWithdrawal) (*Withdrawal, command.Resource, error) {
	return loadWithdrawal(ctx, r, in.Withdrawal)
}

// Check refuses once it is on its way or ended. What is approved can be
// stopped for as long as nothing was sent.
func (refuseWithdrawal) Check(_ RefuseWithdrawal, w *Withdrawal, _ command.Moment) command.Verdict {
	switch {
	case w.Decision == Refused:
		return command.Refuse(command.Refusal{Code: "already-decided", Text: "This withdrawal is refused already."})
	case w.Decision == Approved && w.Execution != ExecReady:
		return command.Refuse(command.Refusal{Code: "already-sent", Text: "This withdrawal is " + string(w.Execution) + " at the payment provider. It cannot be refused any more."})
	}
	return command.Proceed()
}

// Apply records it and lets the money go.
func (refuseWithdrawal) Apply(ctx context.Context, tx *command.Tx, in RefuseWithdrawal, w *Withdrawal) ([]evidence.Event, error) {
	now := *w
	now.Decision, now.Decided, now.Reason, now.Words = Refused, tx.Now, in.Reason, in.Words
	now.Execution, now.Attempt = ExecNone, command.Attempt{Number: w.Attempt.Number}
	if w.ErasedBy != "" {
		now.Words = "" // personal columns of an erased client stay empty; the event has them
	}
	if err := ledger.Release(ctx, tx, w.ID); err != nil {
		return nil, err
	}
	if err := withdrawals.Update(ctx, tx.Tx, w, &now); err != nil {
		return nil, err
	}
	ev := now.event(EventRefused)
	ev.Reason, ev.Text = in.Reason, in.Words
	return []evidence.Event{ev}, nil
}
