package oversight

import (
	"bytes"
	"context"
	"fmt"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence/export"
	"vouchsafe/store"
)

// MaxExport is the most events of one export; a longer story is cut by time.
const MaxExport = 10_000

// ExportEvents asks for the events of a search as a file for other systems.
// Public values leave, sensitive ones never.
type ExportEvents struct {
	Query  string        `json:"query"` // as in SearchEvents
	Kind   string        `json:"kind,omitempty"`
	Show   Show          `json:"show,omitempty"`
	Of     core.Ref      `json:"of,omitempty"`
	Format export.Format `json:"format"`
	Limit  int           `json:"limit,omitempty"` // zero is MaxExport
}

// Action is evidence.event.export.
func (ExportEvents) Action() command.Action { return "evidence.event.export" }

// Subject is the record whose story is asked for, if any.
func (in ExportEvents) Subject() core.Ref { return in.Of }

// Validate checks format and limit.
func (in ExportEvents) Validate() error {
	if _, err := export.Parse(string(in.Format)); err != nil {
		return err
	}
	if in.Limit < 0 || in.Limit > MaxExport {
		return core.InvalidField("limit", fmt.Sprintf("One export holds at most %d events: narrow the search by before: and after:.", MaxExport))
	}
	return nil
}

// ExportFile is a finished export.
type ExportFile struct {
	Name   string
	Media  string
	Body   []byte
	Events int
	More   bool // there were more than the limit
}

// ExportEventsQuery answers ExportEvents on a road.
func ExportEventsQuery(rd *command.Road, records Records) command.Query[ExportEvents, ExportFile] {
	return exportEvents{searchEvents{rd, records}}
}

type exportEvents struct{ search searchEvents }

// Target is what SearchEvents asks about.
func (q exportEvents) Target(ctx context.Context, r store.Reader, in ExportEvents) (command.Resource, error) {
	return q.search.Target(ctx, r, SearchEvents{Of: in.Of})
}

// Read finds and writes them, newest first.
func (q exportEvents) Read(ctx context.Context, r store.Reader, in ExportEvents, see *command.Sight) (ExportFile, error) {
	if err := in.Validate(); err != nil {
		return ExportFile{}, err
	}
	ask := SearchEvents{Query: in.Query, Kind: in.Kind, Show: in.Show, Of: in.Of, Page: core.PageRequest{Limit: core.MaxPage}}
	most := in.Limit
	if most == 0 {
		most = MaxExport
	}
	f, parsed, err := q.search.prepare(ctx, r, ask, see)
	if err != nil {
		return ExportFile{}, err
	}
	out := ExportFile{Name: "events" + in.Format.Ext(), Media: in.Format.Media()}
	var entries []export.Entry
	for len(entries) < most {
		ask.Page.Limit = min(core.MaxPage, most-len(entries))
		page, err := q.search.rd.Log.Find(ctx, r, f, ask.Page)
		if err != nil {
			return out, err
		}
		ids := make([]string, len(page.Rows))
		for i := range page.Rows {
			ids[i] = page.Rows[i].ID
		}
		places, err := placesOf(ctx, r, ids)
		if err != nil {
			return out, err
		}
		for i := range page.Rows {
			index := int64(-1)
			if p, ok := places[page.Rows[i].ID]; ok {
				index = p.index
			}
			e, err := export.Of(&page.Rows[i], index)
			if err != nil {
				return out, err
			}
			entries = append(entries, e)
		}
		if out.More = page.Next != ""; !out.More {
			break
		}
		ask.Page.After = page.Next
	}
	var b bytes.Buffer
	if err := export.Write(&b, in.Format, entries); err != nil {
		return out, err
	}
	out.Body, out.Events = b.Bytes(), len(entries)
	see.Exported(fmt.Sprintf("%s of %d events", in.Format, len(entries)))
	if !parsed.Empty() {
		see.Searched(parsed.String())
	}
	see.Counted(len(entries))
	return out, nil
}
