package mt5sim

import (
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/core"
)

// answerLimit is the most that may pass between the halves of the handshake.
const answerLimit = 10 * time.Second

const cookieName = "mt5webapi"

// lowestVersion is the oldest client build that may sign in.
const lowestVersion = 484

// session is one sign-in, bound to its connection and its cookie.
type session struct {
	conn      string // the peer's address and port, which name a connection while it lives
	login     int64
	challenge []byte // until the handshake is done
	used      core.Instant
}

// start is the first half of the handshake.
func (s *Server) start(w http.ResponseWriter, r *http.Request, p params) {
	login := p.integer("login")
	if _, known := s.hashes[login]; !known || p.integer("version") < lowestVersion || p.text("type") != "manager" ||
		p.text("agent") == "" || strings.Contains(p.text("agent"), " ") {
		forbid(w)
		return
	}
	s.mu.Lock()
	now := s.opt.Wall.Now()
	for cookie, old := range s.sessions {
		if now.Sub(old.used) > silenceLimit {
			delete(s.sessions, cookie)
		}
	}
	secret := make([]byte, 2*wire.RandSize)
	s.signs.Read(secret)
	cookie, challenge := hex.EncodeToString(secret[:wire.RandSize]), secret[wire.RandSize:]
	s.sessions[cookie] = &session{conn: r.RemoteAddr, login: login, challenge: challenge, used: now}
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: cookie, Path: "/", HttpOnly: true, Secure: !s.opt.PlainHTTP, SameSite: http.SameSiteStrictMode})
	send(w, reply{beside: row{"version_access": "1290", "srv_rand": hex.EncodeToString(challenge)}})
}

// answer is the second half: the client proves itself, then the server does.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, p params, struck Fault) {
	s.mu.Lock()
	session, cookie := s.sessionOf(r)
	ok := session != nil && session.challenge != nil && s.opt.Wall.Now().Sub(session.used) <= answerLimit
	var hash [16]byte
	if ok {
		hash = s.hashes[session.login]
		want := wire.Proof(hash, session.challenge)
		got, err := hex.DecodeString(p.text("srv_rand_answer"))
		ok = err == nil && subtle.ConstantTimeCompare(got, want[:]) == 1
		session.challenge, session.used = nil, s.opt.Wall.Now()
	}
	if !ok {
		delete(s.sessions, cookie)
	}
	s.mu.Unlock()
	theirs, err := hex.DecodeString(p.text("cli_rand"))
	if !ok || err != nil || len(theirs) != wire.RandSize {
		forbid(w)
		return
	}
	proof := wire.Proof(hash, theirs)
	if struck == BadProof {
		proof[0] ^= 1
	}
	send(w, reply{beside: row{
		"version_access": "1290", "version_trade": "1290", "cli_rand_answer": hex.EncodeToString(proof[:]),
	}})
}

// sessionOf finds the session by cookie and connection; the caller holds mu.
func (s *Server) sessionOf(r *http.Request) (*session, string) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil, ""
	}
	found := s.sessions[cookie.Value]
	if found == nil || found.conn != r.RemoteAddr {
		return nil, ""
	}
	return found, cookie.Value
}

// admit returns the manager behind a request, or false when there is no live
// session for it.
func (s *Server) admit(r *http.Request, expire bool) (Manager, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, cookie := s.sessionOf(r)
	if session == nil || session.challenge != nil {
		return Manager{}, false
	}
	now := s.opt.Wall.Now()
	if expire || now.Sub(session.used) > silenceLimit {
		delete(s.sessions, cookie)
		return Manager{}, false
	}
	session.used = now
	return s.managers[session.login], true
}

// leave ends the session.
func (s *Server) leave(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, cookie := s.sessionOf(r)
	delete(s.sessions, cookie)
}

// forbid answers as access servers do to strangers and to the unentitled.
func forbid(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }

func digitsOf(n int64) string { return strconv.FormatInt(n, 10) }
