package console

import (
	"mime"
	"net/http"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence/export"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// exportParts is the page from which the events of a search are exported.
type exportParts struct {
	ui.FormView
	Format, Back string
	Formats      []ui.OptionView
	Most         int64
	Fault        *core.Fault
}

// exportNames say what each format is for.
var exportNames = map[export.Format]string{
	export.CSV: "CSV, for spreadsheets", export.JSONL: "JSON lines, with the leaf as it was sealed", export.OCSF: "OCSF 1.8, JSON lines",
	export.ECS: "Elastic Common Schema, JSON lines", export.CEF: "CEF, for ArcSight and its kin",
}

// exportPath is the page from which a view is exported.
func (v view) exportPath() string {
	v.path, v.After, v.Event = "/evidence/export", "", ""
	return v.href(func(*view) {})
}

// exportPage offers the formats.
func (s *Server) exportPage(w http.ResponseWriter, r *http.Request) error {
	return s.drawExport(w, r, exportParts{Format: string(export.CSV)})
}

func (s *Server) drawExport(w http.ResponseWriter, r *http.Request, p exportParts) error {
	v, elsewhere, err := s.viewOf(r, timelineOf{})
	if err != nil {
		return err
	}
	if elsewhere != "" {
		http.Redirect(w, r, elsewhere, http.StatusSeeOther)
		return nil
	}
	p.FormView = ui.FormView{ID: "export", Action: v.exportPath(), Problem: s.problem(p.Fault)}
	p.Most = oversight.MaxExport
	for _, f := range export.Formats {
		p.Formats = append(p.Formats, ui.OptionView{Value: string(f), Text: exportNames[f]})
	}
	v.path = "/evidence"
	p.Back = v.href(func(*view) {})
	page := s.page(r, ui.HeadView{
		Title:  "Export events",
		Crumbs: []ui.Link{{Text: "Evidence log", Href: p.Back}, {Text: "Export"}},
		Sub:    []ui.MetaView{{Text: "A file for other systems"}},
	})
	return s.render(w, r, page, exportBody(p))
}

// exportEvents answers with the file.
func (s *Server) exportEvents(w http.ResponseWriter, r *http.Request) error {
	p := exportParts{}
	again := func(f *core.Fault) error {
		p.Fault = f
		return s.drawExport(w, r, p)
	}
	if err := parseForm(r); err != nil {
		return s.mend(w, r, err, again)
	}
	v, _, err := s.viewOf(r, timelineOf{})
	if err != nil {
		return err
	}
	p.Format = r.PostForm.Get("format")
	a, _ := s.actor(r)
	in := oversight.ExportEvents{Query: v.text, Kind: v.Kind, Show: v.Show, Format: export.Format(p.Format)}
	file, err := command.Ask(r.Context(), s.Road, a, oversight.ExportEventsQuery(s.Road, s.Records), in)
	if err != nil {
		return s.mend(w, r, err, again)
	}
	h := w.Header()
	h.Set("Content-Type", file.Media)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	h.Set("Content-Length", strconv.Itoa(len(file.Body)))
	if _, err = w.Write(file.Body); err != nil {
		s.report(err) // the reader went away; the export is on record all the same
	}
	return nil
}
