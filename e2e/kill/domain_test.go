package kill

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/ledger"
	"vouchsafe/store"
)

// The domain of the rig is the bone of a withdrawal: money comes in, is set
// aside with a job that pays it out, and is paid out once. Above a limit a
// second person must agree. The references are the client's own, so that what
// was acknowledged can be looked for.

const entity core.Ref = "en_rig"

const (
	currency = "EUR"
	wallets  = 6
	large    = 500_00
)

var (
	eventPaidIn   = evidence.Register("rig.money.in", evidence.EntityManagement, "Money came into a wallet.")
	eventSetAside = evidence.Register("rig.money.held", evidence.EntityManagement, "Money was set aside to be paid out.")
	eventPaidOut  = evidence.Register("rig.money.out", evidence.EntityManagement, "Money that was set aside was paid out.")
)

// rigIn, rigOut and rigPay are the three commands.
type (
	rigIn struct {
		Ref    core.Ref `json:"ref"`
		Client core.Ref `json:"client"`
		Minor  int64    `json:"minor"`
	}
	rigOut rigIn
	rigPay struct {
		Ref  core.Ref `json:"ref"`
		Torn torn     `json:"torn,omitempty"`
	}
)

// torn tears a payment into two commands, for the control that leaves things
// half done.
type torn string

const (
	whole     torn = ""
	offHold   torn = "off-hold"
	journalOf torn = "journal"
)

func (rigIn) Action() command.Action  { return "rig.money.pay-in" }
func (in rigIn) Subject() core.Ref    { return in.Client }
func (rigOut) Action() command.Action { return "rig.money.hold" }
func (in rigOut) Subject() core.Ref   { return in.Client }
func (rigPay) Action() command.Action { return "rig.money.pay-out" }
func (in rigPay) Subject() core.Ref   { return in.Ref }

// about is the resource of every command here.
func about(ref core.Ref) command.Resource {
	return command.Resource{Kind: core.KindWithdrawal, Ref: ref, Entity: entity}
}

func register(reg *command.Registry) {
	command.RegisterOwn(reg)
	command.Handle[rigIn, struct{}](reg, inHandler{}, command.Doc{Title: "Pay in", Kind: core.KindWithdrawal})
	command.Handle[rigOut, struct{}](reg, outHandler{}, command.Doc{Title: "Set aside", Kind: core.KindWithdrawal, Approvers: []string{"lead"}})
	command.Handle[rigPay, *ledger.Hold](reg, payHandler{}, command.Doc{Title: "Pay out", Kind: core.KindWithdrawal, System: true})
}

func pair(ctx context.Context, tx *command.Tx, client core.Ref) (wallet, psp *ledger.Account, err error) {
	if wallet, err = ledger.Ensure(ctx, tx, entity, ledger.ClientWallet, string(client), currency); err != nil {
		return nil, nil, err
	}
	psp, err = ledger.Ensure(ctx, tx, entity, ledger.PSPClearing, "psp", currency)
	return wallet, psp, err
}

type inHandler struct{}

func (inHandler) Load(_ context.Context, _ store.Reader, in rigIn) (struct{}, command.Resource, error) {
	return struct{}{}, about(in.Ref), nil
}

func (inHandler) Check(rigIn, struct{}, command.Moment) command.Verdict { return command.Proceed() }

func (inHandler) Apply(ctx context.Context, tx *command.Tx, in rigIn, _ struct{}) ([]evidence.Event, error) {
	wallet, psp, err := pair(ctx, tx, in.Client)
	if err != nil {
		return nil, err
	}
	_, err = ledger.Post(ctx, tx, ledger.Posting{Entity: entity, Kind: "in", Subject: in.Ref, Lines: []ledger.Line{{Account: wallet.ID, Minor: in.Minor}, {Account: psp.ID, Minor: -in.Minor}}})
	return []evidence.Event{{Type: eventPaidIn, Entity: entity, Subjects: []core.Ref{in.Ref, in.Client}}}, err
}

type outHandler struct{}

func (outHandler) Load(_ context.Context, _ store.Reader, in rigOut) (struct{}, command.Resource, error) {
	return struct{}{}, about(in.Ref), nil
}

func (outHandler) Check(in rigOut, _ struct{}, _ command.Moment) command.Verdict {
	if in.Minor > large {
		return command.Needs(command.Need{Rule: "rig/1", Seats: []command.Seat{{Roles: []string{"lead"}}}})
	}
	return command.Proceed()
}

func (outHandler) Apply(ctx context.Context, tx *command.Tx, in rigOut, _ struct{}) ([]evidence.Event, error) {
	wallet, _, err := pair(ctx, tx, in.Client)
	if err != nil {
		return nil, err
	}
	if err := ledger.SetAside(ctx, tx, wallet.ID, in.Ref, in.Minor); err != nil {
		return nil, err
	}
	err = tx.Enqueue(ctx, jobs.New{Kind: jobPay, Subject: in.Ref})
	return []evidence.Event{{Type: eventSetAside, Entity: entity, Subjects: []core.Ref{in.Ref, in.Client}}}, err
}

type payHandler struct{}

func (payHandler) Load(ctx context.Context, r store.Reader, in rigPay) (*ledger.Hold, command.Resource, error) {
	h, err := ledger.HoldOf(ctx, r, in.Ref)
	return h, about(in.Ref), err
}

func (payHandler) Check(in rigPay, h *ledger.Hold, _ command.Moment) command.Verdict {
	if h == nil || h.State != ledger.HoldOpen && in.Torn != journalOf {
		return command.Refuse(command.Refusal{Code: "paid-already", Text: "Nothing is set aside for this any more."})
	}
	return command.Proceed()
}

func (payHandler) Apply(ctx context.Context, tx *command.Tx, in rigPay, h *ledger.Hold) ([]evidence.Event, error) {
	ev := []evidence.Event{{Type: eventPaidOut, Entity: entity, Subjects: []core.Ref{in.Ref}}}
	if in.Torn != journalOf {
		if _, err := ledger.Capture(ctx, tx, in.Ref); err != nil || in.Torn == offHold {
			return ev, err
		}
	}
	psp, err := ledger.Ensure(ctx, tx, entity, ledger.PSPClearing, "psp", currency)
	if err != nil {
		return nil, err
	}
	_, err = ledger.Post(ctx, tx, ledger.Posting{Entity: entity, Kind: "out", Subject: in.Ref, Lines: []ledger.Line{{Account: h.Account, Minor: -h.Minor}, {Account: psp.ID, Minor: h.Minor}}})
	return ev, err
}

const jobPay = "rig.pay"

// pays is the job: it reads first, since it may have run before it died.
func pays(road *command.Road, parts ...torn) func(context.Context, jobs.Job) jobs.Result {
	return func(ctx context.Context, j jobs.Job) jobs.Result {
		h, err := ledger.HoldOf(ctx, road.Store.Reader(), j.Subject)
		if err != nil {
			return jobs.Retry(err)
		}
		if h == nil || h.State != ledger.HoldOpen {
			return jobs.Done()
		}
		for _, part := range parts {
			time.Sleep(time.Millisecond) // room to die in
			in := rigPay{Ref: j.Subject, Torn: part}
			if _, err := road.Run(ctx, evidence.Actor{Ref: "sys_payments"}, command.Key(string(j.ID)+string(part)), in); err != nil && !core.IsFault(err, "paid-already") {
				return jobs.Retry(err)
			}
		}
		return jobs.Done()
	}
}
