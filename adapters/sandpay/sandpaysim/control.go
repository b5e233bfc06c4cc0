package sandpaysim

import (
	"io"
	"mime"
	"net"
	"net/http"

	"vouchsafe/core"
)

// Control is the handler of the dashboard and the control API; StartControl
// serves it.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /control/payout", command(func(r PayoutRequest) (any, error) { return s.PayByHand(r) }))
	mux.HandleFunc("POST /control/deposit", command(func(r DepositRequest) (any, error) { return s.Deposit(r) }))
	mux.HandleFunc("POST /control/fault", command(func(f Fault) (any, error) { return f, s.Inject(f) }))
	mux.HandleFunc("POST /control/release", command(func(r releaseRequest) (any, error) { return r, s.Release(r.ID) }))
	mux.HandleFunc("GET /control/oracle", func(w http.ResponseWriter, _ *http.Request) {
		say(http.StatusOK, s.Oracle()).write(w)
	})
	s.dashboard(mux)
	return sameMachine(http.NewCrossOriginProtection().Handler(mux))
}

type releaseRequest struct {
	ID string `json:"id"`
}

// sameMachine refuses a request whose Host is not this machine: a name of the
// attacker's that resolves to loopback would make the browser call us.
func sameMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if !loopbackHost(host) {
			http.Error(w, "This listener answers to localhost only.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// command adapts a function of a JSON body to a handler: 200 with its result,
// or 422 with the fault's code and text.
func command[Q any](do func(Q) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q Q
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" || decodeStrict(raw, &q) != nil {
			complain(http.StatusBadRequest, core.NewFault(core.Invalid, "bad-json", "Send one JSON object of the documented shape.")).write(w)
			return
		}
		done, err := do(q)
		if err != nil {
			complain(http.StatusUnprocessableEntity, core.AsFault(err)).write(w)
			return
		}
		say(http.StatusOK, done).write(w)
	}
}

func complain(status int, f *core.Fault) answer {
	return say(status, map[string]string{"code": f.Code, "text": f.Text})
}
