package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListStaff asks for one page of staff, newest first.
type ListStaff struct {
	Status StaffStatus      `json:"status,omitempty"` // empty is both
	Page   core.PageRequest `json:"page"`
}

// Action is access.staff.list.
func (ListStaff) Action() command.Action { return "access.staff.list" }

// Subject is nobody in particular.
func (ListStaff) Subject() core.Ref { return "" }

type listStaff struct{}

// ListStaffQuery answers ListStaff.
var ListStaffQuery command.Query[ListStaff, core.Page[StaffRow]] = listStaff{}

// Target leaves the choice of rows to policy.
func (listStaff) Target(context.Context, store.Reader, ListStaff) (command.Resource, error) {
	return command.Resource{Kind: core.KindStaff}, nil
}

// Read reads the page under the policy's filter.
func (listStaff) Read(ctx context.Context, r store.Reader, in ListStaff, see *command.Sight) (core.Page[StaffRow], error) {
	var out core.Page[StaffRow]
	after, err := afterCursor(in.Page.After, "created")
	if err != nil {
		return out, err
	}
	where := store.And(see.Where, after)
	if in.Status != "" {
		where = store.And(where, store.Eq("status", string(in.Status)))
	}
	n := in.Page.Size()
	rows, err := staffs.Filter(ctx, r, "WHERE {where} ORDER BY created DESC, id DESC LIMIT $1", where, n+1)
	if err != nil {
		return out, err
	}
	for i := range rows[:min(n, len(rows))] {
		out.Rows = append(out.Rows, staffRow(see, &rows[i]))
	}
	if len(rows) > n {
		out.Next = cursorOf(rows[n-1].Created, rows[n-1].ID)
	}
	see.Counted(len(out.Rows))
	return out, nil
}

// ViewStaff asks for one person and the history of their roles.
type ViewStaff struct {
	Staff core.Ref `json:"staff"`
}

// Action is access.staff.view.
func (ViewStaff) Action() command.Action { return "access.staff.view" }

// Subject is the person.
func (v ViewStaff) Subject() core.Ref { return v.Staff }

type viewStaff struct{}

// ViewStaffQuery answers ViewStaff.
var ViewStaffQuery command.Query[ViewStaff, StaffView] = viewStaff{}

// Target is the person's record.
func (viewStaff) Target(ctx context.Context, r store.Reader, in ViewStaff) (command.Resource, error) {
	s, err := StaffByID(ctx, r, in.Staff)
	if err == nil && s == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return command.Resource{}, err
	}
	return s.Resource(), nil
}

// staffActs are the acts that a person's page offers.
var staffActs = []command.Action{"access.staff.deactivate", "access.session.revoke", "access.password.invite", "access.staff.move", "access.password.reset", "access.factor.reset", "access.certificate.record"}

// Read shows the person with those of their grants that the reader may see:
// a grant in another entity is that entity's matter.
func (viewStaff) Read(ctx context.Context, r store.Reader, in ViewStaff, see *command.Sight) (StaffView, error) {
	s, err := StaffByID(ctx, r, in.Staff)
	if err != nil || s == nil {
		return StaffView{}, err
	}
	v := StaffView{StaffRow: staffRow(see, s), Grants: []GrantRow{}, May: map[command.Action]bool{}}
	theirs, err := GrantsOf(ctx, r, s.ID)
	if err != nil {
		return StaffView{}, err
	}
	for i := range theirs {
		g := &theirs[i]
		if !see.Allowed("access.grant.list", g.Resource()) {
			v.Elsewhere++
			continue
		}
		row := grantRow(see, g, s.Name, see.Now)
		row.Live, row.Phase = row.Live && s.Status == Active, g.Phase(see.Now, s.Left)
		v.Grants = append(v.Grants, row)
	}
	if v.Requests, err = requestsFor(ctx, r, see, s.ID); err != nil {
		return StaffView{}, err
	}
	for _, act := range staffActs {
		v.May[act] = see.Allowed(act, s.Resource())
	}
	see.Counted(1)
	if err := v.trainings(ctx, r, see.Now); err != nil {
		return StaffView{}, err
	}
	return v, v.line(ctx, r, see)
}

// line reads who stands above and below the person: their names, and of those
// whom the reader may not see, only that they are there.
func (v *StaffView) line(ctx context.Context, r store.Reader, see *command.Sight) error {
	v.Managers, v.Reports = []StaffRow{}, []StaffRow{}
	up, err := ManagersOf(ctx, r, v.ID)
	if err != nil {
		return err
	}
	down, err := ReportsOf(ctx, r, v.ID)
	for i := range up {
		v.Managers = append(v.Managers, lineRow(see, &up[i]))
	}
	for i := range down {
		v.Reports = append(v.Reports, lineRow(see, &down[i]))
	}
	return err
}

// lineRow is a colleague in somebody's line, without the address.
func lineRow(see *command.Sight, s *Staff) StaffRow {
	plain := *s
	plain.Email = ""
	return staffRow(see, &plain)
}
