package sandpaysim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"

	"vouchsafe/core"
)

// API is the handler of the payment API; Start serves it.
func (s *Server) API() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/payouts", s.createPayout)
	mux.HandleFunc("GET /v1/payouts", s.findPayouts)
	mux.HandleFunc("GET /v1/payouts/{id}", s.showObject)
	mux.HandleFunc("GET /v1/objects/{id}", s.showObject)
	mux.HandleFunc("GET /v1/objects", s.listObjects)
	return s.authorised(mux)
}

func (s *Server) authorised(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + s.opts.APIKey))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			refuse(http.StatusUnauthorized, "invalid_api_key").write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answer is what SandPay said to a payout request, kept for its key.
type answer struct {
	Request  string          `json:"request"` // SHA-256 of the request's body, hex
	Status   int             `json:"status"`
	Body     json.RawMessage `json:"body"`
	InFlight bool            `json:"in_flight,omitempty"` // received, not decided yet
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the reader may be gone: that is its business
}

func refuse(status int, code string) answer {
	body := struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}{}
	body.Error.Code, body.Error.Message = code, http.StatusText(status)
	return say(status, body)
}

func say(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own structs always marshal
	}
	return answer{Status: status, Body: body}
}

// shown is an object as the API shows it.
type shown struct {
	ID          string `json:"id"`
	Object      string `json:"object"`
	Reference   string `json:"reference"`
	Status      string `json:"status"`
	Amount      int64  `json:"amount"`
	Currency    string `json:"currency"`
	Merchant    string `json:"merchant"`
	Destination *Party `json:"destination,omitempty"`
	Source      *Party `json:"source,omitempty"`
	Method      string `json:"method,omitempty"`
	Created     string `json:"created"`
	Updated     string `json:"updated"`
	Failure     string `json:"failure,omitempty"`
}

func (o *Object) shown() shown {
	view := shown{
		ID: o.ID, Object: o.Kind, Reference: o.Reference, Status: o.Status,
		Amount: o.Amount, Currency: o.Currency, Merchant: o.Merchant, Method: o.Method,
		Created: o.Created.String(), Updated: o.Updated.String(), Failure: o.Failure,
	}
	other := &Party{Account: o.Account, Holder: o.Holder, Bank: o.Bank}
	if o.Kind == KindPayout {
		view.Destination = other
	} else {
		view.Source = other
	}
	return view
}

// list is a page of objects.
type list struct {
	Data []shown `json:"data"`
	Next string  `json:"next"`
}

func instant(text string) (core.Instant, bool) {
	at, err := core.ParseInstant(text)
	return at, err == nil
}
