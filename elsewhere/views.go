package elsewhere

import (
	"context"
	"fmt"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListSystems asks for the systems on record.
type ListSystems struct{}

// Action is elsewhere.system.list.
func (ListSystems) Action() command.Action { return "elsewhere.system.list" }

// Subject is nothing in particular.
func (ListSystems) Subject() core.Ref { return "" }

// SystemView is a system with what its reader may do about it.
type SystemView struct {
	System
	MayChange bool `json:"may_change"`
	MayRecord bool `json:"may_record"` // accounts in it
}

type listSystems struct{}

// ListSystemsQuery answers ListSystems.
var ListSystemsQuery command.Query[ListSystems, []SystemView] = listSystems{}

// Target is every system that policy lets the reader see.
func (listSystems) Target(context.Context, store.Reader, ListSystems) (command.Resource, error) {
	return command.Resource{Kind: KindSystem}, nil
}

// Read lists them by name. They are few, so there are no pages.
func (listSystems) Read(ctx context.Context, r store.Reader, _ ListSystems, see *command.Sight) ([]SystemView, error) {
	rows, err := systems.Filter(ctx, r, "WHERE {where} ORDER BY name, id LIMIT 500", see.Where)
	out := make([]SystemView, 0, len(rows))
	for _, s := range rows {
		account := command.Resource{Kind: KindAccount, Entity: s.Entity, Attrs: map[string]any{"holder": "st_anybody"}}
		out = append(out, SystemView{s, see.Allowed("elsewhere.system.change", s.Resource()), s.Retired == 0 && see.Allowed("elsewhere.account.record", account)})
	}
	see.Counted(len(out))
	return out, err
}

// ListAccounts asks for accounts, newest first.
type ListAccounts struct {
	Account core.Ref         `json:"account,omitempty"`
	System  core.Ref         `json:"system,omitempty"`
	Holder  core.Ref         `json:"holder,omitempty"`
	Show    string           `json:"show,omitempty"` // open, closed, due, or empty for all
	Page    core.PageRequest `json:"page"`
}

// What ListAccounts can show. Due are the open accounts of those who left.
const (
	ShowOpen   = "open"
	ShowClosed = "closed"
	ShowDue    = "due"
)

// Action is elsewhere.account.list.
func (ListAccounts) Action() command.Action { return "elsewhere.account.list" }

// Subject is the person asked about.
func (in ListAccounts) Subject() core.Ref { return in.Holder }

// AccountView is an account as its reader may see it.
type AccountView struct {
	Account
	SystemName string       `json:"system_name"`
	Masked     bool         `json:"masked,omitempty"` // login, rights and proof are not shown
	Due        core.Instant `json:"due,omitempty"`
	Overdue    bool         `json:"overdue,omitempty"`
	MayChange  bool         `json:"may_change"`
	MayClose   bool         `json:"may_close"`
}

// AccountsQuery answers ListAccounts.
func AccountsQuery(people People) command.Query[ListAccounts, core.Page[AccountView]] {
	return listAccounts{people}
}

type listAccounts struct{ people People }

// Target is every account that policy lets the reader see.
func (listAccounts) Target(context.Context, store.Reader, ListAccounts) (command.Resource, error) {
	return command.Resource{Kind: KindAccount}, nil
}

func (in ListAccounts) where(see *command.Sight) (store.Where, error) {
	where := []store.Where{see.Where}
	for col, v := range map[string]core.Ref{"id": in.Account, "system": in.System, "holder": in.Holder} {
		if v != "" {
			where = append(where, store.Eq(col, v))
		}
	}
	switch in.Show {
	case "":
	case ShowOpen, ShowDue:
		where = append(where, store.Not(store.NotNull("closed")))
	case ShowClosed:
		where = append(where, store.NotNull("closed"))
	default:
		return store.False, core.InvalidField("show", "Choose open, closed or due, or leave it out.")
	}
	if in.Page.After != "" {
		keys, err := in.Page.After.Keys(2)
		if err != nil {
			return store.False, err
		}
		at, err := strconv.ParseInt(keys[0], 10, 64)
		if err != nil {
			return store.False, core.NewFault(core.Invalid, "bad-cursor", "This page link is damaged. Start again from the first page.")
		}
		where = append(where, store.After(true, []string{"since", "id"}, []any{at, keys[1]}))
	}
	return store.And(where...), nil
}

// Read lists them. Of those that are due there is one page: they are work that
// must not pile up.
func (q listAccounts) Read(ctx context.Context, r store.Reader, in ListAccounts, see *command.Sight) (core.Page[AccountView], error) {
	var out core.Page[AccountView]
	where, err := in.where(see)
	if err != nil {
		return out, err
	}
	n := in.Page.Size()
	most := n
	if in.Show == ShowDue {
		most = 2000
	}
	rows, err := accounts.Filter(ctx, r, "WHERE {where} ORDER BY since DESC, id DESC LIMIT $1", where, most+1)
	if err != nil {
		return out, err
	}
	for i := range rows {
		if i == most {
			out.Next = core.MakeCursor(fmt.Sprint(int64(rows[most-1].Since)), string(rows[most-1].ID))
			break
		}
		v, err := q.view(ctx, r, &rows[i], see)
		if err != nil {
			return out, err
		}
		if in.Show != ShowDue || v.Due != 0 {
			out.Rows = append(out.Rows, v)
		}
	}
	see.Counted(len(out.Rows))
	return out, nil
}

func (q listAccounts) view(ctx context.Context, r store.Reader, a *Account, see *command.Sight) (AccountView, error) {
	v := AccountView{Account: *a}
	who, err := q.people.Person(ctx, r, a.Holder)
	if err != nil {
		return v, err
	}
	s, err := SystemByID(ctx, r, a.System)
	if err != nil {
		return v, err
	}
	v.SystemName = s.Name
	v.Due, v.Overdue = a.Due(who), a.Overdue(who, see.Now)
	v.Login, v.Masked = see.Show(core.Personal, who.Record, "elsewhere_account.login", a.Login)
	v.Rights, _ = see.Show(core.Personal, who.Record, "elsewhere_account.rights", a.Rights)
	v.Proof, _ = see.Show(core.Personal, who.Record, "elsewhere_account.proof", a.Proof)
	may := a.Closed == 0 && a.Holder != see.Actor.Ref
	v.MayChange = may && see.Allowed("elsewhere.account.change", a.Resource())
	v.MayClose = may && see.Allowed("elsewhere.account.close", a.Resource())
	return v, nil
}
