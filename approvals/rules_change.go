package approvals

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ChangeRules asks for a new version of an entity's approval rules for one
// action. It is a proposal until a senior compliance officer agrees, who is
// shown what the draft would have decided of what was decided before.
type ChangeRules struct {
	Entity core.Ref       `json:"entity"`
	Act    command.Action `json:"action"`
	Text   string         `json:"rules"`
	From   core.Instant   `json:"from,omitempty"` // zero is when it is approved
	Reason string         `json:"reason"`
	Words  string         `json:"words"`
	Case   core.Ref       `json:"case,omitempty"`
}

// Reasons are the reason codes of a change.
var Reasons = []string{"policy-review", "regulator", "incident", "new-workflow", "error"}

// rule names what makes a change a proposal.
const rule = "approvals.rules.change/1"

var senior = command.Seat{Roles: []string{"senior_compliance"}}

// Action is approvals.rules.change.
func (ChangeRules) Action() command.Action { return "approvals.rules.change" }

// Subject is the entity: the version has no record yet.
func (in ChangeRules) Subject() core.Ref { return in.Entity }

// CaseRef is the case that the change belongs to, if any.
func (in ChangeRules) CaseRef() core.Ref { return in.Case }

// Reasons are the reason code and the maker's own words.
func (in ChangeRules) Reasons() (code, words string) { return in.Reason, in.Words }

// Facts are what an approver must see, beside those that the rule draws.
func (in ChangeRules) Facts() []evidence.Detail {
	return []evidence.Detail{{Name: "rules_of", Value: string(in.Act), Search: true}}
}

// Validate checks the form of the fields and reads the rules.
func (in ChangeRules) Validate() error {
	switch {
	case in.Entity.Kind() != core.KindEntity || in.Entity == core.Group:
		return core.InvalidField("entity", "Choose a legal entity.")
	case !slices.Contains(Reasons, in.Reason):
		return core.InvalidField("reason", "Choose why: policy-review, regulator, incident, new-workflow or error.")
	case len(strings.TrimSpace(in.Words)) < 20:
		return core.InvalidField("words", "Say in your own words, in at least 20 characters, why the rules change.")
	case len(in.Text) > 10_000:
		return core.InvalidField("rules", "Rules of more than 10,000 characters cannot be read by those who approve them.")
	}
	_, err := command.ParseRules("draft", in.Text)
	return err
}

// draft is what a change is judged on.
type draft struct {
	doc      command.Doc
	ruled    bool // the action exists and can have rules
	earlier  []Version
	builtin  string // what held before the first of them
	compared Comparison
}

type changeRules struct{ d Deps }

// Load reads the earlier versions and what was decided under them.
func (h changeRules) Load(ctx context.Context, r store.Reader, in ChangeRules) (f draft, res command.Resource, err error) {
	res = resource("", in.Entity)
	known, err := h.d.Known(ctx, r, in.Entity)
	if err == nil && !known {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	f.doc, f.ruled = h.d.ruled(in.Act)
	if f.earlier, err = history(ctx, r, in.Entity, in.Act); err != nil || !f.ruled {
		return f, res, err
	}
	f.builtin = "what is built into the program"
	set, err := h.d.builtin(ctx, r, in.Entity, in.Act)
	if err != nil {
		return f, res, err
	}
	if set != nil {
		f.builtin = set.String()
	}
	draft, err := command.ParseRules("draft", in.Text)
	if err == nil {
		f.compared, err = h.d.compare(ctx, r, in.Entity, in.Act, draft)
	}
	return f, res, err
}

// Check refuses rules that name what there is not, and a start in the past.
func (changeRules) Check(in ChangeRules, f draft, m command.Moment) command.Verdict {
	if !f.ruled {
		return command.Refuse(command.Refusal{Code: "no-rules-here", Text: "Nobody can be asked to approve " + string(in.Act) + ": choose an action that has approvers."})
	}
	var no []command.Refusal
	for _, x := range fits(in.Text, f.doc) {
		no = append(no, command.Refusal{Code: "rules-do-not-fit", Text: x.String()})
	}
	starts := max(in.From, m.Now)
	if in.From != 0 && in.From < m.Now && len(m.Approvals) == 0 {
		no = append(no, command.Refusal{Code: "starts-in-the-past", Text: "Rules do not start in the past. Leave the start empty for as soon as it is approved."})
	}
	if n := len(f.earlier); n > 0 {
		switch last := f.earlier[n-1]; {
		case last.Text == tidy(in.Text):
			no = append(no, command.Refusal{Code: "nothing-changed", Text: "This is what version " + strconv.Itoa(last.Number) + " says already."})
		case starts < last.Starts:
			no = append(no, command.Refusal{Code: "before-the-last", Text: "Version " + strconv.Itoa(last.Number) + " starts on " + last.Starts.Time().Format("2 January 2006 15:04 UTC") + ": a new one cannot start before it."})
		}
	}
	if len(no) > 0 {
		return command.Refuse(no...)
	}
	return command.Needs(command.Need{Rule: rule, Seats: []command.Seat{senior}, Facts: f.facts(in)})
}

// facts are the card of the approver: old text, new text, and what the draft
// would have decided otherwise.
func (f draft) facts(in ChangeRules) []evidence.Detail {
	was := f.builtin
	if n := len(f.earlier); n > 0 {
		was = f.earlier[n-1].Text
	}
	return []evidence.Detail{
		{Name: "version", Value: strconv.Itoa(len(f.earlier) + 1)},
		{Name: "was", Value: was},
		{Name: "becomes", Value: tidy(in.Text)},
		{Name: "tried_on", Value: f.compared.Sentence()},
	}
}

// fits is all that is wrong with rules for the action, by line: what cannot be
// read, and words that mean nothing here.
func fits(text string, doc command.Doc) []command.RuleProblem {
	set, no := command.ReadRules("draft", text)
	refuse := func(r command.Rule, what string) {
		no = append(no, command.RuleProblem{Line: r.Line, Text: fmt.Sprintf("%q: %s.", r.Name, what)})
	}
	for _, r := range set.Rules {
		for _, s := range r.Seats {
			for _, role := range s.Roles {
				if !slices.Contains(doc.Approvers, role) {
					refuse(r, role+" cannot approve this; those who can are "+strings.Join(doc.Approvers, " and "))
				}
			}
		}
		for _, c := range r.When {
			for _, what := range asks(c) {
				if !slices.Contains(doc.Weighs, what) {
					refuse(r, "nobody tells the rules about "+what+" here; they can ask about "+strings.Join(append(slices.Clone(doc.Weighs), "requester"), ", "))
				}
			}
		}
	}
	slices.SortStableFunc(no, func(a, b command.RuleProblem) int { return a.Line - b.Line })
	return no
}

// asks are the inputs that a condition needs.
func asks(c command.Condition) (out []string) {
	switch c.Asks {
	case command.AskRequester:
	case command.AskFlag, command.AskNoFlag:
		for _, w := range c.Words {
			out = append(out, "flag "+w)
		}
	default:
		out = append(out, string(c.Asks))
	}
	return out
}

// tidy is the one form in which rules are kept.
func tidy(text string) string {
	set, err := command.ParseRules("draft", text)
	if err != nil {
		return text
	}
	return set.String()
}

// Apply adopts the version.
func (changeRules) Apply(ctx context.Context, tx *command.Tx, in ChangeRules, f draft) ([]evidence.Event, error) {
	if tx.Approval == nil {
		return nil, core.NewFault(core.Refused, "not-approved", "Approval rules change only after somebody else has agreed.")
	}
	v := &Version{
		ID: tx.NewRef(core.KindRules), Entity: in.Entity, Action: in.Act, Number: len(f.earlier) + 1, Text: tidy(in.Text),
		Starts: max(in.From, tx.Now), Maker: tx.Approval.Maker, Proposal: tx.Approval.Proposal, Reason: in.Reason, Words: in.Words, Created: tx.Now,
	}
	v.Hash = digest(v.Text)
	if err := versions.Insert(ctx, tx.Tx, v); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventChanged, Entity: v.Entity, Subjects: []core.Ref{v.ID, v.Entity}, Reason: in.Reason, Text: in.Words,
		Details: []evidence.Detail{
			{Name: "rules_of", Value: string(v.Action), Search: true},
			{Name: "version", Value: strconv.Itoa(v.Number)},
			{Name: "hash", Value: v.Hash},
			{Name: "tried_on", Value: f.compared.Sentence()},
		},
	}}, nil
}
