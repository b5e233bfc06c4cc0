package console

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// jobsParts is the page of the queue.
type jobsParts struct {
	Counts, Dead ui.TableView
	Problem      *ui.ProblemView
	Oldest       core.Instant
	Now          core.Instant
}

// jobList shows how the queue stands, and the jobs that were given up.
func (s *Server) jobList(w http.ResponseWriter, r *http.Request) error {
	return s.drawJobs(w, r, nil)
}

func (s *Server) drawJobs(w http.ResponseWriter, r *http.Request, f *core.Fault) error {
	a, _ := s.actor(r)
	in := oversight.ListDeadJobs{Page: core.PageRequest{After: core.Cursor(r.URL.Query().Get("after"))}}
	v, err := command.Ask(r.Context(), s.Road, a, oversight.DeadJobs{}, in)
	if err != nil {
		return err
	}
	p := jobsParts{Problem: s.problem(f), Oldest: v.Oldest, Now: s.Road.Clock.Now(), Dead: s.deadTable(v.Dead.Rows)}
	p.Dead.Pager = pagerOf("/jobs", nil, in.Page.After, v.Dead.Next)
	p.Counts = ui.TableView{
		Caption: "Stored jobs by kind and state", Columns: []ui.Column{{Title: "Kind", Primary: true}, {Title: "State"}, {Title: "Jobs", Number: true}},
		Empty: ui.EmptyView{Icon: "circle-check", Title: "The queue is empty", Text: "Every job is done."},
	}
	for _, c := range v.Counts {
		p.Counts.Rows = append(p.Counts.Rows, ui.Row{ID: c.Kind + "-" + c.State, Cells: []templ.Component{ui.Val(ui.Code(c.Kind)), ui.Text(c.State), ui.Text(strconv.FormatInt(c.N, 10))}})
	}
	head := ui.HeadView{Title: "Jobs", Sub: []ui.MetaView{{Text: "Work that the program owes, and what it gave up"}}}
	return s.render(w, r, s.page(r, head), jobsBody(p))
}

func (s *Server) deadTable(rows []oversight.JobRow) ui.TableView {
	now := s.Road.Clock.Now()
	t := ui.TableView{
		Caption: "Jobs that were given up", Columns: []ui.Column{
			{Title: "Job", Primary: true},
			{Title: "About"},
			{Title: "Attempts", Number: true},
			{Title: "What the last one said"},
			{Title: "Given up"},
			{Title: ""},
		},
		Empty: ui.EmptyView{Icon: "circle-check", Title: "No job was given up", Text: "Jobs that fail are tried again, ever more slowly; those that fail for good come here."},
	}
	for _, j := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(j.ID), Tone: ui.Bad, Cells: []templ.Component{
			ui.Val(ui.Code(j.Kind)), subjectCell(j.Subject), ui.Text(strconv.Itoa(j.Attempts)), ui.Text(j.Error), ui.Time(ui.TimeView{At: j.Died, Now: now}),
			ui.Button(ui.ButtonView{Text: "Queue again", Post: "/jobs/" + string(j.ID) + "/revive"}),
		}})
	}
	return t
}

// jobRevive queues a job again.
func (s *Server) jobRevive(w http.ResponseWriter, r *http.Request) error {
	again := func(f *core.Fault) error { return s.drawJobs(w, r, f) }
	if err := parseForm(r); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, oversight.ReviveJob{Job: core.Ref(r.PathValue("id"))}, "/jobs", again)
}

// subjectCell leads to the record that a job is about, where it is about one.
func subjectCell(ref core.Ref) templ.Component {
	if ref == "" {
		return ui.Text("—")
	}
	return ui.Ref(refLink(ref))
}
