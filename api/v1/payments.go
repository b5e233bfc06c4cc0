package v1

import (
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/ledger"
	"vouchsafe/payments"
)

// paymentRoutes are the endpoints of withdrawals and deposits.
func (s *Server) paymentRoutes() []endpoint {
	story := payments.WithdrawalPage{Deps: s.Payments}
	if s.Road != nil {
		story.Log = s.Road.Log
	}
	return []endpoint{
		listAs("GET /withdrawals", "List withdrawals", payments.WithdrawalList{}, withdrawalOf),
		readAs("GET /withdrawals/{withdrawal}", "See a withdrawal with everything behind it", story, payoutOf),
		writeAs("POST /clients/{client}/withdrawals", "Ask for a withdrawal", withdraw.input),
		write[payments.ClearWithdrawal]("POST /withdrawals/{withdrawal}/clear", "Clear a withdrawal"),
		writeAs("POST /withdrawals/{withdrawal}/release", "Release a withdrawal", release.input, highRisk),
		write[payments.RefuseWithdrawal]("POST /withdrawals/{withdrawal}/refuse", "Refuse a withdrawal"),
		write[payments.ResolveWithdrawal]("POST /withdrawals/{withdrawal}/resolve", "Resolve a payout in doubt", highRisk),
		listAs("GET /deposits", "List deposits", payments.DepositList{}, depositOf),
		readAs("GET /deposits/{deposit}", "See a deposit with everything behind it", payments.DepositPage{Deps: s.Payments}, receiptOf),
		write[payments.CreditDeposit]("POST /deposits/{deposit}/credit", "Credit a deposit"),
	}
}

// withdraw asks for a withdrawal.
type withdraw struct {
	Client     core.Ref `json:"client"`
	BankDetail core.Ref `json:"bank_detail"`
	Amount     Money    `json:"amount"`
}

func (in withdraw) input() (payments.RequestWithdrawal, error) {
	m, err := in.Amount.parse()
	return payments.RequestWithdrawal{Client: in.Client, BankDetail: in.BankDetail, Minor: m.Minor, Currency: m.Currency}, err
}

// release is the request to pay out: of the amount that its maker saw.
type release struct {
	Withdrawal core.Ref `json:"withdrawal"`
	Amount     Money    `json:"amount" doc:"as you saw it"`
	Words      string   `json:"words,omitempty" doc:"why, where the names differ"`
	Case       core.Ref `json:"case,omitempty" doc:"likewise"`
}

func (in release) input() (payments.ReleaseWithdrawal, error) {
	m, err := in.Amount.parse()
	return payments.ReleaseWithdrawal{Withdrawal: in.Withdrawal, Minor: m.Minor, Currency: m.Currency, Words: in.Words, Case: in.Case}, err
}

// Withdrawal is a withdrawal with its amount as money.
type Withdrawal struct {
	payments.WithdrawalRow
	Amount *Money `json:"amount,omitempty"`
}

func withdrawalOf(v payments.WithdrawalRow) Withdrawal {
	return Withdrawal{v, moneyOf(v.Minor, v.Currency)}
}

// WithdrawalStory is a withdrawal with everything behind it. What a release
// would need is told without the facts that approvers read: they hold names in
// the clear.
type WithdrawalStory struct {
	Withdrawal
	Approvers []core.Ref      `json:"approvers,omitempty"`
	Words     payments.Field  `json:"words" doc:"the releaser's, where something was overridden"`
	Against   []string        `json:"against,omitempty"`
	Needs     *Needs          `json:"needs,omitempty" doc:"what a release would demand now"`
	Steps     []payments.Step `json:"steps" doc:"oldest first"`
	Books     []Book          `json:"books,omitempty" doc:"its journals in the ledger, oldest first"`
	Clear     payments.Button `json:"clear"`
	Release   payments.Button `json:"release"`
	Refuse    payments.Button `json:"refuse"`
	Resolve   payments.Button `json:"resolve"`
}

func payoutOf(v payments.WithdrawalStory) WithdrawalStory {
	return WithdrawalStory{
		Withdrawal: withdrawalOf(v.WithdrawalRow), Approvers: v.Approvers, Words: v.Words, Against: v.Against, Needs: needsOf(v.Need),
		Steps: v.Steps, Books: booksOf(v.Books), Clear: v.Clear, Release: v.Release, Refuse: v.Refuse, Resolve: v.Resolve,
	}
}

// Deposit is a deposit with its amount as money.
type Deposit struct {
	payments.DepositRow
	Amount *Money `json:"amount,omitempty"`
}

func depositOf(v payments.DepositRow) Deposit { return Deposit{v, moneyOf(v.Minor, v.Currency)} }

// DepositStory is a deposit with everything behind it.
type DepositStory struct {
	Deposit
	Against []string        `json:"against,omitempty"`
	Needs   *Needs          `json:"needs,omitempty" doc:"what crediting it would demand now"`
	Books   []Book          `json:"books,omitempty" doc:"its journals in the ledger, oldest first"`
	Credit  payments.Button `json:"credit"`
}

func receiptOf(v payments.DepositStory) DepositStory {
	return DepositStory{depositOf(v.DepositRow), v.Against, needsOf(v.Need), booksOf(v.Books), v.Credit}
}

// Book is a journal of the ledger with its lines, which sum to zero.
type Book struct {
	Journal  core.Ref     `json:"journal"`
	Kind     string       `json:"kind" doc:"what happened"`
	Reverses core.Ref     `json:"reverses,omitempty" doc:"the journal that this one reverses"`
	At       core.Instant `json:"at"`
	Lines    []BookLine   `json:"lines"`
}

// BookLine is one side of a journal.
type BookLine struct {
	Account core.Ref    `json:"account"`
	Kind    ledger.Kind `json:"kind"`
	Owner   string      `json:"owner" doc:"a client, or a merchant account at a payment provider"`
	Amount  *Money      `json:"amount"`
}

func booksOf(books []payments.Book) []Book {
	var out []Book
	for _, b := range books {
		x := Book{Journal: b.Journal, Kind: b.Kind, Reverses: b.Reverses, At: b.At}
		for _, l := range b.Lines {
			x.Lines = append(x.Lines, BookLine{Account: l.Account, Kind: l.Kind, Owner: l.Owner, Amount: moneyOf(l.Amount.Minor, l.Amount.Currency)})
		}
		out = append(out, x)
	}
	return out
}

func needsOf(n *command.Need) *Needs {
	if n == nil {
		return nil
	}
	return &Needs{Rule: n.Rule, Seats: n.Seats}
}
