package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"sort"
	"strconv"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
)

// EventTable is the pseudo-table of a change document's first line, which
// holds the facts of the event itself: the person's words, the address it came
// from, details that no column holds.
const EventTable = "@event"

// document collects the lines and disclosures of one change document.
type document struct {
	ring    *keys.Ring
	id      string
	entropy core.Entropy
	lines   []docLine
	plain   map[core.Ref][]disclosed
	keys    map[core.Ref]*keys.Subject
}

type docLine struct{ table, key, text, rev string }

// disclosed is one sensitive value in the clear, as sealed for its subject.
type disclosed struct {
	Table  string `json:"t"`
	Key    string `json:"k"`
	Column string `json:"c"`
	Side   string `json:"s"`
	Value  string `json:"v"`
}

func place(table, key, column, side string) string {
	return table + "\x1f" + key + "\x1f" + column + "\x1f" + side
}

// Digest is the salted digest of one sensitive value, after RFC 9901: SHA-256
// over the base64url text of the JSON list [salt, column, value].
func Digest(salt, column, value string) string {
	var c canon
	c.raw("[").str(salt).raw(",").str(column).raw(",").str(value).raw("]")
	sum := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(c.b)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (d *document) subject(ctx context.Context, ref core.Ref) (*keys.Subject, error) {
	if k := d.keys[ref]; k != nil {
		return k, nil
	}
	k, err := d.ring.Key(ctx, ref, d.entropy)
	if err == nil {
		d.keys[ref] = k
	}
	return k, err
}

// side writes one side of a cell: the plain value, or its digest, keeping the
// plain form for the disclosure.
func (d *document) side(ctx context.Context, o *object, table, key string, cell store.Cell, side string, v store.Value) error {
	if !v.Set {
		o.key(side).raw("null")
		return nil
	}
	if !cell.Class.Sensitive() {
		o.key(side).str(v.Text)
		return nil
	}
	k, err := d.subject(ctx, cell.Subject)
	if err != nil {
		return err
	}
	o.key(side + "_sd").str(Digest(k.Salt(d.id, place(table, key, cell.Column, side)), cell.Column, v.Text))
	d.plain[cell.Subject] = append(d.plain[cell.Subject], disclosed{table, key, cell.Column, side, v.Text})
	return nil
}

func (d *document) change(ctx context.Context, ch store.Change) error {
	sort.Slice(ch.Cells, func(i, j int) bool { return ch.Cells[i].Column < ch.Cells[j].Column })
	var c canon
	o := c.open()
	cells := o.key("cells").open()
	for _, cell := range ch.Cells {
		if !cell.HasOld && !cell.New.Set {
			continue // an insert leaves NULLs out
		}
		co := cells.key(cell.Column).open()
		if cell.Class.Sensitive() {
			co.text("class", string(cell.Class))
		}
		if err := d.side(ctx, co, ch.Table, ch.Key, cell, "new", cell.New); err != nil {
			return err
		}
		if cell.Class.Sensitive() && (cell.New.Set || cell.Old.Set) {
			k, err := d.subject(ctx, cell.Subject)
			if err != nil {
				return err
			}
			co.text("of", k.Tag(d.id))
		}
		if cell.HasOld {
			if err := d.side(ctx, co, ch.Table, ch.Key, cell, "old", cell.Old); err != nil {
				return err
			}
		}
		co.close()
	}
	cells.close()
	rev := ""
	if ch.Rev > 0 {
		rev = strconv.FormatInt(ch.Rev, 10)
	}
	o.text("key", ch.Key).text("kind", string(ch.Kind)).text("rev", rev)
	if ch.Table == EventTable {
		var salt [16]byte
		d.entropy.Read(salt[:])
		o.text("salt", base64.RawURLEncoding.EncodeToString(salt[:]))
	}
	o.text("table", ch.Table).close()
	d.lines = append(d.lines, docLine{ch.Table, ch.Key, string(c.b), rev})
	return nil
}

// text is the finished document: canonical lines sorted by table, key and rev,
// each ended by a newline.
func (d *document) text() string {
	sort.SliceStable(d.lines, func(i, j int) bool {
		a, b := d.lines[i], d.lines[j]
		if a.table != b.table {
			return a.table < b.table
		}
		if a.key != b.key {
			return a.key < b.key
		}
		return len(a.rev) < len(b.rev) || len(a.rev) == len(b.rev) && a.rev < b.rev
	})
	var b strings.Builder
	for _, l := range d.lines {
		b.WriteString(l.text)
		b.WriteByte('\n')
	}
	return b.String()
}

// disclosures seals the plain values, one record per subject, in subject
// order.
func (d *document) disclosures(ctx context.Context) ([]disclosureRow, error) {
	refs := make([]core.Ref, 0, len(d.plain))
	for r := range d.plain {
		refs = append(refs, r)
	}
	sort.Slice(refs, func(i, j int) bool { return refs[i] < refs[j] })
	var out []disclosureRow
	for _, ref := range refs {
		k, err := d.subject(ctx, ref)
		if err != nil {
			return nil, err
		}
		plain, err := json.Marshal(d.plain[ref])
		if err != nil {
			return nil, err
		}
		sealed, err := k.Seal(d.id, plain)
		if err != nil {
			return nil, err
		}
		out = append(out, disclosureRow{d.id, ref, sealed})
	}
	return out, nil
}
