package onboarding

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListApplications asks for one page of applications, oldest first; Review is
// the queue of decisions.
type ListApplications struct {
	Client core.Ref         `json:"client,omitempty"`
	State  ApplicationState `json:"state,omitempty"`
	Page   core.PageRequest `json:"page"`
}

// Action is onboarding.application.list.
func (ListApplications) Action() command.Action { return "onboarding.application.list" }

// Subject is the client, if the list is of one.
func (in ListApplications) Subject() core.Ref { return in.Client }

// ApplicationList answers ListApplications.
type ApplicationList struct{ Domain }

// Target leaves the choice of rows to policy.
func (ApplicationList) Target(context.Context, store.Reader, ListApplications) (command.Resource, error) {
	return command.Resource{Kind: core.KindApplication}, nil
}

// Read reads the page under the policy's filter.
func (q ApplicationList) Read(ctx context.Context, r store.Reader, in ListApplications, see *command.Sight) (core.Page[ApplicationRow], error) {
	where := see.Where
	if in.Client != "" {
		where = store.And(where, store.Eq("client", in.Client))
	}
	if in.State != "" {
		where = store.And(where, store.Eq("state", string(in.State)))
	}
	var out core.Page[ApplicationRow]
	p, err := queue(ctx, applications, r, where, in.Page, func(a *Application) core.Ref { return a.ID })
	if err != nil {
		return out, err
	}
	out.Next = p.Next
	for i := range p.Rows {
		a := &p.Rows[i]
		says, err := q.Clients.Declared(ctx, r, a.Client)
		if err != nil {
			return core.Page[ApplicationRow]{}, err
		}
		out.Rows = append(out.Rows, applicationRow(see, a, says["name"]))
	}
	see.Counted(len(out.Rows))
	return out, nil
}
