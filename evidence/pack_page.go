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

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"clock": clockText, "spaced": spaced}).Parse(pageText))

// pageEvent is one event of the timeline.
type pageEvent struct {
	packLeaf
	N       int
	Log     string
	Index   int64
	Who     pageRef
	For     pageRef
	Meaning string
	Words   *cellText // the person's own words
	Details []storyCell
	Rows    []pageRow
	Size    int64
	Makers  []pageRef // maker, then approvers
}

// pageRow is what happened to one stored record.
type pageRow struct {
	Table, Rev string
	Key        pageRef
	Cells      []storyCell
}

// pageRef is a record with the name that the builder gave for it.
type pageRef struct{ Ref, Label string }

// page draws index.html: no script, nothing from outside, made for print.
func (p *Pack) page() ([]byte, error) {
	data := struct {
		M        *PackManifest
		Subject  pageRef
		Builder  pageRef
		Events   []pageEvent
		Access   []pageEvent // roles and sessions
		Refused  []pageEvent
		Approved []pageEvent
		Outside  []pageEvent
		Values   []string
	}{M: &p.Manifest, Subject: p.ref(p.Manifest.Subject), Builder: p.ref(p.Manifest.BuiltBy), Values: withheldSums(p.Events)}
	for i := range p.Events {
		e := p.pageEvent(i)
		data.Events = append(data.Events, e)
		switch Outcome(e.Status) {
		case Denied, Refused, Failed:
			data.Refused = append(data.Refused, e)
		}
		if e.Class == UserAccess {
			data.Access = append(data.Access, e)
		}
		if e.Approval != nil {
			data.Approved = append(data.Approved, e)
		}
		if len(e.External) > 0 {
			data.Outside = append(data.Outside, e)
		}
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, data)
	return b.Bytes(), err
}

func (p *Pack) ref(r core.Ref) pageRef { return pageRef{string(r), p.Manifest.Labels[string(r)]} }

func (p *Pack) pageEvent(i int) pageEvent {
	e := &p.Events[i]
	v := viewLeaf(e.Leaf)
	out := pageEvent{
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
				out.Rows = append(out.Rows, pageRow{Table: c.Table, Rev: c.Rev, Key: p.ref(core.Ref(c.Key))})
				n++
			}
			out.Rows[n-1].Cells = append(out.Rows[n-1].Cells, c)
		}
	}
	return out
}

// clockText is a recorded time for readers: as written, without the T and Z
// and the microseconds when there are none.
func clockText(s string) string {
	s = strings.TrimSuffix(strings.Replace(s, "T", " ", 1), "Z")
	return strings.TrimSuffix(s, ".000000")
}

func spaced(s string) string { return strings.NewReplacer("_", " ", ".", " ").Replace(s) }
