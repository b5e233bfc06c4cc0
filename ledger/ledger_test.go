package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/ledger"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// work is a command that does what a test says, by number: inputs are data.
type work struct {
	N int64 `json:"n"`
}

func (work) Action() command.Action { return "toy.ledger.work" }
func (work) Subject() core.Ref      { return "cl_ada" }

var worked = evidence.Register("toy.ledger.worked", evidence.EntityManagement, "A test booked something.")

type doing func(ctx context.Context, tx ledger.Tx) error

type workHandler struct{ doings *sync.Map }

func (workHandler) Load(context.Context, store.Reader, work) (struct{}, command.Resource, error) {
	return struct{}{}, command.Resource{Kind: core.KindJournal, Ref: "jn_toy", Entity: home}, nil
}

func (workHandler) Check(work, struct{}, command.Moment) command.Verdict { return command.Proceed() }

func (h workHandler) Apply(ctx context.Context, tx *command.Tx, in work, _ struct{}) ([]evidence.Event, error) {
	do, _ := h.doings.Load(in.N)
	return []evidence.Event{{Type: worked, Entity: home, Subjects: []core.Ref{"cl_ada"}}}, do.(doing)(ctx, tx)
}

const home core.Ref = "en_cy"

// books is a ledger under test.
type books struct {
	*commandtest.Rig
	t      *testing.T
	ctx    context.Context
	doings sync.Map
	n      atomic.Int64
	clerk  evidence.Actor
}

func each(t *testing.T, fn func(t *testing.T, b *books)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Parallel()
		b := &books{t: t, ctx: t.Context()}
		reg := command.NewRegistry()
		command.Handle[work, struct{}](reg, workHandler{&b.doings}, command.Doc{Title: "Book", Kind: core.KindJournal})
		b.Rig = commandtest.New(t, s, reg)
		b.clerk = b.Staff("ann", "clerk")
		fn(t, b)
	})
}

// try runs a piece of work in one command, again where the engine says that
// too many do at once.
func (b *books) try(do doing) error {
	n := b.n.Add(1)
	b.doings.Store(n, do)
	for {
		_, err := b.Road.Run(b.ctx, b.clerk, "", work{n})
		if !core.IsFault(err, "too-busy") {
			return err
		}
	}
}

func (b *books) do(do doing) {
	b.t.Helper()
	if err := b.try(do); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) refuses(want string, do doing) {
	b.t.Helper()
	before := b.rows()
	err := b.try(do)
	if err == nil || want != "" && !core.IsFault(err, want) {
		b.t.Errorf("got %v, want a refusal %s", err, want)
	}
	if after := b.rows(); after != before {
		b.t.Errorf("what was refused left something behind: %v rows, before %v", after, before)
	}
}

func (b *books) rows() (n [3]int) {
	b.t.Helper()
	for i, table := range []string{"ledger_journal", "ledger_entry", "ledger_hold"} {
		if err := b.Road.Store.Reader().QueryRow(b.ctx, "SELECT count(*) FROM "+table).Scan(&n[i]); err != nil {
			b.t.Fatal(err)
		}
	}
	return n
}

func wallet(owner, currency string) core.Ref {
	return ledger.AccountID(ledger.ClientWallet, owner, currency)
}

// post books plus on a wallet against the PSP, opening both.
func post(subject core.Ref, owner, currency string, minor int64) doing {
	return func(ctx context.Context, tx ledger.Tx) error {
		w, err := ledger.Ensure(ctx, tx, home, ledger.ClientWallet, owner, currency)
		if err != nil {
			return err
		}
		p, err := ledger.Ensure(ctx, tx, home, ledger.PSPClearing, "psp", currency)
		if err != nil {
			return err
		}
		_, err = ledger.Post(ctx, tx, ledger.Posting{Entity: home, Kind: "test", Subject: subject, Lines: []ledger.Line{{Account: w.ID, Minor: minor}, {Account: p.ID, Minor: -minor}}})
		return err
	}
}

func aside(owner, currency string, record core.Ref, minor int64) doing {
	return func(ctx context.Context, tx ledger.Tx) error {
		return ledger.SetAside(ctx, tx, wallet(owner, currency), record, minor)
	}
}

func release(record core.Ref) doing {
	return func(ctx context.Context, tx ledger.Tx) error { return ledger.Release(ctx, tx, record) }
}

func (b *books) account(id core.Ref) *ledger.Account {
	b.t.Helper()
	a, err := ledger.Get(b.ctx, b.Road.Store.Reader(), id)
	if err != nil || a == nil {
		b.t.Fatalf("%s: %v, %v", id, a, err)
	}
	return a
}

// sound holds every promise of the package against the rows.
func (b *books) sound() {
	b.t.Helper()
	r := b.Road.Store.Reader()
	off, err := ledger.Imbalances(b.ctx, r)
	if err != nil || len(off) > 0 {
		b.t.Fatalf("the book is off: %v, %v", off, err)
	}
	for what, q := range map[string]string{
		"a journal is off in a currency":            "SELECT count(*) FROM (SELECT journal FROM ledger_entry GROUP BY journal, currency HAVING SUM(minor) <> 0) x",
		"a wallet is not its entries":               "SELECT count(*) FROM ledger_account a WHERE kind LIKE '%wallet' AND posted <> (SELECT COALESCE(SUM(minor), 0) FROM ledger_entry e WHERE e.account = a.id)",
		"what is held is not the open holds":        "SELECT count(*) FROM ledger_account a WHERE kind LIKE '%wallet' AND held <> (SELECT COALESCE(SUM(minor), 0) FROM ledger_hold h WHERE h.account = a.id AND h.state = 'open')",
		"a wallet is short":                         "SELECT count(*) FROM ledger_account WHERE kind LIKE '%wallet' AND negative = 0 AND posted - held < 0",
		"an entry is not in its account's currency": "SELECT count(*) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account WHERE e.currency <> a.currency",
	} {
		var n int
		if err := r.QueryRow(b.ctx, q).Scan(&n); err != nil || n > 0 {
			b.t.Fatalf("%s: %d times (%v)", what, n, err)
		}
	}
}

func (b *books) fold() {
	b.t.Helper()
	problems, err := b.Road.Log.VerifyFold(b.ctx, b.Road.Store.Reader())
	if err != nil || len(problems) > 0 {
		b.t.Errorf("fold: %v, %v", problems, err)
	}
}

// Whatever is booked, held, released, captured and reversed, in whatever order
// and whether it was refused or not: every journal sums to zero in every
// currency, and every wallet is what its entries and holds say.
func TestEveryHistoryIsSound(t *testing.T) {
	each(t, func(t *testing.T, b *books) {
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 1))
		t.Logf("seed %d", seed)
		owners, currencies := []string{"cl_a", "cl_b", "cl_c"}, []string{"EUR", "USD", "JPY"}
		var journals, held []core.Ref
		refused := 0
		for n := range 120 {
			owner, cur := owners[rng.IntN(3)], currencies[rng.IntN(3)]
			record := core.Ref(fmt.Sprintf("wd_%d", n))
			var err error
			switch rng.IntN(6) {
			case 0, 1:
				err = b.try(post(record, owner, cur, rng.Int64N(2000)-600))
			case 2:
				if err = b.try(aside(owner, cur, record, rng.Int64N(900)-50)); err == nil {
					held = append(held, record)
				}
			case 3:
				if len(held) > 0 {
					err = b.try(release(held[rng.IntN(len(held))]))
				}
			case 4: // a journal over two currencies, mostly unbalanced
				to := currencies[rng.IntN(3)]
				err = b.try(func(ctx context.Context, tx ledger.Tx) error {
					_, err := ledger.Post(ctx, tx, ledger.Posting{Entity: home, Kind: "fx", Subject: record, Lines: []ledger.Line{{Account: wallet(owner, cur), Minor: -5}, {Account: wallet(owner, to), Minor: 5}}})
					return err
				})
			case 5:
				if len(journals) > 0 {
					j := journals[rng.IntN(len(journals))]
					err = b.try(func(ctx context.Context, tx ledger.Tx) error {
						_, err := ledger.Reverse(ctx, tx, j, "correction")
						return err
					})
				}
			}
			if err != nil {
				refused++
			} else if js, err := ledger.JournalsOf(b.ctx, b.Road.Store.Reader(), record); err == nil && len(js) > 0 {
				journals = append(journals, js[0].ID)
			}
			if n%10 == 9 {
				b.sound()
			}
		}
		if refused == 0 || refused > 110 || len(journals) < 5 || len(held) == 0 {
			t.Errorf("%d of 120 refused, %d journals, %d holds: this tries too little", refused, len(journals), len(held))
		}
		b.fold()
	})
}

// A hundred withdrawals at once take no more than there is.
func TestAHundredWithdrawalsAtOnceNeverOverdraw(t *testing.T) {
	each(t, func(t *testing.T, b *books) {
		const each, enough = 700, 23
		b.do(post("dp_1", "cl_ada", "EUR", each*enough+each/2))
		var got, short atomic.Int64
		var start, done sync.WaitGroup
		start.Add(1)
		for n := range 100 {
			done.Go(func() {
				start.Wait()
				do := aside("cl_ada", "EUR", core.Ref(fmt.Sprintf("wd_%d", n)), each)
				if n%2 == 1 { // half of them book at once instead of holding
					do = post(core.Ref(fmt.Sprintf("wd_%d", n)), "cl_ada", "EUR", -each)
				}
				switch err := b.try(do); {
				case err == nil:
					got.Add(1)
				case errors.Is(err, ledger.ErrFunds) || core.IsFault(err, ledger.ErrFunds.Code):
					short.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		start.Done()
		done.Wait()
		if got.Load() != enough || short.Load() != 100-enough {
			t.Errorf("%d of 100 were served and %d refused; there was money for %d", got.Load(), short.Load(), enough)
		}
		if a := b.account(wallet("cl_ada", "EUR")); a.Available() != each/2 {
			t.Errorf("%d are left, want %d", a.Available(), each/2)
		}
		b.sound()
		b.fold()
	})
}

// What is on hold is not there for anything else, and a hold ends once.
func TestHoldsCountAgainstWhatIsAvailable(t *testing.T) {
	each(t, func(t *testing.T, b *books) {
		b.do(post("dp_1", "cl_ada", "EUR", 100))
		b.do(aside("cl_ada", "EUR", "wd_1", 60))
		b.refuses(ledger.ErrFunds.Code, aside("cl_ada", "EUR", "wd_2", 41))
		b.refuses(ledger.ErrFunds.Code, post("wd_2", "cl_ada", "EUR", -41))
		b.refuses("held-already", aside("cl_ada", "EUR", "wd_1", 10))
		b.refuses("invalid-input", aside("cl_ada", "EUR", "wd_3", 0))
		b.refuses(ledger.ErrFunds.Code, aside("cl_nobody", "EUR", "wd_3", 1))
		b.do(post("wd_4", "cl_ada", "EUR", -40))
		b.do(release("wd_1"))
		b.refuses("", release("wd_1"))
		b.refuses("", release("wd_never"))
		if a := b.account(wallet("cl_ada", "EUR")); a.Available() != 60 || a.Held != 0 {
			t.Errorf("%d available, %d held", a.Available(), a.Held)
		}
		b.sound()
	})
}

// A reversal names what it reverses, and there is one, also when ten try at
// once; one that would leave a wallet short is refused.
func TestAJournalIsReversedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *books) {
		b.do(post("dp_1", "cl_ada", "EUR", 100))
		of := func(subject core.Ref) []ledger.Journal {
			js, err := ledger.JournalsOf(b.ctx, b.Road.Store.Reader(), subject)
			if err != nil {
				t.Fatal(err)
			}
			return js
		}
		first := of("dp_1")[0].ID
		reverse := func(ctx context.Context, tx ledger.Tx) error {
			_, err := ledger.Reverse(ctx, tx, first, "correction")
			return err
		}
		b.do(aside("cl_ada", "EUR", "wd_1", 1))
		b.refuses(ledger.ErrFunds.Code, reverse)
		b.do(release("wd_1"))
		var done sync.WaitGroup
		var ok atomic.Int64
		for range 10 {
			done.Go(func() {
				err := b.try(reverse)
				if err == nil {
					ok.Add(1)
				} else if !core.IsFault(err, "reversed-already") {
					t.Errorf("a second reversal: %v", err)
				}
			})
		}
		done.Wait()
		if js := of("dp_1"); ok.Load() != 1 || len(js) != 2 || js[1].Reverses != first || js[1].Kind != "correction" {
			t.Errorf("%d reversals, journals %+v", ok.Load(), js)
		}
		b.refuses("", func(ctx context.Context, tx ledger.Tx) error {
			_, err := ledger.Reverse(ctx, tx, "jn_none", "correction")
			return err
		})
		b.sound()
		b.fold()
	})
}

// Wallets never go below zero, clearing accounts may.
func TestOnlyTheFirmsOwnAccountsGoNegative(t *testing.T) {
	each(t, func(t *testing.T, b *books) {
		for kind, may := range map[ledger.Kind]bool{
			ledger.ClientWallet: false, ledger.PartnerWallet: false, ledger.PlatformClearing: true, ledger.PSPClearing: true, ledger.Bank: true,
			ledger.Fees: true, ledger.FXDifference: true, ledger.ChargebackReceivable: true, ledger.PartnerPayable: true,
		} {
			take := func(ctx context.Context, tx ledger.Tx) error {
				a, err := ledger.Ensure(ctx, tx, home, kind, "x", "EUR")
				if err != nil {
					return err
				}
				other, err := ledger.Ensure(ctx, tx, home, ledger.Bank, "main", "EUR")
				if err != nil {
					return err
				}
				_, err = ledger.Post(ctx, tx, ledger.Posting{Entity: home, Kind: "take", Subject: "wd_1", Lines: []ledger.Line{{Account: a.ID, Minor: -1}, {Account: other.ID, Minor: 1}}})
				return err
			}
			if may {
				b.do(take)
				if a := b.account(ledger.AccountID(kind, "x", "EUR")); !a.Negative {
					t.Errorf("%s does not say that it may go negative", kind)
				}
			} else {
				b.refuses(ledger.ErrFunds.Code, take)
			}
		}
		b.sound()
	})
}

// Currencies do not mix, amounts do not wrap around, and accounts of another
// entity or owner are not touched.
func TestWhatDoesNotFitIsRefused(t *testing.T) {
	each(t, func(t *testing.T, b *books) {
		b.do(post("dp_1", "cl_ada", "EUR", 1000))
		b.do(post("dp_2", "cl_ada", "USD", 1000))
		lines := func(entity core.Ref, ls ...ledger.Line) doing {
			return func(ctx context.Context, tx ledger.Tx) error {
				_, err := ledger.Post(ctx, tx, ledger.Posting{Entity: entity, Kind: "test", Subject: "wd_1", Lines: ls})
				return err
			}
		}
		eur, usd := wallet("cl_ada", "EUR"), wallet("cl_ada", "USD")
		psp := ledger.AccountID(ledger.PSPClearing, "psp", "EUR")
		b.refuses("", lines(home, ledger.Line{Account: eur, Minor: -10}, ledger.Line{Account: usd, Minor: 10}))
		b.refuses("", lines(home, ledger.Line{Account: eur, Minor: 10}))
		b.refuses("", lines(home, ledger.Line{Account: eur, Minor: 10}, ledger.Line{Account: psp, Minor: -9}))
		b.refuses("", lines("en_other", ledger.Line{Account: eur, Minor: 10}, ledger.Line{Account: psp, Minor: -10}))
		b.refuses("", lines(home, ledger.Line{Account: "la_none", Minor: 10}, ledger.Line{Account: psp, Minor: -10}))
		b.refuses("", lines(home, ledger.Line{Account: psp, Minor: math.MinInt64}, ledger.Line{Account: psp, Minor: math.MinInt64}))
		b.refuses("", lines(home, ledger.Line{Account: psp, Minor: math.MaxInt64}, ledger.Line{Account: psp, Minor: math.MaxInt64}, ledger.Line{Account: psp, Minor: 2}))
		b.refuses("", post("dp_3", "cl_ada", "EUR", math.MaxInt64-999))
		b.refuses("invalid-input", post("dp_4", "cl_ada", "XXX", 10))
		b.refuses("", func(ctx context.Context, tx ledger.Tx) error {
			_, err := ledger.Ensure(ctx, tx, home, ledger.ClientWallet, "cl-ada", "EUR") // the same id, another owner
			return err
		})
		if a := b.account(eur); a.Posted != 1000 {
			t.Errorf("the wallet holds %d", a.Posted)
		}
		b.sound()
	})
}
