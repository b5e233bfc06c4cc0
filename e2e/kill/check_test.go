package kill

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/ledger"
	"vouchsafe/store"
)

// findings is what a look at the database of a dead program turned up: what
// was acknowledged and is not there, and what is half done or does not verify.
type findings struct{ lost, broken []string }

func (f *findings) lose(format string, args ...any) {
	f.lost = append(f.lost, fmt.Sprintf(format, args...))
}

func (f *findings) breaks(format string, args ...any) {
	f.broken = append(f.broken, fmt.Sprintf(format, args...))
}

func (f *findings) fault(err error) {
	if err != nil {
		f.breaks("cannot be looked at: %v", err)
	}
}

// look opens what the dead program left and checks all of it.
func (r *rig) look() *findings {
	r.t.Helper()
	ctx, f := r.t.Context(), &findings{}
	s, err := store.Open(ctx, store.Options{DSN: r.o.Database})
	r.must(err)
	defer s.Close()
	log, err := openLog(ctx, r.o, core.SystemClock{})
	r.must(err)
	r.must(s.Snapshot(ctx, func(read store.Reader) error {
		r.acknowledged(ctx, read, f)
		f.fault(balanced(ctx, read, f))
		f.fault(halfDone(ctx, read, f))
		problems, err := log.VerifyFold(ctx, read)
		f.fault(err)
		for _, p := range problems {
			f.breaks("fold: %v", p)
		}
		f.fault(r.verified(ctx, read, f))
		return nil
	}))
	return f
}

// acknowledged demands that everything is there that a client was told: the
// event, and what it did.
func (r *rig) acknowledged(ctx context.Context, read store.Reader, f *findings) {
	for _, a := range r.acked {
		if a.Event != "" {
			if rec, err := evidence.Get(ctx, read, a.Event); err != nil || rec == nil {
				f.lose("%s: the event %s of its answer is not there (%v)", a.key, a.Event, err)
			}
		}
		switch in := a.body.(type) {
		case rigIn:
			if js, err := ledger.JournalsOf(ctx, read, in.Ref); err != nil || len(js) != 1 {
				f.lose("%s: %d journals (%v)", a.key, len(js), err)
			}
		case rigOut:
			if a.State == command.StateProposed {
				if p, err := command.GetProposal(ctx, read, a.Proposal); err != nil || p == nil {
					f.lose("%s: its proposal is not there (%v)", a.key, err)
				}
				continue
			}
			if h, err := ledger.HoldOf(ctx, read, in.Ref); err != nil || h == nil {
				f.lose("%s: nothing is set aside (%v)", a.key, err)
			}
		case command.Decide:
			p, err := command.GetProposal(ctx, read, in.Proposal)
			if err != nil || p == nil || p.State == command.Open {
				f.lose("%s: the decision on %s is not there (%v)", a.key, in.Proposal, err)
			}
		}
	}
}

// balanced checks the books: every journal and currency sums to zero, a wallet
// says what its entries sum to, what is held is what the open holds sum to, and
// nobody has less than nothing.
func balanced(ctx context.Context, read store.Reader, f *findings) error {
	off, err := ledger.Imbalances(ctx, read)
	for _, x := range off {
		f.breaks("the book is off by %d %s", x.Minor, x.Currency)
	}
	for n := range wallets {
		id := ledger.AccountID(ledger.ClientWallet, fmt.Sprintf("cl_%d", n), currency)
		a, gerr := ledger.Get(ctx, read, id)
		if err = errors.Join(err, gerr); gerr != nil || a == nil {
			continue
		}
		sum, serr := ledger.Sum(ctx, read, id)
		var held int64
		herr := read.QueryRow(ctx, "SELECT CAST(COALESCE(SUM(minor), 0) AS BIGINT) FROM ledger_hold WHERE account = $1 AND state = 'open'", id).Scan(&held)
		err = errors.Join(err, serr, herr)
		if sum != a.Posted || held != a.Held || a.Available() < 0 {
			f.breaks("%s: posted %d, entries %d; held %d, holds %d", id, a.Posted, sum, a.Held, held)
		}
	}
	return err
}

// halves are the ways in which something could be half done: each query names
// what must not be.
var halves = map[string]string{
	"a journal is not balanced by itself":           "SELECT journal FROM ledger_entry GROUP BY journal HAVING SUM(minor) <> 0",
	"money came in twice":                           "SELECT subject FROM ledger_journal WHERE kind = 'in' GROUP BY subject HAVING count(*) > 1",
	"money went out twice":                          "SELECT subject FROM ledger_journal WHERE kind = 'out' GROUP BY subject HAVING count(*) > 1",
	"paid out and still on hold":                    "SELECT h.id FROM ledger_hold h JOIN ledger_journal j ON j.subject = h.id AND j.kind = 'out' WHERE h.state = 'open'",
	"taken off hold and never paid out":             "SELECT h.id FROM ledger_hold h LEFT JOIN ledger_journal j ON j.subject = h.id AND j.kind = 'out' WHERE h.state = 'captured' AND j.id IS NULL",
	"set aside, and its job is lost":                "SELECT h.id FROM ledger_hold h LEFT JOIN job b ON b.subject = h.id WHERE h.state = 'open' AND b.id IS NULL",
	"a journal without an event":                    "SELECT j.id FROM ledger_journal j LEFT JOIN event_ref x ON x.ref = j.subject WHERE x.ref IS NULL",
	"a proposal is decided and nobody decided it":   "SELECT p.id FROM proposal p LEFT JOIN approval a ON a.proposal = p.id WHERE p.state IN ('executed', 'refused') AND a.id IS NULL",
	"a proposal is open although it was decided":    "SELECT p.id FROM proposal p JOIN approval a ON a.proposal = p.id WHERE p.state = 'open'",
	"a proposal was decided twice":                  "SELECT proposal FROM approval GROUP BY proposal HAVING count(*) > 1",
	"an event has two places":                       "SELECT event FROM leaf GROUP BY event HAVING count(*) > 1",
	"an event has neither a place nor waits for it": "SELECT e.id FROM event e LEFT JOIN leaf l ON l.event = e.id LEFT JOIN unsealed u ON u.event = e.id WHERE l.event IS NULL AND u.event IS NULL",
}

func halfDone(ctx context.Context, read store.Reader, f *findings) error {
	var errs []error
	for what, q := range halves {
		rows, err := read.Query(ctx, q)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
			continue
		}
		for rows.Next() {
			var id string
			errs = append(errs, rows.Scan(&id))
			f.breaks("%s: %s", what, id)
		}
		errs = append(errs, rows.Err(), rows.Close())
	}
	return errors.Join(errs...)
}

// verified checks every log with the keys of the installation, against the
// checkpoint that is kept outside.
func (r *rig) verified(ctx context.Context, read store.Reader, f *findings) error {
	states, err := evidence.LogStates(ctx, read)
	if err != nil {
		return err
	}
	signers, err := evidence.LoadSigner(filepath.Join(r.o.Dir, "log.key"), host)
	if err != nil {
		return err
	}
	outside, err := evidence.NewFileOutside(filepath.Join(r.o.Dir, "outside"))
	if err != nil {
		return err
	}
	for _, s := range states {
		trusted, err := signers.Verifiers(s.Log)
		if err != nil {
			return err
		}
		for _, p := range evidence.VerifyLog(ctx, read, s.Log, trusted, outside) {
			f.breaks("log: %v", p)
		}
	}
	return nil
}
