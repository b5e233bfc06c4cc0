package access

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ViewPast asks what one person could see and do at a moment in one legal
// entity, through what, agreed by whom, and what they did around then.
type ViewPast struct {
	Staff  core.Ref     `json:"staff"`
	Entity core.Ref     `json:"entity" doc:"a legal entity, or en_group"`
	At     core.Instant `json:"at,omitempty" doc:"the moment; now when absent"`
}

// Action is access.grant.list: it tells a person's grants, and what follows
// from them.
func (ViewPast) Action() command.Action { return "access.grant.list" }

// Subject is the person.
func (v ViewPast) Subject() core.Ref { return v.Staff }

// Validate checks the form of every field.
func (v ViewPast) Validate() error {
	switch {
	case v.Staff.Kind() != core.KindStaff:
		return core.InvalidField("staff", "Choose a staff member.")
	case v.Entity == "":
		return core.InvalidField("entity", "Choose a legal entity, or the group (en_group).")
	}
	return nil
}

// PastView is the answer. All of it comes from the log, as far as At.
type PastView struct {
	Staff  core.Ref     `json:"staff"`
	Name   Field        `json:"name"`
	Entity core.Ref     `json:"entity"`
	At     core.Instant `json:"at"`
	Active bool         `json:"active"` // they worked here at that moment
	// Grants are those of the entity that were given until then, and those of
	// the group, whose roles reach into every entity where policies say so.
	Grants []PastGrantRow `json:"grants" nullable:"false"`
	// GroupHidden says that the group's grants are not the reader's to see, so
	// that nothing is said about what they added.
	GroupHidden bool `json:"group_hidden,omitempty"`
	// Policies is the hash of the set that decided then; Decision the entry
	// that names it. Why says that it cannot be asked today; nothing is said
	// about rights then. Doubt says what else is uncertain.
	Policies string       `json:"policies,omitempty"`
	Decision string       `json:"decision,omitempty"`
	Why      string       `json:"why,omitempty"`
	Doubt    []string     `json:"doubt,omitempty"`
	Rights   *Rights      `json:"rights,omitempty"`
	Acts     []PastAct    `json:"acts" nullable:"false"` // of that day (UTC), oldest first, where the reader may search
	MoreActs bool         `json:"more_acts,omitempty"`
	Day      core.Instant `json:"day"`
	NotActs  bool         `json:"acts_hidden,omitempty"` // the reader may not search there
	Logs     []PastLog    `json:"logs" nullable:"false"`
}

// PastGrantRow is one grant as the log tells it.
type PastGrantRow struct {
	ID        core.Ref     `json:"id"`
	Role      Role         `json:"role"`
	Entity    core.Ref     `json:"entity"`
	Starts    core.Instant `json:"starts"`
	Ends      core.Instant `json:"ends"`
	InForce   bool         `json:"in_force"`
	State     GrantState   `json:"state"` // as of then
	Origin    Origin       `json:"origin"`
	Reason    string       `json:"reason"`
	Maker     core.Ref     `json:"maker"`
	Proposal  core.Ref     `json:"proposal,omitempty"`
	Rule      string       `json:"rule,omitempty"`
	Approvers []core.Ref   `json:"approvers" nullable:"false"`
	Event     string       `json:"event"`           // that gave it
	Ended     string       `json:"ended,omitempty"` // that ended it, until then
}

// PastAct is one event that the person caused.
type PastAct struct {
	Event   string           `json:"event"`
	At      core.Instant     `json:"at"`
	Type    string           `json:"type"`
	Outcome evidence.Outcome `json:"outcome"`
}

// PastLog is how far a log was sealed when the question was answered.
type PastLog struct {
	Log        string `json:"log"`
	Size       int64  `json:"size"`
	Checkpoint int64  `json:"checkpoint"`
	Unsealed   int64  `json:"unsealed"`
}

// ViewPastQuery answers ViewPast on a road.
func ViewPastQuery(rd *command.Road, a *Authorizer) command.Query[ViewPast, PastView] {
	return viewPast{rd, a}
}

// anyRole stands for whichever role, where policy is asked about grants at large.
const anyRole Role = "any"

type viewPast struct {
	rd       *command.Road
	policies *Authorizer
}

// Target is the person's grants in the entity that is asked about.
func (q viewPast) Target(ctx context.Context, r store.Reader, in ViewPast) (command.Resource, error) {
	if err := in.Validate(); err != nil {
		return command.Resource{}, err
	}
	s, err := StaffByID(ctx, r, in.Staff)
	if err != nil {
		return command.Resource{}, err
	}
	e, err := EntityByID(ctx, r, in.Entity)
	if err == nil && (s == nil || e == nil) {
		err = command.ErrHidden
	}
	return grantResource(in.Staff, in.Staff, anyRole, in.Entity), err
}

// Read answers from the log.
func (q viewPast) Read(ctx context.Context, r store.Reader, in ViewPast, see *command.Sight) (PastView, error) {
	at := in.At
	switch {
	case at == 0:
		at = see.Now
	case at > see.Now:
		return PastView{}, core.InvalidField("at", "That moment has not come yet. What holds then is not decided.")
	}
	s, err := StaffByID(ctx, r, in.Staff)
	if err != nil || s == nil {
		return PastView{}, err
	}
	p, err := pastOf(ctx, r, q.rd.Log, in.Staff, at)
	if err != nil {
		return PastView{}, err
	}
	if len(p.of(in.Entity)) == 0 && s.Entity != in.Entity && !see.Allowed(ViewStaff{}.Action(), s.Resource()) {
		return PastView{}, command.ErrHidden // nobody of that entity: who they are is another's matter
	}
	v := PastView{
		Staff: s.ID, Name: show(see, s.Resource(), "name", s.Name), Entity: in.Entity, At: at, Active: p.active,
		Grants: []PastGrantRow{}, Acts: []PastAct{}, Logs: []PastLog{}, Day: core.At(at.Time().Truncate(24 * time.Hour)),
	}
	v.tell(p, see)
	if err := q.ask(ctx, r, p, &v); err != nil {
		return PastView{}, err
	}
	if err := q.acts(ctx, r, &v, see); err != nil {
		return PastView{}, err
	}
	see.Counted(len(v.Grants))
	return v, q.logs(ctx, r, &v)
}

// tell lists the grants that the reader may see, and says what is uncertain.
func (v *PastView) tell(p *past, see *command.Sight) {
	for _, g := range p.of(v.Entity) {
		v.Grants = append(v.Grants, g.row(p))
	}
	if v.Entity != Group {
		if see.Allowed(ListGrants{}.Action(), grantResource(v.Staff, v.Staff, anyRole, Group)) {
			for _, g := range p.of(Group) {
				v.Grants = append(v.Grants, g.row(p))
			}
		} else {
			v.GroupHidden = true
		}
	}
	for _, id := range p.altered {
		v.Doubt = append(v.Doubt, "The changes that are kept of entry "+id+" are not those that were recorded; they count for nothing here. Run verify.")
	}
}

func (g *pastGrant) row(p *past) PastGrantRow {
	x := PastGrantRow{
		ID: g.ID, Role: g.Role, Entity: g.Entity, Starts: g.Starts, Ends: g.Ends, InForce: p.active && g.Live(p.at), State: g.State,
		Origin: g.Origin, Reason: g.Reason, Maker: g.Maker, Proposal: g.Proposal, Approvers: []core.Ref{}, Event: g.given.ID,
	}
	if a := g.told.Approval; a != nil {
		x.Rule = a.Rule
		for _, ref := range a.Approvers {
			x.Approvers = append(x.Approvers, core.Ref(ref))
		}
	}
	if g.ended != nil {
		x.Ended = g.ended.ID
	}
	return x
}

// ask puts the catalogue of then to the policies of then.
func (q viewPast) ask(ctx context.Context, r store.Reader, p *past, v *PastView) error {
	set, err := setAt(ctx, r, q.rd.Log, p.at)
	if err != nil {
		return err
	}
	if set.Hash == "" {
		v.Why = "No decision was recorded until then, so that nothing says by which policies it would have been made."
		return nil
	}
	v.Policies, v.Decision = set.Hash, set.Event
	if set.Next != "" {
		v.Doubt = append(v.Doubt, "The next decision after this moment was made by other policies ("+set.Next+"), and nothing says when they came.")
	}
	then, why, err := q.policies.kept(ctx, r, set.Hash, set.Engine)
	if err != nil || why != "" {
		v.Why = why
		return err
	}
	who := p.principal(v.Staff, true)
	if v.GroupHidden {
		delete(who.roles, Group)
	}
	rights := asking{then, q.rd.Registry, who, within(v.Entity)}.rights()
	v.Rights = &rights
	return nil
}

// mostActs bounds the acts of a day that are shown; the search has the rest.
const mostActs = 100

// acts lists what the person caused on that day, as far as the reader may
// search the entity's log.
func (q viewPast) acts(ctx context.Context, r store.Reader, v *PastView, see *command.Sight) error {
	name := string(within(v.Entity))
	if name == "" {
		name = evidence.GroupLog
	}
	if !see.Allowed("evidence.event.search", command.Resource{Kind: KindEvent, Ref: "ev_any", Entity: within(v.Entity)}) {
		v.NotActs = true
		return nil
	}
	found, err := q.rd.Log.Find(ctx, r, evidence.Filter{
		Actor: v.Staff, Log: name, From: v.Day, To: v.Day.Add(24 * time.Hour), Scope: store.True, Oldest: true,
	}, core.PageRequest{Limit: mostActs})
	for _, rec := range found.Rows {
		v.Acts = append(v.Acts, PastAct{rec.ID, rec.At, rec.Type, rec.Outcome})
	}
	v.MoreActs = found.Next != ""
	return err
}

// logs says over which logs the answer was given.
func (q viewPast) logs(ctx context.Context, r store.Reader, v *PastView) error {
	states, err := evidence.LogStates(ctx, r)
	for _, s := range states {
		if s.Log == evidence.GroupLog || s.Log == string(v.Entity) {
			v.Logs = append(v.Logs, PastLog{s.Log, s.Size, s.CheckpointSize, s.Unsealed})
		}
	}
	return err
}
