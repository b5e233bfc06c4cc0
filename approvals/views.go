package approvals

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ViewRules asks for the approval rules of an entity: for one action with all
// its versions, or for every action that can have rules.
type ViewRules struct {
	Entity core.Ref       `json:"entity"`
	Act    command.Action `json:"action,omitempty"`
}

// Action is approvals.rules.view.
func (ViewRules) Action() command.Action { return "approvals.rules.view" }

// Subject is the entity.
func (in ViewRules) Subject() core.Ref { return in.Entity }

// RulesView are the rules of one action in one entity.
type RulesView struct {
	Action    command.Action `json:"action"`
	Title     string         `json:"title"`
	Weighs    []string       `json:"weighs"`    // what rules can ask about
	Approvers []string       `json:"approvers"` // whom rules can ask
	Floor     string         `json:"floor"`     // what is demanded whatever the rules say
	InForce   int            `json:"in_force"`  // version; 0 is what is built in
	Text      string         `json:"rules"`     // in force; empty where the program alone decides
	Builtin   string         `json:"builtin"`   // what held before any version; likewise
	Versions  []VersionView  `json:"versions"`  // newest first
	MayChange bool           `json:"may_change"`
	MayTry    bool           `json:"may_try"`
}

// VersionView is a version with who agreed to it, and what it changed.
type VersionView struct {
	Version
	Approvers []core.Ref `json:"approvers"`
	Event     string     `json:"event,omitempty"` // of its adoption
	Changes   []DiffLine `json:"changes"`         // against the version before
}

type viewRules struct{ d Deps }

// ViewRulesQuery answers ViewRules.
func ViewRulesQuery(d Deps) command.Query[ViewRules, []RulesView] { return viewRules{d} }

// Target is the entity's rules.
func (q viewRules) Target(ctx context.Context, r store.Reader, in ViewRules) (command.Resource, error) {
	return q.d.target(ctx, r, in.Entity)
}

// target hides entities that do not exist like those that are not the reader's.
func (d Deps) target(ctx context.Context, r store.Reader, entity core.Ref) (command.Resource, error) {
	known, err := d.Known(ctx, r, entity)
	if err == nil && !known {
		err = command.ErrHidden
	}
	return Of(entity), err
}

// Of is what is asked about when the rules of an entity are read as a whole.
func Of(entity core.Ref) command.Resource { return resource("ar_rules", entity) }

// Read lists them by title.
func (q viewRules) Read(ctx context.Context, r store.Reader, in ViewRules, see *command.Sight) ([]RulesView, error) {
	var out []RulesView
	for _, l := range q.d.Registry.List() {
		if len(l.Doc.Approvers) == 0 || in.Act != "" && l.Action != in.Act {
			continue
		}
		v, err := q.d.view(ctx, r, in.Entity, l, see)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	if in.Act != "" && len(out) == 0 {
		return nil, command.ErrHidden
	}
	slices.SortFunc(out, func(a, b RulesView) int { return strings.Compare(a.Title, b.Title) })
	return out, nil
}

func (d Deps) view(ctx context.Context, r store.Reader, entity core.Ref, l command.Listed, see *command.Sight) (RulesView, error) {
	res := Of(entity)
	v := RulesView{
		Action: l.Action, Title: l.Doc.Title, Weighs: slices.Clone(l.Doc.Weighs), Approvers: l.Doc.Approvers, Floor: l.Doc.Floor,
		MayChange: see.Allowed("approvals.rules.change", res), MayTry: see.Allowed("approvals.rules.try", res),
	}
	set, err := d.builtin(ctx, r, entity, l.Action)
	if err != nil {
		return v, err
	}
	if set != nil {
		v.Builtin = set.String()
	}
	v.Text = v.Builtin
	all, err := history(ctx, r, entity, l.Action)
	if err != nil {
		return v, err
	}
	was := v.Builtin
	for _, x := range all {
		if x.Starts <= see.Now {
			v.InForce, v.Text = x.Number, x.Text
		}
		w, err := d.viewVersion(ctx, r, x, was)
		if err != nil {
			return v, err
		}
		v.Versions, was = append(v.Versions, w), x.Text
	}
	slices.Reverse(v.Versions)
	return v, nil
}

// viewVersion adds who agreed to a version, the event of its adoption, and how
// it differs from the one before.
func (d Deps) viewVersion(ctx context.Context, r store.Reader, x Version, was string) (VersionView, error) {
	v := VersionView{Version: x, Changes: Diff(was, x.Text)}
	answers, err := command.Decisions(ctx, r, x.Proposal)
	if err != nil {
		return v, err
	}
	for _, a := range answers {
		v.Approvers = append(v.Approvers, a.Approver)
	}
	found, err := d.Log.Find(ctx, r, evidence.Filter{Refs: []core.Ref{x.ID}, Types: []string{EventChanged.Name}, Scope: store.True, Oldest: true}, core.PageRequest{Limit: 1})
	if err == nil && len(found.Rows) > 0 {
		v.Event = found.Rows[0].ID
	}
	return v, err
}

// builtin is version 0; nil where the program alone decides.
func (d Deps) builtin(ctx context.Context, r store.Reader, entity core.Ref, act command.Action) (*command.RuleSet, error) {
	if d.Builtin == nil {
		return nil, nil
	}
	return d.Builtin(ctx, r, entity, act)
}

// TryRules asks what rules would decide: of one act with given inputs, and of
// everything that was decided before. Empty rules are those in force.
type TryRules struct {
	Entity core.Ref        `json:"entity"`
	Act    command.Action  `json:"action"`
	Text   string          `json:"rules,omitempty"`
	About  core.Ref        `json:"about,omitempty"`  // a record whose inputs are taken, as they are now
	Inputs *command.Inputs `json:"inputs,omitempty"` // or these
}

// Action is approvals.rules.try.
func (TryRules) Action() command.Action { return "approvals.rules.try" }

// Subject is the entity.
func (in TryRules) Subject() core.Ref { return in.Entity }

// Trial is what the rules would decide.
type Trial struct {
	Text     string                `json:"rules"`
	Problems []command.RuleProblem `json:"problems,omitempty"` // why the draft cannot be adopted
	Inputs   *command.Inputs       `json:"inputs,omitempty"`
	Rule     string                `json:"rule,omitempty"`  // the one that decides, in its own words
	Asked    []Asked               `json:"asked,omitempty"` // the rules in order, up to that one
	Refused  string                `json:"refused,omitempty"`
	Need     *command.Need         `json:"need,omitempty"` // without what the program demands by itself
	Compared Comparison            `json:"compared"`
}

// Asked is one rule that was asked, and why it does not decide where it does not.
type Asked struct {
	Name    string `json:"name"`
	Rule    string `json:"rule"`
	Decides bool   `json:"decides"`
	Because string `json:"because,omitempty"`
}

type tryRules struct{ d Deps }

// TryRulesQuery answers TryRules.
func TryRulesQuery(d Deps) command.Query[TryRules, Trial] { return tryRules{d} }

// Target is the entity's rules.
func (q tryRules) Target(ctx context.Context, r store.Reader, in TryRules) (command.Resource, error) {
	return q.d.target(ctx, r, in.Entity)
}

// Read tries them.
func (q tryRules) Read(ctx context.Context, r store.Reader, in TryRules, see *command.Sight) (Trial, error) {
	doc, ruled := q.d.ruled(in.Act)
	if !ruled {
		return Trial{}, command.ErrHidden
	}
	t := Trial{Text: in.Text, Inputs: in.Inputs}
	if t.Text == "" {
		set, err := InForce(ctx, r, in.Entity, in.Act, see.Now)
		if err == nil && set == nil {
			set, err = q.d.builtin(ctx, r, in.Entity, in.Act)
		}
		if err != nil || set == nil {
			return t, err
		}
		t.Text = set.String()
	}
	if t.Problems = fits(t.Text, doc); len(t.Problems) > 0 {
		return t, nil
	}
	set, err := command.ParseRules("draft", t.Text)
	if err != nil {
		return t, err
	}
	if in.About != "" && q.d.Weigh != nil {
		if t.Inputs, err = q.d.Weigh(ctx, r, in.Entity, in.Act, in.About); err != nil {
			return t, err
		}
	}
	if t.Inputs != nil {
		t.decide(set)
	}
	t.Compared, err = q.d.compare(ctx, r, in.Entity, in.Act, set)
	see.Counted(t.Compared.Tried)
	return t, err
}

func (t *Trial) decide(set command.RuleSet) {
	t.Rule = set.Decide(*t.Inputs).String()
	for _, x := range set.Explain(*t.Inputs) {
		t.Asked = append(t.Asked, Asked{x.Rule.Name, x.Rule.String(), x.Decides, x.Because})
	}
	v, _ := set.Demand(*t.Inputs, nil)
	if t.Need = v.Need(); t.Need != nil {
		t.Need.Facts = nil
	}
	for _, x := range v.Refusals() {
		t.Refused = x.Text
	}
}
