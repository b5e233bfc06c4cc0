package payments

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListDeposits asks for deposits, newest first.
type ListDeposits struct {
	State  DepositState     `json:"state,omitempty"`
	Client core.Ref         `json:"client,omitempty"`
	Page   core.PageRequest `json:"page"`
}

// Action is payments.deposit.list.
func (ListDeposits) Action() command.Action { return "payments.deposit.list" }

// Subject is the client asked about.
func (q ListDeposits) Subject() core.Ref { return q.Client }

// DepositRow is a deposit as a reader may see it.
type DepositRow struct {
	ID          core.Ref     `json:"id"`
	Entity      core.Ref     `json:"entity"`
	Client      core.Ref     `json:"client,omitempty"`
	PSP         string       `json:"psp"`
	Merchant    string       `json:"merchant"`
	Transaction string       `json:"transaction"`
	PSPStatus   string       `json:"psp_status"`
	PSPCode     string       `json:"psp_code,omitempty"`
	Method      string       `json:"method,omitempty"`
	Reference   Field        `json:"reference"`
	Payer       Field        `json:"payer"`
	Account     Field        `json:"account"`
	ClientName  Field        `json:"client_name"`
	Match       Match        `json:"name_match,omitempty"`
	Minor       int64        `json:"-"`
	Currency    string       `json:"currency"`
	State       DepositState `json:"state"`
	Flag        string       `json:"flag,omitempty"`
	Settlement  string       `json:"settlement"`
	Arrived     core.Instant `json:"arrived"`
	Recorded    core.Instant `json:"recorded"`
	Credited    core.Instant `json:"credited,omitempty"`
	CreditedBy  core.Ref     `json:"credited_by,omitempty"`
	Journal     core.Ref     `json:"journal,omitempty"`
}

// Amount is what was paid.
func (v DepositRow) Amount() core.Money { return core.Money{Minor: v.Minor, Currency: v.Currency} }

func viewDeposit(d *Deposit, see *command.Sight) DepositRow {
	owner := owned(d.Resource(), d.Client)
	return DepositRow{
		ID: d.ID, Entity: d.Entity, Client: d.Client, PSP: d.PSP, Merchant: d.Merchant, Transaction: d.Transaction,
		PSPStatus: d.PSPStatus, PSPCode: d.PSPCode, Method: d.Method,
		Reference:  field(see, core.Personal, owner, "deposit.reference", d.Reference),
		Payer:      field(see, core.Bank, owner, "deposit.payer", d.Payer),
		Account:    field(see, core.Bank, owner, "deposit.account", d.Account),
		ClientName: field(see, core.Personal, owner, "deposit.legal_name", d.LegalName),
		Match:      d.Match, Minor: d.Minor, Currency: d.Currency, State: d.State, Flag: d.Flag, Settlement: d.Settlement,
		Arrived: d.Arrived, Recorded: d.Recorded, Credited: d.Credited, CreditedBy: d.CreditedBy, Journal: d.Journal,
	}
}

// DepositList answers ListDeposits.
type DepositList struct{}

// Target is every deposit that policy lets the reader see.
func (DepositList) Target(context.Context, store.Reader, ListDeposits) (command.Resource, error) {
	return command.Resource{Kind: core.KindDeposit}, nil
}

// Read lists them.
func (DepositList) Read(ctx context.Context, r store.Reader, in ListDeposits, see *command.Sight) (core.Page[DepositRow], error) {
	where := []store.Where{see.Where}
	if in.State != "" {
		where = append(where, store.Eq("state", string(in.State)))
	}
	if in.Client != "" {
		where = append(where, store.Eq("client", string(in.Client)))
	}
	after, err := newest(in.Page.After, "recorded")
	if err != nil {
		return core.Page[DepositRow]{}, err
	}
	n := in.Page.Size()
	rows, err := deposits.Filter(ctx, r, "WHERE {where} ORDER BY recorded DESC, id DESC LIMIT $1", store.And(append(where, after)...), n+1)
	if err != nil {
		return core.Page[DepositRow]{}, err
	}
	var out core.Page[DepositRow]
	rows, out.Next = cut(rows, n, func(d *Deposit) (core.Instant, core.Ref) { return d.Recorded, d.ID })
	for k := range rows {
		out.Rows = append(out.Rows, viewDeposit(&rows[k], see))
	}
	see.Counted(len(out.Rows))
	return out, nil
}

// ViewDeposit asks for one deposit.
type ViewDeposit struct {
	Deposit core.Ref `json:"deposit"`
}

// Action is payments.deposit.view.
func (ViewDeposit) Action() command.Action { return "payments.deposit.view" }

// Subject is the deposit.
func (q ViewDeposit) Subject() core.Ref { return q.Deposit }

// DepositStory is a deposit with its books and what can be done with it.
type DepositStory struct {
	DepositRow
	Against []string      `json:"against,omitempty"`
	Need    *command.Need `json:"need,omitempty"`
	Books   []Book        `json:"books,omitempty"`
	Credit  Button        `json:"credit"`
}

// DepositPage answers ViewDeposit.
type DepositPage struct{ Deps Deps }

// Target is the deposit.
func (DepositPage) Target(ctx context.Context, r store.Reader, in ViewDeposit) (command.Resource, error) {
	_, res, err := loadDeposit(ctx, r, in.Deposit)
	return res, err
}

// Read shows it, with what stands against crediting it now.
func (q DepositPage) Read(ctx context.Context, r store.Reader, in ViewDeposit, see *command.Sight) (DepositStory, error) {
	f, res, err := creditDeposit{q.Deps}.Load(ctx, r, CreditDeposit{Deposit: in.Deposit})
	if err != nil {
		return DepositStory{}, err
	}
	see.Counted(1)
	v := DepositStory{DepositRow: viewDeposit(f.d, see)}
	for _, x := range f.blocks {
		v.Against = append(v.Against, x.Text)
	}
	switch f.d.State {
	case DepositClear, DepositHeld:
		v.Credit.Offered = true
	case DepositFlagged:
		v.Credit.Offered = true
		n := f.d.need()
		n.Facts = nil // they hold names in the clear, which stand masked in the row
		v.Need = &n
	}
	if v.Credit.Offered {
		v.Credit.Allowed = see.Allowed("payments.deposit.credit", res)
		if !v.Credit.Allowed {
			v.Credit.Why = []string{"Your roles do not let you do this."}
		} else if len(v.Against) > 0 {
			v.Credit.Allowed, v.Credit.Why = false, v.Against
		}
	}
	v.Books, err = booksOf(ctx, r, f.d.ID)
	return v, err
}
