package sandpaysim

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"time"

	"vouchsafe/core"
)

const maxRequest = 64 << 10

// late is a payout request that was received and will be booked afterwards.
type late struct {
	Due     core.Instant  `json:"due"`
	Key     string        `json:"key"`
	Request PayoutRequest `json:"request"`
}

// createPayout is POST /v1/payouts. What is wrong with the request itself is
// not kept for the key, as at Stripe: nothing was begun.
func (s *Server) createPayout(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		panic(http.ErrAbortHandler) // the request never arrived whole
	}
	key := r.Header.Get("Idempotency-Key")
	var req PayoutRequest
	unusable := decodeStrict(raw, &req) != nil || req.check() != nil
	s.mu.Lock()
	s.book.Posts[req.Reference]++
	s.dirty = true
	s.mu.Unlock()
	switch {
	case key == "" || len(key) > 255:
		refuse(http.StatusBadRequest, "idempotency_key_missing").write(w)
		return
	case unusable:
		refuse(http.StatusBadRequest, "invalid_request").write(w)
		return
	}
	said, fault := s.decide(key, raw, req)
	switch fault {
	case DropBeforeApply, DropAfterApply, ApplyLate:
		panic(http.ErrAbortHandler) // net/http closes the connection, unanswered
	case Slow:
		s.keepBack(r)
	}
	said.write(w)
}

// keepBack waits for SlowBy, or until nobody waits for the answer any more.
func (s *Server) keepBack(r *http.Request) {
	timer := time.NewTimer(s.opts.SlowBy)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.closing:
	}
}

// decide books a request once per key and returns what to say and the fault
// that strikes it. It is one critical section: two requests with one key can
// never both book.
func (s *Server) decide(key string, raw []byte, req PayoutRequest) (answer, FaultKind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := sha256.Sum256(raw)
	print := hex.EncodeToString(sum[:])
	s.dirty = true
	fault := s.take(RequestFaults...)
	known := s.book.Keys[key]
	switch {
	case fault == DropBeforeApply:
		return answer{}, fault
	case known != nil && known.Request != print:
		return refuse(http.StatusUnprocessableEntity, "idempotency_conflict"), fault
	case known != nil && known.InFlight:
		return refuse(http.StatusConflict, "request_in_flight"), fault
	case known != nil:
		return *known, fault
	case fault == ApplyLate:
		s.book.Keys[key] = &answer{Request: print, InFlight: true}
		due := s.opts.Clock.Now().Add(s.opts.LateBy)
		s.book.Late = append(s.book.Late, late{Due: due, Key: key, Request: req})
		return answer{}, fault
	case fault == Answer500:
		broken := refuse(http.StatusInternalServerError, "internal_error")
		broken.Request = print
		s.book.Keys[key] = &broken
		return broken, fault
	}
	said := s.execute(req, s.opts.Clock.Now())
	said.Request = print
	s.book.Keys[key] = &said
	switch fault {
	case Answer500Then:
		return refuse(http.StatusInternalServerError, "internal_error"), fault
	case ChangedAmount:
		return s.misquoted(said), fault
	}
	return said, fault
}

// execute books a payout and returns the truthful answer.
func (s *Server) execute(req PayoutRequest, at core.Instant) answer {
	o, refusal := s.bookPayout(req, OriginAPI, at)
	if refusal != "" {
		return refuse(http.StatusPaymentRequired, refusal)
	}
	return say(http.StatusOK, o.shown())
}

// misquoted is a success that shows a hundredth less than was booked.
func (s *Server) misquoted(said answer) answer {
	if said.Status != http.StatusOK {
		return said
	}
	view := s.book.Objects[len(s.book.Objects)-1].shown()
	view.Amount -= view.Amount/100 + 1
	return say(http.StatusOK, view)
}
