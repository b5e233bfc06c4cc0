package access

import (
	"context"
	"slices"
	"strconv"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RequestGrant asks for a role for a colleague. It is a proposal until somebody
// else agrees.
type RequestGrant struct {
	Holder core.Ref     `json:"holder"`
	Role   Role         `json:"role"`
	Entity core.Ref     `json:"entity"`
	From   core.Instant `json:"from"` // zero is when it is approved
	Until  core.Instant `json:"until,omitempty"`
	Hours  int          `json:"hours,omitempty"` // instead of Until: how long from its beginning
	Reason string       `json:"reason"`
	Words  string       `json:"words"`
	Case   core.Ref     `json:"case,omitempty"`
}

// GrantReasons are the reason codes of a request.
var GrantReasons = []string{"joiner", "mover", "cover", "renewal", "audit"}

// grantRule names the rule that makes a request a proposal.
const grantRule = "access.grant.request/1"

// Action is access.grant.request.
func (RequestGrant) Action() command.Action { return "access.grant.request" }

// Subject is the holder: the grant has no record yet.
func (g RequestGrant) Subject() core.Ref { return g.Holder }

// CaseRef is the case that the request belongs to, if any.
func (g RequestGrant) CaseRef() core.Ref { return g.Case }

// Reasons are the reason code and the maker's own words.
func (g RequestGrant) Reasons() (code, words string) { return g.Reason, g.Words }

// Facts are what an approver must see.
func (g RequestGrant) Facts() []evidence.Detail {
	return []evidence.Detail{
		{Name: "role", Value: string(g.Role), Search: true},
		{Name: "entity", Value: string(g.Entity)},
		{Name: "from", Value: g.From.String()},
		g.length(),
	}
}

func (g RequestGrant) length() evidence.Detail {
	if g.Hours > 0 {
		return evidence.Detail{Name: "hours", Value: strconv.Itoa(g.Hours)}
	}
	return evidence.Detail{Name: "until", Value: g.Until.String()}
}

// window is from when until when it would be held, agreed to at a moment. An
// end that was asked for is never moved; a length runs from the beginning.
func (g RequestGrant) window(agreed core.Instant) (starts, ends core.Instant) {
	starts, ends = max(g.From, agreed), g.Until
	if g.Hours > 0 {
		ends = starts.Add(time.Duration(g.Hours) * time.Hour)
	}
	return starts, ends
}

// Validate checks the form of every field.
func (g RequestGrant) Validate() error {
	if !slices.Contains(GrantReasons, g.Reason) && g.Reason != reasonDirectory {
		return core.InvalidField("reason", "Choose why: joiner, mover, cover, renewal or audit.")
	}
	until := g.Until
	switch {
	case g.Hours < 0 || g.Hours > int(maxGrant.Hours()):
		return core.InvalidField("hours", "A role is held for between one hour and a year.")
	case g.Hours > 0 && g.Until != 0:
		return core.InvalidField("hours", "Say until when, or for how many hours: not both.")
	case g.Hours > 0:
		until = g.From + 1
	}
	if err := validGrant(g.Holder, g.Role, g.From, until); err != nil {
		return err
	}
	return needWords(g.Words)
}

func validGrant(holder core.Ref, role Role, from, until core.Instant) error {
	switch {
	case holder.Kind() != core.KindStaff:
		return core.InvalidField("holder", "Choose a staff member.")
	case !role.Valid():
		return core.InvalidField("role", "Choose one of the roles.")
	case until == 0 || until <= from:
		return core.InvalidField("until", "Every role has an end, after its beginning.")
	}
	return nil
}

// grantFacts are what a rule about a new grant needs.
type grantFacts struct {
	holder     *Staff
	entity     *Entity
	theirs     []Grant // every grant of the holder
	requested  int     // grants in the entity that were requested, ever
	training   training
	exceptions []Exception // every one of the holder
	policies   *Authorizer // in force
}

func loadGrantFacts(ctx context.Context, r store.Reader, holder, entity core.Ref) (f grantFacts, err error) {
	if f.holder, err = StaffByID(ctx, r, holder); err != nil {
		return f, err
	}
	if f.entity, err = EntityByID(ctx, r, entity); err != nil {
		return f, err
	}
	if f.holder == nil || f.entity == nil {
		return f, command.ErrHidden
	}
	if f.theirs, err = GrantsOf(ctx, r, holder); err != nil {
		return f, err
	}
	if f.training, err = loadTraining(ctx, r, holder, entity); err != nil {
		return f, err
	}
	if f.exceptions, err = ExceptionsOf(ctx, r, holder); err != nil {
		return f, err
	}
	err = r.QueryRow(ctx, "SELECT COUNT(*) FROM role_grant WHERE entity = $1 AND origin = 'request'", entity).Scan(store.Scan(&f.requested)...)
	return f, err
}

type requestGrant struct{ policies *Authorizer }

// Load reads the holder, the entity and the holder's grants.
func (h requestGrant) Load(ctx context.Context, r store.Reader, in RequestGrant) (grantFacts, command.Resource, error) {
	f, err := loadGrantFacts(ctx, r, in.Holder, in.Entity)
	if err == nil {
		f.policies, err = h.policies.InForce(ctx, r)
	}
	return f, grantResource("", in.Holder, in.Role, in.Entity), err
}

// Check refuses grants to oneself, overlapping grants and ones that are too
// long, and asks for another person's approval. It runs again when that is
// given, over the facts of that day.
func (requestGrant) Check(in RequestGrant, f grantFacts, m command.Moment) command.Verdict {
	var no []command.Refusal
	if in.Reason == reasonDirectory && m.Actor.Ref != SysDirectory {
		no = append(no, command.Refusal{Code: "directory-only", Text: "Only the directory gives this reason. Choose why: joiner, mover, cover, renewal or audit."})
	}
	if m.Actor.Ref == in.Holder {
		no = append(no, command.Refusal{Code: "own-grant", Text: "You cannot ask for a role for yourself; a colleague must."})
	}
	for _, a := range m.Approvals {
		if a.Ref == in.Holder {
			no = append(no, command.Refusal{Code: "holder-is-not-approver", Text: "The person who is to hold a role cannot approve it."})
		}
	}
	starts, ends := in.window(m.Now)
	no = append(no, f.against(in.Role, starts, ends, m.Now)...)
	no = append(no, f.toxic(in.Role, starts, ends, m.Now)...)
	if len(no) > 0 {
		return command.Refuse(no...)
	}
	return command.Needs(command.Need{
		Rule:  grantRule,
		Seats: []command.Seat{{Roles: []string{string(SeniorCompliance), string(SystemAdmin)}}},
	})
}

// against lists what speaks against a grant, however it comes about.
func (f *grantFacts) against(role Role, starts, ends, now core.Instant) []command.Refusal {
	var no []command.Refusal
	refuse := func(code, text string) { no = append(no, command.Refusal{Code: code, Text: text}) }
	if f.holder.Status != Active {
		refuse("staff-not-active", "This person no longer works here.")
	}
	no = append(no, f.training.untrained(role, now)...)
	if ends <= now {
		refuse("already-over", "The end of this grant has come already.")
	}
	switch length, most := ends.Sub(starts), f.entity.longest(role); {
	case role.Privileged() && length > most:
		refuse("too-long", role.Title()+" is a privileged role: it can be given for at most "+lengthText(most)+" at a time in this entity.")
	case length > most:
		refuse("too-long", "This role can be given for at most "+lengthText(most)+" at a time in this entity.")
	}
	for i := range f.theirs {
		g := &f.theirs[i]
		if g.State == Granted && g.Entity == f.entity.ID && g.Role == role && g.Starts < ends && starts < g.Ends {
			until := g.Ends.Time().Format("2 January 2006 15:04 UTC")
			refuse("already-held", "This person holds the role for part of that time already, until "+until+". A grant is never extended: ask for another one that begins then.")
			break
		}
	}
	return no
}

// Apply gives the role. Its beginning is the approval or later; its end is the
// one that was approved.
func (requestGrant) Apply(ctx context.Context, tx *command.Tx, in RequestGrant, f grantFacts) ([]evidence.Event, error) {
	if tx.Approval == nil {
		return nil, core.NewFault(core.Refused, "not-approved", "A role is given only after somebody else has agreed.")
	}
	starts, ends := in.window(tx.Now)
	g := &Grant{
		ID: tx.NewRef(core.KindGrant), Holder: in.Holder, Role: in.Role, Entity: f.entity.ID, Starts: starts, Ends: ends,
		Origin: Requested, Maker: tx.Approval.Maker, Proposal: tx.Approval.Proposal, Reason: in.Reason, Words: in.Words, Case: in.Case, State: Granted,
	}
	if err := grants.Insert(ctx, tx.Tx, g); err != nil {
		return nil, err
	}
	return []evidence.Event{g.event(EventGrantGranted, in.Reason, in.Words)}, nil
}

// event is an event about the grant, in the log of its entity.
func (g *Grant) event(typ evidence.Type, reason, words string) evidence.Event {
	return evidence.Event{
		Type: typ, Entity: within(g.Entity), Subjects: []core.Ref{g.ID, g.Holder}, Case: g.Case, Reason: reason, Text: words,
		Details: []evidence.Detail{{Name: "role", Value: string(g.Role), Search: true}},
	}
}
