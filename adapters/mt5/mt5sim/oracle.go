package mt5sim

import (
	"slices"
	"strings"

	"vouchsafe/core"
)

// Kind says what an oracle entry did.
type Kind string

// The kinds of applied changes.
const (
	KindBalance Kind = "balance" // a balance, credit, charge, correction or bonus
	KindAdd     Kind = "user-add"
	KindUpdate  Kind = "user-update"
	KindFix     Kind = "balance-fix" // check_balance with fixflag=1: money moved without a deal
)

// Via says by which door a change came.
type Via string

// The doors.
const (
	ViaAPI     Via = "api"
	ViaConsole Via = "console" // a person at the rogue console, or a test in its place
)

// Applied is one change that truly took place, whatever was answered.
type Applied struct {
	At      core.Instant `json:"at"` // the server's Clock, UTC
	Kind    Kind         `json:"kind"`
	Via     Via          `json:"via"`
	By      int64        `json:"by"` // manager or dealer login
	Login   int64        `json:"login"`
	Ticket  int64        `json:"ticket,omitempty"`
	Action  int          `json:"action,omitempty"`
	Minor   int64        `json:"minor,omitempty"`
	Digits  int          `json:"digits,omitempty"`
	Comment string       `json:"comment,omitempty"` // as it was asked for, before any cut
}

// Tag is the first word of the comment that was asked for.
func (a Applied) Tag() string { return firstWord(a.Comment) }

func firstWord(comment string) string {
	word, _, _ := strings.Cut(comment, " ")
	return word
}

// Arrival is one write request that reached the server, whatever became of it.
type Arrival struct {
	Path    string `json:"path"`
	Login   string `json:"login"`
	Comment string `json:"comment,omitempty"`
}

// Oracle returns everything that was truly applied by writes, oldest first.
// Trading by Trade is not part of it.
func (s *Server) Oracle() []Applied {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.Applied)
}

// AppliedTo returns the applied changes whose comment began with the tag.
func (s *Server) AppliedTo(tag string) []Applied {
	return slices.DeleteFunc(s.Oracle(), func(a Applied) bool { return a.Tag() != tag })
}

// Arrivals returns every write request since the server was made.
func (s *Server) Arrivals() []Arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.arrivals)
}

// ArrivalsOf counts the postings on the wire whose comment began with the tag.
func (s *Server) ArrivalsOf(tag string) int {
	n := 0
	for _, a := range s.Arrivals() {
		if firstWord(a.Comment) == tag {
			n++
		}
	}
	return n
}

func (s *Server) note(a Applied) {
	a.At = s.opt.Clock.Now()
	s.state.Applied = append(s.state.Applied, a)
	s.changes++
}
