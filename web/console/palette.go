package console

import (
	"net/http"
	"strings"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// palette finds places, records by reference and acts on what is open. It
// searches nothing: a name is looked for on a page whose search is recorded.
// What is typed comes in the body of a POST and never in an address.
func (s *Server) palette(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	q := strings.TrimSpace(r.PostForm.Get("q"))
	v := ui.PaletteView{Query: q}
	for _, g := range [][]ui.PaletteGroup{s.paletteRecords(r, q), paletteActs(local(r.PostForm.Get("on")), q), s.palettePlaces(r, q)} {
		v.Groups = append(v.Groups, g...)
	}
	if r.Header.Get("HX-Request") == "true" {
		return s.draw(w, r, ui.PaletteResults(v))
	}
	return s.render(w, r, s.page(r, ui.HeadView{Title: "Jump to"}), ui.Palette(v))
}

func matches(q, text string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(q))
}

func (s *Server) palettePlaces(r *http.Request, q string) []ui.PaletteGroup {
	a, _ := s.actor(r)
	g := ui.PaletteGroup{Title: "Go to"}
	for _, group := range s.navigation(r, a) {
		for _, i := range group.Items {
			if matches(q, i.Text) || matches(q, group.Title) {
				g.Items = append(g.Items, ui.PaletteItem{Text: i.Text, Note: group.Title, Href: i.Href, Icon: i.Icon})
			}
		}
	}
	for _, i := range []ui.PaletteItem{
		{Text: "My requests", Note: "Approvals", Href: "/approvals?tab=mine", Icon: "inbox"},
		{Text: "Your account", Note: "where you are signed in", Href: "/account", Icon: "user"},
		{Text: "Password and second factor", Note: "your account", Href: "/account/sign-in", Icon: "lock"},
		{Text: "API tokens", Note: "your account", Href: "/account/tokens", Icon: "key-round"},
	} {
		if matches(q, i.Text) {
			g.Items = append(g.Items, i)
		}
	}
	return []ui.PaletteGroup{g}
}

// paletteRecords finds what a reference means to this reader.
func (s *Server) paletteRecords(r *http.Request, q string) []ui.PaletteGroup {
	a, _ := s.actor(r)
	g := ui.PaletteGroup{Title: "Records"}
	if oversight.IsEventID(q) {
		g.Items = append(g.Items, ui.PaletteItem{Text: "Event " + q, Href: "/events/" + strings.ToLower(q), Icon: "shield-check"})
		return []ui.PaletteGroup{g}
	}
	t, ok := oversight.ParseTerm(q)
	if !ok {
		return nil
	}
	refs, err := oversight.Resolve(r.Context(), s.Road, s.Records, a, t)
	if err != nil {
		s.report(err)
	}
	for _, ref := range refs {
		if href := hrefOf(ref); href != "" {
			g.Items = append(g.Items, ui.PaletteItem{Text: ref.Short(), Note: kindNames[ref.Kind()], Href: href, Icon: "arrow-right"})
		}
		g.Items = append(g.Items, ui.PaletteItem{Text: "Evidence of " + ref.Short(), Note: string(ref), Href: "/evidence?q=" + string(ref), Icon: "activity"})
	}
	return []ui.PaletteGroup{g}
}

var kindNames = map[core.Kind]string{
	core.KindClient: "client", core.KindStaff: "colleague", core.KindCase: "case", core.KindProposal: "proposal",
	core.KindWithdrawal: "withdrawal", core.KindDeposit: "deposit", core.KindAccount: "trading account",
	core.KindIntervention: "intervention", core.KindDocument: "document", core.KindFinding: "finding", core.KindEntity: "legal entity",
	access.KindReview: "access review",
}

// act is something to do on an open record's page; {id} is the record.
type act struct {
	page string // the page's address up to the record's reference
	text string
	href string
	icon string
	key  string
}

// acts are what the palette offers on what is open. Each leads to a page or a
// file; what changes something is a form there.
var acts = []act{
	{"/approvals/", "Approve or refuse this proposal", "/approvals/{id}", "check", "a"},
	{"/approvals/", "Show the exact payload", "/approvals/{id}?payload", "eye", ""},
	{"/approvals/", "Evidence of this proposal", "/evidence?q={id}", "activity", ""},
	{"/events/", "Download the leaf", "/events/{id}/leaf.json", "file-json", ""},
	{"/events/", "Download the proof", "/events/{id}/proof", "download", ""},
	{"/staff/", "What they did", "/staff/{id}/did", "activity", ""},
	{"/staff/", "What they were refused", "/staff/{id}/refused", "ban", ""},
	{"/clients/", "Evidence of this client", "/evidence?q={id}", "activity", ""},
	{"/clients/", "Trading accounts and interventions", "/clients/{id}/platform", "chart-candlestick", ""},
	{"/interventions/", "Evidence of this intervention", "/interventions/{id}/evidence", "activity", ""},
	{"/accounts/", "Request an intervention", "/accounts/{id}/intervene", "sliders-horizontal", ""},
	{"/accounts/", "Evidence of this account", "/accounts/{id}/evidence", "activity", ""},
	{"/clients/", "Ask for a withdrawal", "/clients/{id}/withdraw", "banknote", ""},
	{"/clients/", "Evidence pack of this client", "/packs/client/{id}", "download", ""},
	{"/staff/", "Evidence pack of this colleague", "/packs/staff/{id}", "download", ""},
	{"/withdrawals/", "Evidence of this withdrawal", "/evidence?q={id}", "activity", ""},
	{"/cases/", "Evidence of this case", "/cases/{id}/evidence", "activity", ""},
	{"/findings/", "Evidence of this finding", "/findings/{id}/evidence", "activity", ""},
	{"/withdrawals/", "Evidence pack of this withdrawal", "/packs/withdrawal/{id}", "download", ""},
	{"/deposits/", "Evidence of this deposit", "/evidence?q={id}", "activity", ""},
	{"/interventions/", "Evidence pack of this intervention", "/packs/intervention/{id}", "download", ""},
	{"/cases/", "Evidence of this case", "/evidence?q={id}", "activity", ""},
}

func paletteActs(on, q string) []ui.PaletteGroup {
	g := ui.PaletteGroup{Title: "On this page"}
	for _, x := range acts {
		rest, ok := strings.CutPrefix(on, x.page)
		id, _, _ := strings.Cut(rest, "/")
		if !ok || id == "" || !(core.Ref(id).Valid() || oversight.IsEventID(id)) || !matches(q, x.text) {
			continue
		}
		g.Items = append(g.Items, ui.PaletteItem{Text: x.text, Href: strings.ReplaceAll(x.href, "{id}", id), Icon: x.icon, Key: x.key})
	}
	return []ui.PaletteGroup{g}
}
