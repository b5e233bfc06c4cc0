package mt5sim

import (
	"net/http"
	"time"
)

// The paths that faults and tests name.
const (
	pathAnswer  = "/api/auth/answer"
	pathBalance = "/api/trade/balance"
	pathAdd     = "/api/user/add"
	pathUpdate  = "/api/user/update"
	pathPage    = "/api/deal/get_page"
)

// call is one command under way.
type call struct {
	manager Manager
	params  params
	struck  Arming
}

// command is one entry of the Web API. run is called with mu held.
type command struct {
	run   func(*Server, call) reply
	write bool
	lacks func(Manager) bool // nil: every manager may
}

func noMoney(m Manager) bool    { return m.NoMoney }
func noAccounts(m Manager) bool { return m.NoAccounts }

// commands is the part of the Web API that a back office uses.
var commands = map[string]command{
	"/api/test/access":        {run: func(*Server, call) reply { return reply{} }},
	"/api/time/server":        {run: (*Server).timeServer},
	"/api/time/get":           {run: (*Server).timeGet},
	"/api/common/get":         {run: (*Server).commonGet},
	"/api/group/get":          {run: (*Server).groupGet},
	pathAdd:                   {run: (*Server).userAdd, write: true, lacks: noAccounts},
	pathUpdate:                {run: (*Server).userUpdate, write: true, lacks: noAccounts},
	"/api/user/get":           {run: (*Server).userGet},
	"/api/user/logins":        {run: (*Server).userLogins},
	"/api/user/account/get":   {run: (*Server).accountGet},
	"/api/user/check_balance": {run: (*Server).checkBalance, write: true, lacks: noMoney},
	pathBalance:               {run: (*Server).tradeBalance, write: true, lacks: noMoney},
	"/api/deal/get":           {run: (*Server).dealGet},
	"/api/deal/get_total":     {run: (*Server).dealTotal},
	pathPage:                  {run: (*Server).dealPage},
	"/api/deal/get_batch":     {run: (*Server).dealBatch},
}

// Handler serves the Web API. Every command takes GET and POST, as the real
// server's do, also those that move money.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		p, err := readParams(r)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		struck := s.strike(r.URL.Path)
		switch r.URL.Path {
		case "/api/auth/start":
			s.start(w, r, p)
		case pathAnswer:
			s.answer(w, r, p, struck.Fault)
		case "/api/quit":
			s.leave(r)
			send(w, reply{})
		default:
			s.serve(w, r, p, struck)
		}
	})
}

// serve runs one command of a signed-in manager, with the fault that struck.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, p params, struck Arming) {
	cmd, known := commands[r.URL.Path]
	if !known {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if cmd.write {
		s.arrived(r.URL.Path, p)
	}
	manager, ok := s.admit(r, struck.Fault == SessionExpiry)
	if !ok || struck.Fault == RightMissing || cmd.lacks != nil && cmd.lacks(manager) {
		forbid(w)
		return
	}
	apply := func() reply {
		s.mu.Lock()
		defer s.mu.Unlock()
		return cmd.run(s, call{manager: manager, params: p, struck: struck})
	}
	switch struck.Fault {
	case DropBeforeApply:
		hangUp()
	case DropAfterApply:
		apply()
		hangUp()
	case ServerError:
		apply()
		w.WriteHeader(http.StatusInternalServerError)
		return
	case ApplyLate:
		s.hold(apply, struck.Delay)
	case Slow:
		time.Sleep(struck.Delay)
	}
	send(w, apply())
}

// hold delays an effect: for a real time, after which the caller goes on, or
// until ReleaseLate, with the connection closed at once.
func (s *Server) hold(apply func() reply, delay time.Duration) {
	if delay > 0 {
		time.Sleep(delay)
		return
	}
	s.mu.Lock()
	s.late = append(s.late, func() { apply() })
	s.mu.Unlock()
	hangUp()
}

func (s *Server) arrived(path string, p params) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals = append(s.arrivals, Arrival{Path: path, Login: p.text("login"), Comment: p.text("comment")})
}
