package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
)

func on(day string) core.Instant {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return core.At(t)
}

// A span tells what, where, from when, until when and how it stands in words,
// and its bar tells apart what was, what is to come and what was cut off.
func TestSpansTellWhatTheyDraw(t *testing.T) {
	v := SpansView{Title: "Roles over time", Now: on("2026-11-20"), Spans: []SpanView{
		{Label: "Payments lead", Where: "Aurum (Cyprus)", From: on("2026-10-01"), To: on("2027-01-11"), State: StatusView{Text: "In force", Tone: Good}},
		{Label: "Support", Where: "Aurum (Seychelles)", From: on("2026-05-18"), To: on("2026-06-18"), Planned: on("2026-08-18"), State: StatusView{Text: "Revoked", Tone: Bad}},
	}}
	looks := func(s SpanView) (out string) {
		for _, x := range v.stretches(s) {
			out += x.Look + " "
			if x.From < 0 || x.From+x.Width > 100.001 || x.Width < 0.7 {
				t.Errorf("%s is drawn from %v for %v", x.Look, x.From, x.Width)
			}
		}
		return out
	}
	if a, b := looks(v.Spans[0]), looks(v.Spans[1]); a != "past ahead " || b != "past planned " {
		t.Errorf("drawn as %q and %q", a, b)
	}
	var b strings.Builder
	if err := Spans(v).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{"Payments lead", "Aurum (Cyprus)", "1 Oct 2026 – 11 Jan 2027", "In force", "18 May 2026 – 18 Jun 2026", "taken away before", "Jan 2027"} {
		if !strings.Contains(b.String(), piece) {
			t.Errorf("%q is not told", piece)
		}
	}
}

// The axis of a week, of a year and of ten years can be read.
func TestTheAxisIsNeitherEmptyNorCrowded(t *testing.T) {
	for from, least := range map[string]int{"2026-10-25": 1, "2025-12-01": 4, "2017-03-01": 3} {
		v := SpansView{Now: on("2026-11-20"), Spans: []SpanView{{From: on(from), To: on("2026-11-19")}}}
		if n := len(v.ticks()); n < least || n > 10 {
			t.Errorf("since %s: %d marks", from, n)
		}
	}
}
