package access

import (
	"slices"
	"sort"
	"strings"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"

	"vouchsafe/command"
)

func isText(t resolved.IsType) bool {
	_, ok := t.(resolved.StringType)
	return ok
}

// facets lists what the policies of an act ask about a record's attributes.
func (a *catalogued) facets() []facet {
	found := map[string]*facet{}
	at := func(name string) *facet {
		if found[name] == nil {
			found[name] = &facet{attr: name}
		}
		return found[name]
	}
	for _, p := range a.index {
		for _, c := range p.ast.Conditions {
			ast.Inspect(ast.NewNode(c.Body), func(n ast.IsNode) bool {
				if eq, ok := n.(ast.NodeTypeEquals); ok {
					for _, side := range [][2]ast.IsNode{{eq.Left, eq.Right}, {eq.Right, eq.Left}} {
						name, ok := rowAttribute(side[0])
						if text, is := literal(side[1]).(types.String); ok && is {
							at(name).texts = append(at(name).texts, string(text))
						} else if ok && isOwnID(side[1]) {
							at(name).own = true
						}
					}
				}
				return true
			})
		}
	}
	out := make([]facet, 0, len(found))
	for _, f := range found {
		sort.Strings(f.texts)
		f.texts = slices.Compact(f.texts)
		out = append(out, *f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].attr < out[j].attr })
	return out
}

// isOwnID reports whether a node is principal.id.
func isOwnID(n ast.IsNode) bool {
	a, ok := n.(ast.NodeTypeAccess)
	if !ok || a.Value != "id" {
		return false
	}
	v, ok := a.Arg.(ast.NodeTypeVariable)
	return ok && v.Name == "principal"
}

// words is the condition under which the act is allowed, as people say it. The
// cases are told apart by whose the record is and by the texts that policies
// name; every other record counts as one more case.
func (t *tried) words(title func(command.Action) string) string {
	whose := map[string]string{} // by texts: their own, not their own, or whoever's
	var texts []string
	both := slices.ContainsFunc(append(slices.Clone(t.allowed), t.denied...), func(c tryCase) bool { return c.own })
	for _, c := range t.allowed {
		key := strings.Join(c.text, "&")
		if _, met := whose[key]; !met {
			texts = append(texts, key)
		}
		whose[key] += map[bool]string{true: "own", false: "other"}[c.own]
	}
	said := func(key string) string {
		switch {
		case !both || whose[key] == "otherown" || whose[key] == "ownother":
			return ""
		case whose[key] == "own":
			return "their own"
		}
		return "not their own"
	}
	var parts []string
	if _, any := whose[""]; any {
		if s := said(""); s != "" {
			parts = append(parts, s)
		}
		if more := moreTexts(whose, texts, title); both && whose[""] == "own" && len(more) > 0 {
			parts = append(parts, "and whoever's for "+strings.Join(more, "; "))
		}
		if not := t.refusedTexts(whose, title); len(not) > 0 {
			parts = append(parts, "but not "+strings.Join(not, "; "))
		}
	} else {
		parts = append(parts, onlyTexts(texts, said, title))
	}
	if t.fresh {
		parts = append(parts, "with a fresh second factor")
	}
	if t.filed {
		parts = append(parts, "under an open case")
	}
	return strings.Join(parts, ", ")
}

// moreTexts are those for which it is allowed on records of others too.
func moreTexts(whose map[string]string, keys []string, title func(command.Action) string) (out []string) {
	for _, key := range keys {
		if key != "" && strings.Contains(whose[key], "other") {
			out = append(out, textWords(key, title))
		}
	}
	return out
}

// refusedTexts are the exceptions from what is allowed otherwise.
func (t *tried) refusedTexts(whose map[string]string, title func(command.Action) string) (out []string) {
	for _, c := range t.denied {
		key := strings.Join(c.text, "&")
		said := textWords(key, title)
		if _, allowed := whose[key]; key != "" && !allowed && !slices.Contains(out, said) {
			out = append(out, said)
		}
	}
	return out
}

// onlyTexts are the texts to which a right is limited, those with the same
// owner together.
func onlyTexts(keys []string, said func(string) string, title func(command.Action) string) string {
	var order []string
	by := map[string][]string{}
	for _, key := range keys {
		s := said(key)
		if by[s] == nil {
			order = append(order, s)
		}
		by[s] = append(by[s], textWords(key, title))
	}
	var out []string
	for _, s := range order {
		line := "only for " + strings.Join(by[s], "; ")
		if s != "" {
			line += " (" + s + ")"
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

// textWords says attribute=text for people: of a proposal, the act proposed.
func textWords(key string, title func(command.Action) string) string {
	var out []string
	for pair := range strings.SplitSeq(key, "&") {
		attr, text, _ := strings.Cut(pair, "=")
		if attr == "action" {
			out = append(out, "“"+title(command.Action(text))+"”")
		} else {
			out = append(out, attr+" “"+text+"”")
		}
	}
	return strings.Join(out, " with ")
}
