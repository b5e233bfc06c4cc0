package console

import (
	"net/http"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// demoClockPath is the page on which a visitor moves the demo's clock on.
const demoClockPath = "/demo/clock"

// clockParts is that page.
type clockParts struct {
	Now   core.Instant
	Steps []clockStep
	Form  ui.FormView
	Fault *core.Fault
	Days  int
}

// clockStep is one click.
type clockStep struct {
	Text    string
	Minutes int
	Form    ui.FormView
}

// clockMoves says whether this is a demo whose clock a visitor can move.
func (s *Server) clockMoves() bool {
	_, ok := s.Road.Registry.Doc(oversight.MoveClock{}.Action())
	return ok
}

func asksClock(s *Server, _ *command.Peek, _ func(string) core.Ref) bool { return s.clockMoves() }

func (s *Server) demoClock(w http.ResponseWriter, r *http.Request) error {
	return s.drawDemoClock(w, r, nil)
}

func (s *Server) drawDemoClock(w http.ResponseWriter, r *http.Request, f *core.Fault) error {
	if !s.clockMoves() {
		return command.ErrHidden
	}
	v := s.page(r, ui.HeadView{Title: "The demo’s clock", Sub: []ui.MetaView{{Text: "This demo lives at a time of its own, and you can move it on"}}})
	p := clockParts{Now: v.Now, Fault: f, Form: ui.FormView{ID: "clock", Action: demoClockPath, Key: s.key(), Problem: s.problem(f)}}
	for _, x := range []clockStep{{Text: "10 minutes on", Minutes: 10}, {Text: "1 hour on", Minutes: 60}, {Text: "8 hours on", Minutes: 8 * 60}, {Text: "1 day on", Minutes: 24 * 60}, {Text: "7 days on", Minutes: 7 * 24 * 60}, {Text: "30 days on", Minutes: 30 * 24 * 60}} {
		x.Form = ui.FormView{Action: demoClockPath, Key: s.key()}
		p.Steps = append(p.Steps, x)
	}
	return s.render(w, r, v, demoClockBody(p))
}

// demoClockMove moves it on, and comes back to see the new time.
func (s *Server) demoClockMove(w http.ResponseWriter, r *http.Request) error {
	if !s.clockMoves() {
		return command.ErrHidden
	}
	var in oversight.MoveClock
	again := func(f *core.Fault) error { return s.drawDemoClock(w, r, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	a, _ := s.actor(r)
	clock := evidence.Actor{Ref: access.SysClock, For: a.Ref, IP: a.IP} // no role gives anybody a hold on time
	out, err := s.Road.Run(r.Context(), clock, command.Key(r.PostFormValue(ui.IdempotencyField)), in)
	return s.finish(w, r, s.titleOf(in.Action()), out, err, demoClockPath, again)
}
