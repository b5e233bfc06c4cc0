package access

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// WhoCould asks who could do both sides of a combination within a time, through
// which grants, and whether they did.
type WhoCould struct {
	Combination string       `json:"combination,omitempty" doc:"one of the toxic combinations; or one and other"`
	One         string       `json:"one,omitempty" doc:"an act, with \"approve \" before it for agreeing to the proposals of others"`
	Other       string       `json:"other,omitempty" doc:"the act that must not go with it"`
	Entity      core.Ref     `json:"entity" doc:"a legal entity, or en_group for the whole firm"`
	From        core.Instant `json:"from" doc:"the beginning"`
	To          core.Instant `json:"to" doc:"the end, not included"`
}

// Action is access.grant.list: it tells people's grants, and what follows from
// them.
func (WhoCould) Action() command.Action { return "access.grant.list" }

// Subject is nobody in particular.
func (WhoCould) Subject() core.Ref { return "" }

// CouldView is the answer. All of it comes from the log.
type CouldView struct {
	Combination
	Entity core.Ref     `json:"entity"`
	From   core.Instant `json:"from"`
	To     core.Instant `json:"to"` // the end that was asked for, or now
	// People could do both at once, first; then those who could do one side
	// and later the other.
	People []Could `json:"people" nullable:"false"`
	// Hidden says that grants elsewhere are not the reader's to see; nothing is
	// said about what they added. NotActs says so of what was done.
	Hidden  bool      `json:"grants_hidden,omitempty"`
	NotActs bool      `json:"acts_hidden,omitempty"`
	Doubt   []string  `json:"doubt,omitempty"`
	Logs    []PastLog `json:"logs" nullable:"false"`
}

// Could is one person of the answer.
type Could struct {
	Staff core.Ref    `json:"staff"`
	Name  Field       `json:"name"`
	Both  []CouldSpan `json:"both" nullable:"false"`
	One   []CouldSpan `json:"one" nullable:"false"`
	Other []CouldSpan `json:"other" nullable:"false"`
	// Grants are all those that the spans name.
	Grants []PastGrantRow `json:"grants" nullable:"false"`
	// DidOne and DidOther are what they did of each side within the time, oldest
	// first, and Same the records about which they did both.
	DidOne   []CouldAct  `json:"did_one" nullable:"false"`
	DidOther []CouldAct  `json:"did_other" nullable:"false"`
	Same     []CouldSame `json:"same" nullable:"false"`
	More     bool        `json:"more,omitempty"` // they did more than was read
}

// CouldAct is one act of a side.
type CouldAct struct {
	PastAct
	Action   command.Action `json:"action"`
	Entity   core.Ref       `json:"entity,omitempty"`
	Subjects []core.Ref     `json:"subjects" nullable:"false"`
	During   bool           `json:"during"` // while they could do both
}

// CouldSame is a record about which somebody did both.
type CouldSame struct {
	Subject core.Ref `json:"subject"`
	One     []string `json:"one" nullable:"false"` // events
	Other   []string `json:"other" nullable:"false"`
}

// WhoCouldQuery answers WhoCould on a road.
func WhoCouldQuery(rd *command.Road, a *Authorizer) command.Query[WhoCould, CouldView] {
	return whoCould{rd, a}
}

type whoCould struct {
	rd       *command.Road
	policies *Authorizer
}

var deedText = regexp.MustCompile(`^(approve )?[a-z]+(\.[a-z-]+){2}$`)

// combination is the one that is asked about.
func (a *Authorizer) combination(in WhoCould) (Combination, error) {
	if in.Combination != "" {
		c, known := a.CombinationByID(in.Combination)
		if !known {
			return c, core.InvalidField("combination", "There is no toxic combination of this name. Choose one of the list, or name two acts.")
		}
		return c, nil
	}
	c := Combination{ID: "two acts", Why: "Asked about by name; the firm has not called it toxic.", Anywhere: in.Entity == Group}
	for _, x := range []struct {
		name, text string
		into       *[]Deed
	}{{"one", in.One, &c.One}, {"other", in.Other, &c.Other}} {
		deeds := parseDeeds(x.text)
		if !deedText.MatchString(strings.TrimSpace(x.text)) || a.set.actions[deeds[0].Act] == nil {
			return c, core.InvalidField(x.name, "Choose a toxic combination, or name an act as the catalogue has it, such as clients.bankdetail.change or approve payments.withdrawal.release.")
		}
		*x.into = deeds
	}
	return c, nil
}

// Target is grants at large in the entity that is asked about.
func (q whoCould) Target(ctx context.Context, r store.Reader, in WhoCould) (command.Resource, error) {
	if in.Entity == "" {
		return command.Resource{}, core.InvalidField("entity", "Choose a legal entity, or the whole firm (en_group).")
	}
	e, err := EntityByID(ctx, r, in.Entity)
	if err == nil && e == nil {
		err = command.ErrHidden
	}
	return grantResource(in.Entity, somebody, anyRole, in.Entity), err
}

// Read answers from the log.
func (q whoCould) Read(ctx context.Context, r store.Reader, in WhoCould, see *command.Sight) (CouldView, error) {
	c, err := q.policies.combination(in)
	switch {
	case err != nil:
		return CouldView{}, err
	case in.From == 0:
		return CouldView{}, core.InvalidField("from", "Say from which day on.")
	case in.To <= in.From:
		return CouldView{}, core.InvalidField("to", "The end must come after the beginning.")
	case in.From >= see.Now:
		return CouldView{}, core.InvalidField("from", "That time has not come yet. What holds then is not decided.")
	}
	v := CouldView{Combination: c, Entity: in.Entity, From: in.From, To: min(in.To, see.Now+1), People: []Could{}, Logs: []PastLog{}}
	all, err := careersOf(ctx, r, q.rd.Log, v.To-1)
	if err != nil {
		return v, err
	}
	judged, doubt, err := q.policies.judges(ctx, r, q.rd.Log, all, &v)
	if err != nil {
		return v, err
	}
	v.Doubt = doubt
	for _, id := range all.altered {
		v.Doubt = append(v.Doubt, "The changes that are kept of entry "+id+" are not those that were recorded; they count for nothing here. Run verify.")
	}
	if err := q.people(ctx, r, all, judged, &v, see); err != nil {
		return v, err
	}
	see.Counted(len(v.People))
	states, err := evidence.LogStates(ctx, r)
	for _, s := range states {
		if in.Entity == Group || s.Log == evidence.GroupLog || s.Log == string(in.Entity) {
			v.Logs = append(v.Logs, PastLog{s.Log, s.Size, s.CheckpointSize, s.Unsealed})
		}
	}
	return v, err
}

// people finds who could, and what they did.
func (q whoCould) people(ctx context.Context, r store.Reader, all *careers, judged could, v *CouldView, see *command.Sight) error {
	visible := map[core.Ref]bool{}
	sees := func(g Grant) bool {
		yes, known := visible[g.Entity]
		if !known {
			yes = see.Allowed(ListGrants{}.Action(), grantResource(g.ID, somebody, anyRole, g.Entity))
			visible[g.Entity] = yes
		}
		v.Hidden = v.Hidden || !yes
		return yes
	}
	v.NotActs = !see.Allowed("evidence.event.search", command.Resource{Kind: KindEvent, Ref: "ev_any", Entity: within(v.Entity)})
	var later []Could
	for _, who := range all.order {
		p := all.people[who]
		x := Could{Staff: who, DidOne: []CouldAct{}, DidOther: []CouldAct{}, Same: []CouldSame{}}
		x.One, x.Other, x.Both = judged.spans(p, v.Combination, sees)
		if !x.narrow(v.Entity, v.Anywhere) {
			continue
		}
		if err := q.tell(ctx, r, all, p, v, &x, see); err != nil {
			return err
		}
		if len(x.Both) > 0 {
			v.People = append(v.People, x)
		} else {
			later = append(later, x)
		}
	}
	v.People = append(v.People, later...)
	return nil
}

// narrow leaves what concerns the entity, and reports whether the person could
// do both there: at once, or one after the other.
func (x *Could) narrow(entity core.Ref, anywhere bool) bool {
	here := func(place core.Ref) bool { return entity == Group || place == entity || place == Everywhere }
	x.Both = slices.DeleteFunc(x.Both, func(s CouldSpan) bool { return !here(s.OneIn) && !here(s.OtherIn) })
	oneHere := slices.ContainsFunc(x.One, func(s CouldSpan) bool { return here(s.OneIn) })
	otherHere := slices.ContainsFunc(x.Other, func(s CouldSpan) bool { return here(s.OtherIn) })
	if !anywhere {
		x.One = slices.DeleteFunc(x.One, func(s CouldSpan) bool { return !here(s.OneIn) || !s.meets(x.Other) })
		x.Other = slices.DeleteFunc(x.Other, func(s CouldSpan) bool { return !here(s.OtherIn) || !s.meets(x.One) })
	}
	for _, list := range []*[]CouldSpan{&x.Both, &x.One, &x.Other} {
		if *list == nil {
			*list = []CouldSpan{}
		}
	}
	return len(x.Both) > 0 || len(x.One) > 0 && len(x.Other) > 0 && (oneHere || otherHere)
}

// meets reports whether the other side was held, at whatever time, in the same
// place.
func (s CouldSpan) meets(others []CouldSpan) bool {
	place := first(s.OneIn, s.OtherIn)
	return slices.ContainsFunc(others, func(o CouldSpan) bool { return first(o.OneIn, o.OtherIn) == place })
}

// tell adds the name, the grants, the exceptions and the acts.
func (q whoCould) tell(ctx context.Context, r store.Reader, all *careers, p *past, v *CouldView, x *Could, see *command.Sight) error {
	s, err := StaffByID(ctx, r, x.Staff)
	if err != nil || s == nil {
		return err
	}
	x.Name = show(see, s.Resource(), "name", s.Name)
	var named []core.Ref
	for _, list := range [][]CouldSpan{x.Both, x.One, x.Other} {
		for _, span := range list {
			named = append(append(named, span.One...), span.Other...)
		}
	}
	p.at, p.active = v.To-1, s.worksAt(v.To-1)
	x.Grants = []PastGrantRow{}
	for i := range p.grants {
		if slices.Contains(named, p.grants[i].ID) {
			x.Grants = append(x.Grants, p.grants[i].row(p))
		}
	}
	for i := range x.Both {
		for _, e := range all.exceptions {
			if e.Holder == x.Staff && e.Combination == v.ID && e.over(x.Both[i]) {
				x.Both[i].Exceptions = merged(x.Both[i].Exceptions, []core.Ref{e.ID})
			}
		}
	}
	if v.NotActs {
		return nil
	}
	return q.acts(ctx, r, v, x, see.Filter("evidence.event.search", KindEvent))
}

// acts reads what the person did of each side, in the logs that the reader may
// search.
func (q whoCould) acts(ctx context.Context, r store.Reader, v *CouldView, x *Could, scope store.Where) error {
	f := evidence.Filter{Actor: x.Staff, From: v.From, To: v.To, Scope: scope, Oldest: true}
	more, err := eachEvent(ctx, r, q.rd.Log, f, func(rec *evidence.Record) error { return q.act(ctx, r, v, x, rec) }, nil)
	if err != nil {
		return err
	}
	x.More = more
	x.same()
	return nil
}
