package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ViewGrant asks for the whole story of one grant: who asked, who agreed, what
// was done under it, how it ended, and what its holder was refused since.
type ViewGrant struct {
	Grant core.Ref `json:"grant"`
}

// Action is access.grant.list: it tells a person's grant, and what came of it.
func (ViewGrant) Action() command.Action { return "access.grant.list" }

// Subject is the grant.
func (v ViewGrant) Subject() core.Ref { return v.Grant }

// GrantStory is the answer.
type GrantStory struct {
	GrantRow
	// Stopped is when it stopped counting; zero while it has not.
	Stopped core.Instant `json:"stopped,omitempty"`
	// Others are the grants of the same role to the same person there: what came
	// before and after it, each with an approval of its own.
	Others []GrantRow  `json:"others" nullable:"false"`
	Steps  []GrantStep `json:"steps" nullable:"false"`
	// Acts are the events that the holder caused while it was in force and that
	// this role decided, oldest first. Refused is what they tried and were not
	// let, then and since, of what the role would allow.
	Acts    []GrantAct `json:"acts" nullable:"false"`
	Refused []GrantAct `json:"refused" nullable:"false"`
	More    bool       `json:"more,omitempty"`        // there are more than are shown
	NotActs bool       `json:"acts_hidden,omitempty"` // the reader may not search there
	Doubt   []string   `json:"doubt,omitempty"`
	MayEnd  bool       `json:"may_end,omitempty"` // the reader may give it back
	MayTake bool       `json:"may_revoke,omitempty"`
	// Break is the review of emergency access; nil for other grants.
	Break *BreakRow `json:"break,omitempty"`
}

// GrantStep is one event about the grant itself or about the request for it.
type GrantStep struct {
	Event   string           `json:"event"`
	At      core.Instant     `json:"at"`
	Type    string           `json:"type"`
	By      core.Ref         `json:"by"`
	Outcome evidence.Outcome `json:"outcome"`
}

// GrantAct is one event that the holder caused.
type GrantAct struct {
	PastAct
	Action command.Action `json:"action"`
	Entity core.Ref       `json:"entity,omitempty"`
	Also   []Role         `json:"also" nullable:"false"` // other roles of theirs that would have done as well
	After  bool           `json:"after,omitempty"`       // when the grant was over
}

// ViewGrantQuery answers ViewGrant on a road.
func ViewGrantQuery(rd *command.Road, a *Authorizer) command.Query[ViewGrant, GrantStory] {
	return viewGrant{rd, a}
}

type viewGrant struct {
	rd       *command.Road
	policies *Authorizer
}

// Target is the grant.
func (viewGrant) Target(ctx context.Context, r store.Reader, in ViewGrant) (command.Resource, error) {
	_, res, err := loadGrant(ctx, r, in.Grant)
	return res, err
}

// Read tells the story.
func (q viewGrant) Read(ctx context.Context, r store.Reader, in ViewGrant, see *command.Sight) (GrantStory, error) {
	g, err := GrantByID(ctx, r, in.Grant)
	if err != nil || g == nil {
		return GrantStory{}, err
	}
	s, err := StaffByID(ctx, r, g.Holder)
	if err != nil || s == nil {
		return GrantStory{}, err
	}
	v := GrantStory{GrantRow: grantRow(see, g, s.Name, see.Now), Others: []GrantRow{}, Steps: []GrantStep{}, Acts: []GrantAct{}, Refused: []GrantAct{}}
	v.Phase, v.Live = g.Phase(see.Now, s.Left), v.Live && s.Status == Active
	v.Stopped = g.stopped(see.Now, s.Left)
	v.MayEnd = v.Stopped == 0 && see.Allowed(EndGrant{}.Action(), g.Resource())
	v.MayTake = v.Stopped == 0 && see.Allowed(RevokeGrant{}.Action(), g.Resource())
	if err := q.others(ctx, r, g, s, &v, see); err != nil {
		return GrantStory{}, err
	}
	if err := q.steps(ctx, r, g, &v); err != nil {
		return GrantStory{}, err
	}
	mayReview, err := q.breakOf(ctx, r, g, s, &v, see)
	if err != nil {
		return GrantStory{}, err
	}
	if !mayReview && !see.Allowed("evidence.event.search", command.Resource{Kind: KindEvent, Ref: "ev_any", Entity: within(g.Entity)}) {
		v.NotActs = true
		return v, nil
	}
	see.Counted(1)
	scope := see.Filter("evidence.event.search", KindEvent)
	if mayReview {
		scope = store.True // of an entity's grant, its own log; the acts are told without any personal value
	}
	return v, q.acts(ctx, r, g, &v, see.Now, scope)
}

// stopped is when the grant stopped counting; zero while it has not.
func (g *Grant) stopped(now, left core.Instant) core.Instant {
	end := g.Ends
	for _, at := range []core.Instant{g.Closed, left} {
		if at != 0 {
			end = min(end, at)
		}
	}
	if end > now {
		return 0
	}
	return end
}

// others are the grants of the same role before and after.
func (viewGrant) others(ctx context.Context, r store.Reader, g *Grant, s *Staff, v *GrantStory, see *command.Sight) error {
	theirs, err := GrantsOf(ctx, r, g.Holder)
	for i := range theirs {
		x := &theirs[i]
		if x.ID == g.ID || x.Role != g.Role || x.Entity != g.Entity {
			continue
		}
		row := grantRow(see, x, s.Name, see.Now)
		row.Phase, row.Live = x.Phase(see.Now, s.Left), row.Live && s.Status == Active
		v.Others = append(v.Others, row)
	}
	return err
}

// steps are the events about the grant and about its request.
func (q viewGrant) steps(ctx context.Context, r store.Reader, g *Grant, v *GrantStory) error {
	for _, ref := range []core.Ref{g.Proposal, g.ID} {
		if ref == "" {
			continue // given by the installer
		}
		found, err := q.rd.Log.Find(ctx, r, evidence.Filter{Refs: []core.Ref{ref}, Scope: store.True, Oldest: true}, core.PageRequest{Limit: core.MaxPage})
		if err != nil {
			return err
		}
		for _, rec := range found.Rows {
			step := GrantStep{rec.ID, rec.At, rec.Type, rec.Actor, rec.Outcome}
			if rec.Type != command.EventShown.Name && !slices.Contains(v.Steps, step) {
				v.Steps = append(v.Steps, step)
			}
		}
	}
	slices.SortStableFunc(v.Steps, func(a, b GrantStep) int { return int(a.At - b.At) })
	return nil
}
