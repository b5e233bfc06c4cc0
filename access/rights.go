package access

import (
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Right is one act that policy allows, or does not, in words.
type Right struct {
	Action command.Action `json:"action"`
	Title  string         `json:"title"`
	On     []string       `json:"on"`             // the kinds of records, as the policies call them
	When   string         `json:"when,omitempty"` // the condition; empty is always
	// Policies decided: those that permit, or of what is not allowed those that
	// forbid. Without one, nothing permits it.
	Policies []string `json:"policies,omitempty"`
	// Roles are those of the person through which it is allowed; none for what
	// everybody on the staff may do for themselves.
	Roles []Role `json:"roles,omitempty"`
}

// Rights is all that a person may and may not do in one legal entity, out of
// the whole catalogue of acts. Seeing values of a class is among them.
type Rights struct {
	May    []Right `json:"may" nullable:"false"`
	MayNot []Right `json:"may_not" nullable:"false"`
	// Sees and Masked are the same for values of each class in the clear.
	Sees   []Right `json:"sees" nullable:"false"`
	Masked []Right `json:"masked" nullable:"false"`
}

// asking is one person whose rights are told, in one entity.
type asking struct {
	*Authorizer
	titles *command.Registry
	who    *principal
	entity core.Ref // as records name it: empty is the group
}

// rights asks the policies about every act of the catalogue on every kind of
// record. Nothing here interprets a policy: each condition that one makes is
// tried, both as it is met and as it is not, and the answer is the engine's.
func (q asking) rights() Rights {
	out := Rights{May: []Right{}, MayNot: []Right{}, Sees: []Right{}, Masked: []Right{}}
	for _, act := range q.Actions() {
		if q.titles != nil && q.titles.OnlySystem(act) {
			continue // no person may, whatever their roles
		}
		yes, no := &out.May, &out.MayNot
		if strings.HasPrefix(string(act), seePrefix) {
			yes, no = &out.Sees, &out.Masked
		}
		may, not := q.act(act)
		*yes = append(*yes, may...)
		*no = append(*no, not...)
	}
	return out
}

const seePrefix = "see."

// title names an act for people.
func (q asking) title(act command.Action) string {
	if class, ok := strings.CutPrefix(string(act), seePrefix); ok {
		return "See " + class + " values in the clear"
	}
	if q.titles == nil {
		return string(act)
	}
	return q.titles.Title(act)
}

// act tells one act: kinds of records with one condition together.
func (q asking) act(act command.Action) (may, not []Right) {
	known := slices.Clone(q.set.actions[act].types)
	slices.Sort(known)
	for _, typ := range known {
		kind, ok := kindNamed(typ)
		if !ok {
			continue // of an older schema: today's program has no such records
		}
		t := q.try(act, kind, typ)
		if len(t.allowed) == 0 {
			not = joined(not, Right{Action: act, Title: q.title(act), On: []string{string(typ)}, Policies: t.forbids})
			continue
		}
		may = joined(may, Right{
			Action: act, Title: q.title(act), On: []string{string(typ)}, When: t.words(q.title), Policies: t.permits, Roles: q.through(t),
		})
	}
	return may, not
}

// joined adds a right to the one that says the same of other records.
func joined(list []Right, x Right) []Right {
	for i := range list {
		r := &list[i]
		if r.When == x.When && slices.Equal(r.Policies, x.Policies) && slices.Equal(r.Roles, x.Roles) {
			r.On = append(r.On, x.On...)
			return list
		}
	}
	return append(list, x)
}

// through names the roles without which nothing of this would be allowed:
// those that alone, or in the group alone, are allowed one of the cases by a
// policy that decided.
func (q asking) through(t *tried) (out []Role) {
	add := func(r Role, alone map[core.Ref][]Role) {
		who := *q.who
		who.roles = alone
		for _, c := range t.allowed {
			ruling := q.rule(&who, t.act, c.res)
			nobody := *q.who
			nobody.roles = nil
			if ruling.Allow && !q.rule(&nobody, t.act, c.res).Allow && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	for _, r := range q.who.roles[held(q.entity)] {
		add(r, map[core.Ref][]Role{held(q.entity): {r}})
	}
	if q.entity != "" {
		for _, r := range q.who.roles[Group] {
			add(r, map[core.Ref][]Role{Group: {r}})
		}
	}
	return out
}

func kindNamed(typ types.EntityType) (core.Kind, bool) {
	for k, v := range kinds {
		if v == typ {
			return k, true
		}
	}
	return "", false
}

// somebody is how a case names another person, or a value that no policy names.
const somebody = "st_somebody"

// facet is what the policies of an act ask about one attribute of a record:
// whether it is the person's own, and whether it is one of some texts.
type facet struct {
	attr  string
	own   bool
	texts []string
}

// tried is one act on one kind of record, case by case.
type tried struct {
	act              command.Action
	kind             core.Kind
	allowed, denied  []tryCase
	permits, forbids []string
	fresh, filed     bool // only with a second factor; only under an open case
}

// tryCase is one record with chosen attributes.
type tryCase struct {
	res  command.Resource
	own  bool     // it is the person's own
	text []string // attribute=text, for the attributes that have a text
}

// try asks the engine about every case that the policies tell apart.
func (q asking) try(act command.Action, kind core.Kind, typ types.EntityType) *tried {
	t := &tried{act: act, kind: kind}
	entry := q.set.actions[act]
	facets := entry.facets()
	for _, c := range q.cases(kind, typ, facets) {
		ruling := q.rule(q.who, act, c.res)
		if !ruling.Allow {
			t.denied = append(t.denied, c)
			t.forbids = merged(t.forbids, ruling.Policies)
			continue
		}
		t.allowed = append(t.allowed, c)
		t.permits = merged(t.permits, ruling.Policies)
		q.moments(t, c)
	}
	return t
}

// moments finds out whether a right hangs on a second factor or on a case.
func (q asking) moments(t *tried, c tryCase) {
	who := *q.who
	who.stepUp = false
	t.fresh = t.fresh || !q.rule(&who, t.act, c.res).Allow
	bare := c.res
	bare.Attrs = map[string]any{}
	for name, v := range c.res.Attrs {
		bare.Attrs[name] = v
	}
	delete(bare.Attrs, attrHasCase)
	t.filed = t.filed || !q.rule(q.who, t.act, bare).Allow
}

func merged[T ~string](into, more []T) []T {
	into = append(into, more...)
	slices.Sort(into)
	return slices.Compact(into)
}

// cases are the records that differ in what the policies look at.
func (q asking) cases(kind core.Kind, typ types.EntityType, facets []facet) []tryCase {
	id := core.Ref(string(kind) + "_any")
	if kind == core.KindEntity {
		id = q.entity
	}
	base := tryCase{res: command.Resource{Kind: kind, Ref: id, Entity: q.entity, Attrs: map[string]any{attrHasCase: true}}}
	shape := q.set.schema.Entities[typ].Shape
	for name := range shape {
		if name != "id" && isText(shape[name].Type) {
			base.res.Attrs[string(name)] = somebody
		}
	}
	out := []tryCase{base}
	owned := base
	for _, f := range facets {
		if _, has := shape[types.String(f.attr)]; !has {
			continue
		}
		if f.own {
			owned = owned.with(f.attr, string(q.who.uid.ID))
			owned.own = true
		}
	}
	if owned.own {
		out = append(out, owned)
	}
	for _, f := range facets {
		if _, has := shape[types.String(f.attr)]; !has {
			continue
		}
		for _, c := range slices.Clone(out) {
			for _, text := range f.texts {
				x := c.with(f.attr, text)
				x.text = append(slices.Clone(c.text), f.attr+"="+text)
				out = append(out, x)
			}
		}
	}
	return out
}

// with is the case with one attribute changed.
func (c tryCase) with(attr, value string) tryCase {
	out := tryCase{res: c.res, own: c.own, text: c.text}
	out.res.Attrs = make(map[string]any, len(c.res.Attrs)+1)
	for k, v := range c.res.Attrs {
		out.res.Attrs[k] = v
	}
	if attr == "id" {
		out.res.Ref = core.Ref(value)
	} else {
		out.res.Attrs[attr] = value
	}
	return out
}
