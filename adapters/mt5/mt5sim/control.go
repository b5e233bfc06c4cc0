package mt5sim

import (
	"encoding/json"
	"net/http"
	"time"
)

// The control API, for tests and demos in another process. Amounts are
// decimals in the account's currency; errors are {"error": "…"} with 422.
//
//	POST /control/balance  {"dealer", "login", "action", "amount", "comment"} → {"ticket"}
//	POST /control/account  {"dealer", "login", "group", "leverage", "rights"} → {}
//	POST /control/fault    {"fault", "path", "count", "delay_ms", "keep"} → {}
//	POST /control/disarm   → {}
//	POST /control/release  → {"applied"}
//	GET  /control/oracle   → {"applied", "arrivals", "armed"}
func (s *Server) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /control/balance", control(func(in balanceInput) (any, error) {
		ticket, err := s.balanceText(in.Dealer, in.Login, in.Action, in.Amount, in.Comment)
		return map[string]int64{"ticket": ticket}, err
	}))
	mux.HandleFunc("POST /control/account", control(func(in accountInput) (any, error) {
		rights := int64(-1)
		if in.Rights != nil {
			rights = *in.Rights
		}
		return struct{}{}, s.Change(in.Dealer, in.Login, in.Group, in.Leverage, rights)
	}))
	mux.HandleFunc("POST /control/fault", control(func(in faultInput) (any, error) {
		a := Arming{Fault: in.Fault, Path: in.Path, Count: in.Count, Delay: time.Duration(in.DelayMS) * time.Millisecond, Keep: in.Keep}
		if !s.Arm(a) {
			return nil, errNoFault
		}
		return struct{}{}, nil
	}))
	mux.HandleFunc("POST /control/disarm", control(func(struct{}) (any, error) {
		s.Disarm()
		return struct{}{}, nil
	}))
	mux.HandleFunc("POST /control/release", control(func(struct{}) (any, error) {
		return map[string]int{"applied": s.ReleaseLate()}, nil
	}))
	mux.HandleFunc("GET /control/oracle", func(w http.ResponseWriter, _ *http.Request) {
		sendJSON(w, http.StatusOK, map[string]any{"applied": s.Oracle(), "arrivals": s.Arrivals(), "armed": s.Armed()})
	})
}

type balanceInput struct {
	Dealer  int64  `json:"dealer"`
	Login   int64  `json:"login"`
	Action  int    `json:"action"`
	Amount  string `json:"amount"`
	Comment string `json:"comment"`
}

type accountInput struct {
	Dealer   int64  `json:"dealer"`
	Login    int64  `json:"login"`
	Group    string `json:"group"`
	Leverage int    `json:"leverage"`
	Rights   *int64 `json:"rights"` // absent: unchanged
}

type faultInput struct {
	Fault   Fault  `json:"fault"`
	Path    string `json:"path"`
	Count   int    `json:"count"`
	DelayMS int64  `json:"delay_ms"`
	Keep    int    `json:"keep"`
}

// control reads a JSON body, if there is one, and runs one action.
func control[In any](act func(In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestBody))
		dec.DisallowUnknownFields()
		if r.ContentLength != 0 {
			if err := dec.Decode(&in); err != nil {
				sendJSON(w, http.StatusBadRequest, map[string]string{"error": "the body is not the JSON of this command"})
				return
			}
		}
		out, err := act(in)
		if err != nil {
			sendJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
			return
		}
		sendJSON(w, http.StatusOK, out)
	}
}

func sendJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
