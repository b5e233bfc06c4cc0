package evidence

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Record is one event as read back: what the log holds, without any sensitive
// value in the clear.
type Record struct {
	ID, Log  string
	At       core.Instant
	Type     string
	Actor    core.Ref
	Entity   core.Ref
	Outcome  Outcome
	Case     core.Ref
	Subjects []core.Ref
	Leaf     string
	Changes  string
}

// Line is one parsed line of a change document.
type Line struct {
	Table string          `json:"table"`
	Key   string          `json:"key"`
	Kind  string          `json:"kind"`
	Rev   string          `json:"rev"`
	Cells map[string]Cell `json:"cells"`
}

// Cell is one column of a line. A sensitive side has a digest, and Value stays
// nil until it is disclosed to a reader.
type Cell struct {
	New   *string    `json:"new"`
	Old   *string    `json:"old"`
	NewSD string     `json:"new_sd"`
	OldSD string     `json:"old_sd"`
	Class core.Class `json:"class"`
	Of    string     `json:"of"`
	// NewMasked and OldMasked are set by Disclose where a value exists and the
	// reader may not see it, or where its key was destroyed.
	NewMasked, OldMasked bool `json:"-"`
}

// LeafView is what pages and questions read from a leaf; the leaf text itself
// is the evidence.
type LeafView struct {
	Actor struct {
		UID     string   `json:"uid"`
		Kind    string   `json:"kind"`
		Session string   `json:"session_uid"`
		Token   string   `json:"token_uid"`
		For     string   `json:"for"`
		Roles   []string `json:"roles"`
		Factors []string `json:"factors"`
		StepUp  string   `json:"step_up"`
	} `json:"actor"`
	Approval *struct {
		Proposal  string   `json:"request_uid"`
		Payload   string   `json:"payload_sha256"`
		Rule      string   `json:"rule"`
		Maker     string   `json:"maker"`
		Approvers []string `json:"approvers"`
	} `json:"approval"`
	Basis   []string `json:"basis"`
	Changes struct {
		Count  int    `json:"count"`
		SHA256 string `json:"sha256"`
	} `json:"changes"`
	Corrects string   `json:"corrects"`
	External []string `json:"external_refs"`
	Metadata struct {
		Action      string `json:"action"`
		Correlation string `json:"correlation_uid"`
		Observed    string `json:"observed_time"`
		Logged      string `json:"logged_time"`
	} `json:"metadata"`
	Policy struct {
		Determining []string `json:"determining"`
		Effect      string   `json:"effect"`
		Engine      string   `json:"engine"`
		Set         string   `json:"set_sha256"`
		Errors      []string `json:"errors"`
	} `json:"policy"`
	Reason struct {
		Code string `json:"code"`
	} `json:"reason"`
	Source string   `json:"source"`
	Tags   []string `json:"subject_tags"`
	Time   string   `json:"time"`
}

// View parses the leaf.
func (r *Record) View() (LeafView, error) {
	var v LeafView
	if err := json.Unmarshal([]byte(r.Leaf), &v); err != nil {
		return v, fmt.Errorf("evidence: the leaf of %s is not JSON: %w", r.ID, err)
	}
	return v, nil
}

// ParseChanges reads a change document.
func ParseChanges(doc string) ([]Line, error) {
	var out []Line
	for text := range strings.Lines(doc) {
		var l Line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return nil, fmt.Errorf("evidence: a change document line is not JSON: %w", err)
		}
		out = append(out, l)
	}
	return out, nil
}

// PublicDetails are the event's own facts that stand in plain, by name.
func (r *Record) PublicDetails() (map[string]string, error) {
	lines, err := ParseChanges(r.Changes)
	out := map[string]string{}
	for _, l := range lines {
		if l.Table != EventTable {
			continue
		}
		for name, cell := range l.Cells {
			if d, ok := strings.CutPrefix(name, "detail."); ok && cell.New != nil {
				out[d] = *cell.New
			}
		}
	}
	return out, err
}

func recordOf(r eventRow) Record {
	rec := Record{
		ID: r.ID, Log: r.Log, At: r.At, Type: r.Type, Actor: r.Actor, Entity: r.Entity,
		Outcome: Outcome(r.Outcome), Case: r.Case, Leaf: r.Leaf, Changes: r.Changes,
	}
	for _, s := range strings.Fields(r.Refs) {
		rec.Subjects = append(rec.Subjects, core.Ref(s))
	}
	return rec
}

// Get reads one event by id; nil when there is none.
func Get(ctx context.Context, r store.Reader, id string) (*Record, error) {
	row, err := eventTable.Get(ctx, r, id)
	if err != nil || row == nil {
		return nil, err
	}
	rec := recordOf(*row)
	return &rec, nil
}

// May answers whether a reader may see values of a class belonging to a
// subject. Callers build it from policy.
type May func(class core.Class, subject core.Ref) bool

// HomeOf is the legal entity of a record as evidence knows it: that of its
// first event, empty for the group's. Ok is false where no event names it.
func HomeOf(ctx context.Context, r store.Reader, ref core.Ref) (entity core.Ref, ok bool, err error) {
	q := `SELECT coalesce(e.entity, '') FROM event_ref x JOIN event e ON e.id = x.event WHERE x.ref = $1 ORDER BY x.event LIMIT 1`
	err = r.QueryRow(ctx, q, ref).Scan((*string)(&entity))
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return entity, err == nil, err
}

// Disclose parses the change document of rec and fills in the sensitive values
// that may says the reader may see. It returns, besides the lines, what was
// shown in the clear, for the read event.
func (l *Log) Disclose(ctx context.Context, r store.Reader, rec *Record, may May) ([]Line, []Shown, error) {
	lines, err := ParseChanges(rec.Changes)
	if err != nil {
		return nil, nil, err
	}
	rows, err := disclosureTable.Select(ctx, r, "WHERE event = $1 ORDER BY subject", rec.ID)
	if err != nil {
		return nil, nil, err
	}
	values := map[string]string{}
	owner := map[string]core.Ref{}
	for _, row := range rows {
		k, err := l.Keys.Lookup(ctx, row.Subject)
		if err != nil {
			return nil, nil, err
		}
		if k == nil {
			continue // erased: stays masked
		}
		plain, err := k.Open(rec.ID, row.Sealed)
		if err != nil {
			return nil, nil, fmt.Errorf("evidence: a disclosure of %s does not open: %w", rec.ID, err)
		}
		var ds []disclosed
		if err := json.Unmarshal(plain, &ds); err != nil {
			return nil, nil, err
		}
		for _, d := range ds {
			p := place(d.Table, d.Key, d.Column, d.Side)
			values[p], owner[p] = d.Value, row.Subject
		}
	}
	var shown []Shown
	for i := range lines {
		for name, cell := range lines[i].Cells {
			if cell.Class == "" {
				continue
			}
			see := func(side, digest string) (*string, bool) {
				p := place(lines[i].Table, lines[i].Key, name, side)
				v, ok := values[p]
				if digest == "" || !ok || cell.Class == core.Secret || !may(cell.Class, owner[p]) {
					return nil, digest != ""
				}
				shown = append(shown, Shown{owner[p], cell.Class, lines[i].Table + "." + name})
				return &v, false
			}
			if cell.NewSD != "" {
				cell.New, cell.NewMasked = see("new", cell.NewSD)
			}
			if cell.OldSD != "" {
				cell.Old, cell.OldMasked = see("old", cell.OldSD)
			}
			lines[i].Cells[name] = cell
		}
	}
	return lines, shown, nil
}

// Shown names one sensitive value that was shown in the clear.
type Shown struct {
	Subject core.Ref
	Class   core.Class
	Field   string
}
