package console

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/core"
	"vouchsafe/manuals"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// trueOr is an ARIA boolean.
func trueOr(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

// findEvent reads one event for the person who asks.
func (s *Server) findEvent(r *http.Request, id string, of core.Ref, file string) (oversight.EventView, error) {
	a, _ := s.actor(r)
	return oversight.FindEvent(r.Context(), s.Road, s.Records, a, oversight.ViewEvent{Event: strings.ToLower(id), Of: of, File: file})
}

// event is the permalink of one event.
func (s *Server) event(w http.ResponseWriter, r *http.Request) error {
	e, err := s.findEvent(r, r.PathValue("id"), "", "")
	if err != nil {
		return err
	}
	p := s.eventParts(r, e)
	v := s.page(r, ui.HeadView{Title: typeTitle(e.Type), Crumbs: []ui.Link{
		{Text: "Evidence", Href: "/evidence"},
		{Text: s.entityName(r)(core.Ref(e.Log)), Href: "/evidence?q=entity:" + e.Log},
		{Text: leafText(e)},
	}})
	v.Head.Seal = sealOfEvent(e)
	return s.render(w, r, v, eventBody(p))
}

// typeTitle makes a heading of a type: "Withdrawal released".
func typeTitle(typ string) string {
	parts := strings.Split(typ, ".")
	return titled(strings.Join(parts[max(0, len(parts)-2):], " "))
}

func leafText(e oversight.EventView) string {
	if e.Hash == "" {
		return "not sealed yet"
	}
	return "leaf " + ui.Count(e.Index)
}

func sealOfEvent(e oversight.EventView) *ui.SealBoxView {
	b := &ui.SealBoxView{State: ui.Pending, TreeSize: e.Proof.Size, Witnesses: e.Proof.Witnesses}
	if e.Proof.Sealed {
		b.State = ui.Sealed
	}
	if e.Proof.Broken != "" {
		b.State = ui.Broken
	}
	return b
}

// eventPanel is one event beside a list.
func (s *Server) eventPanel(r *http.Request, id string, of core.Ref) (templ.Component, error) {
	e, err := s.findEvent(r, id, of, "")
	if err != nil {
		return nil, err
	}
	return ui.EventPanel(s.eventParts(r, e).Panel), nil
}

// eventParts is an event's page: the panel and what only the page shows.
type eventParts struct {
	Panel          ui.EventPanelView
	E              oversight.EventView
	Facts          []ui.Def
	Rows           []rowPart
	Related        []ui.EventRow
	Now            core.Instant
	Policies       []ui.Link
	PolicySet      ui.Link
	Errors         []string
	Clauses        []manuals.Cited
	Leaf, Document string
}

// rowPart is one row that the event wrote, with its columns.
type rowPart struct {
	Title   string
	Changes []ui.Change // of a row that was there before
	Cells   []ui.Def    // of a new one
}

func (s *Server) eventParts(r *http.Request, e oversight.EventView) eventParts {
	refs := append(actorsOf(e.Related), actorsOf([]oversight.EventLine{e.EventLine})...)
	if a := e.Told.Approval; a != nil {
		refs = append(refs, core.Ref(a.Maker))
		for _, x := range a.Approvers {
			refs = append(refs, core.Ref(x))
		}
	}
	name := s.names(r, refs...)
	p := eventParts{E: e, Now: s.Road.Clock.Now(), Leaf: e.Leaf, Document: e.Document, Errors: e.Told.Policy.Errors}
	p.PolicySet = policyLink(e.Told.Policy.Set, "")
	for _, id := range e.Told.Policy.Determining {
		p.Policies = append(p.Policies, policyLink(e.Told.Policy.Set, id))
	}
	p.Panel = panelOf(e, name, p.Now)
	p.Facts = factsOf(e)
	p.Rows = rowsOf(e)
	p.Clauses = s.cited(r, e.Entity, e.Told.Basis)
	for _, x := range e.Related {
		p.Related = append(p.Related, eventRow(x, name, view{path: "/events/" + x.ID}))
		p.Related[len(p.Related)-1].Href = "/events/" + x.ID
	}
	return p
}

// panelOf is the event as the panel shows it.
func panelOf(e oversight.EventView, name func(core.Ref) string, now core.Instant) ui.EventPanelView {
	v := ui.EventPanelView{
		Type: e.Type, Title: capital(ui.Say(spansOf(e.EventLine, name))), At: e.At, Now: now, Badges: badgesOf(e.EventLine),
		Who: ui.Value{Text: actorName(e.Actor, name), Href: hrefOf(e.Actor)}, Role: rolesHeld(e.Told.Actor.Roles), Seal: sealOf(e),
	}
	for _, c := range e.All {
		if c.Updated {
			v.Changes = append(v.Changes, changeOf(c))
		}
	}
	if e.Words != nil {
		v.Why = valueOf(e.Words.New, e.Words.NewMasked, e.Words.Class)
	} else if e.Told.Reason.Code != "" {
		v.Why = ui.V(titled(e.Told.Reason.Code))
	}
	if e.Address != nil {
		v.From = valueOf(e.Address.New, e.Address.NewMasked, e.Address.Class)
		v.From.Mono = !v.From.Masked
	}
	if e.Case != "" {
		ref := refLink(e.Case)
		v.Case = &ref
	}
	for _, id := range e.Told.Policy.Determining {
		v.Policy = append(v.Policy, policyLink(e.Told.Policy.Set, id))
	}
	if a := e.Told.Approval; a != nil {
		v.Extra = append(v.Extra, ui.DefVal("Asked by", ui.Value{Text: actorName(core.Ref(a.Maker), name), Href: hrefOf(core.Ref(a.Maker))}))
		for _, x := range a.Approvers {
			v.Approvers = append(v.Approvers, ui.Approver{Name: actorName(core.Ref(x), name), Href: hrefOf(core.Ref(x))})
		}
		v.Extra = append(v.Extra, ui.Def{Term: "Proposal", Body: ui.Ref(refLink(core.Ref(a.Proposal)))})
	}
	for _, d := range e.Details {
		v.Extra = append(v.Extra, ui.DefVal(titled(d.Field), valueOf(d.New, d.NewMasked, d.Class)))
	}
	if len(e.Subjects) > 0 {
		v.Extra = append(v.Extra, ui.Def{Term: "About", Body: refList(e.Subjects, name)})
	}
	for i, x := range e.Related {
		if i == 6 {
			v.Related = append(v.Related, ui.Link{Text: ui.Plural(len(e.Related)-i, "more", "more"), Href: "/events/" + e.ID + "#related"})
			break
		}
		v.Related = append(v.Related, ui.Link{Text: capital(ui.Say(spansOf(x, name))), Href: "/events/" + x.ID})
	}
	return v
}

func rolesHeld(roles []string) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = roleTitle(r)
	}
	return strings.Join(out, ", ")
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func sealOf(e oversight.EventView) ui.SealView {
	v := ui.SealView{
		State: ui.Pending, Log: e.Proof.Origin, Leaf: e.Proof.Index, TreeSize: e.Proof.Size, Hash: e.Proof.Hash, Root: e.Proof.Root,
		Checkpoint: e.Proof.SignedAt, Witnesses: e.Proof.Witnesses, Permalink: "/events/" + e.ID, RawHref: "/events/" + e.ID + "/leaf.json",
	}
	if e.Hash == "" {
		v.Hash = e.ID
	}
	if e.Proof.Sealed {
		v.State, v.ProofHref = ui.Sealed, "/events/"+e.ID+"/proof"
		v.Verify = "vouchsafe verify --leaf leaf.json --proof " + e.ID + ".tlog-proof --key log.pub"
	}
	if e.Proof.Broken != "" {
		v.State = ui.Broken
	}
	for _, x := range e.Proof.Path {
		v.Path = append(v.Path, ui.PathStep{Hash: x.Hash, Left: x.Left})
	}
	return v
}

// factsOf are the facts that only the event's own page tells.
func factsOf(e oversight.EventView) (out []ui.Def) {
	add := func(term, text string) {
		if text != "" {
			out = append(out, ui.DefText(term, text))
		}
	}
	t := e.Told
	add("Event", e.ID)
	add("What it means", e.Meaning)
	add("Action", t.Metadata.Action)
	add("Outcome", string(e.Outcome))
	add("Entity", string(e.Entity))
	add("Reason code", t.Reason.Code)
	add("Basis", strings.Join(t.Basis, ", "))
	add("At the source", stampOf(t.Time))
	add("At the outside system", stampOf(t.Metadata.Observed))
	add("Logged", stampOf(t.Metadata.Logged))
	add("Session", t.Actor.Session)
	add("API token", t.Actor.Token)
	add("Signed in with", strings.Join(t.Actor.Factors, ", "))
	if t.Actor.StepUp != "" {
		add("Second factor", "fresh for this act")
	}
	add("On behalf of", t.Actor.For)
	add("Outside references", strings.Join(t.External, ", "))
	add("Corrects", t.Corrects)
	return out
}

func stampOf(text string) string {
	at, err := core.ParseInstant(text)
	if err != nil {
		return ""
	}
	return ui.Stamp(at)
}

// rowsOf groups what the event wrote by row.
func rowsOf(e oversight.EventView) (out []rowPart) {
	for _, c := range e.All {
		title := titled(c.Table) + " " + core.Ref(c.Key).Short()
		if n := len(out); n == 0 || out[n-1].Title != title {
			out = append(out, rowPart{Title: title})
		}
		row, x := &out[len(out)-1], changeOf(c)
		if c.Updated {
			row.Changes = append(row.Changes, x)
		} else {
			row.Cells = append(row.Cells, ui.DefVal(titled(x.Field), x.New))
		}
	}
	return out
}

// download answers with one of the event's files. Leaving as a file is
// recorded, though none of them holds a personal value.
func (s *Server) download(w http.ResponseWriter, r *http.Request, form, kind, name string, text func(oversight.EventView) string) error {
	e, err := s.findEvent(r, r.PathValue("id"), "", form)
	if err != nil {
		return err
	}
	body := text(e)
	if body == "" {
		return errNotSealed
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+e.ID+name+`"`)
	_, err = w.Write([]byte(body))
	return err
}

var errNotSealed = core.NewFault(core.Conflict, "not-sealed", "This entry is recorded but not yet sealed. Sealing takes about a second; try again.")

func (s *Server) eventLeaf(w http.ResponseWriter, r *http.Request) error {
	return s.download(w, r, "leaf", "application/json", ".leaf.json", func(e oversight.EventView) string { return e.Leaf })
}

func (s *Server) eventChanges(w http.ResponseWriter, r *http.Request) error {
	return s.download(w, r, "changes", "application/jsonl", ".changes.jsonl", func(e oversight.EventView) string { return e.Document })
}

func (s *Server) eventProof(w http.ResponseWriter, r *http.Request) error {
	return s.download(w, r, "proof", "text/plain; charset=utf-8", ".tlog-proof", func(e oversight.EventView) string { return e.Proof.Text })
}
