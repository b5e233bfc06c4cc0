package sandpaysim

import (
	"maps"
	"slices"
)

// Truth is what really happened, for tests to hold the product's belief
// against. The API never shows it.
type Truth struct {
	References []Entry  `json:"references"` // by reference; "" holds payouts without one
	Deposits   []Object `json:"deposits"`   // in booking order
}

// Entry is the truth about one payout reference.
type Entry struct {
	Reference string `json:"reference"`
	// Requests counts the POSTs that arrived whole with this reference, also
	// those that were refused, dropped or replayed.
	Requests int      `json:"requests"`
	Payouts  []Object `json:"payouts"` // booked, by whatever hand, in booking order
	// Paid sums what is out of the merchant's account now, in minor units by
	// currency: payouts that are paid and not returned.
	Paid map[string]int64 `json:"paid"`
}

func newEntry(reference string, requests int) *Entry {
	return &Entry{Reference: reference, Requests: requests, Paid: map[string]int64{}}
}

func (e *Entry) count(o *Object) {
	e.Payouts = append(e.Payouts, o.copy())
	if o.Status == StatusPaid {
		e.Paid[o.Currency] += o.Amount
	}
}

// Oracle returns the truth about everything.
func (s *Server) Oracle() Truth {
	s.mu.Lock()
	defer s.mu.Unlock()
	var truth Truth
	entries := map[string]*Entry{}
	for reference, requests := range s.book.Posts {
		entries[reference] = newEntry(reference, requests)
	}
	for _, o := range s.book.Objects {
		switch {
		case o.Kind == KindDeposit:
			truth.Deposits = append(truth.Deposits, o.copy())
			continue
		case entries[o.Reference] == nil:
			entries[o.Reference] = newEntry(o.Reference, 0)
		}
		entries[o.Reference].count(o)
	}
	for _, reference := range slices.Sorted(maps.Keys(entries)) {
		truth.References = append(truth.References, *entries[reference])
	}
	return truth
}

// Truth returns the oracle's entry of one reference; a reference never heard of
// has an empty one.
func (s *Server) Truth(reference string) Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := newEntry(reference, s.book.Posts[reference])
	for _, o := range s.book.Objects {
		if o.Kind == KindPayout && o.Reference == reference {
			e.count(o)
		}
	}
	return *e
}
