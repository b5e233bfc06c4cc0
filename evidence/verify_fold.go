package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// VerifyFold checks everything that hangs on the leaves (VerifyLog checks the
// leaves themselves): change documents against their hashes, index columns and
// tags against the leaf, disclosures against their digests, and every stored
// row against the fold of all changes. It writes nothing and prints digests
// instead of personal values. All problems are returned; the error is for not
// being able to look.
func (l *Log) VerifyFold(ctx context.Context, r store.Reader) ([]Problem, error) {
	var out []Problem
	found := func(p Problem) { out = append(out, p) }
	f := newFold(l, found)
	v := &foldVerifier{log: l, fold: f, found: found}
	last := ""
	for {
		rows, err := eventTable.Select(ctx, r, "WHERE id > $1 ORDER BY id LIMIT 1000", last)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			break
		}
		next := rows[len(rows)-1].ID
		if err := v.chunk(ctx, r, rows, last, next); err != nil {
			return nil, err
		}
		last = next
	}
	if err := v.index(ctx, r); err != nil {
		return nil, err
	}
	f.gaps()
	for _, s := range store.Tables() {
		compare := map[store.Kind]func(context.Context, store.Reader, store.Shape) error{
			store.Recorded: f.compare, store.Derived: f.compare, store.Imported: f.compareBatches,
		}[s.TableKind()]
		if compare == nil {
			continue
		}
		if err := compare(ctx, r, s); err != nil {
			return nil, err
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		return out[i].Table+out[i].Key+out[i].Column < out[j].Table+out[j].Key+out[j].Column
	})
	return out, nil
}

type foldVerifier struct {
	log      *Log
	fold     *fold
	found    func(Problem)
	expected uint64 // sum of hashes of the index entries that the events demand
}

func (v *foldVerifier) chunk(ctx context.Context, r store.Reader, rows []eventRow, after, last string) error {
	sealed, err := disclosureTable.Select(ctx, r, "WHERE event > $1 AND event <= $2 ORDER BY event, subject", after, last)
	if err != nil {
		return err
	}
	byEvent := map[string][]disclosureRow{}
	for _, d := range sealed {
		byEvent[d.Event] = append(byEvent[d.Event], d)
	}
	for i := range rows {
		row := &rows[i]
		lines, err := ParseChanges(row.Changes)
		if err != nil {
			v.found(Problem{Code: "unreadable-changes", Log: row.Log, Event: row.ID, Table: "event", Key: row.ID, Column: "changes", Text: err.Error()})
			continue
		}
		v.columns(row, len(lines))
		if err := v.tags(ctx, row); err != nil {
			return err
		}
		open, err := v.open(ctx, row, lines, byEvent[row.ID])
		if err != nil {
			return err
		}
		v.expect(row)
		for _, l := range lines {
			if l.Table != EventTable {
				if err := v.fold.add(ctx, row.ID, l, open); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// columns compares the event's own columns with its leaf.
func (v *foldVerifier) columns(row *eventRow, lines int) {
	bad := func(col, text string) {
		v.found(Problem{Code: "event-differs-from-leaf", Log: row.Log, Event: row.ID, Table: "event", Key: row.ID, Column: col, Text: text})
	}
	var leaf struct {
		ID     string `json:"id"`
		Type   string `json:"type"`
		Status string `json:"status"`
		Case   string `json:"case_uid"`
		Actor  struct {
			UID  string `json:"uid"`
			Kind string `json:"kind"`
		} `json:"actor"`
		Metadata struct {
			Log    string `json:"log_name"`
			Logged string `json:"logged_time"`
			Tenant string `json:"tenant_uid"`
		} `json:"metadata"`
		Changes struct {
			Count  int    `json:"count"`
			SHA256 string `json:"sha256"`
		} `json:"changes"`
	}
	if err := json.Unmarshal([]byte(row.Leaf), &leaf); err != nil {
		bad("leaf", "the leaf is not JSON")
		return
	}
	sum := sha256.Sum256([]byte(row.Changes))
	if leaf.Changes.SHA256 != hex.EncodeToString(sum[:]) || leaf.Changes.Count != lines {
		bad("changes", "the change document does not have the hash or the number of lines that the leaf states")
	}
	for _, c := range []struct{ col, have, want string }{
		{"id", row.ID, leaf.ID},
		{"log", row.Log, leaf.Metadata.Log},
		{"at", row.At.String(), leaf.Metadata.Logged},
		{"type", row.Type, leaf.Type},
		{"entity", string(row.Entity), leaf.Metadata.Tenant},
		{"outcome", row.Outcome, leaf.Status},
		{"case_ref", string(row.Case), leaf.Case},
		{"actor", nameless(row.Actor), leaf.Actor.UID},
		{"actor", string(row.Actor.Kind()), leaf.Actor.Kind},
	} {
		if c.have != c.want {
			bad(c.col, fmt.Sprintf("stored %q, the leaf says %q", c.have, c.want))
		}
	}
}

// tags recomputes the subject tags. A person without a key was erased, or the
// key was lost, or the subject was written in behind our back: it is named.
func (v *foldVerifier) tags(ctx context.Context, row *eventRow) error {
	var leaf struct {
		Tags []string `json:"subject_tags"`
	}
	if json.Unmarshal([]byte(row.Leaf), &leaf) != nil {
		return nil // named by columns
	}
	var want []string
	for _, ref := range append(strings.Fields(row.Refs), string(row.Actor)) {
		k, err := v.log.Keys.Lookup(ctx, core.Ref(ref))
		if err != nil {
			return err
		}
		if k == nil {
			v.found(Problem{
				Code: "key-missing", Log: row.Log, Event: row.ID, Table: "event", Key: row.ID, Column: "refs",
				Text: "there is no key for " + ref + ": the tags of this event cannot be checked",
			})
			continue
		}
		want = append(want, k.Tag(row.ID))
	}
	sort.Strings(want)
	want = slices.Compact(want)
	missing := slices.ContainsFunc(want, func(t string) bool { return !slices.Contains(leaf.Tags, t) })
	if missing || len(want) != len(leaf.Tags) {
		v.found(Problem{
			Code: "subjects-differ-from-tags", Log: row.Log, Event: row.ID, Table: "event", Key: row.ID, Column: "refs",
			Text: "the subjects stored with the event are not those that the leaf was tagged with",
		})
	}
	return nil
}
