package evidence

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"vouchsafe/core"
	"vouchsafe/store"
)

// folded is one recorded row as the changes say it must be.
type folded struct {
	rev     int64
	cells   map[string]foldedCell
	waiting map[int64]waiting // changes that came before their predecessor
}

type waiting struct {
	event string
	line  Line
}

// foldedCell is one column: plain, or the digest with the event that made it.
type foldedCell struct {
	plain  *string
	digest string
	event  string
	of     core.Ref
}

// fold replays change documents into rows.
type fold struct {
	log   *Log
	rows  map[string]map[string]*folded // table, key
	kinds map[string]store.Kind
	found func(Problem)
}

func newFold(l *Log, found func(Problem)) *fold {
	f := &fold{log: l, rows: map[string]map[string]*folded{}, kinds: map[string]store.Kind{}, found: found}
	for _, s := range store.Tables() {
		f.kinds[s.TableName()] = s.TableKind()
		f.rows[s.TableName()] = map[string]*folded{}
	}
	return f
}

// opened are the disclosed values of one event by place, with their owners.
type opened struct {
	values map[string]string
	owners map[string]core.Ref
}

func (f *fold) add(ctx context.Context, event string, l Line, open opened) error {
	rows := f.rows[l.Table]
	if rows == nil {
		return nil // a table of an older or newer program
	}
	row := rows[l.Key]
	if row == nil {
		row = &folded{cells: map[string]foldedCell{}}
		rows[l.Key] = row
	}
	if f.kinds[l.Table] != store.Recorded { // a derived row, or an imported batch under its id
		return f.apply(ctx, row, event, l, open)
	}
	rev := int64(0)
	fmt.Sscan(l.Rev, &rev)
	if rev <= row.rev {
		f.found(Problem{
			Code: "revision-twice", Event: event, Table: l.Table, Key: l.Key,
			Text: fmt.Sprintf("revision %d is recorded by more than one event", rev),
		})
		return nil
	}
	if rev > row.rev+1 {
		if row.waiting == nil {
			row.waiting = map[int64]waiting{}
		}
		row.waiting[rev] = waiting{event, l}
		return nil
	}
	if err := f.apply(ctx, row, event, l, open); err != nil {
		return err
	}
	row.rev = rev
	next, ok := row.waiting[rev+1]
	if !ok {
		return nil
	}
	delete(row.waiting, rev+1)
	return f.add(ctx, next.event, next.line, opened{})
}

// apply checks old against what was folded so far and takes new over.
func (f *fold) apply(ctx context.Context, row *folded, event string, l Line, open opened) error {
	for col, c := range l.Cells {
		was := row.cells[col]
		if row.rev > 0 && c.OldSD == "" && !equalText(c.Old, was.plain) && was.digest == "" {
			f.found(Problem{
				Code: "old-value-differs", Event: event, Table: l.Table, Key: l.Key, Column: col,
				Text: "the recorded old value is not the value recorded before",
			})
		}
		if c.OldSD != "" && open.values != nil {
			if err := f.checkOld(ctx, event, l, col, was, open); err != nil {
				return err
			}
		}
		now := foldedCell{plain: c.New, digest: c.NewSD, event: event}
		if open.owners != nil {
			now.of = open.owners[place(l.Table, l.Key, col, "new")]
		}
		row.cells[col] = now
	}
	return nil
}

// checkOld proves that the disclosed old value is the one the earlier event
// made, by giving it the earlier event's salt.
func (f *fold) checkOld(ctx context.Context, event string, l Line, col string, was foldedCell, open opened) error {
	p := place(l.Table, l.Key, col, "old")
	value, ok := open.values[p]
	if !ok || was.digest == "" {
		return nil // erased, or the earlier event is missing and already named
	}
	k, err := f.log.Keys.Lookup(ctx, open.owners[p])
	if err != nil || k == nil {
		return err
	}
	if Digest(k.Salt(was.event, place(l.Table, l.Key, col, "new")), col, value) != was.digest {
		f.found(Problem{
			Code: "old-value-differs", Event: event, Table: l.Table, Key: l.Key, Column: col,
			Text: "the recorded old value is not the value recorded before (digests differ)",
		})
	}
	return nil
}

func equalText(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// gaps names the revisions that no event carries: removed events.
func (f *fold) gaps() {
	for table, rows := range f.rows {
		for key, row := range rows {
			if len(row.waiting) > 0 {
				f.found(Problem{
					Code: "missing-revision", Table: table, Key: key,
					Text: fmt.Sprintf("revision %d is recorded by no event; later ones are: an event was removed", row.rev+1),
				})
			}
		}
	}
}

// compare walks the stored rows of one table beside the folded ones.
func (f *fold) compare(ctx context.Context, r store.Reader, s store.Shape) error {
	rows := f.rows[s.TableName()]
	cols := s.ColumnShapes()
	err := s.Walk(ctx, r, func(img store.RowImage) error {
		row := rows[img.Key]
		if row == nil {
			f.found(Problem{Code: "foreign-row", Table: img.Table, Key: img.Key, Text: "this row is in no event: it was written behind the application's back, or the event that made it was removed"})
			return nil
		}
		delete(rows, img.Key)
		if len(row.waiting) > 0 {
			return nil // already named by gaps
		}
		if s.TableKind() == store.Recorded && img.Rev != row.rev {
			f.found(Problem{
				Code: "revision-differs", Table: img.Table, Key: img.Key, Column: "rev",
				Text: fmt.Sprintf("the row says revision %d, the events say %d", img.Rev, row.rev),
			})
		}
		for i, c := range cols {
			if err := f.compareCell(ctx, img, c, img.Values[i], row.cells[c.Name]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for key := range rows {
		f.found(Problem{Code: "missing-row", Table: s.TableName(), Key: key, Text: "events made this row, and it is not there"})
	}
	return nil
}

func (f *fold) compareCell(ctx context.Context, img store.RowImage, c store.ColumnShape, have store.Value, want foldedCell) error {
	differs := Problem{Code: "value-differs", Table: img.Table, Key: img.Key, Column: c.Name, Event: want.event}
	if want.digest == "" {
		if have.Set != (want.plain != nil) || have.Set && have.Text != *want.plain {
			differs.Text = "the stored value is not the recorded one"
			if !c.Class.Sensitive() {
				differs.Text = fmt.Sprintf("stored %s, recorded %s", shown(have), shownText(want.plain))
			}
			f.found(differs)
		}
		return nil
	}
	k, err := f.log.Keys.Lookup(ctx, first2(want.of, img.Subject))
	if err != nil {
		return err
	}
	if k == nil { // erased: the column must be empty
		if have.Set {
			differs.Code, differs.Text = "erased-value-stored", "the key of this person was destroyed, but the value is still stored"
			f.found(differs)
		}
		return nil
	}
	digest := Digest(k.Salt(want.event, place(img.Table, img.Key, c.Name, "new")), c.Name, have.Text)
	if !have.Set || digest != want.digest {
		differs.Text = fmt.Sprintf("stored value has digest %s, recorded %s", digest, want.digest)
		f.found(differs)
	}
	return nil
}

func first2(a, b core.Ref) core.Ref {
	if a != "" {
		return a
	}
	return b
}

func shown(v store.Value) string {
	if !v.Set {
		return "nothing"
	}
	return fmt.Sprintf("%q", v.Text)
}

func shownText(s *string) string {
	if s == nil {
		return "nothing"
	}
	return fmt.Sprintf("%q", *s)
}

// text is a plain cell's value; an event that was made up may lack it.
func (r *folded) text(col string) string {
	if p := r.cells[col].plain; p != nil {
		return *p
	}
	return ""
}

// compareBatches walks an imported table and computes the root of every batch
// again. The batch of a row is its "batch" column.
func (f *fold) compareBatches(ctx context.Context, r store.Reader, s store.Shape) error {
	batches := f.rows[s.TableName()]
	col := slices.IndexFunc(s.ColumnShapes(), func(c store.ColumnShape) bool { return c.Name == "batch" })
	if col < 0 {
		return fmt.Errorf("evidence: imported table %s has no batch column", s.TableName())
	}
	digests := map[string]map[string]store.RowDigest{}
	err := s.Walk(ctx, r, func(img store.RowImage) error {
		batch := img.Values[col].Text
		row := batches[batch]
		if row == nil {
			f.found(Problem{Code: "foreign-row", Table: img.Table, Key: img.Key, Text: "this row belongs to no recorded batch: it was written behind the application's back"})
			return nil
		}
		salt, err := base64.RawURLEncoding.DecodeString(row.text("salt"))
		if err != nil {
			return err
		}
		if digests[batch] == nil {
			digests[batch] = map[string]store.RowDigest{}
		}
		digests[batch][img.Key] = store.DigestImage(salt, img)
		return nil
	})
	if err != nil {
		return err
	}
	for batch, row := range batches {
		if store.BatchRoot(digests[batch]) != row.text("root") {
			f.found(Problem{
				Code: "batch-differs", Table: s.TableName(), Key: batch, Event: row.cells["root"].event,
				Text: fmt.Sprintf("the %d stored rows of this batch do not have the root that was recorded for %s: one was changed, added or removed",
					len(digests[batch]), row.text("count")),
			})
		}
	}
	return nil
}
