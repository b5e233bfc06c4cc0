package access

import (
	"context"
	"errors"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// KindMembership is the kind of memberships.
const KindMembership core.Kind = "mb"

// GroupRole says that a group outside asks for a role. It never gives one:
// people decide, as about every request.
type GroupRole struct {
	Group  string
	Role   Role
	Entity core.Ref
	Days   int
}

// membership is a group outside in which somebody is, as far as it asks for a
// role.
type membership struct {
	ID     core.Ref
	Staff  core.Ref
	Source string
	Team   string
	Role   Role
	Entity core.Ref
	Since  core.Instant
	Gone   core.Instant

	rev int64
}

var memberships = store.Declare(store.Table[membership]{
	Name: "membership", Kind: store.Recorded,
	Subject: func(m *membership) core.Ref { return m.Staff },
	Rev:     func(m *membership) *int64 { return &m.rev },
	Columns: []store.Column[membership]{
		public("id", func(m *membership) any { return &m.ID }),
		public("staff", func(m *membership) any { return &m.Staff }),
		public("source", func(m *membership) any { return &m.Source }),
		public("team", func(m *membership) any { return &m.Team }),
		public("role", func(m *membership) any { return (*string)(&m.Role) }),
		public("entity", func(m *membership) any { return &m.Entity }),
		public("since", func(m *membership) any { return &m.Since }),
		public("gone", func(m *membership) any { return &m.Gone }),
	},
})

func membershipsOf(ctx context.Context, r store.Reader, staff core.Ref, source string) ([]membership, error) {
	return memberships.Select(ctx, r, "WHERE staff = $1 AND source = $2 ORDER BY id", staff, source)
}

// JobMembership is the kind of job that asks for the role of a group; its
// subject is the membership.
const JobMembership = "access.membership.ask"

// syncMemberships notes which of the mapped groups a source now says. A new
// one asks for its role; one that is gone is a finding where the role is still
// held. It takes no role away by itself: providers drop groups from a token
// when there are many, and a slip there must not stop a desk at work.
func syncMemberships(ctx context.Context, tx *command.Tx, staff core.Ref, source string, says []string, mapped []GroupRole, was []membership) ([]evidence.Event, error) {
	var out []evidence.Event
	for _, g := range mapped {
		i := slices.IndexFunc(was, func(m membership) bool {
			return m.Team == g.Group && m.Role == g.Role && m.Entity == g.Entity
		})
		in := slices.Contains(says, g.Group)
		switch {
		case in && i < 0:
			m := &membership{ID: tx.NewRef(KindMembership), Staff: staff, Source: source, Team: g.Group, Role: g.Role, Entity: g.Entity, Since: tx.Now}
			if err := errors.Join(memberships.Insert(ctx, tx.Tx, m), m.ask(ctx, tx)); err != nil {
				return nil, err
			}
			out = append(out, m.event(EventMembershipBegan))
		case in && was[i].Gone != 0:
			now := was[i]
			now.Since, now.Gone = tx.Now, 0
			if err := errors.Join(memberships.Update(ctx, tx.Tx, &was[i], &now), now.ask(ctx, tx)); err != nil {
				return nil, err
			}
			out = append(out, now.event(EventMembershipBegan))
		case !in && i >= 0 && was[i].Gone == 0:
			ev, err := was[i].vanish(ctx, tx)
			if err != nil {
				return nil, err
			}
			out = append(out, ev)
		}
	}
	return out, nil
}

func (m *membership) ask(ctx context.Context, tx *command.Tx) error {
	return tx.Enqueue(ctx, jobs.New{Kind: JobMembership, Subject: m.ID, Unique: JobMembership + "|" + string(m.ID)})
}

// vanish notes that the source does not say the group any more.
func (m *membership) vanish(ctx context.Context, tx *command.Tx) (evidence.Event, error) {
	now := *m
	now.Gone = tx.Now
	if err := memberships.Update(ctx, tx.Tx, m, &now); err != nil {
		return evidence.Event{}, err
	}
	held, err := GrantsOf(ctx, tx, m.Staff)
	if err != nil {
		return evidence.Event{}, err
	}
	if slices.ContainsFunc(held, func(g Grant) bool { return g.Role == m.Role && g.Entity == m.Entity && g.Live(tx.Now) }) {
		err = raise(ctx, tx, "group-gone", m.Staff, string(m.Role)+"|"+string(m.Entity)+":"+tx.Now.Time().Format("2006-01-02"))
	}
	return now.event(EventMembershipEnded), err
}

// event is an event about a membership, in the log of the entity whose role it
// is about.
func (m *membership) event(typ evidence.Type) evidence.Event {
	return evidence.Event{Type: typ, Entity: within(m.Entity), Subjects: []core.Ref{m.ID, m.Staff}, Details: []evidence.Detail{
		{Name: "source", Value: m.Source}, {Name: "group", Value: m.Team}, {Name: "role", Value: string(m.Role), Search: true},
	}}
}

// reasonDirectory is the reason of requests that a group outside makes.
const reasonDirectory = "directory"

// AskForGroups runs the jobs by which groups outside ask for roles, in the name
// of the directory; people agree to them or not, as to every request.
func AskForGroups(q *jobs.Queue, road *command.Road, mapped map[string][]GroupRole) {
	q.Handle(JobMembership, jobs.Policy{}, func(ctx context.Context, j jobs.Job) jobs.Result {
		m, err := memberships.Get(ctx, road.Store.Reader(), string(j.Subject))
		if err != nil || m == nil || m.Gone != 0 {
			return retryOrDone(err)
		}
		in, ok := m.request(mapped[m.Source])
		if !ok {
			return jobs.Done()
		}
		key := command.Key(string(m.ID) + "|" + m.Since.String())
		_, err = road.Run(ctx, evidence.Actor{Ref: SysDirectory}, key, in)
		if f := core.AsFault(err); f != nil && f.Kind != core.Internal && f.Kind != core.Unavailable && f.Kind != core.Conflict {
			return jobs.Done() // refused, on record: held already, untrained, or the person left
		}
		return retryOrDone(err)
	})
}

// request is what the group asks for, while the configuration still says so.
func (m *membership) request(mapped []GroupRole) (RequestGrant, bool) {
	i := slices.IndexFunc(mapped, func(g GroupRole) bool { return g.Group == m.Team && g.Role == m.Role && g.Entity == m.Entity })
	if i < 0 {
		return RequestGrant{}, false
	}
	return RequestGrant{
		Holder: m.Staff, Role: m.Role, Entity: m.Entity, Hours: 24 * mapped[i].Days, Reason: reasonDirectory,
		Words: "The directory says that the person is in the group " + m.Team + ".",
	}, true
}
