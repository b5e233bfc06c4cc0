package oversight

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EventLine is one event as a list shows it. Sensitive values stand masked in
// it, whoever reads: opening the event shows them to those who may.
type EventLine struct {
	ID       string           `json:"id"`
	Type     string           `json:"type"`
	Log      string           `json:"log"`
	At       core.Instant     `json:"at"`
	Actor    core.Ref         `json:"actor"`
	Entity   core.Ref         `json:"entity,omitempty"`
	Case     core.Ref         `json:"case,omitempty"`
	Outcome  evidence.Outcome `json:"outcome"`
	Subjects []core.Ref       `json:"subjects"`
	Sentence []Phrase         `json:"sentence"` // after the actor
	// Maker asked for what others agreed to; the actor is then the one whose
	// approval made it happen. Both are empty where nobody had to agree.
	Maker     core.Ref     `json:"maker,omitempty"`
	Approvers []core.Ref   `json:"approvers,omitempty"`
	Changes   []ChangeLine `json:"changes,omitempty"`
	Hash      string       `json:"leaf_hash,omitempty"` // empty while it has no place
	Index     int64        `json:"leaf_index"`
	Signed    bool         `json:"signed"` // a checkpoint covers it
}

// ChangeLine is one column that an event wrote. Old and New are nil where
// there is no value; masked sides have one that is not shown.
type ChangeLine struct {
	Table     string     `json:"table"`
	Key       string     `json:"key"`
	Field     string     `json:"field"`
	Class     core.Class `json:"class"`
	Old       *string    `json:"old,omitempty"`
	New       *string    `json:"new,omitempty"`
	OldMasked bool       `json:"old_masked,omitempty"`
	NewMasked bool       `json:"new_masked,omitempty"`
	Updated   bool       `json:"updated"` // the row was there before
}

// lines tells records as lines.
func (q searchEvents) lines(ctx context.Context, r store.Reader, recs []evidence.Record, states []evidence.LogState) ([]EventLine, error) {
	return linesOf(ctx, r, q.rd, recs, states)
}

func linesOf(ctx context.Context, r store.Reader, rd *command.Road, recs []evidence.Record, states []evidence.LogState) ([]EventLine, error) {
	ids := make([]string, len(recs))
	for i := range recs {
		ids[i] = recs[i].ID
	}
	places, err := placesOf(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	signed := map[string]int64{}
	for _, st := range states {
		signed[st.Log] = st.CheckpointSize
	}
	titles := titlesOf(rd)
	out := make([]EventLine, 0, len(recs))
	for i := range recs {
		line, err := lineOf(&recs[i], titles)
		if err != nil {
			return nil, err
		}
		if p, ok := places[line.ID]; ok {
			line.Hash, line.Index, line.Signed = p.hash, p.index, p.index < signed[line.Log]
		}
		out = append(out, line)
	}
	return out, nil
}

func lineOf(rec *evidence.Record, titles map[string]string) (EventLine, error) {
	l := EventLine{
		ID: rec.ID, Type: rec.Type, Log: rec.Log, At: rec.At, Actor: rec.Actor, Entity: rec.Entity, Case: rec.Case,
		Outcome: rec.Outcome, Subjects: rec.Subjects,
	}
	lines, err := evidence.ParseChanges(rec.Changes)
	if err != nil {
		return l, err
	}
	for i := range lines {
		for name, c := range lines[i].Cells { // nobody's eyes: all sensitive sides are masked
			c.NewMasked, c.OldMasked = c.NewSD != "", c.OldSD != ""
			lines[i].Cells[name] = c
		}
	}
	l.Sentence = sentence(rec, detailsOf(lines), titles)
	for _, ch := range changesOf(lines) {
		if ch.Updated && !plumbing[ch.Field] && !strings.HasPrefix(ch.Table, "ledger_") {
			l.Changes = append(l.Changes, ch)
		}
	}
	slices.SortStableFunc(l.Changes, func(a, b ChangeLine) int { return weight(a.Field) - weight(b.Field) })
	told, err := rec.View()
	if err != nil {
		return l, err
	}
	if a := told.Approval; a != nil && !strings.HasPrefix(rec.Type, "command.") {
		l.Maker = core.Ref(a.Maker)
		for _, ref := range a.Approvers {
			l.Approvers = append(l.Approvers, core.Ref(ref))
		}
	}
	return l, nil
}

// plumbing are columns that a list leaves out: they repeat in their own way
// what the sentence and the time say; so do the rows of the ledger. The event's
// page shows them.
var plumbing = func() map[string]bool {
	out := map[string]bool{}
	for _, f := range strings.Fields(`closed closed_at closed_by closed_reason ended ended_by end_reason token step_up_until totp_step outcome
		cleared cleared_by decided approver releaser case_ref phase submitted paid journal reversal credited credited_by psp merchant psp_status
		at changed_at deadline look_at looked looks matched server_time swept_to begun settled attempt request_sha256 answer_sha256 code deals`) {
		out[f] = true
	}
	return out
}()

// weight puts what became of a record first.
func weight(field string) int {
	switch field {
	case "state", "status", "decision", "execution", "settlement":
		return 0
	}
	return 1
}

// changesOf lists the columns that an event wrote, row by row.
func changesOf(lines []evidence.Line) (out []ChangeLine) {
	for _, l := range lines {
		if l.Table == evidence.EventTable {
			continue
		}
		names := make([]string, 0, len(l.Cells))
		for name := range l.Cells {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			c := l.Cells[name]
			out = append(out, ChangeLine{
				Table: l.Table, Key: l.Key, Field: name, Class: c.Class, Old: c.Old, New: c.New,
				OldMasked: c.OldMasked, NewMasked: c.NewMasked, Updated: l.Rev != "" && l.Rev != "1",
			})
		}
	}
	return out
}

// detailsOf are the event's own facts, without the rows.
func detailsOf(lines []evidence.Line) map[string]evidence.Cell {
	for _, l := range lines {
		if l.Table == evidence.EventTable {
			return l.Cells
		}
	}
	return nil
}

// titlesOf maps actions to the titles of their commands.
func titlesOf(rd *command.Road) map[string]string {
	out := map[string]string{}
	for _, l := range rd.Registry.List() {
		out[string(l.Action)] = l.Doc.Title
	}
	return out
}
