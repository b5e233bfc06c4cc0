package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RecordSettlement records that a movement stands in the PSP's list exactly as
// it was decided and booked.
type RecordSettlement struct {
	Movement    core.Ref `json:"movement"` // a withdrawal or a deposit
	Transaction string   `json:"transaction"`
	Minor       int64    `json:"minor"`
	Currency    string   `json:"currency"`
}

// Action is payments.settlement.record.
func (RecordSettlement) Action() command.Action { return "payments.settlement.record" }

// Subject is the movement.
func (in RecordSettlement) Subject() core.Ref { return in.Movement }

// movement is a withdrawal or a deposit; one of them is nil.
type movement struct {
	w *Withdrawal
	d *Deposit
}

type recordSettlement struct{}

// Load reads the movement.
func (recordSettlement) Load(ctx context.Context, r store.Reader, in RecordSettlement) (movement, command.Resource, error) {
	if in.Movement.Kind() == core.KindDeposit {
		d, res, err := loadDeposit(ctx, r, in.Movement)
		return movement{d: d}, res, err
	}
	w, res, err := loadWithdrawal(ctx, r, in.Movement)
	return movement{w: w}, res, err
}

// Check wants an unsettled movement of exactly this line.
func (recordSettlement) Check(in RecordSettlement, m movement, _ command.Moment) command.Verdict {
	var settled, same bool
	line := core.Money{Minor: in.Minor, Currency: in.Currency}
	if m.d != nil {
		settled = m.d.Settlement == Matched
		same = m.d.State == DepositCredited && m.d.Transaction == in.Transaction && m.d.Amount() == line
	} else {
		settled = m.w.Settlement == Matched
		same = m.w.Execution == ExecPaid && m.w.Transaction == in.Transaction && m.w.Amount() == line
	}
	switch {
	case settled:
		return command.Refuse(command.Refusal{Code: "settled-already", Text: "This movement is matched already."})
	case !same:
		return command.Refuse(command.Refusal{Code: "line-differs", Text: "This line of the list is not the movement that was booked."})
	}
	return command.Proceed()
}

// Apply marks it matched.
func (recordSettlement) Apply(ctx context.Context, tx *command.Tx, _ RecordSettlement, m movement) ([]evidence.Event, error) {
	if m.d != nil {
		now := *m.d
		now.Settlement = Matched
		return []evidence.Event{now.event(EventSettled)}, deposits.Update(ctx, tx.Tx, m.d, &now)
	}
	now := *m.w
	now.Settlement = Matched
	return []evidence.Event{now.event(EventSettled)}, withdrawals.Update(ctx, tx.Tx, m.w, &now)
}
