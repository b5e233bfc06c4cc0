package ui

import "net/http"

// CSP is the Content-Security-Policy that every component is written for: no
// inline script or style anywhere, nothing from elsewhere.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Theme is the colour scheme that a person chose; Auto follows the device.
type Theme string

// The themes.
const (
	Auto  Theme = ""
	Light Theme = "light"
	Dark  Theme = "dark"
)

// ThemeCookie is the name of the cookie that holds the chosen theme.
const ThemeCookie = "theme"

// ThemeFrom reads the theme that the request's cookie names.
func ThemeFrom(r *http.Request) Theme {
	c, err := r.Cookie(ThemeCookie)
	if err != nil {
		return Auto
	}
	return ParseTheme(c.Value)
}

// ParseTheme reads "light" or "dark"; anything else is Auto.
func ParseTheme(s string) Theme {
	switch t := Theme(s); t {
	case Light, Dark:
		return t
	}
	return Auto
}

// Cookie makes the cookie that remembers t for a year.
func (t Theme) Cookie() *http.Cookie {
	c := &http.Cookie{
		Name: ThemeCookie, Value: string(t), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if t == Auto {
		c.MaxAge = -1
	}
	return c
}

// WantsFragment reports whether the request comes from htmx and wants only the
// part of the page named target (an element's id, without "#"). Going back in
// the history wants whole pages. Handlers that use it answer with
// "Vary: HX-Request".
func WantsFragment(r *http.Request, target string) bool {
	if r.Header.Get("HX-Request") != "true" || r.Header.Get("HX-History-Restore-Request") == "true" {
		return false
	}
	got := r.Header.Get("HX-Target")
	return got == target || len(got) > len(target) && got[len(got)-len(target)-1:] == "#"+target
}
