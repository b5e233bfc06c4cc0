package mt5sim

import (
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vouchsafe/adapters/mt5/internal/wire"
)

//go:embed console.html console.css
var assets embed.FS

// actionNames are the words for actions, by number.
var actionNames = [...]string{"buy", "sell", "balance", "credit", "charge", "correction", "bonus"}

var page = template.Must(template.New("console.html").Funcs(template.FuncMap{
	"money":  wire.Decimal,
	"action": func(n int) string { return actionNames[n] }, // book lets no other in
}).ParseFS(assets, "console.html"))

// Console serves the rogue manager's console for people and, under /control/,
// the same powers as JSON for tests and demos. It asks for no sign-in, so it
// belongs on loopback; forms of other sites are refused.
func (s *Server) Console() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showConsole)
	mux.HandleFunc("GET /console.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, assets, "console.css")
	})
	mux.HandleFunc("POST /balance", form(s.formBalance))
	mux.HandleFunc("POST /account", form(s.formAccount))
	mux.HandleFunc("POST /fault", form(s.formFault))
	mux.HandleFunc("POST /disarm", form(func(url.Values) (string, error) {
		s.Disarm()
		return "All faults are off.", nil
	}))
	mux.HandleFunc("POST /release", form(func(url.Values) (string, error) {
		return strconv.Itoa(s.ReleaseLate()) + " late requests were applied.", nil
	}))
	s.controlRoutes(mux)
	guard := http.NewCrossOriginProtection()
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}))
}

// form runs one action and shows its outcome on the console.
func form(act func(url.Values) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, largestBody)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "The form could not be read.", http.StatusBadRequest)
			return
		}
		said, err := act(r.PostForm)
		show := url.Values{"said": {said}, "login": {r.PostForm.Get("login")}}
		if err != nil {
			show = url.Values{"failed": {err.Error()}, "login": {r.PostForm.Get("login")}}
		}
		http.Redirect(w, r, "/?"+show.Encode(), http.StatusSeeOther)
	}
}

var (
	errNumber  = errors.New("logins, leverage and rights are whole numbers")
	errNoFault = errors.New("there is no such fault")
)

// numbers reads whole numbers from form fields; an empty one is zero.
func numbers(f url.Values, names ...string) ([]int64, error) {
	out := make([]int64, len(names))
	for i, name := range names {
		text := strings.TrimSpace(f.Get(name))
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errNumber
		}
		out[i] = n
	}
	return out, nil
}

func (s *Server) formBalance(f url.Values) (string, error) {
	n, err := numbers(f, "dealer", "login", "action")
	if err != nil {
		return "", err
	}
	ticket, err := s.balanceText(n[0], n[1], int(n[2]), f.Get("amount"), f.Get("comment"))
	if err != nil {
		return "", err
	}
	return "Deal " + digitsOf(ticket) + " was booked.", nil
}

// balanceText is Balance with the amount as a decimal.
func (s *Server) balanceText(dealer, login int64, action int, amount, comment string) (int64, error) {
	account, ok := s.Account(login)
	if !ok {
		return 0, errors.New("there is no such account")
	}
	minor, err := wire.Minor(strings.TrimSpace(amount), s.groups[account.Group].Digits)
	if err != nil {
		return 0, errors.New("write the amount as digits with a dot, such as -250.00")
	}
	return s.Balance(dealer, login, action, minor, comment)
}

func (s *Server) formAccount(f url.Values) (string, error) {
	n, err := numbers(f, "dealer", "login", "leverage", "rights")
	if err != nil {
		return "", err
	}
	rights := n[3]
	if strings.TrimSpace(f.Get("rights")) == "" {
		rights = -1
	}
	if err := s.Change(n[0], n[1], f.Get("group"), int(n[2]), rights); err != nil {
		return "", err
	}
	return "Account " + digitsOf(n[1]) + " was changed.", nil
}

func (s *Server) formFault(f url.Values) (string, error) {
	n, err := numbers(f, "count", "delay_ms", "keep")
	if err != nil {
		return "", err
	}
	a := Arming{
		Fault: Fault(f.Get("fault")), Path: f.Get("path"), Count: int(n[0]),
		Delay: time.Duration(n[1]) * time.Millisecond, Keep: int(n[2]),
	}
	if !s.Arm(a) {
		return "", errNoFault
	}
	return "Armed: " + f.Get("fault") + ".", nil
}

// shownRows bounds each list of the console.
const shownRows = 50

// view is what the console shows.
type view struct {
	Said, Failed string
	Now          time.Time
	Account      Account
	Found        bool
	Currency     string
	Digits       int
	Total        int
	Deals        []Deal
	Actions      []int
	Groups       []Group
	Faults       []Fault
	Armed        []Arming
	Held         int
	Applied      []Applied
}

func (s *Server) showConsole(w http.ResponseWriter, r *http.Request) {
	login, _ := strconv.ParseInt(r.FormValue("login"), 10, 64)
	v := view{Said: r.FormValue("said"), Failed: r.FormValue("failed"), Groups: s.opt.Groups, Faults: Faults(), Armed: s.Armed()}
	v.Actions = []int{ActionBalance, ActionCredit, ActionCharge, ActionCorrection, ActionBonus}
	v.Account, v.Found = s.Account(login)
	v.Currency, v.Digits = s.groups[v.Account.Group].Currency, s.groups[v.Account.Group].Digits
	v.Deals, v.Applied = latest(s.Deals(login)), latest(s.Oracle())
	s.mu.Lock()
	v.Now, v.Held, v.Total = s.wallTime(s.opt.Clock.Now()), len(s.late), len(s.state.Accounts)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// The headers are gone when a template fails halfway; the page ends there.
	_ = page.Execute(w, v)
}

// latest returns the newest rows first.
func latest[T any](rows []T) []T {
	var out []T
	for i := len(rows) - 1; i >= 0 && len(out) < shownRows; i-- {
		out = append(out, rows[i])
	}
	return out
}
