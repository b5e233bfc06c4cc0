package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// logParts is the page about the log itself.
type logParts struct {
	Logs, Witnesses, Measures, Contested ui.TableView
	LastBeat, Now                        core.Instant
}

// logHealth shows how far the logs are sealed, witnessed and delivered.
func (s *Server) logHealth(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	v, err := command.Ask(r.Context(), s.Road, a, s.LogWatch, oversight.ViewLog{})
	if err != nil {
		return err
	}
	p := logParts{Now: s.Road.Clock.Now(), LastBeat: v.LastBeat}
	p.Logs = logsTable(v, p.Now)
	p.Witnesses = witnessTable(v.Witnessed, s.Wall.Now())
	p.Measures = measureTable(v.Measures)
	p.Contested = contestTable(v.Contests, p.Now)
	head := ui.HeadView{Title: "State of the log", Sub: []ui.MetaView{{Text: "How far the evidence is sealed, witnessed and handed on, in numbers"}}}
	return s.render(w, r, s.page(r, head), logBody(p))
}

func count(n int64) templ.Component { return ui.Text(ui.Count(n)) }

func logsTable(v oversight.LogHealth, now core.Instant) ui.TableView {
	t := ui.TableView{
		Caption: "Logs", Columns: []ui.Column{
			{Title: "Log", Primary: true},
			{Title: "Sealed", Number: true},
			{Title: "Without a place", Number: true},
			{Title: "Under a checkpoint", Number: true},
			{Title: "Signed"},
			{Title: "Witnessed", Number: true},
			{Title: "Unwitnessed tail", Number: true},
			{Title: "Witnesses", Number: true},
		},
		Empty: ui.EmptyView{Icon: "activity", Title: "There is no log yet", Text: "The first event makes one."},
	}
	agreed := map[string]evidence.Witnessed{}
	for _, w := range v.Witnessed {
		agreed[w.Log] = w
	}
	for _, l := range v.Logs {
		seen := l.Witnessed
		if w, ok := agreed[l.Log]; ok {
			seen = w.Size
		}
		t.Rows = append(t.Rows, ui.Row{ID: l.Log, Cells: []templ.Component{
			ui.Val(ui.Code(l.Log)), count(l.Size), count(l.Unsealed), count(l.CheckpointSize), ui.Time(ui.TimeView{At: l.CheckpointAt, Now: now}),
			count(seen), count(l.Size - seen), count(int64(l.Witnesses)),
		}})
	}
	return t
}

func witnessTable(logs []evidence.Witnessed, now core.Instant) ui.TableView {
	t := ui.TableView{Caption: "Witnesses and what they cosigned", Columns: []ui.Column{
		{Title: "Witness", Primary: true},
		{Title: "Log"},
		{Title: "Cosigned", Number: true},
		{Title: "By its clock"},
		{Title: "How the last try went"},
	}}
	for _, l := range logs {
		for _, w := range l.Witnesses {
			row := ui.Row{ID: l.Log + "-" + w.Witness, Cells: []templ.Component{
				ui.Val(ui.Code(w.Witness)), ui.Val(ui.Code(l.Log)), count(w.Size), ui.Time(ui.TimeView{At: w.At, Now: now}), ui.Text(went(w)),
			}}
			if w.Error != "" {
				row.Tone = ui.Bad
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func went(w evidence.WitnessState) string {
	switch {
	case w.Error != "":
		return w.Error
	case w.Tried == 0:
		return "it was never asked by this program"
	}
	return "well"
}

// measureNames say what is measured, in words.
var measureNames = map[string]string{
	oversight.MeasureSealing:  "Sealing is behind by",
	oversight.MeasureWitness:  "Witnesses are behind by",
	oversight.MeasureDelivery: "Delivery is behind by",
	oversight.MeasureClock:    "The clock is off by",
}

func measureTable(all []oversight.Measure) ui.TableView {
	t := ui.TableView{
		Caption: "Measures of the log itself", Columns: []ui.Column{
			{Title: "Measure", Primary: true},
			{Title: "Of"},
			{Title: "Value", Number: true},
			{Title: "Bound", Number: true},
			{Title: "Entries waiting", Number: true},
			{Title: "What is in the way"},
		},
		Empty: ui.EmptyView{Icon: "activity", Title: "Nothing is measured yet", Text: "Measures begin with the first event."},
	}
	for _, m := range all {
		row := ui.Row{ID: m.Name + "-" + strings.ReplaceAll(m.Of, " ", "-"), Cells: []templ.Component{
			ui.Text(measureNames[m.Name]), ui.Val(ui.Code(m.Of)), ui.Text(span(m.Value)), ui.Text(span(m.Bound)), count(m.Waiting), ui.Text(m.Trouble),
		}}
		if m.Out() {
			row.Tone = ui.Bad
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// span writes a span of time as people read it: 340 ms, 12 s, 7 min, 3 h.
func span(d time.Duration) string {
	switch {
	case d == 0:
		return "0 s"
	case d < time.Second:
		return strconv.FormatInt(max(1, d.Milliseconds()), 10) + " ms"
	case d < 2*time.Minute:
		return strconv.FormatInt(int64(d/time.Second), 10) + " s"
	case d < 2*time.Hour:
		return strconv.FormatInt(int64(d/time.Minute), 10) + " min"
	case d < 48*time.Hour:
		return strconv.FormatInt(int64(d/time.Hour), 10) + " h"
	}
	return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + " days"
}

func contestTable(rows []oversight.ContestRow, now core.Instant) ui.TableView {
	t := ui.TableView{Caption: "Witnesses that hold another history", Columns: []ui.Column{
		{Title: "Log and witness", Primary: true},
		{Title: "Our size", Number: true},
		{Title: "What it cosigned", Number: true},
		{Title: "Told"},
	}}
	for _, c := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: strings.ReplaceAll(c.Of, " ", "-"), Tone: ui.Bad, Cells: []templ.Component{
			ui.Val(ui.Code(c.Of)), count(c.Size), count(c.Theirs), ui.Time(ui.TimeView{At: c.At, Now: now}),
		}})
	}
	return t
}
