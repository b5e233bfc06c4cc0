package ui

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"vouchsafe/core"
)

func html(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const nasty = `"><script>alert(1)</script><b style="x" onclick='y'>&`

// Hostile text in every place that takes text must come out as text.
func TestHostileTextStaysText(t *testing.T) {
	v := Value{Text: nasty, Href: "javascript:alert(1)", Masked: false, Why: nasty}
	ch := []Change{{Field: nasty, Old: Hidden(nasty, nasty), New: V(nasty)}}
	at := core.At(time.Unix(1_700_000_000, 0))
	ref := RefView{Ref: nasty, Text: nasty, Href: "javascript:alert(1)"}
	cases := map[string]templ.Component{
		"Val": Val(v), "Diff": Diff(ch), "DiffTable": DiffTable(ch), "Ref": Ref(ref), "Badge": Badge(BadgeView{Text: nasty, Title: nasty, Tone: nasty}),
		"Sentence": Sentence([]Span{B(nasty), T(nasty)}), "Notice": Notice(NoticeView{Title: nasty, Text: nasty, Actions: []Link{{nasty, "javascript:x"}}}),
		"Problem": Problem(ProblemView{Title: nasty, Text: nasty, Code: nasty, Ask: nasty, Fields: []FieldProblem{{nasty, nasty}}}),
		"Row":     TimelineRow(EventRow{ID: nasty, Href: "javascript:x", At: at, Kind: nasty, Sentence: []Span{B(nasty)}, Changes: ch, Case: &ref}, TimeView{At: at, Now: at}),
		"Field":   Field(FieldView{Name: nasty, Label: nasty, Value: nasty, Hint: nasty, Error: nasty, Placeholder: nasty}),
		"Area":    TextareaField(TextareaView{Name: "n", Label: nasty, Value: "</textarea>" + nasty}),
		"Select":  SelectField(SelectView{Name: "n", Options: []OptionView{{Value: nasty, Text: nasty}}}),
		"Strip":   Strip(StripView{Label: nasty, Points: []StripPoint{{Label: nasty, Href: "javascript:x"}}}),
		"Seal":    SealCard(SealView{State: Sealed, Hash: nasty, Root: nasty, Log: nasty, Verify: nasty, Permalink: nasty, Path: []PathStep{{Hash: nasty}}}),
		"Palette": PaletteResults(PaletteView{Query: nasty, Groups: []PaletteGroup{{nasty, []PaletteItem{{Text: nasty, Note: nasty, Href: "javascript:x"}}}}}),
		"Page":    Page(PageView{Here: nasty, Head: HeadView{Title: nasty, Crumbs: []Link{{nasty, "javascript:x"}}}, Print: PrintView{At: at, What: nasty, By: nasty}}),
	}
	for name, c := range cases {
		out := html(t, c)
		if strings.Contains(out, "<script>alert") || strings.Contains(out, "<b style") || strings.Contains(out, "</textarea>\"") {
			t.Errorf("%s lets markup through:\n%s", name, out)
		}
		if strings.Contains(out, "href=\"javascript:") {
			t.Errorf("%s lets a script URL through", name)
		}
	}
}

func TestMaskedValuesAreMarkedAndExplained(t *testing.T) {
	out := html(t, Diff([]Change{{Field: "iban", Old: Hidden("PL61 •••• 2874", "no grant"), New: Hidden("", "")}}))
	for _, want := range []string{`class="masked"`, "Masked: no grant", "PL61 •••• 2874", "••••••", "<del>", "<ins>"} {
		if !strings.Contains(out, want) {
			t.Errorf("missing %q in %s", want, out)
		}
	}
}

// Without an htmx target and with JavaScript off, a row is still a link.
func TestRowsAreLinks(t *testing.T) {
	out := html(t, TimelineRow(EventRow{ID: "e1", Href: "/e/1", Kind: KindRisk, Sentence: []Span{B("x")}}, TimeView{At: 1}))
	if !strings.Contains(out, `href="/e/1"`) || !strings.Contains(out, `hx-target="#panel"`) {
		t.Error(out)
	}
}

func TestApprovalFormsCarryTheHashAndTheirKeys(t *testing.T) {
	v := ApprovalView{Hash: "abc123", Key: "k-approve", RefuseKey: "k-refuse", Approve: "/a", Refuse: "/r", Needed: 2, HasNext: true}
	out := html(t, ApprovalCard(v))
	if n := strings.Count(out, `name="payload_hash" value="abc123"`); n != 2 {
		t.Errorf("payload hash in %d forms, want 2", n)
	}
	for _, want := range []string{`value="k-approve"`, `value="k-refuse"`, `name="then" value="next"`, "0 of 2 approvals"} {
		if !strings.Contains(out, want) {
			t.Errorf("missing %q", want)
		}
	}
	v.WhyNot = "You made this request; another Payments lead must approve."
	out = html(t, ApprovalCard(v))
	if strings.Contains(out, "<form") || !strings.Contains(out, v.WhyNot) {
		t.Error("a viewer who may not decide still gets forms, or no reason")
	}
}

func TestDisabledButtonsExplainThemselves(t *testing.T) {
	out := html(t, Button(ButtonView{Text: "Release", Href: "/x", Why: "because"}))
	if !strings.Contains(out, "disabled") || !strings.Contains(out, "because") || strings.Contains(out, "href") {
		t.Error(out)
	}
}

func TestAgo(t *testing.T) {
	cases := map[time.Duration]string{
		0: "0s", 41 * time.Second: "41s", 90 * time.Second: "1m", 5 * time.Hour: "5h", 49 * time.Hour: "2d",
		100 * 24 * time.Hour: "3mo", 800 * 24 * time.Hour: "2y", -3 * time.Minute: "in 3m",
	}
	for d, want := range cases {
		if got := Ago(d); got != want {
			t.Errorf("Ago(%v) = %q, want %q", d, got, want)
		}
	}
	if got := LongAgo(-time.Hour); got != "in 1h" {
		t.Error(got)
	}
}

func TestStamps(t *testing.T) {
	at, err := core.ParseInstant("2026-11-20T14:28:09.5Z")
	if err != nil {
		t.Fatal(err)
	}
	if got := Stamp(at); got != "Fri 20 Nov 2026, 14:28:09 UTC" {
		t.Error(got)
	}
	if got := DayOf(at, at.Add(366*24*time.Hour)); got != "Friday 20 November 2026" {
		t.Error(got)
	}
	if got := DayOf(at, at); got != "Friday 20 November" {
		t.Error(got)
	}
	if Stamp(0) != "—" || Clock(0) != "—" {
		t.Error("no time is a dash")
	}
}

func TestCounts(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 184220: "184,220", -1234567: "−1,234,567"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q", n, got)
		}
	}
}

func TestKindOf(t *testing.T) {
	for typ, want := range map[string]Kind{"payments.withdrawal.released": KindPayments, "nonsense.x": KindSystem, "": KindSystem, "risk": KindRisk} {
		if got := KindOf(typ); got != want {
			t.Errorf("KindOf(%q) = %q", typ, got)
		}
	}
	for _, k := range Kinds {
		_ = html(t, Kinded(k)) // panics when the sprite lacks the symbol's file
	}
}

// Whatever the path's length and sides, the drawing stays in its box and has
// one leaf and one root.
func TestProofDrawingFitsItsBox(t *testing.T) {
	for n := range 40 {
		for _, pattern := range []int{0, 1, 0b1010101, 0b1100110, -1} {
			var path []PathStep
			for i := range n {
				path = append(path, PathStep{Hash: "h", Left: pattern>>(i%7)&1 == 1})
			}
			d := drawProof(SealView{Root: "r", Path: path})
			ends := map[string]int{}
			for _, node := range d.nodes {
				ends[node.kind]++
				if node.x < 0 || node.x > d.width || node.y < 0 || node.y > d.height {
					t.Fatalf("n=%d pattern=%b: node at %.1f,%.1f outside %.1f×%.1f", n, pattern, node.x, node.y, d.width, d.height)
				}
			}
			if ends["root"] != 1 || n > 0 && ends["leaf"] != 1 || ends["sibling"] != min(n, proofDrawn) {
				t.Fatalf("n=%d: %v", n, ends)
			}
		}
	}
}

func TestThemes(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	if ThemeFrom(r) != Auto {
		t.Error("no cookie means Auto")
	}
	r.AddCookie(Dark.Cookie())
	if ThemeFrom(r) != Dark || ParseTheme("<script>") != Auto || Auto.Cookie().MaxAge >= 0 {
		t.Error("themes")
	}
}

func TestWantsFragment(t *testing.T) {
	ask := func(header ...string) bool {
		r := httptest.NewRequest("GET", "/", nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return WantsFragment(r, "panel")
	}
	if ask() || ask("HX-Request", "true") || ask("HX-Request", "true", "HX-Target", "aside#panelled") {
		t.Error("whole pages")
	}
	if !ask("HX-Request", "true", "HX-Target", "aside#panel") || !ask("HX-Request", "true", "HX-Target", "panel") {
		t.Error("fragments")
	}
	if ask("HX-Request", "true", "HX-Target", "panel", "HX-History-Restore-Request", "true") {
		t.Error("going back wants the whole page")
	}
}

func TestProblemOfAFault(t *testing.T) {
	f := core.InvalidField("amount", "Write digits.")
	v := ProblemOf(f)
	if v.Code != "invalid-input" || len(v.Fields) != 1 || FieldError(f, "amount") != "Write digits." || FieldError(nil, "x") != "" || FieldError(f, "x") != "" {
		t.Errorf("%+v", v)
	}
	for _, k := range []core.FaultKind{core.Invalid, core.Unknown, core.Unsignedin, core.Denied, core.Refused, core.Conflict, core.Throttled, core.Unavailable, core.Internal} {
		if ProblemOf(core.NewFault(k, "c", "t")).Title == "" {
			t.Errorf("%s has no title", k)
		}
	}
}
