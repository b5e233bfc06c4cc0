package console

import (
	"net/http"
	"strings"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// asksReview asks about the review in the address.
func asksReview(s *Server, p *command.Peek, id func(string) core.Ref) bool {
	return s.Policies != nil && command.Opens(p, access.ViewReviewQuery(s.Road, s.Policies), access.ViewReview{Review: id("id")})
}

// mayOpenReview asks whether the reader could open a review anywhere.
func mayOpenReview(_ *Server, p *command.Peek, _ func(string) core.Ref) bool {
	return p.Lists(command.Offer{Action: access.OpenReview{}.Action(), Kind: access.KindReview})
}

// mayCloseReview asks whether the reader could close one.
func mayCloseReview(_ *Server, p *command.Peek, _ func(string) core.Ref) bool {
	return p.Lists(command.Offer{Action: access.CloseReview{}.Action(), Kind: access.KindReview})
}

// reviewNewParts is the form that opens a review.
type reviewNewParts struct {
	ui.FormView
	In       access.OpenReview
	Entities []ui.OptionView
	Fault    *core.Fault
}

func (p reviewNewParts) err(field string) string { return ui.FieldError(p.Fault, field) }

var reviewScopes = []ui.OptionView{
	{Value: string(access.ScopeAll), Text: "Every role that anybody holds there"},
	{Value: string(access.ScopeCritical), Text: "Roles of critical functions", Hint: "Those that decide about clients, money, trading accounts or roles."},
	{Value: string(access.ScopePerson), Text: "The roles of one colleague"},
}

func (s *Server) reviewNew(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	in := access.OpenReview{Scope: access.ScopeAll, Entity: core.Ref(q.Get("entity")), About: core.Ref(q.Get("about"))}
	if in.About != "" {
		in.Scope = access.ScopePerson
	}
	return s.drawReviewNew(w, r, in, nil)
}

func (s *Server) drawReviewNew(w http.ResponseWriter, r *http.Request, in access.OpenReview, f *core.Fault) error {
	a, _ := s.actor(r)
	p := reviewNewParts{In: in, Fault: f, FormView: ui.FormView{ID: "review", Action: "/reviews", Key: s.key(), Problem: s.problem(f)}}
	for _, e := range append(s.entities(r, a), access.EntityRow{Entity: access.Entity{ID: access.Group, Name: "Group"}}) {
		res := command.Resource{Kind: access.KindReview, Ref: e.ID, Entity: noGroup(e.ID)}
		if may, err := s.Road.Permits(r.Context(), a, in.Action(), res); err == nil && may {
			p.Entities = append(p.Entities, ui.OptionView{Value: string(e.ID), Text: e.Name})
		}
	}
	if len(p.Entities) == 0 { // the refusal, as the road says it
		_, err := s.Road.Run(r.Context(), a, "", access.OpenReview{Entity: access.Group, Scope: access.ScopeAll, Cause: access.CauseAsked, Words: "From the page."})
		if err == nil {
			err = command.ErrHidden
		}
		return err
	}
	v := s.page(r, ui.HeadView{Title: "Open a review of access", Crumbs: []ui.Link{{Text: "Access reviews", Href: "/reviews"}, {Text: "New"}}})
	return s.render(w, r, v, reviewNewBody(p))
}

func (s *Server) reviewOpen(w http.ResponseWriter, r *http.Request) error {
	in := access.OpenReview{Cause: access.CauseAsked}
	again := func(f *core.Fault) error { return s.drawReviewNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Cause = access.CauseAsked
	if in.Scope != access.ScopePerson {
		in.About = ""
	}
	in.About = core.Ref(strings.TrimSpace(string(in.About)))
	return s.run(w, r, in, "/reviews/{subject}", again)
}

// reviewCloseParts is the form that closes a review.
type reviewCloseParts struct {
	ui.FormView
	access.ReviewRow
	In    access.CloseReview
	Fault *core.Fault
}

func (p reviewCloseParts) err(field string) string { return ui.FieldError(p.Fault, field) }

// warning says what closing does.
func (p reviewCloseParts) warning() ui.NoticeView {
	if p.Undecided == 0 {
		return ui.NoticeView{Tone: ui.Note, Text: "Every item is decided. The clock would close it within a minute."}
	}
	return ui.NoticeView{
		Tone: ui.Warn, Title: ui.Plural(p.Undecided, "item is", "items are") + " undecided: closing revokes them",
		Text: "The review would close by itself on " + ui.Stamp(p.Closes) + ". Closing it earlier takes roles from people about whom nobody decided, before the day that everybody was told: another senior compliance officer must agree.",
	}
}

func (s *Server) reviewClose(w http.ResponseWriter, r *http.Request) error {
	return s.drawReviewClose(w, r, access.CloseReview{}, nil)
}

func (s *Server) drawReviewClose(w http.ResponseWriter, r *http.Request, in access.CloseReview, f *core.Fault) error {
	v, err := s.reviewRead(r)
	if err != nil {
		return err
	}
	p := reviewCloseParts{ReviewRow: v.ReviewRow, In: in, Fault: f, FormView: ui.FormView{ID: "close", Action: reviewPath(v.ID) + "/close", Key: s.key(), Problem: s.problem(f)}}
	page := s.page(r, ui.HeadView{Title: "Close this review", Crumbs: []ui.Link{{Text: "Access reviews", Href: "/reviews"}, {Text: v.ID.Short(), Href: reviewPath(v.ID)}, {Text: "Close"}}})
	return s.render(w, r, page, reviewCloseBody(p))
}

func (s *Server) reviewClosed(w http.ResponseWriter, r *http.Request) error {
	var in access.CloseReview
	again := func(f *core.Fault) error { return s.drawReviewClose(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Review = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, reviewPath(in.Review), again)
}

// reviewEvery are the intervals that an entity can choose.
func reviewEvery() (out []ui.OptionView) {
	for _, e := range access.ReviewIntervals {
		out = append(out, ui.OptionView{Value: string(e), Text: reviewEveryText(e)})
	}
	return out
}

func reviewEveryText(e access.ReviewEvery) string {
	switch e.Months() {
	case 1:
		return "every month"
	case 3:
		return "every quarter"
	case 12:
		return "every year"
	}
	return "every " + string(e) + " months"
}
