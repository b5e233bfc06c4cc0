package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// JobCredit is the kind of job that credits a deposit against which nothing
// stands; its subject is the deposit.
const JobCredit = "payments.credit"

// RecordDeposit records a deposit, or its next state, as the PSP holds it.
type RecordDeposit struct {
	PSP         string       `json:"psp"`
	Merchant    string       `json:"merchant"`
	Transaction string       `json:"transaction"`
	From        string       `json:"from,omitempty"` // the PSP's word before it was asked; empty for a new deposit
	Status      string       `json:"status"`         // the PSP's literal word
	Phase       Phase        `json:"phase"`
	Failure     string       `json:"failure,omitempty"`
	Method      string       `json:"method,omitempty"`
	Reference   string       `json:"reference,omitempty"` // what the payer wrote
	Payer       string       `json:"payer,omitempty"`
	Account     string       `json:"account,omitempty"`
	Minor       int64        `json:"minor"`
	Currency    string       `json:"currency"`
	Arrived     core.Instant `json:"arrived"`
	Answer      string       `json:"answer_sha256,omitempty"`
}

// Action is payments.deposit.record.
func (RecordDeposit) Action() command.Action { return "payments.deposit.record" }

// Subject is not known before the reference is looked up.
func (RecordDeposit) Subject() core.Ref { return "" }

type depositFacts struct {
	known    *Deposit
	entity   core.Ref
	client   core.Ref
	name     string
	failures int
	blocked  bool
}

type recordDeposit struct{ d Deps }

// Load finds whose money it is, what stands against funding, and the failed
// attempts before it.
func (h recordDeposit) Load(ctx context.Context, r store.Reader, in RecordDeposit) (depositFacts, command.Resource, error) {
	f := depositFacts{entity: h.d.entityOf(in.PSP, in.Merchant)}
	res := command.Resource{Kind: core.KindDeposit, Entity: f.entity}
	if f.entity == "" {
		return f, res, core.Faultf(core.Refused, "merchant-unknown", "No legal entity of ours owns the merchant account %s.", in.Merchant)
	}
	var err error
	if f.known, err = byTransaction(ctx, r, in.PSP, in.Transaction); err != nil {
		return f, res, err
	}
	if f.client, f.name, err = h.payer(ctx, r, in, f); err != nil || f.client == "" {
		return f, res, err
	}
	res.Attrs = map[string]any{"client": string(f.client)}
	if f.failures, err = failures(ctx, r, f.client, in.Method, in.Transaction); err != nil {
		return f, res, err
	}
	blocks, err := h.d.Clearance.Refusals(ctx, r, f.client, PurposeFunding, h.d.Clock.Now())
	f.blocked = len(blocks) > 0
	return f, res, err
}

// payer is the client whom the payer meant, with their name: one of the entity
// that owns the merchant account. Whose a deposit is does not change once it
// is recorded.
func (h recordDeposit) payer(ctx context.Context, r store.Reader, in RecordDeposit, f depositFacts) (core.Ref, string, error) {
	var client core.Ref
	var err error
	if f.known != nil {
		client = f.known.Client
	} else if client, err = h.d.Clients.ByReference(ctx, r, in.Reference); err != nil {
		return "", "", err
	}
	if client == "" {
		return "", "", nil
	}
	entity, name, err := h.d.Clients.Basics(ctx, r, client)
	if err != nil || entity != f.entity {
		return "", "", err
	}
	return client, name, nil
}

// news reports whether the PSP's word is something new about a deposit.
func (in RecordDeposit) news(d *Deposit) bool { return d == nil || d.PSPStatus != in.Status }

// Check refuses news that is none, and money that changed on its way.
func (recordDeposit) Check(in RecordDeposit, f depositFacts, _ command.Moment) command.Verdict {
	switch {
	case !in.news(f.known) || f.known != nil && f.known.PSPStatus != in.From:
		return command.Refuse(command.Refusal{Code: "deposit-known", Text: "This deposit is recorded already: " + f.known.ID.Short() + "."})
	case f.known != nil && f.known.Amount() != (core.Money{Minor: in.Minor, Currency: in.Currency}):
		return command.Refuse(command.Refusal{Code: "amount-changed", Text: "The payment provider shows another amount than before for this deposit. A person must look."})
	}
	return command.Proceed()
}

// Apply records it and queues what follows.
func (h recordDeposit) Apply(ctx context.Context, tx *command.Tx, in RecordDeposit, f depositFacts) ([]evidence.Event, error) {
	d := in.deposit(f)
	if f.known == nil {
		d.ID, d.Recorded = tx.NewRef(core.KindDeposit), tx.Now
	}
	if f.known != nil && f.known.State == DepositCredited {
		d.undone(in.Phase)
	} else {
		d.State, d.Flag = d.judged(in.Phase, f.failures, f.blocked)
	}
	var err error
	if f.known == nil {
		err = deposits.Insert(ctx, tx.Tx, &d)
	} else {
		err = deposits.Update(ctx, tx.Tx, f.known, &d)
	}
	if err != nil {
		return nil, err
	}
	return []evidence.Event{in.event(&d)}, d.follow(ctx, tx)
}

// deposit is the record with what the PSP says now.
func (in RecordDeposit) deposit(f depositFacts) Deposit {
	var d Deposit
	if f.known != nil {
		d = *f.known
	} else {
		d = Deposit{
			Entity: f.entity, Client: f.client, PSP: in.PSP, Merchant: in.Merchant, Transaction: in.Transaction,
			Reference: in.Reference, Minor: in.Minor, Currency: in.Currency, Settlement: Unsettled, Arrived: in.Arrived,
		}
	}
	d.PSPStatus, d.PSPCode = in.Status, in.Failure
	if d.ErasedBy != "" {
		return d // what was erased does not come back with the PSP's next word
	}
	d.Method, d.Payer, d.Account = in.Method, in.Payer, in.Account
	if d.Client != "" {
		d.LegalName, d.Match = f.name, MatchNames(f.name, in.Payer)
	}
	return d
}

// undone marks money that was credited and that the PSP then took back. The
// book is not changed by itself: the client may have used the money.
func (d *Deposit) undone(p Phase) {
	if p == PhaseFailed || p == PhaseReturned {
		d.Flag = FlagUndone
	}
}

// follow queues what the state asks for: the credit, or a person.
func (d *Deposit) follow(ctx context.Context, tx *command.Tx) error {
	switch {
	case d.State == DepositClear:
		return tx.Enqueue(ctx, jobs.New{Kind: JobCredit, Subject: d.ID, Unique: "credit:" + string(d.ID)})
	case d.State == DepositUnmatched:
		return raise(ctx, tx, "deposit-unmatched", d.Entity, d.ID, external(d.PSP, d.Transaction))
	case d.State == DepositReview:
		return raise(ctx, tx, "deposit-attempts", d.Entity, d.Client, external(d.PSP, d.Transaction))
	case d.Flag == FlagPayer:
		return raise(ctx, tx, "deposit-third-party", d.Entity, d.ID, external(d.PSP, d.Transaction))
	case d.Flag == FlagUndone:
		return raise(ctx, tx, "deposit-undone", d.Entity, d.ID, external(d.PSP, d.Transaction))
	}
	return nil
}

func (in RecordDeposit) event(d *Deposit) evidence.Event {
	ev := d.event(EventDeposit)
	ev.Observed = in.Arrived
	if d.State == DepositFailed || d.State == DepositReview || d.Flag == FlagUndone {
		ev.Outcome = evidence.Failed
	}
	ev.Details = append(ev.Details, evidence.Detail{Name: "state", Value: string(d.State)}, evidence.Detail{Name: "flag", Value: d.Flag},
		evidence.Detail{Name: "name_match", Value: string(d.Match), Search: true}, evidence.Detail{Name: "status", Value: in.Status},
		evidence.Detail{Name: "failure", Value: in.Failure}, evidence.Detail{Name: "answer_sha256", Value: in.Answer})
	return ev
}
