package console

import (
	"net/http"
	"strings"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// reviewItemParts is one role in a review, with the forms that decide it.
type reviewItemParts struct {
	access.ReviewItemRow
	Who      ui.Value
	Place    string
	Defs     []ui.Def
	Rights   *access.RoleRights
	Why      string
	RoleHref string
	Decide   ui.FormView
	Hand     ui.FormView
	In       access.DecideReview
	Others   []ui.OptionView
	Fault    *core.Fault
	Next     bool // another item waits for the reader
}

func (s *Server) reviewItemParts(r *http.Request, v access.ReviewView, x access.ReviewItemRow, name func(core.Ref) string, in access.DecideReview, f *core.Fault) reviewItemParts {
	path := reviewPath(v.ID) + "/items/" + string(x.ID)
	p := reviewItemParts{
		ReviewItemRow: x, Who: fieldValue(x.HolderName), Place: s.entityName(r)(x.Entity), Rights: v.Rights, Why: v.Why,
		RoleHref: "/roles/" + string(x.Role) + "?set=" + v.Policies, In: in, Fault: f, Next: nextItem(v, x.ID) != "",
		Decide: ui.FormView{ID: "decide", Action: path + "/keep", Key: s.key(), Problem: s.problem(f)},
		Hand:   ui.FormView{ID: "hand", Action: path + "/reassign", Key: s.key()},
	}
	if p.Who.Href = hrefOf(x.Holder); p.Who.Text == "" {
		p.Who.Text = x.Holder.Short()
	}
	a, _ := s.actor(r)
	for _, ref := range x.Others {
		if ref != a.Ref {
			p.Others = append(p.Others, ui.OptionView{Value: string(ref), Text: name(ref)})
		}
	}
	p.Defs = p.told(s, r, v, name)
	return p
}

// told is everything that a reviewer must know.
func (p reviewItemParts) told(s *Server, r *http.Request, v access.ReviewView, name func(core.Ref) string) []ui.Def {
	people := func(refs []core.Ref, none string) string {
		out := make([]string, 0, len(refs))
		for _, ref := range refs {
			out = append(out, name(ref))
		}
		if len(out) == 0 {
			return none
		}
		return enumerated(out, "and")
	}
	used := ui.V("Never, as far as the log tells")
	if p.Used != 0 {
		used = ui.Value{Text: ui.Stamp(p.Used), Href: "/events/" + p.UsedEvent}
	}
	beside := make([]string, 0, len(p.Beside))
	for _, text := range p.Beside {
		role, entity, _ := strings.Cut(text, "@")
		beside = append(beside, access.Role(role).Title()+", "+s.entityName(r)(core.Ref(entity)))
	}
	defs := []ui.Def{
		ui.DefText("Held", "from "+day(p.Starts)+" until "+day(p.Ends)),
		ui.DefText("Asked for by", people(p.Asked, "nobody: it was a first role")),
		ui.DefText("Agreed to by", people(p.Agreed, "nobody: given before there was anybody to agree")),
		ui.DefVal("Last used", used),
		{Term: "Other roles", Body: textLines(noneOr(beside))},
		{Term: "Conflicts", Body: textLines(s.conflictLines(p.Conflicts))},
	}
	if p.Decision == "" {
		return append(defs, ui.DefText("Decides", deciders(p.ReviewItemRow, people)))
	}
	return append(defs, decidedDefs(p.ReviewItemRow, v, name)...)
}

// deciders says who decides, and why it is not somebody nearer.
func deciders(x access.ReviewItemRow, people func([]core.Ref, string) string) string {
	text := people(x.Reviewers, "")
	switch {
	case text == "":
		return "Nobody can: no senior compliance officer of the entity or the group is left who does not hold it. It is revoked when the review closes."
	case x.Handed:
		return text + ", to whom it was handed"
	case x.FromGroup:
		return text + ", from the group: nobody of the entity is left who does not hold the role and had no part in giving it"
	}
	return text
}

func decidedDefs(x access.ReviewItemRow, v access.ReviewView, name func(core.Ref) string) []ui.Def {
	outcome := map[string]string{
		access.EffectKept: "The role stays.", access.EffectRevoked: "The role was taken away at that moment.", access.EffectEnded: "The role was over already when this was decided.",
		access.EffectProtected: "The role was not taken away: nobody could have given roles any more. A critical finding says so.",
	}[x.Effect]
	if x.Decision == access.UndecidedRole {
		return []ui.Def{
			ui.DefText("Undecided", "Nobody decided it before the review closed on "+ui.Stamp(v.Closed)+"; by the rule it is revoked then."), ui.DefText("Outcome", outcome),
		}
	}
	return []ui.Def{
		ui.DefVal("Decided by", ui.Value{Text: name(x.DecidedBy), Href: hrefOf(x.DecidedBy)}), ui.DefText("On", ui.Stamp(x.Decided)),
		ui.DefText("Outcome", outcome), ui.DefVal("In their words", fieldValue(x.Words)),
	}
}

func noneOr(lines []string) []string {
	if len(lines) == 0 {
		return []string{"none"}
	}
	return lines
}

// conflictLines say each toxic combination in words.
func (s *Server) conflictLines(ids []string) []string {
	var out []string
	for _, id := range ids {
		why := "the program does not know this combination any more"
		if c, ok := s.Policies.CombinationByID(id); ok {
			why = c.Why
		}
		out = append(out, titled(id)+": "+why)
	}
	return noneOr(out)
}

// err is the text for one field.
func (p reviewItemParts) err(field string) string { return ui.FieldError(p.Fault, field) }

func (p reviewItemParts) buttons() []ui.ButtonView {
	path := strings.TrimSuffix(p.Decide.Action, "/keep")
	text := ""
	if p.Next {
		text = ", then the next"
	}
	return []ui.ButtonView{
		{Text: "Keep it" + text, Icon: "check", Look: ui.Primary, Key: "a"},
		{Text: "Revoke it" + text, Icon: "x", Look: ui.Danger, To: path + "/revoke", Key: "r"},
	}
}

// allows are the acts of the role, each once.
func (p reviewItemParts) allows() (out []access.Right) {
	if p.Rights == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, list := range [][]access.Right{p.Rights.May, p.Rights.Sees, p.Rights.Reaches} {
		for _, x := range list {
			if key := x.Title + "|" + x.When; !seen[key] {
				seen[key] = true
				out = append(out, x)
			}
		}
	}
	return out
}

// nextItem is the item that waits for the reader after this one.
func nextItem(v access.ReviewView, after core.Ref) core.Ref {
	for _, x := range v.Rows {
		if x.Mine && x.ID != after {
			return x.ID
		}
	}
	return ""
}

func (s *Server) reviewKeep(w http.ResponseWriter, r *http.Request) error {
	return s.reviewDecide(w, r, access.KeepRole)
}

func (s *Server) reviewRevoke(w http.ResponseWriter, r *http.Request) error {
	return s.reviewDecide(w, r, access.RevokeRole)
}

func (s *Server) reviewReassign(w http.ResponseWriter, r *http.Request) error {
	return s.reviewDecide(w, r, access.Reassign)
}

// reviewDecide records a decision and goes on to the next item that waits.
func (s *Server) reviewDecide(w http.ResponseWriter, r *http.Request, decision string) error {
	var in access.DecideReview
	again := func(f *core.Fault) error { return s.drawReview(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	v, err := s.reviewRead(r)
	if err != nil {
		return err
	}
	in.Item, in.Decision = core.Ref(r.PathValue("item")), decision
	if v.Item(in.Item) == nil {
		return command.ErrHidden
	}
	to := reviewPath(v.ID)
	if next := nextItem(v, in.Item); next != "" {
		to += "/items/" + string(next)
	}
	return s.run(w, r, in, to, again)
}
