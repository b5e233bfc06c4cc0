package sandpaysim

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"vouchsafe/core"
)

// book is everything that SandPay remembers, and the state file's content. It
// has no lock of its own: the Server's guards it.
type book struct {
	Serial  int64              `json:"serial"`  // last number given to an object or event
	Objects []*Object          `json:"objects"` // in booking order; Created never decreases
	Keys    map[string]*answer `json:"keys"`    // by Idempotency-Key
	Late    []late             `json:"late"`    // received, not booked yet
	Events  []*event           `json:"events"`  // webhooks not delivered yet
	Posts   map[string]int     `json:"posts"`   // payout requests received, by reference
}

func newBook() *book {
	return &book{Keys: map[string]*answer{}, Posts: map[string]int{}}
}

// mint makes an id. The serial keeps ids apart when a restart with the same
// seed draws the same bytes again.
func (b *book) mint(prefix string, e core.Entropy) string {
	b.Serial++
	var tail [4]byte
	e.Read(tail[:])
	return fmt.Sprintf("%s_%06d%s", prefix, b.Serial, hex.EncodeToString(tail[:]))
}

// add books an object at the given instant, or at the last object's if that is
// later: pages are keyed by booking order and promise to be oldest first.
func (b *book) add(o Object, at core.Instant) *Object {
	if n := len(b.Objects); n > 0 {
		at = max(at, b.Objects[n-1].Created)
	}
	o.Created, o.Updated = at, at
	b.Objects = append(b.Objects, &o)
	return &o
}

func (b *book) byID(id string) *Object {
	i := slices.IndexFunc(b.Objects, func(o *Object) bool { return o.ID == id })
	if i < 0 {
		return nil
	}
	return b.Objects[i]
}

// bookPayout books a payout, or returns the code of its refusal.
func (s *Server) bookPayout(r PayoutRequest, origin string, at core.Instant) (*Object, string) {
	f := fateOf(r.Destination.Account)
	if f.refusal != "" {
		return nil, f.refusal
	}
	o := s.book.add(Object{
		ID: s.book.mint("po", s.entropy), Kind: KindPayout, Origin: origin,
		Reference: r.Reference, Amount: r.Amount, Currency: r.Currency, Merchant: r.Merchant,
		Account: r.Destination.Account, Holder: r.Destination.Holder, Bank: r.Destination.Bank,
		Status: StatusPending,
	}, at)
	if f.held {
		o.Status = StatusOnHold
	}
	o.Plan = planned(f.moves, o.Created, s.opts.SettleAfter)
	s.announce(o, o.Created)
	return o, ""
}

// PayByHand books a payout as a person at the PSP's dashboard would, past every
// control of the product that holds the API key. Magic destinations refuse here
// too.
func (s *Server) PayByHand(r PayoutRequest) (Object, error) {
	if err := r.check(); err != nil {
		return Object{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, refusal := s.bookPayout(r, OriginDashboard, s.opts.Clock.Now())
	if refusal != "" {
		return Object{}, core.Faultf(core.Refused, "psp-refused", "SandPay refuses this payout: %s.", refusal)
	}
	s.dirty = true
	return o.copy(), nil
}

// Deposit books a payer's deposit. By card it is final at once, by bank after
// SettleAfter.
func (s *Server) Deposit(r DepositRequest) (Object, error) {
	if err := r.check(); err != nil {
		return Object{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	end := Move{Status: StatusSucceeded}
	if r.Failure != "" {
		end = Move{Status: StatusFailed, Failure: r.Failure}
	}
	o := s.book.add(Object{
		ID: s.book.mint("dp", s.entropy), Kind: KindDeposit, Origin: OriginPayer,
		Reference: r.Reference, Amount: r.Amount, Currency: r.Currency, Merchant: r.Merchant,
		Account: r.Source.Account, Holder: r.Source.Holder, Bank: r.Source.Bank,
		Method: r.Method, Status: StatusPending,
	}, s.opts.Clock.Now())
	var wait time.Duration
	if r.Method == "bank" {
		wait = s.opts.SettleAfter
	}
	o.Plan = planned([]Move{end}, o.Created, wait)
	if wait == 0 {
		o.advance(o.Created)
	}
	s.announce(o, o.Created)
	s.dirty = true
	return o.copy(), nil
}

// Release lets a held payout go on to be paid.
func (s *Server) Release(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.book.byID(id)
	if o == nil || o.Status != StatusOnHold {
		return core.NewFault(core.Refused, "not-held", "Only a payout on hold can be released.")
	}
	now := s.opts.Clock.Now()
	o.Status, o.Updated = StatusPending, max(now, o.Updated)
	o.Plan = planned([]Move{{Status: StatusPaid}}, now, s.opts.SettleAfter)
	s.announce(o, o.Updated)
	s.dirty = true
	return nil
}

// advance carries out the first planned move if it is due.
func (o *Object) advance(now core.Instant) bool {
	if len(o.Plan) == 0 || o.Plan[0].At > now {
		return false
	}
	move := o.Plan[0]
	o.Plan = o.Plan[1:]
	o.Status, o.Failure, o.Updated = move.Status, move.Failure, max(move.At, o.Updated)
	return true
}

func (o *Object) copy() Object {
	c := *o
	c.Plan = slices.Clone(o.Plan)
	return c
}
