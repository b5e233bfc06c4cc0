package platform

import (
	"context"
	"fmt"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// ListAccounts asks for trading accounts, newest first.
type ListAccounts struct {
	Client core.Ref         `json:"client,omitempty"`
	State  string           `json:"state,omitempty"`
	Group  string           `json:"group,omitempty"`
	Login  int64            `json:"login,omitempty"`
	Page   core.PageRequest `json:"page"`
}

// Action is platform.account.list.
func (ListAccounts) Action() command.Action { return "platform.account.list" }

// Subject is the client asked about.
func (l ListAccounts) Subject() core.Ref { return l.Client }

// AccountList answers ListAccounts.
type AccountList struct{}

// Target is every account that policy lets the reader see.
func (AccountList) Target(context.Context, store.Reader, ListAccounts) (command.Resource, error) {
	return command.Resource{Kind: core.KindAccount}, nil
}

// Read lists them.
func (AccountList) Read(ctx context.Context, r store.Reader, in ListAccounts, see *command.Sight) (core.Page[Account], error) {
	where := []store.Where{see.Where}
	for col, v := range map[string]string{"client": string(in.Client), "state": in.State, "account_group": in.Group} {
		if v != "" {
			where = append(where, store.Eq(col, v))
		}
	}
	if in.Login != 0 {
		where = append(where, store.Eq("login", in.Login))
	}
	after, err := newestAfter(in.Page.After, "opened")
	if err != nil {
		return core.Page[Account]{}, err
	}
	n := in.Page.Size()
	rows, err := accounts.Filter(ctx, r, "WHERE {where} ORDER BY opened DESC, id DESC LIMIT $1", store.And(append(where, after)...), n+1)
	return cut(rows, n, func(a *Account) (core.Instant, core.Ref) { return a.Opened, a.ID }, see), err
}

// newestAfter is the keyset condition of a list ordered by col and id, newest
// first.
func newestAfter(c core.Cursor, col string) (store.Where, error) {
	if c == "" {
		return store.True, nil
	}
	keys, err := c.Keys(2)
	if err != nil {
		return store.False, err
	}
	at, err := strconv.ParseInt(keys[0], 10, 64)
	if err != nil {
		return store.False, core.NewFault(core.Invalid, "bad-cursor", "This page link is damaged. Start again from the first page.")
	}
	return store.After(true, []string{col, "id"}, []any{at, keys[1]}), nil
}

// cut makes a page of at most n rows out of n+1.
func cut[R any](rows []R, n int, key func(*R) (core.Instant, core.Ref), see *command.Sight) core.Page[R] {
	out := core.Page[R]{Rows: rows}
	if len(rows) > n {
		out.Rows = rows[:n]
		at, id := key(&rows[n-1])
		out.Next = core.MakeCursor(fmt.Sprint(int64(at)), string(id))
	}
	see.Counted(len(out.Rows))
	return out
}

// ListSweeps asks how the reading back of each platform stands, for the line
// about health above the lists. Who may list accounts may ask.
type ListSweeps struct{}

// Action is platform.account.list.
func (ListSweeps) Action() command.Action { return "platform.account.list" }

// Subject is nothing in particular.
func (ListSweeps) Subject() core.Ref { return "" }

// SweepView is the state of one platform's sweeps.
type SweepView struct {
	Platform string       `json:"platform"`
	SweptTo  core.Instant `json:"swept_to,omitempty"` // UTC
	Recorded core.Instant `json:"recorded,omitempty"` // when a sweep last had news, or an hour without
	LastRun  core.Instant `json:"last_run,omitempty"` // when a sweep last ran
	Error    string       `json:"error,omitempty"`    // what that run said; empty when it went well
	Deals    int64        `json:"-"`                  // imported so far, of all entities on the platform: not for everybody
}

// SweepList answers ListSweeps.
type SweepList struct{}

// Target is whoever lists accounts.
func (SweepList) Target(context.Context, store.Reader, ListSweeps) (command.Resource, error) {
	return command.Resource{Kind: core.KindAccount}, nil
}

// Read reads the marks and the schedules.
func (SweepList) Read(ctx context.Context, r store.Reader, _ ListSweeps, _ *command.Sight) ([]SweepView, error) {
	marks, err := sweeps.Select(ctx, r, "ORDER BY platform")
	if err != nil {
		return nil, err
	}
	schedules, err := jobs.Schedules(ctx, r)
	out := make([]SweepView, len(marks))
	for k, m := range marks {
		out[k] = SweepView{Platform: m.Platform, SweptTo: utc(m.SweptTo, m.OffsetS), Recorded: m.At, Deals: m.Deals}
		for _, s := range schedules {
			if s.Name == sweepSchedule(m.Platform) {
				out[k].LastRun, out[k].Error = s.LastAt, s.Error
			}
		}
	}
	return out, err
}
