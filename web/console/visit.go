package console

import (
	"context"
	"errors"
	"net/http"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// visit is what one request knows about who makes it.
type visit struct {
	actor   evidence.Actor
	session access.Session
	status  int // of the page that is drawn; 0 is 200

	entities []access.EntityRow // read once, by Server.entities
}

type visitKey struct{}

// visitOf returns the request's visit; a stranger's when nobody is signed in.
func visitOf(r *http.Request) *visit {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// visited gives the request a visit, unless it has one.
func visited(r *http.Request) (*http.Request, *visit) {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return r, v
	}
	v := &visit{}
	return r.WithContext(context.WithValue(r.Context(), visitKey{}, v)), v
}

// arrive finds out who is there. A cookie that is no open session's is a
// stranger's.
func (s *Server) arrive(r *http.Request) (*http.Request, error) {
	r, v := visited(r)
	c, err := r.Cookie(s.cookieName(sessionCookie))
	if err != nil {
		return r, nil
	}
	v.actor, v.session, err = s.Auth.Authenticate(r.Context(), c.Value, s.ip(r))
	if errors.Is(err, access.ErrSignedOut) {
		err = nil
	}
	return r, err
}

// actor is who acts; ok is false for strangers, which only open pages meet.
func (s *Server) actor(r *http.Request) (a evidence.Actor, ok bool) {
	a = visitOf(r).actor
	return a, a.Ref != ""
}

// names tells the names of staff and of the parts of the program; whoever has
// none is called by their short reference.
func (s *Server) names(r *http.Request, refs ...core.Ref) func(core.Ref) string {
	known := map[core.Ref]string{}
	if s.Names != nil {
		var staff []core.Ref
		for _, ref := range refs {
			if ref.Kind() == core.KindStaff {
				staff = append(staff, ref)
			}
		}
		if len(staff) > 0 {
			var err error
			if known, err = s.Names(r.Context(), staff); err != nil {
				s.report(err)
			}
		}
	}
	return func(ref core.Ref) string {
		switch {
		case ref == "":
			return ""
		case known[ref] != "":
			return known[ref]
		case systemNames[ref] != "":
			return systemNames[ref]
		case ref.Kind() == core.KindEntity:
			return s.entityName(r)(ref)
		}
		return ref.Short()
	}
}

var systemNames = map[core.Ref]string{
	access.SysInstall: "the installer", access.SysClock: "the clock", access.SysSignin: "sign-in",
	access.SysPayments: "payments", access.SysPlatform: "the platform reconciler", access.SysFindings: "the controls", access.SysCLI: "the command line",
	access.SysDirectory: "the directory",
}

// The cookies. On https they carry the __Host- prefix: no other host and no
// other path can set them.
const (
	sessionCookie = "session"
	flashCookie   = "flash"
)

func (s *Server) cookieName(name string) string {
	if s.Plain {
		return name
	}
	return "__Host-" + name
}

// setCookie sets a cookie of the browser's session; an empty value deletes it.
func (s *Server) setCookie(w http.ResponseWriter, name, value string) {
	c := &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: !s.Plain, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
