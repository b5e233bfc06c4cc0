package mt5sim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is one way in which the server can misbehave.
type Fault string

// The faults. Unless armed for another path, those up to server-error hit postings.
const (
	DropBeforeApply Fault = "drop-before-apply" // closes the connection, having done nothing
	DropAfterApply  Fault = "drop-after-apply"  // does it, then closes the connection
	ApplyLate       Fault = "apply-late"        // does it after Delay, or, without one, hangs up and does it at ReleaseLate
	Slow            Fault = "slow"              // waits Delay, then goes on as usual
	CommentCut      Fault = "comment-cut"       // keeps only Keep characters of the comment
	WrongAmount     Fault = "wrong-amount"      // books one minor unit more than was asked
	SessionExpiry   Fault = "session-expiry"    // ends the session before looking at the command: 403
	RightMissing    Fault = "right-missing"     // 403 on a session that lives on
	ServerError     Fault = "server-error"      // does it, then answers HTTP 500
	Ignored         Fault = "ignored"           // user/update: "0 Done" and nothing done
	RowVanishes     Fault = "row-vanishes"      // a page is cut from a history whose first row has gone
	RowAppears      Fault = "row-appears"       // a page is cut from a history with one more row in front
	BadProof        Fault = "bad-proof"         // the server cannot prove that it knows the password
)

// defaultPaths says which requests a fault hits when Arming names no path.
var defaultPaths = map[Fault]string{
	DropBeforeApply: pathBalance, DropAfterApply: pathBalance, ApplyLate: pathBalance,
	Slow: pathBalance, CommentCut: pathBalance, WrongAmount: pathBalance, SessionExpiry: pathBalance,
	RightMissing: pathBalance, ServerError: pathBalance, Ignored: pathUpdate,
	RowVanishes: pathPage, RowAppears: pathPage, BadProof: pathAnswer,
}

// Faults lists all faults, in the order of the console.
func Faults() []Fault {
	return []Fault{
		DropBeforeApply, DropAfterApply, ApplyLate, Slow, CommentCut, WrongAmount, SessionExpiry,
		RightMissing, ServerError, Ignored, RowVanishes, RowAppears, BadProof,
	}
}

// Arming makes a fault hit the next matching requests.
type Arming struct {
	Fault Fault
	Path  string        // beginning of the path; empty is the fault's usual one
	Count int           // how many requests; zero is one
	Delay time.Duration // for Slow and ApplyLate, in real time
	Keep  int           // for CommentCut; zero is 16
}

// Arm adds a fault; an unknown one is refused. Faults hit in the order they
// were armed, at most one per request.
func (s *Server) Arm(a Arming) bool {
	usual, known := defaultPaths[a.Fault]
	if !known {
		return false
	}
	if a.Path == "" {
		a.Path = usual
	}
	a.Count = max(a.Count, 1)
	if a.Keep == 0 {
		a.Keep = 16
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = append(s.armed, a)
	return true
}

// Armed returns the faults that have yet to hit.
func (s *Server) Armed() []Arming {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.armed)
}

// Disarm takes all faults back.
func (s *Server) Disarm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = nil
}

// strike takes the fault that hits a request, the zero Arming for none.
func (s *Server) strike(path string) Arming {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, a := range s.armed {
		if !strings.HasPrefix(path, a.Path) {
			continue
		}
		s.armed[i].Count--
		if s.armed[i].Count == 0 {
			s.armed = slices.Delete(s.armed, i, i+1)
		}
		return a
	}
	return Arming{}
}

// ReleaseLate applies, in order, what ApplyLate without a delay held back, and
// returns how many requests that were.
func (s *Server) ReleaseLate() int {
	s.mu.Lock()
	held := s.late
	s.late = nil
	s.mu.Unlock()
	for _, apply := range held {
		apply()
	}
	return len(held)
}

// hangUp closes the connection without an answer.
func hangUp() { panic(http.ErrAbortHandler) }
