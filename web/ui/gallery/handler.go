package main

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/web/static"
	"vouchsafe/web/ui"
)

// Pages lists the gallery's pages, for tests and screenshots.
var Pages = []string{"/", "/?event=e-accept", "/approvals", "/event", "/signin", "/parts", "/palette", "/palette?q=dab", "/empty"}

// Handler serves the gallery.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.HandleFunc("GET /{$}", serveTimeline)
	mux.HandleFunc("GET /approvals", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, approvals(frame(r, "/approvals"), r.URL.Query().Get("open") == "own"))
	})
	mux.HandleFunc("GET /event", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, eventPage(frame(r, "/clients")))
	})
	mux.HandleFunc("GET /signin", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, signIn(ui.ThemeFrom(r)))
	})
	mux.HandleFunc("GET /parts", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, parts(frame(r, "/controls")))
	})
	mux.HandleFunc("GET /empty", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, empty(frame(r, "/screening")))
	})
	mux.HandleFunc("GET /palette", servePalette)
	mux.HandleFunc("POST /palette", servePalette)
	mux.HandleFunc("POST /theme", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, ui.ParseTheme(r.FormValue("theme")).Cookie())
		back := r.FormValue("back")
		if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") {
			back = "/"
		}
		http.Redirect(w, r, back, http.StatusSeeOther)
	})
	return policy(mux)
}

func policy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", ui.CSP)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func render(w http.ResponseWriter, r *http.Request, c templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "HX-Request")
	if err := c.Render(r.Context(), w); err != nil {
		http.Error(w, "The page could not be drawn.", http.StatusInternalServerError)
	}
}

func serveTimeline(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("event")
	split := ui.SplitView{Label: "Event", Back: "/", Hint: "Choose an event to see what changed, who, why, and its proof."}
	if id != "" {
		split.Panel = ui.EventPanel(panelOf(id))
	}
	if split.Panel != nil && ui.WantsFragment(r, "panel") {
		render(w, r, ui.PanelFragment(split))
		return
	}
	v := frame(r, "/clients")
	v.Head, v.Print, v.Wide = clientHead(), clientPrint(), true
	render(w, r, timelinePage(v, split, timeline(id)))
}

func servePalette(w http.ResponseWriter, r *http.Request) {
	v := paletteFor(r.FormValue("q"))
	if r.Header.Get("HX-Request") == "true" {
		render(w, r, ui.PaletteResults(v))
		return
	}
	p := frame(r, "")
	p.Head = ui.HeadView{Title: "Jump to"}
	render(w, r, palettePage(p, v))
}

// frame is the shell around every sample page.
func frame(r *http.Request, here string) ui.PageView {
	v := ui.PageView{
		Theme: ui.ThemeFrom(r), Now: now, Here: r.URL.RequestURI(), Palette: "/palette",
		Entity: ui.EntityView{Code: "EU", Name: "Aurum Markets (Cyprus)", Regulator: "CySEC 412/22", Switch: "/parts"},
		Person: ui.PersonView{Name: "A. Okonjo", Role: "Payments lead", Href: "/parts", SignOut: "/signin"},
		Nav: []ui.NavGroup{
			{Title: "Work", Items: []ui.NavItem{
				{Text: "Approvals", Href: "/approvals", Icon: "inbox", Count: 4},
				{Text: "Onboarding", Href: "/onboarding", Icon: "user-check", Count: 12},
				{Text: "Screening", Href: "/screening", Icon: "scan-face", Count: 3},
				{Text: "Payments", Href: "/payments", Icon: "landmark"},
				{Text: "Platform", Href: "/platform", Icon: "chart-candlestick"},
			}},
			{Title: "Book", Items: []ui.NavItem{
				{Text: "Clients", Href: "/clients", Icon: "users"},
				{Text: "Partners", Href: "/partners", Icon: "handshake"},
			}},
			{Title: "Oversight", Items: []ui.NavItem{
				{Text: "Evidence log", Href: "/evidence", Icon: "activity"},
				{Text: "Controls", Href: "/controls", Icon: "clipboard-check"},
				{Text: "Audit drills", Href: "/drills", Icon: "scale"},
			}},
		},
	}
	for g := range v.Nav {
		for i := range v.Nav[g].Items {
			v.Nav[g].Items[i].Current = v.Nav[g].Items[i].Href == here
		}
	}
	return v
}
