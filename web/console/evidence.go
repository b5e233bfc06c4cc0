package console

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// timelineOf says which events a timeline is about.
type timelineOf struct {
	Of    core.Ref // the story of one record; empty for the log that the reader may search
	Fixed string   // what is always added to the query: "by:st_…"
	Show  oversight.Show
	Empty ui.EmptyView
}

// evidence is the log as its reader may search it.
func (s *Server) evidence(w http.ResponseWriter, r *http.Request) error {
	return s.timeline(w, r, s.page(r, ui.HeadView{Title: "Evidence log", Sub: []ui.MetaView{{Text: "Who did, saw and was refused what, since the first day"}}}), timelineOf{})
}

// view is what a timeline's address says: which query, which choice, which
// page, which event stands open. It never holds a word that was searched for.
type view struct {
	path             string
	Q, Kind          string
	Show             oversight.Show
	After, Event     string
	text             string // the query's text, from Q
	fixedShow, words bool
	count            bool // how many there are in all
}

func (v view) href(change func(*view)) string {
	change(&v)
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("q", v.Q)
	set("kind", v.Kind)
	if !v.fixedShow {
		set("show", string(v.Show))
	}
	set("after", v.After)
	set("event", v.Event)
	if v.count {
		set("count", "yes")
	}
	if len(q) == 0 {
		return v.path
	}
	return v.path + "?" + q.Encode()
}

// viewOf reads the address. A query that stands there with words in it is
// stored and leads to its address without them.
func (s *Server) viewOf(r *http.Request, of timelineOf) (v view, elsewhere string, err error) {
	p := r.URL.Query()
	v = view{path: r.URL.Path, Q: p.Get("q"), Kind: p.Get("kind"), Show: oversight.Show(p.Get("show")), After: p.Get("after"), Event: p.Get("event"), count: p.Get("count") != ""}
	if of.Show != "" {
		v.Show, v.fixedShow = of.Show, true
	}
	a, _ := s.actor(r)
	v.text = v.Q
	if core.Ref(v.Q).Kind() == oversight.KindQuery {
		v.words = true
		v.text, err = oversight.LoadQuery(r.Context(), s.Road, a.Ref, core.Ref(v.Q))
		return v, "", err
	}
	q, perr := oversight.ParseQuery(v.Q, a.Ref)
	if perr != nil || q.Plain() {
		return v, "", nil // what is wrong with it is told beside the bar
	}
	id, err := oversight.SaveQuery(r.Context(), s.Road, a.Ref, v.Q)
	return v, v.href(func(v *view) { v.Q = string(id) }), err
}

// postEvidence takes the query bar's text out of the form and leads to the
// address of its view.
func (s *Server) postEvidence(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	a, _ := s.actor(r)
	f := r.PostForm
	v := view{path: local(cmp.Or(f.Get("at"), "/evidence")), Q: strings.TrimSpace(f.Get("q")), Kind: f.Get("kind"), Show: oversight.Show(f.Get("show"))}
	q, err := oversight.ParseQuery(v.Q, a.Ref)
	if err != nil || !q.Plain() { // what cannot be read may hold a name as well
		id, err := oversight.SaveQuery(r.Context(), s.Road, a.Ref, v.Q)
		if err != nil {
			return err
		}
		v.Q = string(id)
	}
	http.Redirect(w, r, v.href(func(*view) {}), http.StatusSeeOther)
	return nil
}

// timeline draws the events of a record or of the log, with the query bar and
// the open event beside them, in the page's frame. Any page can show one at
// its own GET address; the query bar comes back there.
func (s *Server) timeline(w http.ResponseWriter, r *http.Request, page ui.PageView, of timelineOf) error {
	v, elsewhere, err := s.viewOf(r, of)
	if err != nil {
		return err
	}
	if elsewhere != "" {
		http.Redirect(w, r, elsewhere, http.StatusSeeOther)
		return nil
	}
	split := ui.SplitView{
		Label: "Event", Hint: "Choose an event to see what changed, who, why, and its proof.",
		Back: v.href(func(v *view) { v.Event = "" }),
	}
	if v.Event != "" {
		if split.Panel, err = s.eventPanel(r, v.Event, of.Of); err != nil {
			return err
		}
		if ui.WantsFragment(r, "panel") {
			return s.draw(w, r, ui.PanelFragment(split))
		}
	}
	a, _ := s.actor(r)
	in := oversight.SearchEvents{
		Query: strings.TrimSpace(of.Fixed + " " + v.text), Kind: v.Kind, Show: v.Show, Of: of.Of, Count: v.count,
		Page: core.PageRequest{After: core.Cursor(v.After)},
	}
	found, err := command.Ask(r.Context(), s.Road, a, oversight.SearchEventsQuery(s.Road, s.Records), in)
	f := core.AsFault(err)
	if f != nil && f.Kind != core.Invalid {
		return err
	}
	if f != nil {
		visitOf(r).status = statusOf(f.Kind)
	}
	t := s.timelineView(r, v, found, page.Now)
	if of.Empty.Title != "" && v.text == "" && v.Kind == "" {
		t.Empty = of.Empty
	}
	if v.path == "/evidence" && f == nil {
		page.Head.Actions = append(page.Head.Actions, ui.ButtonView{Text: "State of the log", Icon: "shield-check", Look: ui.Quiet, Href: "/log"},
			ui.ButtonView{Text: "Export", Icon: "download", Look: ui.Quiet, Href: v.exportPath()})
	}
	if len(found.Logs) > 0 {
		page.Head.Seal = sealBox(found.Logs)
		page.Print = s.printOf(page, found)
	}
	return s.renderSplit(w, r, page, split, timelineBody(barOf(v, found), s.problem(f), t))
}

// printOf is what paper says about the view.
func (s *Server) printOf(page ui.PageView, found oversight.Found) ui.PrintView {
	what := found.Query.String()
	if what == "" {
		what = "all events"
	}
	l := found.Logs[0]
	return ui.PrintView{What: page.Head.Title + ": " + what, Log: l.Log, TreeSize: l.Size, At: page.Now, By: page.Person.Name}
}

// sealBox tells how far the logs that were read are sealed: of several, the
// one that is least so.
func sealBox(logs []oversight.LogRead) *ui.SealBoxView {
	b := &ui.SealBoxView{State: ui.Sealed}
	for i, l := range logs {
		b.TreeSize += l.Checkpoint
		b.Unsealed += int(l.Unsealed + l.Size - l.Checkpoint)
		if i == 0 || l.At < b.Checkpoint {
			b.Checkpoint = l.At
		}
		if l.Checkpoint == 0 {
			b.State = ui.Pending
		}
		if i == 0 || l.Witnesses < b.Witnesses {
			b.Witnesses = l.Witnesses
		}
		b.Unwitnessed += l.Size - l.Witnessed
	}
	return b
}

func (s *Server) timelineView(r *http.Request, v view, found oversight.Found, now core.Instant) ui.TimelineView {
	name := s.names(r, actorsOf(found.Rows)...)
	t := ui.TimelineView{Now: now, Empty: emptyOf(v), Pager: ui.PagerView{Shown: shownOf(v, found), Size: readAt(found.Logs)}}
	for _, e := range found.Rows {
		day := core.At(e.At.Time().Truncate(24 * time.Hour))
		if n := len(t.Days); n == 0 || t.Days[n-1].Day != day {
			t.Days = append(t.Days, ui.DayView{Day: day})
		}
		d := &t.Days[len(t.Days)-1]
		d.Count++
		d.Rows = append(d.Rows, eventRow(e, name, v))
	}
	if v.After+string(found.Next) != "" && found.Total == nil {
		t.Pager.Count = v.href(func(v *view) { v.count = true })
	}
	v.count = false
	if found.Next != "" {
		t.Pager.Next = v.href(func(v *view) { v.After, v.Event = string(found.Next), "" })
	}
	if v.After != "" {
		t.Pager.First = v.href(func(v *view) { v.After, v.Event = "", "" })
	}
	return t
}

// shownOf says how many events stand on the page, and of how many where that
// was asked.
func shownOf(v view, found oversight.Found) string {
	here, n := ui.Plural(len(found.Rows), "event", "events"), ui.Count(len(found.Rows))
	switch {
	case found.Total == nil && v.After+string(found.Next) == "":
		return here + " in all"
	case found.Total == nil:
		return here
	case found.Total.More:
		return n + " of more than " + ui.Plural(found.Total.Events, "event", "events")
	}
	return n + " of " + ui.Plural(found.Total.Events, "event", "events")
}

func emptyOf(v view) ui.EmptyView {
	return ui.EmptyView{
		Icon: "search", Title: "No event matches",
		Text:    "The log is complete; this view hides everything in it. Events of entities where you hold no role are never listed, and words match only what you may see.",
		Actions: []ui.ButtonView{{Text: "Show all events", Href: v.path}},
	}
}

// actorsOf are those whom the sentences of events name.
func actorsOf(rows []oversight.EventLine) (refs []core.Ref) {
	for _, e := range rows {
		refs = append(append(refs, e.Actor, e.Maker), e.Approvers...)
		refs = append(refs, e.Subjects...)
	}
	return refs
}

func eventRow(e oversight.EventLine, name func(core.Ref) string, v view) ui.EventRow {
	row := ui.EventRow{
		ID: "e-" + e.ID, At: e.At, Kind: ui.KindOf(e.Type), Sentence: spansOf(e, name), Changes: changesOf(e.Changes),
		Badges: badgesOf(e), Current: e.ID == v.Event, Href: v.href(func(v *view) { v.Event = e.ID }),
		Seal: ui.SealBadgeView{State: ui.Pending, Hash: e.Hash, Href: "/events/" + e.ID},
	}
	if strings.HasPrefix(e.Type, "command.") {
		row.Kind = commandKind(e)
	}
	if e.Signed {
		row.Seal.State = ui.Sealed
	}
	if row.Seal.Hash == "" {
		row.Seal.Hash = "unsealed"
	}
	if e.Case != "" {
		ref := refLink(e.Case)
		row.Case = &ref
	}
	return row
}

// commandKind is the part of the firm that an event of the road itself is
// about: reads are oversight's, everything else access's.
func commandKind(e oversight.EventLine) ui.Kind {
	if strings.HasPrefix(e.Type, "command.data.") {
		return ui.KindOversight
	}
	return ui.KindAccess
}

// readAt says how far each log was when the view was read.
func readAt(logs []oversight.LogRead) string {
	var out []string
	for _, l := range logs {
		out = append(out, strings.TrimPrefix(l.Log, "en_")+" at "+ui.Plural(int(l.Size), "leaf", "leaves"))
	}
	if len(out) == 0 {
		return ""
	}
	return "read from " + strings.Join(out, ", ")
}
