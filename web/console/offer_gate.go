package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
)

// gate is what one page knows about where its links lead.
type gate struct {
	known map[string]bool // by path: whether it opens
	asked []string        // paths met for the first time
}

// opens says whether a link is offered. What is met for the first time is
// noted, and offered until policy was asked.
func (g *gate) opens(href string) bool {
	path, _, _ := strings.Cut(href, "?")
	path, _, _ = strings.Cut(path, "#")
	if !strings.HasPrefix(path, "/") {
		return true
	}
	open, known := g.known[path]
	if !known {
		g.known[path] = true
		g.asked = append(g.asked, path)
	}
	return open || !known
}

// settle asks policy about the links that were met, and says whether one of
// them does not open.
func (s *Server) settle(ctx context.Context, a evidence.Actor, g *gate) (closed bool) {
	asked := g.asked
	g.asked = nil
	if len(asked) == 0 {
		return false
	}
	err := s.Road.Peek(ctx, a, func(p *command.Peek) {
		for _, path := range asked {
			g.known[path] = s.leads(p, path)
		}
	})
	if err != nil { // a page without links is better than one whose links refuse
		s.report(err)
	}
	for _, path := range asked {
		if id, ok := strings.CutPrefix(path, "/events/"); ok {
			id, _, _ = strings.Cut(id, "/")
			g.known[path] = oversight.MayView(ctx, s.Road, s.Records, a, id)
		}
		g.known[path] = g.known[path] && err == nil
		closed = closed || !g.known[path]
	}
	return closed
}

// leads says whether the page at a path would open.
func (s *Server) leads(p *command.Peek, path string) bool {
	_, pattern := addresses().Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}})
	question := asks[pattern]
	return question == nil || question(s, p, func(name string) core.Ref { return segment(pattern, path, name) })
}

// addresses finds out which page a path is of.
var addresses = sync.OnceValue(func() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern := range asks {
		mux.Handle(pattern, http.NotFoundHandler())
	}
	return mux
})

// segment is the part of a path that a pattern calls by a name.
func segment(pattern, path, name string) core.Ref {
	parts := strings.Split(path, "/")
	for i, x := range strings.Split(pattern, "/") {
		if x == "{"+name+"}" && i < len(parts) {
			return core.Ref(parts[i])
		}
	}
	return ""
}
