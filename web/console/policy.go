package console

import (
	"net/http"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// policyLink leads to one policy of the set that decided, or to the whole set.
func policyLink(set, id string) ui.Link {
	l := ui.Link{Text: id, Href: "/policies/" + set}
	if id == "" {
		l.Text = set
	} else {
		l.Href += "#" + id
	}
	return l
}

// policySet shows the policies with a hash: those of today, or the ones by
// which an old event was decided.
func (s *Server) policySet(w http.ResponseWriter, r *http.Request) error {
	if s.Policies == nil {
		return command.ErrHidden
	}
	a, _ := s.actor(r)
	v, err := command.Ask(r.Context(), s.Road, a, access.ViewPoliciesQuery(s.Policies), access.ViewPolicies{Set: r.PathValue("set")})
	if err != nil {
		return err
	}
	p := policyParts{PoliciesView: v, Adopted: core.Instant.String(v.Adopted)}
	for _, b := range v.Blocks {
		if n := len(p.Files); n == 0 || p.Files[n-1].Name != b.File {
			p.Files = append(p.Files, policyFile{Name: b.File})
		}
		f := &p.Files[len(p.Files)-1]
		f.Blocks = append(f.Blocks, b)
	}
	return s.render(w, r, s.page(r, ui.HeadView{Title: "Policies", Crumbs: []ui.Link{{Text: "Evidence", Href: "/evidence"}, {Text: v.Set[:8]}}}), policyBody(p))
}

// policyParts is a set of policies by file.
type policyParts struct {
	access.PoliciesView
	Adopted string
	Files   []policyFile
}

type policyFile struct {
	Name   string
	Blocks []access.PolicyBlock
}
