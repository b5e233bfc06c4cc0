package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// SeeNotices says that the actor has read everything that they were told.
type SeeNotices struct {
	Staff core.Ref `json:"staff"`
}

// Action is access.notice.see.
func (SeeNotices) Action() command.Action { return "access.notice.see" }

// Subject is the person.
func (in SeeNotices) Subject() core.Ref { return in.Staff }

type seeNotices struct{}

type unseen struct{ list []Notice }

// Load reads what was not yet read.
func (seeNotices) Load(ctx context.Context, r store.Reader, in SeeNotices) (f unseen, res command.Resource, err error) {
	s, err := loadStaff(ctx, r, in.Staff)
	if err != nil {
		return f, res, err
	}
	f.list, err = notices.Select(ctx, r, "WHERE staff = $1 AND seen IS NULL ORDER BY at, id LIMIT 100", in.Staff)
	return f, s.Resource(), err
}

// Check demands the person.
func (seeNotices) Check(in SeeNotices, f unseen, m command.Moment) command.Verdict {
	if why := inPerson(m, in.Staff); why != nil {
		return command.Refuse(*why)
	}
	if len(f.list) == 0 {
		return command.Refuse(command.Refusal{Code: "nothing-unread", Text: "You have read everything already."})
	}
	return command.Proceed()
}

// Apply notes it.
func (seeNotices) Apply(ctx context.Context, tx *command.Tx, in SeeNotices, f unseen) ([]evidence.Event, error) {
	for i := range f.list {
		now := f.list[i]
		now.Seen = tx.Now
		if err := notices.Update(ctx, tx.Tx, &f.list[i], &now); err != nil {
			return nil, err
		}
	}
	return []evidence.Event{{Type: EventNoticeSeen, Subjects: []core.Ref{in.Staff}}}, nil
}

// ListNotices asks for what the reader was told, newest first.
type ListNotices struct {
	Staff core.Ref `json:"staff"`
}

// Action is access.notice.list.
func (ListNotices) Action() command.Action { return "access.notice.list" }

// Subject is the person.
func (in ListNotices) Subject() core.Ref { return in.Staff }

type listNotices struct{}

// ListNoticesQuery answers ListNotices.
var ListNoticesQuery command.Query[ListNotices, []Notice] = listNotices{}

// Target is the person's record.
func (listNotices) Target(ctx context.Context, r store.Reader, in ListNotices) (command.Resource, error) {
	s, err := loadStaff(ctx, r, in.Staff)
	if err != nil {
		return command.Resource{}, err
	}
	return s.Resource(), nil
}

// Read lists them.
func (listNotices) Read(ctx context.Context, r store.Reader, in ListNotices, _ *command.Sight) ([]Notice, error) {
	rows, err := notices.Select(ctx, r, "WHERE staff = $1 ORDER BY at DESC, id DESC LIMIT 50", in.Staff)
	for i := range rows {
		rows[i].Text = noticeTexts[rows[i].Type]
	}
	return rows, err
}
