package ui

import (
	"strconv"
	"time"

	"vouchsafe/core"
)

// SpansView is what held over time: a row for each span on one axis, from the
// first beginning to the last end, with the present marked.
type SpansView struct {
	Title string
	Now   core.Instant
	Spans []SpanView
}

// SpanView is one span. What is after the present is still to come and drawn
// lighter; Planned is an end that was not reached, and drawn as an outline.
type SpanView struct {
	Label   string // what held: "Payments lead"
	Where   string // in which legal entity
	From    core.Instant
	To      core.Instant
	Planned core.Instant
	State   StatusView
}

// spanTick is one mark of the axis, in hundredths of its length.
type spanTick struct {
	At     float64
	Text   string
	Anchor string
	Minor  bool // left out where there is little room
}

// bounds are the ends of the axis.
func (v SpansView) bounds() (first, last core.Instant) {
	first, last = v.Now, v.Now
	for _, s := range v.Spans {
		first, last = min(first, s.From), max(last, s.To, s.Planned)
	}
	return first, max(last, first+1)
}

// at is the place of a moment on the axis.
func (v SpansView) at(x core.Instant) float64 {
	first, last := v.bounds()
	return 100 * float64(min(max(x, first), last)-first) / float64(last-first)
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }

// stretch is one piece of a bar.
type stretch struct {
	From, Width float64
	Look        string
}

// stretches are what was, what is still to come, and what was planned and did
// not happen. A piece is never too short to be seen.
func (v SpansView) stretches(s SpanView) (out []stretch) {
	add := func(from, to core.Instant, look string) {
		if to > from {
			a, w := v.at(from), v.at(to)-v.at(from)
			w = max(w, 0.7)
			out = append(out, stretch{min(a, 100-w), w, look})
		}
	}
	add(s.From, min(s.To, v.Now), "past")
	add(max(s.From, v.Now), s.To, "ahead")
	add(s.To, s.Planned, "planned")
	return out
}

// lookKey says what a look means.
type lookKey struct{ Look, Text string }

// key tells what the looks mean that are drawn.
func (v SpansView) key() (out []lookKey) {
	drawn := map[string]bool{}
	for _, s := range v.Spans {
		for _, x := range v.stretches(s) {
			drawn[x.Look] = true
		}
	}
	for _, k := range []lookKey{{"past", "so far"}, {"ahead", "still to come"}, {"planned", "granted, and taken away before"}} {
		if drawn[k.Look] {
			out = append(out, k)
		}
	}
	return out
}

// ticks marks the beginnings of months, as many as can be told apart.
func (v SpansView) ticks() (out []spanTick) {
	first, last := v.bounds()
	months := int(last-first)/int(30*24*time.Hour/time.Microsecond) + 1
	step := 1
	for _, n := range []int{1, 2, 3, 6, 12, 24, 60} {
		if step = n; months/n <= 8 {
			break
		}
	}
	t := first.Time().UTC()
	t = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	for i := 0; ; t = t.AddDate(0, 1, 0) {
		x := core.At(t)
		if x > last {
			return out
		}
		if x < first || (int(t.Month())-1)%step != 0 {
			continue
		}
		tick := spanTick{At: v.at(x), Text: t.Format("Jan"), Anchor: "middle", Minor: i%2 == 1}
		if i == 0 || t.Month() == time.January {
			tick.Text = t.Format("Jan 2006")
		}
		if tick.At < 4 {
			tick.Anchor = "start"
		}
		if tick.At > 96 {
			tick.Anchor = "end"
		}
		out = append(out, tick)
		i++
	}
}

// days is the span in words: "3 May 2026 – 1 Aug 2026".
func (s SpanView) days() string {
	const form = "2 Jan 2006"
	return s.From.Time().Format(form) + " – " + s.To.Time().Format(form)
}
