package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListGrants asks who held which roles, newest first.
type ListGrants struct {
	Holder core.Ref         `json:"holder,omitempty"`
	Entity core.Ref         `json:"entity,omitempty"`
	Role   Role             `json:"role,omitempty"`
	At     core.Instant     `json:"at,omitempty"` // only grants in force at that moment; zero is all, ever
	Page   core.PageRequest `json:"page"`
}

// Action is access.grant.list.
func (ListGrants) Action() command.Action { return "access.grant.list" }

// Subject is the holder asked about, if any.
func (l ListGrants) Subject() core.Ref { return l.Holder }

type listGrants struct{}

// ListGrantsQuery answers ListGrants.
var ListGrantsQuery command.Query[ListGrants, core.Page[GrantRow]] = listGrants{}

// Target leaves the choice of rows to policy.
func (listGrants) Target(_ context.Context, _ store.Reader, in ListGrants) (command.Resource, error) {
	return command.Resource{Kind: core.KindGrant, Entity: in.Entity}, nil
}

// Read reads the page under the policy's filter.
func (listGrants) Read(ctx context.Context, r store.Reader, in ListGrants, see *command.Sight) (core.Page[GrantRow], error) {
	var out core.Page[GrantRow]
	after, err := afterCursor(in.Page.After, "starts")
	if err != nil {
		return out, err
	}
	n := in.Page.Size()
	rows, err := grants.Filter(ctx, r, "WHERE {where} ORDER BY starts DESC, id DESC LIMIT $1", store.And(see.Where, after, in.where()), n+1)
	if err != nil {
		return out, err
	}
	at := in.At
	if at == 0 {
		at = see.Now
	}
	page := rows[:min(n, len(rows))]
	people, err := holders(ctx, r, page)
	if err != nil {
		return out, err
	}
	for i := range page {
		holder := people[page[i].Holder]
		row := grantRow(see, &page[i], holder.Name, at)
		row.Live, row.Phase = row.Live && holder.worksAt(at), page[i].Phase(at, holder.Left)
		out.Rows = append(out.Rows, row)
	}
	if len(rows) > n {
		out.Next = cursorOf(rows[n-1].Starts, rows[n-1].ID)
	}
	see.Counted(len(out.Rows))
	return out, nil
}

func (l ListGrants) where() store.Where {
	all := []store.Where{store.True}
	if l.Holder != "" {
		all = append(all, store.Eq("holder", l.Holder))
	}
	if l.Entity != "" {
		all = append(all, store.Eq("entity", l.Entity))
	}
	if l.Role != "" {
		all = append(all, store.Eq("role", string(l.Role)))
	}
	if l.At != 0 {
		all = append(all, store.Compare("starts", "<=", l.At), store.Compare("ends", ">", l.At),
			store.Or(store.Not(store.NotNull("closed")), store.Compare("closed", ">", l.At)))
	}
	return store.And(all...)
}

func holders(ctx context.Context, r store.Reader, page []Grant) (map[core.Ref]Staff, error) {
	ids := make([]core.Ref, 0, len(page))
	for _, g := range page {
		ids = append(ids, g.Holder)
	}
	rows, err := staffs.Filter(ctx, r, "WHERE {where} ORDER BY id", store.In("id", ids))
	out := make(map[core.Ref]Staff, len(rows))
	for _, s := range rows {
		out[s.ID] = s
	}
	return out, err
}

// worksAt reports whether the person worked here at a moment.
func (s Staff) worksAt(at core.Instant) bool {
	return s.Status == Active || s.Left != 0 && at < s.Left
}
