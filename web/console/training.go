package console

import (
	"net/http"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// certificateTable is what somebody was trained in.
func certificateTable(x access.StaffView, now core.Instant) ui.TableView {
	t := ui.TableView{
		Caption: "Training certificates", Empty: ui.EmptyView{Icon: "file-text", Title: "No certificate is on record"},
		Columns: []ui.Column{{Title: "Training", Primary: true}, {Title: "Issued by"}, {Title: "Passed", Tight: true}, {Title: "Until", Tight: true}, {Title: "State"}},
	}
	for i := range x.Certificates {
		c := &x.Certificates[i]
		state := ui.StatusView{Text: "Expired", Tone: ui.Bad}
		switch {
		case c.Live(now) && c.Reminded != 0:
			state = ui.StatusView{Text: "Expires soon", Tone: ui.Warn}
		case c.Live(now):
			state = ui.StatusView{Text: "Counts", Tone: ui.Good}
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Cells: []templ.Component{
			ui.Text(c.Training), ui.Text(c.Issuer), ui.Text(day(c.Passed)), ui.Text(day(c.Expires)), ui.Status(state),
		}})
	}
	return t
}

// certificateButton leads to the form that enters a certificate.
func (s *Server) certificateButton(r *http.Request, x access.StaffView) []ui.ButtonView {
	if a, _ := s.actor(r); x.Status != access.Active || x.ID == a.Ref || !x.May["access.certificate.record"] {
		return nil
	}
	return []ui.ButtonView{{Text: "Enter a certificate", Icon: "plus", Href: "/staff/" + string(x.ID) + "/certificate"}}
}

func (s *Server) certificateNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawCertificate(w, r, access.RecordCertificate{}, nil)
}

func (s *Server) drawCertificate(w http.ResponseWriter, r *http.Request, in access.RecordCertificate, f *core.Fault) error {
	x, v, err := s.staffFrame(r, "/certificate")
	if err != nil {
		return err
	}
	back := "/staff/" + string(x.ID)
	p := staffForm[access.RecordCertificate]{In: in, Fault: f, Back: back, FormView: ui.FormView{ID: "certificate", Action: back + "/certificate", Key: s.key(), Problem: s.problem(f)}}
	return s.render(w, r, v, certificateBody(p))
}

func (s *Server) certificateRecord(w http.ResponseWriter, r *http.Request) error {
	var in access.RecordCertificate
	again := func(f *core.Fault) error { return s.drawCertificate(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Staff = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, "/staff/"+string(in.Staff), again)
}

// entityTraining changes which training a role demands.
func (s *Server) entityTraining(w http.ResponseWriter, r *http.Request) error {
	var in access.RequireTraining
	again := func(f *core.Fault) error { return s.drawEntity(w, r, nil, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Entity = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, entityPath(in.Entity), again)
}
