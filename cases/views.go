package cases

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListCases asks for cases, newest first.
type ListCases struct {
	State string           `json:"state,omitempty"`
	Type  Type             `json:"type,omitempty"`
	About core.Ref         `json:"subject,omitempty"`
	Owner core.Ref         `json:"owner,omitempty"`
	Page  core.PageRequest `json:"page"`
}

// Action is cases.case.list.
func (ListCases) Action() command.Action { return "cases.case.list" }

// Subject is the record asked about.
func (l ListCases) Subject() core.Ref { return l.About }

// CaseView is a case as a reader may see it.
type CaseView struct {
	Case
	TitleMasked  bool `json:"title_masked,omitempty"`
	OriginMasked bool `json:"origin_masked,omitempty"`
	MayClose     bool `json:"may_close"`
	MayAssign    bool `json:"may_assign"`
}

func viewCase(c Case, see *command.Sight) CaseView {
	v := CaseView{Case: c}
	res := c.Resource()
	v.Title, v.TitleMasked = see.Show(core.Personal, res, "case_file.title", c.Title)
	v.OriginRef, v.OriginMasked = see.Show(core.Personal, res, "case_file.origin_ref", c.OriginRef)
	if v.OriginMasked {
		v.OriginSum = ""
	}
	v.MayClose = c.State == StateOpen && see.Allowed("cases.case.close", res)
	v.MayAssign = c.State == StateOpen && see.Allowed("cases.case.assign", res)
	return v
}

type listCases struct{}

// ListCasesQuery answers ListCases.
var ListCasesQuery command.Query[ListCases, core.Page[CaseView]] = listCases{}

// Target is every case that policy lets the reader see.
func (listCases) Target(context.Context, store.Reader, ListCases) (command.Resource, error) {
	return command.Resource{Kind: core.KindCase}, nil
}

// Read lists them.
func (listCases) Read(ctx context.Context, r store.Reader, in ListCases, see *command.Sight) (core.Page[CaseView], error) {
	where := []store.Where{see.Where}
	if in.State != "" {
		where = append(where, store.Eq("state", in.State))
	}
	if in.Type != "" {
		where = append(where, store.Eq("type", string(in.Type)))
	}
	if in.About != "" {
		where = append(where, store.Eq("subject", string(in.About)))
	}
	if in.Owner != "" {
		where = append(where, store.Eq("owner", string(in.Owner)))
	}
	after, err := newestAfter(in.Page.After, "opened")
	if err != nil {
		return core.Page[CaseView]{}, err
	}
	n := in.Page.Size()
	rows, err := caseTable.Filter(ctx, r, "WHERE {where} ORDER BY opened DESC, id DESC LIMIT $1", store.And(append(where, after)...), n+1)
	if err != nil {
		return core.Page[CaseView]{}, err
	}
	var out core.Page[CaseView]
	for i, c := range rows {
		if i == n {
			out.Next = core.MakeCursor(fmt.Sprint(int64(rows[n-1].Opened)), string(rows[n-1].ID))
			break
		}
		out.Rows = append(out.Rows, viewCase(c, see))
	}
	see.Counted(len(out.Rows))
	return out, nil
}

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

// ViewCase asks for one case.
type ViewCase struct {
	Case core.Ref `json:"case"`
}

// Action is cases.case.view.
func (ViewCase) Action() command.Action { return "cases.case.view" }

// Subject is the case.
func (v ViewCase) Subject() core.Ref { return v.Case }

type oneCase struct{}

// ViewCaseQuery answers ViewCase.
var ViewCaseQuery command.Query[ViewCase, CaseView] = oneCase{}

// Target is the case.
func (oneCase) Target(ctx context.Context, r store.Reader, in ViewCase) (command.Resource, error) {
	_, res, err := loadCase(ctx, r, in.Case)
	return res, err
}

// Read shows it.
func (oneCase) Read(ctx context.Context, r store.Reader, in ViewCase, see *command.Sight) (CaseView, error) {
	c, _, err := loadCase(ctx, r, in.Case)
	if err != nil {
		return CaseView{}, err
	}
	return viewCase(*c, see), nil
}

// ListFindings asks for findings, newest first; for one of them by Finding.
type ListFindings struct {
	Finding core.Ref         `json:"finding,omitempty"`
	State   string           `json:"state,omitempty"`
	Kind    string           `json:"kind,omitempty"`
	About   core.Ref         `json:"subject,omitempty"`
	Case    core.Ref         `json:"case,omitempty"`    // by which they were explained
	Waiting bool             `json:"waiting,omitempty"` // only those that nobody has resolved
	Page    core.PageRequest `json:"page"`
}

// Action is cases.finding.list.
func (ListFindings) Action() command.Action { return "cases.finding.list" }

// Subject is the record asked about.
func (l ListFindings) Subject() core.Ref { return cmp.Or(l.About, l.Case, l.Finding) }

// FindingView is a finding as a reader may see it.
type FindingView struct {
	Finding
	TextMasked bool `json:"text_masked,omitempty"`
	MayResolve bool `json:"may_resolve"`
}

// waiting selects the findings that wait for somebody.
var waiting = store.In("state", []string{FindingOpen, FindingEscalated})

type listFindings struct{}

// ListFindingsQuery answers ListFindings.
var ListFindingsQuery command.Query[ListFindings, core.Page[FindingView]] = listFindings{}

// Target is every finding that policy lets the reader see.
func (listFindings) Target(context.Context, store.Reader, ListFindings) (command.Resource, error) {
	return command.Resource{Kind: core.KindFinding}, nil
}

// Read lists them.
func (listFindings) Read(ctx context.Context, r store.Reader, in ListFindings, see *command.Sight) (core.Page[FindingView], error) {
	where := []store.Where{see.Where}
	for col, v := range map[string]string{"id": string(in.Finding), "state": in.State, "kind": in.Kind, "subject": string(in.About), "case_ref": string(in.Case)} {
		if v != "" {
			where = append(where, store.Eq(col, v))
		}
	}
	if in.Waiting {
		where = append(where, waiting)
	}
	after, err := newestAfter(in.Page.After, "raised")
	if err != nil {
		return core.Page[FindingView]{}, err
	}
	n := in.Page.Size()
	rows, err := findingTable.Filter(ctx, r, "WHERE {where} ORDER BY raised DESC, id DESC LIMIT $1", store.And(append(where, after)...), n+1)
	if err != nil {
		return core.Page[FindingView]{}, err
	}
	var out core.Page[FindingView]
	for i, f := range rows {
		if i == n {
			out.Next = core.MakeCursor(fmt.Sprint(int64(rows[n-1].Raised)), string(rows[n-1].ID))
			break
		}
		v := FindingView{Finding: f}
		v.Text, v.TextMasked = see.Show(core.Personal, f.Resource(), "finding.words", f.Text)
		v.MayResolve = f.Resolved == 0 && see.Allowed("cases.finding.resolve", f.Resource())
		out.Rows = append(out.Rows, v)
	}
	see.Counted(len(out.Rows))
	return out, nil
}
