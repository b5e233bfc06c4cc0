package rates

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListSheets asks for one page of an entity's exchange rates, newest first.
type ListSheets struct {
	Entity core.Ref         `json:"entity"`
	Page   core.PageRequest `json:"page"`
}

// Action is rates.sheet.list.
func (ListSheets) Action() command.Action { return "rates.sheet.list" }

// Subject is the entity.
func (in ListSheets) Subject() core.Ref { return in.Entity }

// SheetRow is a sheet, and whether amounts are measured by it now.
type SheetRow struct {
	Sheet
	Counts bool `json:"counts"`
}

// ListSheetsQuery answers ListSheets.
func ListSheetsQuery(d Deps) command.Query[ListSheets, core.Page[SheetRow]] { return listSheets{d} }

type listSheets struct{ d Deps }

// Target hides entities that do not exist like those that are not the reader's.
func (q listSheets) Target(ctx context.Context, r store.Reader, in ListSheets) (command.Resource, error) {
	known, err := q.d.Known(ctx, r, in.Entity)
	if err == nil && !known {
		err = command.ErrHidden
	}
	return Of(in.Entity), err
}

// Read reads the page.
func (listSheets) Read(ctx context.Context, r store.Reader, in ListSheets, see *command.Sight) (core.Page[SheetRow], error) {
	var out core.Page[SheetRow]
	before := "fx`"
	if in.Page.After != "" {
		keys, err := in.Page.After.Keys(1)
		if err != nil {
			return out, err
		}
		before = keys[0]
	}
	now, err := newest(ctx, r, in.Entity, see.Now)
	if err != nil {
		return out, err
	}
	rows, err := sheets.Select(ctx, r, "WHERE entity = $1 AND id < $2 ORDER BY id DESC LIMIT $3", in.Entity, before, in.Page.Size()+1)
	for i, s := range rows {
		if i == in.Page.Size() {
			out.Next = core.MakeCursor(string(rows[i-1].ID))
			break
		}
		out.Rows = append(out.Rows, SheetRow{s, now != nil && now.ID == s.ID})
	}
	see.Counted(len(out.Rows))
	return out, err
}
