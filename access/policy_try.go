package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Trial is what a draft would have decided of what was decided before.
type Trial struct {
	Tried int `json:"tried"`
	// Unknown are decisions that could not be put again as they were put, for
	// example because the policies of then are not kept; nothing is said of them.
	Unknown int          `json:"unknown"`
	More    bool         `json:"more"` // older ones were not looked at
	Since   core.Instant `json:"since,omitempty"`
	Differs []Differs    `json:"differs" nullable:"false"`
}

// Differs are past decisions of one sort that would have gone another way.
type Differs struct {
	Action  command.Action `json:"action"`
	Title   string         `json:"title"`
	Roles   []string       `json:"roles"`
	Was     Told           `json:"was"`
	Becomes Told           `json:"becomes"`
	Times   int            `json:"times"`
	Event   string         `json:"event"` // the newest of them
	People  []core.Ref     `json:"people"`
}

// Told is an answer of policies.
type Told struct {
	Allow    bool     `json:"allow"`
	Policies []string `json:"policies" nullable:"false"`
	Sees     []string `json:"sees" nullable:"false"` // classes in the clear, of what it was about
}

// Words says the answer in a line.
func (t Told) Words() string {
	text := "denied"
	if t.Allow {
		text = "allowed"
	}
	if len(t.Sees) > 0 {
		text += ", sees " + strings.Join(t.Sees, ", ")
	}
	return text
}

// The newest decisions that a draft is tried on, and the entries looked through
// for them. atMostLines are the differences on an approver's card; the page of
// the draft has all.
const (
	atMostTried   = 500
	atMostEntries = 2000
	atMostLines   = 12
)

// Sentence says how many went another way.
func (t Trial) Sentence() string {
	n := 0
	for _, d := range t.Differs {
		n += d.Times
	}
	text := fmt.Sprintf("%d of %d decisions would have gone another way", n, t.Tried)
	if t.More {
		text += fmt.Sprintf(" (the newest %d were tried)", t.Tried+t.Unknown)
	}
	if t.Unknown > 0 {
		text += fmt.Sprintf("; %d could not be put again as they were put", t.Unknown)
	}
	return text
}

// lines are the first differences, one a line.
func (t Trial) lines(most int) string {
	var out []string
	for i, d := range t.Differs {
		if i == most {
			out = append(out, fmt.Sprintf("and %d more", len(t.Differs)-most))
			break
		}
		out = append(out, fmt.Sprintf("%s (%s), %d times: %s, would be %s", d.Title, strings.Join(d.Roles, ", "), d.Times, d.Was.Words(), d.Becomes.Words()))
	}
	return strings.Join(out, "\n")
}

// try puts recorded decisions to the set in force and to a draft. A decision
// counts only when the policies of then, asked again, answer as they did: so
// that what is compared is the question that was put, and not a guess at it.
func (d PolicyDeps) try(ctx context.Context, r store.Reader, now, draft *Authorizer) (Trial, error) {
	t := &trying{PolicyDeps: d, ctx: ctx, r: r, now: now, draft: draft, sets: map[string]*Authorizer{}, people: map[core.Ref][]Grant{}}
	t.Differs = []Differs{}
	f := evidence.Filter{Scope: store.True}
	page := core.PageRequest{Limit: core.MaxPage}
	for looked := 0; ; {
		found, err := d.Log.Find(ctx, r, f, page)
		if err != nil {
			return t.Trial, err
		}
		for i := range found.Rows {
			if err := t.one(&found.Rows[i]); err != nil {
				return t.Trial, err
			}
		}
		looked += len(found.Rows)
		if t.More = found.Next != ""; !t.More || t.Tried+t.Unknown >= atMostTried || looked >= atMostEntries {
			return t.Trial, nil
		}
		page.After = found.Next
	}
}

// trying is a trial on its way.
type trying struct {
	PolicyDeps
	Trial
	ctx        context.Context
	r          store.Reader
	now, draft *Authorizer
	sets       map[string]*Authorizer // by hash; nil where it cannot be asked
	people     map[core.Ref][]Grant
}

// one tries a decision of a person; parts of the program stand on the floor,
// which no firm's set moves.
func (t *trying) one(rec *evidence.Record) error {
	told, err := rec.View()
	if err != nil {
		return err
	}
	act := command.Action(told.Metadata.Action)
	entry := t.now.set.actions[act]
	if told.Policy.Set == "" || entry == nil || rec.Actor.Kind() != core.KindStaff || told.Metadata.Correlation != "" && told.Approval == nil {
		return nil
	}
	who, err := t.principal(rec, told)
	if err != nil {
		return err
	}
	res, ok, err := t.about(rec, act)
	if err != nil {
		return err
	}
	if told.Actor.StepUp == "true" {
		who.stepUp = true
	}
	then, err := t.set(told.Policy.Set, told.Policy.Engine)
	if err != nil {
		return err
	}
	res.Attrs[attrHasCase] = rec.Case != ""
	if !ok || then == nil || then.rule(who, act, res).Allow != (told.Policy.Effect == "permit") {
		t.Unknown++
		return nil
	}
	t.Tried++
	t.Since = rec.At
	t.compare(rec, who, act, res)
	return nil
}

// compare holds the two answers against each other.
func (t *trying) compare(rec *evidence.Record, who *principal, act command.Action, res command.Resource) {
	was, becomes := t.now.told(who, act, res), t.draft.told(who, act, res)
	if was.Allow == becomes.Allow && slices.Equal(was.Policies, becomes.Policies) && slices.Equal(was.Sees, becomes.Sees) {
		return
	}
	roles := make([]string, 0, 2)
	for _, role := range append(slices.Clone(who.roles[held(res.Entity)]), who.roles[Group]...) {
		if !slices.Contains(roles, string(role)) {
			roles = append(roles, string(role))
		}
	}
	i := slices.IndexFunc(t.Differs, func(d Differs) bool {
		return d.Action == act && slices.Equal(d.Roles, roles) && d.Was.same(was) && d.Becomes.same(becomes)
	})
	if i < 0 {
		i = len(t.Differs)
		t.Differs = append(t.Differs, Differs{Action: act, Title: t.Registry.Title(act), Roles: roles, Was: was, Becomes: becomes, Event: rec.ID})
	}
	d := &t.Differs[i]
	d.Times++
	if who := core.Ref(who.uid.ID); !slices.Contains(d.People, who) {
		d.People = append(d.People, who)
	}
}

func (t Told) same(x Told) bool {
	return t.Allow == x.Allow && slices.Equal(t.Policies, x.Policies) && slices.Equal(t.Sees, x.Sees)
}

// told is an answer, with the classes that the person would see of the record.
func (a *Authorizer) told(who *principal, act command.Action, res command.Resource) Told {
	got := a.rule(who, act, res)
	out := Told{Allow: got.Allow, Policies: append([]string{}, got.Policies...), Sees: []string{}}
	if !got.Allow || a.set.actions[act].changes() {
		return out
	}
	for _, class := range []core.Class{core.Personal, core.Identity, core.Bank} {
		if a.rule(who, command.SeeAction(class), res).Allow {
			out.Sees = append(out.Sees, string(class))
		}
	}
	return out
}
