package ui

import (
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// What does not open is told as plain text, and not offered as something to do.
func TestNoLinkLeadsToWhatDoesNotOpen(t *testing.T) {
	ctx := Gated(context.Background(), func(href string) bool { return !strings.HasPrefix(href, "/secret") })
	table := TableView{Columns: []Column{{Title: "Name", Primary: true}}, Rows: []Row{{Href: "/secret/1", Cells: []templ.Component{Text("Kept")}}}}
	for name, c := range map[string]struct {
		part templ.Component
		kept bool // its text stays
	}{
		"a value":     {Val(Value{Text: "Kept", Href: "/secret/1"}), true},
		"a reference": {Ref(RefView{Ref: "cl_kept", Text: "Kept", Href: "/secret/1"}), true},
		"a row":       {Table(table), true},
		"a tab":       {Tabs([]TabView{{Text: "Kept", Href: "/secret/1"}}), false},
		"a button":    {Button(ButtonView{Text: "Kept", Href: "/secret/1"}), false},
		"a call":      {Anchor(Link{Text: "Kept", Href: "/secret/1"}), false},
	} {
		var b strings.Builder
		if err := c.part.Render(ctx, &b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), `"/secret/1"`) || strings.Contains(b.String(), "Kept") != c.kept {
			t.Errorf("%s: %s", name, b.String())
		}
		b.Reset()
		if err := c.part.Render(context.Background(), &b); err != nil || !strings.Contains(b.String(), `href="/secret/1"`) {
			t.Errorf("%s without a gate is no link: %s %v", name, b.String(), err)
		}
	}
}

// A log that nobody outside signs is not told by a bare zero.
func TestNoWitnessSaysWhatItMeans(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"the box":  SealBox(SealBoxView{State: Sealed, TreeSize: 9}),
		"the card": SealCard(SealView{State: Sealed, Hash: strings.Repeat("a", 64), TreeSize: 9, Checkpoint: 1, Verify: "vouchsafe verify"}),
	} {
		var b strings.Builder
		if err := c.Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "0 witness") || !strings.Contains(b.String(), unwitnessed) {
			t.Errorf("%s: %s", name, b.String())
		}
	}
}
