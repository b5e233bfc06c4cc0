package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// tokensParts is the list of one's API tokens.
type tokensParts struct {
	Table   ui.TableView
	Problem *ui.ProblemView
}

func (s *Server) tokens(w http.ResponseWriter, r *http.Request) error { return s.drawTokens(w, r, nil) }

func (s *Server) drawTokens(w http.ResponseWriter, r *http.Request, f *core.Fault) error {
	a, _ := s.actor(r)
	v, err := s.Auth.Credentials(r.Context(), a, a.Ref)
	if err != nil {
		return err
	}
	wall := s.Wall.Now()
	p := tokensParts{Problem: s.problem(f), Table: ui.TableView{
		Caption: "API tokens, newest first", Columns: []ui.Column{{Title: "For", Primary: true}, {Title: "May"}, {Title: "State"}, {Title: "Last used"}, {Title: ""}},
		Empty: ui.EmptyView{Icon: "key-round", Title: "No API token", Text: "A token lets a program act in your name: for the acts that you choose, and for a time. What you may not do, it may not do either."},
	}}
	for _, x := range v.Tokens {
		end := templ.Component(ui.Text(""))
		if x.Ended == 0 && wall < x.Expires {
			end = tokenEnd(ui.FormView{ID: "end-" + string(x.ID), Action: "/account/tokens/" + string(x.ID) + "/revoke", Key: s.key()})
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{ID: string(x.ID), Cells: []templ.Component{
			tokenName(fieldValue(x.Name), x.ID), scopeList(x.Actions), stateCell(tokenState(x, wall)), ui.Time(ui.TimeView{At: x.Used, Now: wall}), end,
		}})
	}
	head := selfHead("Programs that act in your name", "/account/tokens")
	head.Sub = append(head.Sub, ui.MetaView{Text: "What the API can do", Href: "/api/v1/docs"})
	head.Actions = []ui.ButtonView{{Text: "New token", Icon: "plus", Look: ui.Primary, Href: "/account/tokens/new"}}
	return s.render(w, r, s.page(r, head), tokensBody(p))
}

func tokenState(x access.TokenView, wall core.Instant) (ui.StatusView, string) {
	switch {
	case x.Ended != 0:
		return ui.StatusView{Text: "revoked", Tone: ui.Bad}, day(x.Ended)
	case wall >= x.Expires:
		return ui.StatusView{Text: "expired", Icon: "clock"}, day(x.Expires)
	}
	return ui.StatusView{Text: "in force", Tone: ui.Good}, "until " + ui.Stamp(x.Expires)
}

// tokenParts is the form of a new token.
type tokenParts struct {
	ui.FormView
	Name, Days  string
	Reads, Sees bool // everything that can be read; what may be seen in the clear
	Chosen      []string
	Groups      []scopeGroup
	Fault       *core.Fault
}

// scopeGroup is the acts of one part of the firm.
type scopeGroup struct {
	Title  string
	Scopes []access.Scope
}

func (s *Server) tokenNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawTokenNew(w, r, tokenParts{Days: "30", Reads: true})
}

func (s *Server) drawTokenNew(w http.ResponseWriter, r *http.Request, p tokenParts) error {
	a, _ := s.actor(r)
	p.FormView = ui.FormView{ID: "token", Action: "/account/tokens", Key: s.key(), Problem: s.problem(p.Fault)}
	if s.Policies != nil {
		scopes, err := s.Auth.Scopes(r.Context(), a, s.Policies)
		if err != nil {
			return err
		}
		for _, x := range scopes {
			part, _, _ := strings.Cut(string(x.Action), ".")
			title := scopeTitles[part]
			if title == "" {
				title = titled(part)
			}
			if n := len(p.Groups); n == 0 || p.Groups[n-1].Title != title {
				p.Groups = append(p.Groups, scopeGroup{Title: title})
			}
			g := &p.Groups[len(p.Groups)-1]
			g.Scopes = append(g.Scopes, x)
		}
	}
	return s.render(w, r, s.page(r, selfHead("New API token", "")), tokenNewBody(p))
}

var scopeTitles = map[string]string{"command": "Approvals", "see": "Seeing values in the clear"}

// scopeTitle is an act in words; what only reads has no title of its own.
func scopeTitle(x access.Scope) string {
	if x.Title != "" {
		return x.Title
	}
	parts := strings.Split(string(x.Action), ".")
	if len(parts) != 3 {
		return titled(parts[len(parts)-1]) + " data"
	}
	what := parts[1]
	if parts[2] == "list" || parts[2] == "search" {
		if many := manyOf[what]; many != "" {
			what = many
		} else {
			what += "s"
		}
	}
	return titled(parts[2]) + " " + what
}

// manyOf are the plurals that an s does not make.
var manyOf = map[string]string{"entity": "entities", "identity": "identities", "staff": "staff"}

// tokenCreate makes the token and shows it, this once: no address and no
// cookie ever holds it.
func (s *Server) tokenCreate(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	p := tokenParts{
		Name: r.PostForm.Get("name"), Days: strings.TrimSpace(r.PostForm.Get("days")), Reads: r.PostForm.Get("reads") != "", Sees: r.PostForm.Get("sees") != "",
		Chosen: strings.Fields(strings.Join(r.PostForm["actions"], " ")),
	}
	again := func(f *core.Fault) error {
		p.Fault = f
		return s.drawTokenNew(w, r, p)
	}
	days, err := strconv.Atoi(p.Days)
	if err != nil {
		return s.mend(w, r, core.InvalidField("days", "Write a whole number of days."), again)
	}
	a, _ := s.actor(r)
	made, err := s.Auth.CreateToken(r.Context(), a, command.Key(r.PostForm.Get(ui.IdempotencyField)), p.Name, p.scope(s.TokenReads), days)
	if err != nil {
		return s.mend(w, r, err, again)
	}
	return s.render(w, r, s.page(r, selfHead("Your new API token", "")), tokenMadeBody(made))
}

func (s *Server) tokenRevoke(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	again := func(f *core.Fault) error { return s.drawTokens(w, r, f) }
	out, err := s.Auth.RevokeToken(r.Context(), a, command.Key(r.PostForm.Get(ui.IdempotencyField)), core.Ref(r.PathValue("id")))
	return s.finish(w, r, "API token revoked", out, err, "/account/tokens", again)
}

// scope is the list of acts that the form comes to.
func (p tokenParts) scope(reads []string) []string {
	out := slices.Clone(p.Chosen)
	if p.Reads {
		out = append(out, reads...)
	}
	if p.Sees {
		for _, c := range core.Classes {
			out = append(out, string(command.SeeAction(c)))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p tokenParts) chosen(x access.Scope) bool { return slices.Contains(p.Chosen, string(x.Action)) }
