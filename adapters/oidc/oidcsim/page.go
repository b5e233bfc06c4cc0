package oidcsim

import (
	"html/template"
	"net/http"
	"net/url"
)

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Name}}</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 0 } p { margin: .5rem 0 1rem }
form { display: grid; gap: .5rem } label { display: flex; gap: .5rem; align-items: center; margin-bottom: .5rem }
button { font: inherit; text-align: left; padding: .6rem .8rem; border: 1px solid; border-radius: .4rem; background: none; color: inherit; cursor: pointer }
small { opacity: .75; display: block }
</style></head><body>
<h1>{{.Name}}</h1>
<p>A pretended provider of this demo: choose who you are there. A real one would ask you to prove it.</p>
<form method="post" action="/authorize">
{{range .Asks}}<input type="hidden" name="{{.Name}}" value="{{.Value}}">
{{end}}<label><input type="checkbox" name="strong" value="1" checked> with a second factor there</label>
{{range .People}}<button name="sub" value="{{.Sub}}">{{.Name}}<small>{{.Email}}{{range .Groups}} · {{.}}{{end}}</small></button>
{{end}}<button name="refuse" value="1">Cancel</button>
</form></body></html>
`))

type asked struct{ Name, Value string }

// choose shows the page on which one says who one is.
func (s *Server) choose(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	if why := s.wrong(v); why != "" {
		http.Error(w, why, http.StatusBadRequest)
		return
	}
	var list []asked
	for _, name := range asks {
		list = append(list, asked{name, v.Get(name)})
	}
	s.mu.Lock()
	people := append([]Person(nil), s.people...)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = page.Execute(w, map[string]any{"Name": s.Name, "Asks": list, "People": people})
}

// chosen sends the browser back with a code.
func (s *Server) chosen(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	v := r.PostForm
	if why := s.wrong(v); why != "" {
		http.Error(w, why, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	var who *Person
	for i := range s.people {
		if s.people[i].Sub == v.Get("sub") {
			p := s.people[i]
			who = &p
		}
	}
	fault := s.fault
	s.mu.Unlock()
	back := url.Values{"state": {v.Get("state")}, "iss": {s.issuer}}
	switch fault {
	case MixUp:
		back.Set("iss", "https://another.example")
	case NoIssuer:
		back.Del("iss")
	}
	if who == nil || v.Get("refuse") != "" || fault == Refuses {
		back.Set("error", "access_denied")
	} else {
		code := random()
		s.mu.Lock()
		s.codes[code] = grant{
			person: *who, nonce: v.Get("nonce"), challenge: v.Get("code_challenge"), redirect: v.Get("redirect_uri"),
			strong: v.Get("strong") != "", at: s.Wall.Now().Time(),
		}
		s.mu.Unlock()
		back.Set("code", code)
	}
	http.Redirect(w, r, v.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
}
