package sandpaysim

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"

	"vouchsafe/core"
)

var (
	//go:embed dashboard.html
	dashboardHTML string
	//go:embed dashboard.css
	dashboardCSS []byte

	dashboardPage = template.Must(template.New("dashboard").Parse(dashboardHTML))
)

// shownRows is how many of the newest objects the dashboard lists.
const shownRows = 200

// dashboardView is what the page shows.
type dashboardView struct {
	Now      core.Instant
	Rows     []Object
	Total    int
	Requests []toggle
	Webhooks []toggle
	Waiting  int // webhooks not delivered yet
	Problem  string
	Payout   url.Values // what was typed, after a refusal
	Deposit  url.Values
}

// toggle is one fault and how it is armed now.
type toggle struct {
	Kind  FaultKind
	Times int
}

// dashboard puts the pages and forms on mux. A form ends in a redirect, so that
// reloading never pays twice.
func (s *Server) dashboard(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		s.render(w, http.StatusOK, dashboardView{})
	})
	mux.HandleFunc("GET /dashboard.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(dashboardCSS)
	})
	mux.HandleFunc("POST /payout", s.form(s.payoutForm, func(v *dashboardView, typed url.Values) { v.Payout = typed }))
	mux.HandleFunc("POST /deposit", s.form(s.depositForm, func(v *dashboardView, typed url.Values) { v.Deposit = typed }))
	mux.HandleFunc("POST /release", s.form(s.releaseForm, func(*dashboardView, url.Values) {}))
	mux.HandleFunc("POST /fault", s.form(s.faultForm, func(*dashboardView, url.Values) {}))
}

// form adapts one form: done redirects to the page, a refusal shows the page
// with the problem and what was typed.
func (s *Server) form(do func(url.Values) error, keep func(*dashboardView, url.Values)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		err := r.ParseForm()
		if err == nil {
			err = do(r.PostForm)
		}
		if err == nil {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		view := dashboardView{Problem: core.AsFault(err).Text}
		keep(&view, r.PostForm)
		s.render(w, http.StatusUnprocessableEntity, view)
	}
}

func (s *Server) payoutForm(typed url.Values) error {
	amount, err := core.ParseMoney(typed.Get("amount"), typed.Get("currency"))
	if err != nil {
		return err
	}
	_, err = s.PayByHand(PayoutRequest{
		Amount: amount.Minor, Currency: amount.Currency, Reference: typed.Get("reference"),
		Merchant: typed.Get("merchant"), Destination: partyOf(typed),
	})
	return err
}

func (s *Server) depositForm(typed url.Values) error {
	amount, err := core.ParseMoney(typed.Get("amount"), typed.Get("currency"))
	if err != nil {
		return err
	}
	_, err = s.Deposit(DepositRequest{
		Amount: amount.Minor, Currency: amount.Currency, Reference: typed.Get("reference"),
		Merchant: typed.Get("merchant"), Source: partyOf(typed),
		Method: typed.Get("method"), Failure: typed.Get("failure"),
	})
	return err
}

func partyOf(typed url.Values) Party {
	return Party{Account: typed.Get("account"), Holder: typed.Get("holder"), Bank: typed.Get("bank")}
}

func (s *Server) releaseForm(typed url.Values) error { return s.Release(typed.Get("id")) }

// faultForm arms a fault once or for good, or clears it.
func (s *Server) faultForm(typed url.Values) error {
	times, known := map[string]int{"once": 1, "on": -1, "off": 0}[typed.Get("mode")]
	if !known {
		return core.InvalidField("mode", "A fault can be armed once, switched on or switched off.")
	}
	return s.Inject(Fault{Kind: FaultKind(typed.Get("kind")), Times: times})
}

// render fills the view in from the books and writes the page.
func (s *Server) render(w http.ResponseWriter, status int, view dashboardView) {
	s.mu.Lock()
	view.Now = s.opts.Clock.Now()
	view.Total, view.Waiting = len(s.book.Objects), len(s.book.Events)
	for _, o := range slices.Backward(s.book.Objects) {
		if len(view.Rows) == shownRows {
			break
		}
		view.Rows = append(view.Rows, o.copy())
	}
	view.Requests, view.Webhooks = s.toggles(RequestFaults), s.toggles(WebhookFaults)
	s.mu.Unlock()

	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = dashboardPage.Execute(w, view) // only a reader who left can fail it
}

// toggles lists kinds with how often each will still strike; negative is until
// cleared.
func (s *Server) toggles(kinds []FaultKind) []toggle {
	list := make([]toggle, len(kinds))
	for i, kind := range kinds {
		list[i].Kind = kind
		for _, armed := range s.faults {
			switch {
			case armed.Kind != kind || list[i].Times < 0:
			case armed.Times < 0:
				list[i].Times = -1
			default:
				list[i].Times += armed.Times
			}
		}
	}
	return list
}
