package sandpaysim

import (
	"slices"

	"vouchsafe/core"
)

// Step brings the sandbox up to now: requests that came late are booked,
// planned moves that are due are made at the instant they were due, and due
// webhooks are delivered, one after the other. It returns when the receiver has
// answered or timed out (five real seconds each).
func (s *Server) Step(now core.Instant) {
	s.stepping.Lock()
	defer s.stepping.Unlock()
	s.deliver(s.settle(now), now)
}

// settle makes what is due happen and returns the events to deliver.
func (s *Server) settle(now core.Instant) []event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bookLate(now)
	type moved struct {
		object *Object
		at     core.Instant
	}
	var moves []moved
	for _, o := range s.book.Objects {
		for o.advance(now) {
			moves = append(moves, moved{o, o.Updated})
		}
	}
	slices.SortStableFunc(moves, func(a, b moved) int { return int(min(max(a.at-b.at, -1), 1)) })
	for _, m := range moves {
		s.announce(m.object, m.at)
	}
	s.dirty = s.dirty || len(moves) > 0
	return s.dueEvents(now)
}

// bookLate books the late requests that are due, as of now: that is when a
// reader first sees them.
func (s *Server) bookLate(now core.Instant) {
	s.book.Late = slices.DeleteFunc(s.book.Late, func(l late) bool {
		if l.Due > now {
			return false
		}
		said := s.execute(l.Request, now)
		said.Request = s.book.Keys[l.Key].Request
		s.book.Keys[l.Key] = &said
		s.dirty = true
		return true
	})
}
