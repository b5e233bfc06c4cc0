package access

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListExceptions asks for exceptions from toxic combinations, newest first.
type ListExceptions struct {
	Exception core.Ref `json:"exception,omitempty"` // one of them
	Holder    core.Ref `json:"holder,omitempty"`
	Live      bool     `json:"live,omitempty"` // only those that count now
}

// Action is access.exception.list.
func (ListExceptions) Action() command.Action { return "access.exception.list" }

// Subject is the exception asked about, or its holder.
func (l ListExceptions) Subject() core.Ref { return first(l.Exception, l.Holder) }

// ExceptionRow is one exception as its reader may see it.
type ExceptionRow struct {
	ID          core.Ref     `json:"id"`
	Holder      core.Ref     `json:"holder"`
	HolderName  Field        `json:"holder_name"`
	Combination string       `json:"combination"`
	Entity      core.Ref     `json:"entity"`
	Other       core.Ref     `json:"other"`
	Mitigation  Field        `json:"mitigation"`
	Maker       core.Ref     `json:"maker"`
	Approvers   []core.Ref   `json:"approvers" nullable:"false"`
	Proposal    core.Ref     `json:"proposal"`
	Starts      core.Instant `json:"starts"`
	Ends        core.Instant `json:"ends"`
	Live        bool         `json:"live"`
	State       GrantState   `json:"state"`
	Closed      core.Instant `json:"closed,omitempty"`
	ClosedBy    core.Ref     `json:"closed_by,omitempty"`
	ClosedWords Field        `json:"closed_words"`
	MayEnd      bool         `json:"may_end,omitempty"` // the reader may end it now
}

// mostExceptions bounds the list; each is two people's deliberate act.
const mostExceptions = 500

type listExceptions struct{}

// ListExceptionsQuery answers ListExceptions.
var ListExceptionsQuery command.Query[ListExceptions, []ExceptionRow] = listExceptions{}

// Target leaves the choice of rows to policy.
func (listExceptions) Target(context.Context, store.Reader, ListExceptions) (command.Resource, error) {
	return command.Resource{Kind: KindException}, nil
}

// Read reads them under the policy's filter.
func (listExceptions) Read(ctx context.Context, r store.Reader, in ListExceptions, see *command.Sight) ([]ExceptionRow, error) {
	where := see.Where
	if in.Exception != "" {
		where = store.And(where, store.Eq("id", in.Exception))
	}
	if in.Holder != "" {
		where = store.And(where, store.Eq("holder", in.Holder))
	}
	rows, err := exceptions.Filter(ctx, r, "WHERE {where} ORDER BY starts DESC, id DESC LIMIT $1", where, mostExceptions)
	if err != nil {
		return nil, err
	}
	out := []ExceptionRow{}
	for i := range rows {
		x := &rows[i]
		if in.Live && !x.Live(see.Now) {
			continue
		}
		s, err := StaffByID(ctx, r, x.Holder)
		if err != nil || s == nil {
			return nil, err
		}
		out = append(out, x.row(see, s))
	}
	see.Counted(len(out))
	return out, nil
}

func (x *Exception) row(see *command.Sight, s *Staff) ExceptionRow {
	res := x.Resource()
	row := ExceptionRow{
		ID: x.ID, Holder: x.Holder, Combination: x.Combination, Entity: x.Entity, Other: x.Other, Maker: x.Maker, Approvers: []core.Ref{},
		Proposal: x.Proposal, Starts: x.Starts, Ends: x.Ends, Live: x.Live(see.Now), State: x.State, Closed: x.Closed, ClosedBy: x.ClosedBy,
		HolderName: show(see, s.Resource(), "name", s.Name), Mitigation: show(see, res, "mitigation", x.Mitigation), ClosedWords: show(see, res, "closed_words", x.ClosedWords),
	}
	for word := range strings.FieldsSeq(x.Approvers) {
		row.Approvers = append(row.Approvers, core.Ref(word))
	}
	row.MayEnd = row.Live && see.Allowed(EndException{}.Action(), res)
	return row
}
