package evidence

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"

	"vouchsafe/core"
)

//go:embed pack_page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"clock": ClockText, "spaced": spaced}).Parse(pageText))

// StoryEvent is one event as it is told.
type StoryEvent struct {
	packLeaf
	N       int
	Log     string
	Index   int64
	Who     Named
	For     Named
	Meaning string
	Words   *StoryText // the person's own words
	Details []StoryCell
	Rows    []StoryRow
	Size    int64
	Makers  []Named // maker, then approvers
}

// StoryRow is what an event did to one stored record.
type StoryRow struct {
	Table, Rev string
	Key        Named
	Cells      []StoryCell
}

// Named is a record with the name that the pack's builder gave for it.
type Named struct{ Ref, Label string }

// Story is a pack as people read it: what the page and the print are made of.
// It follows from events and manifest alone.
type Story struct {
	M        *PackManifest
	Subject  Named
	Builder  Named
	Events   []StoryEvent
	Access   []StoryEvent // roles and sessions
	Refused  []StoryEvent // denied, refused and failed
	Approved []StoryEvent
	Outside  []StoryEvent // with references of platforms and payment providers
}

// Story tells the pack.
func (p *Pack) Story() Story {
	out := Story{M: &p.Manifest, Subject: p.ref(p.Manifest.Subject), Builder: p.ref(p.Manifest.BuiltBy)}
	for i := range p.Events {
		e := p.told(i)
		out.Events = append(out.Events, e)
		switch Outcome(e.Status) {
		case Denied, Refused, Failed:
			out.Refused = append(out.Refused, e)
		}
		if e.Class == UserAccess {
			out.Access = append(out.Access, e)
		}
		if e.Approval != nil {
			out.Approved = append(out.Approved, e)
		}
		if len(e.External) > 0 {
			out.Outside = append(out.Outside, e)
		}
	}
	return out
}

// page draws index.html: no script, nothing from outside, made for print.
func (p *Pack) page() ([]byte, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, p.Story())
	return b.Bytes(), err
}

func (p *Pack) ref(r core.Ref) Named { return Named{string(r), p.Manifest.Labels[string(r)]} }

func (p *Pack) told(i int) StoryEvent {
	e := &p.Events[i]
	v := viewLeaf(e.Leaf)
	out := StoryEvent{
		packLeaf: v, N: i + 1, Log: e.Log, Index: e.Index, Who: p.ref(core.Ref(v.Actor.UID)), For: p.ref(core.Ref(v.Actor.For)),
		Meaning: p.Manifest.Types[v.Type],
	}
	if out.Who.Ref == "" {
		out.Who.Ref = map[core.Kind]string{core.KindClient: "the client", core.KindPartner: "the partner"}[core.Kind(v.Actor.Kind)]
	}
	for _, l := range p.Manifest.Logs {
		if l.Name == e.Log {
			out.Size = l.Size
		}
	}
	if a := v.Approval; a != nil {
		out.Makers = append(out.Makers, p.ref(core.Ref(a.Maker)))
		for _, who := range a.Approvers {
			out.Makers = append(out.Makers, p.ref(core.Ref(who)))
		}
	}
	for _, c := range e.cells() {
		switch {
		case c.Table == EventTable && c.Column == "words":
			out.Words = &c.New
		case c.Table == EventTable:
			c.Column = strings.TrimPrefix(c.Column, "detail.")
			out.Details = append(out.Details, c)
		default:
			n := len(out.Rows)
			if n == 0 || out.Rows[n-1].Table != c.Table || out.Rows[n-1].Key.Ref != c.Key || out.Rows[n-1].Rev != c.Rev {
				out.Rows = append(out.Rows, StoryRow{Table: c.Table, Rev: c.Rev, Key: p.ref(core.Ref(c.Key))})
				n++
			}
			out.Rows[n-1].Cells = append(out.Rows[n-1].Cells, c)
		}
	}
	return out
}

// ClockText is a recorded time for readers: as written, without the T and Z
// and the microseconds when there are none.
func ClockText(s string) string {
	s = strings.TrimSuffix(strings.Replace(s, "T", " ", 1), "Z")
	return strings.TrimSuffix(s, ".000000")
}

func spaced(s string) string { return strings.NewReplacer("_", " ", ".", " ").Replace(s) }
