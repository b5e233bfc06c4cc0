package console

import (
	"net/url"
	"strings"

	"vouchsafe/clients"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// words writes a code for people: "proof_of_address" is "proof of address".
func words(code string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(code) }

// pagerOf leads from a keyset page to the next one and back to the first,
// keeping the filters that have a value.
func pagerOf(path string, filters url.Values, at, next core.Cursor) ui.PagerView {
	keep := url.Values{}
	for name, vs := range filters {
		for _, v := range vs {
			if v != "" {
				keep.Add(name, v)
			}
		}
	}
	to := func(c core.Cursor) string {
		q := url.Values{}
		for name, vs := range keep {
			q[name] = vs
		}
		if c != "" {
			q.Set("after", string(c))
		}
		if len(q) == 0 {
			return path
		}
		return path + "?" + q.Encode()
	}
	var v ui.PagerView
	if at != "" {
		v.First = to("")
	}
	if next != "" {
		v.Next = to(next)
	}
	return v
}

// choices are the options of a list of codes.
func choices[S ~string](codes []S) []ui.OptionView {
	out := make([]ui.OptionView, len(codes))
	for i, c := range codes {
		out[i] = ui.OptionView{Value: string(c), Text: words(string(c))}
	}
	return out
}

// given is a pointer's value, for a form that is shown again.
func given[S ~string](p *S, otherwise string) string {
	if p == nil {
		return otherwise
	}
	return string(*p)
}

// keepBlank makes an empty field of a change mean "as it is": a form that
// shows a value only in part cannot send it back.
func keepBlank[S ~string](fields ...**S) {
	for _, f := range fields {
		if *f != nil && **f == "" {
			*f = nil
		}
	}
}

// purposeOptions are what a client can be restricted from.
func purposeOptions() []ui.OptionView {
	var out []ui.OptionView
	for _, p := range clients.Purposes {
		out = append(out, ui.OptionView{Value: string(p), Text: purposeTitles[string(p)]})
	}
	return out
}
