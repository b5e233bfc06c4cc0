package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// BreakGrant takes a privileged role at once, alone, in an emergency. It is
// loud: it raises a critical finding, and somebody else must review it.
type BreakGrant struct {
	Holder  core.Ref `json:"holder"` // who takes it: the one who acts
	Role    Role     `json:"role"`
	Entity  core.Ref `json:"entity"`
	Minutes int      `json:"minutes"`
	Ticket  string   `json:"ticket,omitempty"` // where the emergency is described; or Case
	Case    core.Ref `json:"case,omitempty"`
	Words   string   `json:"words"`
}

// Broken is the origin of grants that were taken in an emergency.
const Broken Origin = "break"

// Action is access.grant.break.
func (BreakGrant) Action() command.Action { return "access.grant.break" }

// Subject is who takes it: the grant has no record yet.
func (b BreakGrant) Subject() core.Ref { return b.Holder }

// CaseRef is the case that it belongs to, if any.
func (b BreakGrant) CaseRef() core.Ref { return b.Case }

// Validate checks the form of every field.
func (b BreakGrant) Validate() error {
	length := time.Duration(b.Minutes) * time.Minute
	switch ticket := strings.TrimSpace(b.Ticket); {
	case length < time.Minute || length > longestBreak:
		return core.InvalidField("minutes", "Emergency access lasts between 1 and 60 minutes. For longer, ask for the role and have somebody agree.")
	case ticket == "" && b.Case == "":
		return core.InvalidField("ticket", "Name the ticket or the case in which the emergency is described.")
	case ticket != "" && (len(ticket) < 3 || len(ticket) > 60):
		return core.InvalidField("ticket", "A ticket's number has between 3 and 60 characters.")
	case len(strings.TrimSpace(b.Words)) < 15:
		return core.InvalidField("words", "Say what cannot wait, in your own words (at least 15 characters): somebody will review it.")
	}
	return validGrant(b.Holder, b.Role, 0, 1)
}

type breakGrant struct{ policies *Authorizer }

// breakFacts are those of a grant, with what the holder has not had reviewed.
type breakFacts struct {
	grantFacts
	waiting *BreakReview
}

// Load reads the holder, the entity, the holder's grants, and reviews that wait.
func (h breakGrant) Load(ctx context.Context, r store.Reader, in BreakGrant) (f breakFacts, res command.Resource, err error) {
	res = grantResource("", in.Holder, in.Role, in.Entity)
	if f.grantFacts, err = loadGrantFacts(ctx, r, in.Holder, in.Entity); err != nil {
		return f, res, err
	}
	if f.policies, err = h.policies.InForce(ctx, r); err != nil {
		return f, res, err
	}
	f.waiting, err = breakReviews.One(ctx, r, "WHERE holder = $1 AND reviewed IS NULL ORDER BY due, id LIMIT 1", in.Holder)
	return f, res, err
}

// Check lets a person take for themselves what their entity lists, where they
// work already, and not again before the last time was reviewed.
func (breakGrant) Check(in BreakGrant, f breakFacts, m command.Moment) command.Verdict {
	var no []command.Refusal
	refuse := func(code, text string) { no = append(no, command.Refusal{Code: code, Text: text}) }
	if m.Actor.Ref != in.Holder {
		refuse("own-emergency-only", "Emergency access is taken by the person who needs it, and by nobody for them.")
	}
	if !in.Role.Privileged() || !slices.Contains(f.entity.Breakables(), in.Role) {
		refuse("not-breakable", "This entity does not list "+in.Role.Title()+" among the roles that one person may take in an emergency. Ask for it, and have somebody agree.")
	}
	works := func(g Grant) bool { return g.Live(m.Now) && g.Entity == f.entity.ID && g.Origin != Broken }
	if !slices.ContainsFunc(f.theirs, works) {
		refuse("no-role-there", "You hold no role in this entity, so that its emergencies are not yours.")
	}
	if f.waiting != nil {
		refuse("last-not-reviewed", "The emergency access that you took last has not been reviewed. Until it is, you can take none.")
	}
	ends := m.Now.Add(time.Duration(in.Minutes) * time.Minute)
	no = append(no, f.against(in.Role, m.Now, ends, m.Now)...)
	no = append(no, f.toxic(in.Role, m.Now, ends, m.Now)...) // also in an emergency nobody has both sides
	if len(no) > 0 {
		return command.Refuse(no...)
	}
	return command.Proceed()
}

// Apply gives the role now, asks for the review, and raises the alarm.
func (breakGrant) Apply(ctx context.Context, tx *command.Tx, in BreakGrant, f breakFacts) ([]evidence.Event, error) {
	g := &Grant{
		ID: tx.NewRef(core.KindGrant), Holder: in.Holder, Role: in.Role, Entity: f.entity.ID, Starts: tx.Now,
		Ends: tx.Now.Add(time.Duration(in.Minutes) * time.Minute), Origin: Broken, Maker: tx.Actor.Ref,
		Reason: "emergency", Words: in.Words, Case: in.Case, Ticket: strings.TrimSpace(in.Ticket), State: Granted,
	}
	if err := grants.Insert(ctx, tx.Tx, g); err != nil {
		return nil, err
	}
	review := &BreakReview{Grant: g.ID, Holder: g.Holder, Entity: g.Entity, Due: tx.Now.Add(reviewWithin)}
	if err := breakReviews.Insert(ctx, tx.Tx, review); err != nil {
		return nil, err
	}
	ev := g.event(EventGrantBroken, g.Reason, in.Words)
	ev.Details = append(ev.Details, evidence.Detail{Name: "until", Value: g.Ends.String()}, evidence.Detail{Name: "review_due", Value: review.Due.String()})
	if g.Ticket != "" {
		ev.External = []string{g.Ticket}
	}
	return []evidence.Event{ev}, raise(ctx, tx, "break-glass", g.Holder, string(g.ID))
}
