package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// tokenForm is what a person says about a token that is to be made.
type tokenForm struct {
	Name    string `json:"name"`
	Days    int    `json:"days"`
	Reads   bool   `json:"reads"`
	Sees    bool   `json:"sees"`
	Actions string `json:"actions"`
}

// scope is the list of actions that the form comes to.
func (f tokenForm) scope(reads []string) []string {
	var out []string
	if f.Reads {
		out = append(out, reads...)
	}
	if f.Sees {
		for _, c := range core.Classes {
			out = append(out, string(command.SeeAction(c)))
		}
	}
	out = append(out, strings.FieldsFunc(f.Actions, func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) })...)
	slices.Sort(out)
	return slices.Compact(out)
}

// tokenParts is the page of one's API tokens.
type tokenParts struct {
	Form   ui.FormView
	In     tokenForm
	Fault  *core.Fault
	Made   string // shown once
	Tokens []tokenPart
	Now    core.Instant // wall clock: tokens live by it
}

// tokenPart is one token with the form that ends it.
type tokenPart struct {
	access.APIToken
	Used core.Instant
	End  ui.FormView
}

// tokens is the page of one's API tokens.
func (s *Server) tokens(w http.ResponseWriter, r *http.Request) error {
	return s.tokensPage(w, r, tokenForm{Days: 30, Reads: true}, "", nil)
}

func (s *Server) tokensPage(w http.ResponseWriter, r *http.Request, in tokenForm, made string, f *core.Fault) error {
	a, _ := s.actor(r)
	rows, err := s.Auth.OwnTokens(r.Context(), a)
	if err != nil {
		return err
	}
	p := tokenParts{
		Form: ui.FormView{ID: "token", Action: "/account/tokens", Key: s.key(), Problem: s.problem(f)},
		In:   in, Fault: f, Made: made, Now: s.Wall.Now(),
	}
	for _, t := range rows {
		p.Tokens = append(p.Tokens, tokenPart{APIToken: t.APIToken, Used: t.Used, End: ui.FormView{
			ID: "end-" + string(t.ID), Action: "/account/tokens/" + string(t.ID) + "/revoke", Key: s.key(),
		}})
	}
	v := s.page(r, ui.HeadView{
		Title: "API tokens", Crumbs: []ui.Link{{Text: "Your account", Href: "/account"}, {Text: "API tokens"}},
		Sub: []ui.MetaView{{Text: "For programs that act in your name, within what you may do"}, {Text: "What the API can do", Href: "/api/v1/docs"}},
	})
	return s.render(w, r, v, tokensBody(p))
}

// tokenMake makes a token and shows it, once.
func (s *Server) tokenMake(w http.ResponseWriter, r *http.Request) error {
	var in tokenForm
	again := func(f *core.Fault) error { return s.tokensPage(w, r, in, "", f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	a, _ := s.actor(r)
	made, err := s.Auth.CreateToken(r.Context(), a, command.Key(r.PostForm.Get(ui.IdempotencyField)), in.Name, in.scope(s.TokenReads), in.Days)
	if err != nil {
		return s.mend(w, r, err, again)
	}
	return s.tokensPage(w, r, tokenForm{Days: 30, Reads: true}, made.Token, nil)
}

// tokenRevoke ends one of one's tokens.
func (s *Server) tokenRevoke(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	out, err := s.Auth.RevokeToken(r.Context(), a, command.Key(r.PostForm.Get(ui.IdempotencyField)), core.Ref(r.PathValue("id")))
	return s.finish(w, r, "Token revoked", out, err, "/account/tokens", func(f *core.Fault) error {
		return s.tokensPage(w, r, tokenForm{Days: 30, Reads: true}, "", f)
	})
}

// days is a whole number for a field; empty for none.
func days(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
