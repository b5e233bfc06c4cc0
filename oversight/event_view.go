package oversight

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ViewEvent asks for one event with everything about it. Of reads it as part
// of a record's story. File names the form in which it leaves as a file.
type ViewEvent struct {
	Event string   `json:"event"`
	Of    core.Ref `json:"of,omitempty"`
	File  string   `json:"file,omitempty"`
}

// Action is evidence.event.view.
func (ViewEvent) Action() command.Action { return "evidence.event.view" }

// Subject is the event.
func (v ViewEvent) Subject() core.Ref { return v.Of }

// EventView is one event in full, masked for its reader.
type EventView struct {
	EventLine
	Meaning  string            `json:"meaning"`
	Class    evidence.Class    `json:"class"`
	Leaf     string            `json:"leaf"`     // exactly as hashed
	Document string            `json:"document"` // the change document, exactly as hashed: digests only
	Told     evidence.LeafView `json:"-"`        // the leaf, parsed
	All      []ChangeLine      `json:"changes"`
	Details  []ChangeLine      `json:"details"` // facts of the event itself; New only
	Words    *ChangeLine       `json:"words"`
	Address  *ChangeLine       `json:"address"`
	Proof    Proof             `json:"proof"`
	Related  []EventLine       `json:"related"`
}

// Proof is how an event is proven to be in its log.
type Proof struct {
	Sealed     bool         `json:"sealed"`              // a checkpoint covers it
	Broken     string       `json:"broken,omitempty"`    // why it cannot be proven although it should be
	Index      int64        `json:"index"`               // its place
	Size       int64        `json:"size"`                // of the checkpoint's tree
	Root       string       `json:"root,omitempty"`      // of that tree, hex
	Hash       string       `json:"hash,omitempty"`      // of the leaf, hex
	SignedAt   core.Instant `json:"signed_at,omitempty"` // of the first checkpoint that covers it
	Path       []Step       `json:"path,omitempty"`
	Origin     string       `json:"origin"`               // the log's name for outsiders
	Text       string       `json:"text,omitempty"`       // the C2SP tlog-proof file
	Checkpoint string       `json:"checkpoint,omitempty"` // the signed note
	Witnesses  int          `json:"witnesses"`            // outsiders who cosigned it
}

// Step is one sibling of the audit path, from the leaf upwards.
type Step struct {
	Hash string `json:"hash"`
	Left bool   `json:"left"`
}

type viewEvent struct {
	rd      *command.Road
	records Records
}

// FindEvent answers ViewEvent. Who may not read the event as part of its log
// gets it as part of the story of a client or record that it names, if policy
// allows them that; a permalink is thus one address for all readers.
func FindEvent(ctx context.Context, rd *command.Road, records Records, a evidence.Actor, in ViewEvent) (EventView, error) {
	q := viewEvent{rd, records}
	if in.Of == "" {
		of, _, err := q.story(ctx, a, in.Event)
		if err != nil {
			return EventView{}, err
		}
		in.Of = of
	}
	return command.Ask[ViewEvent, EventView](ctx, rd, a, q, in)
}

// MayView reports whether a reader may open an event, by itself or in a story,
// for pages that would lead there. It permits nothing and leaves no evidence.
func MayView(ctx context.Context, rd *command.Road, records Records, a evidence.Actor, id string) bool {
	_, may, err := viewEvent{rd, records}.story(ctx, a, id)
	return err == nil && may
}

// story finds the record through which a reader may see an event that they
// may not see by itself; "" when the event itself is to be asked about.
func (q viewEvent) story(ctx context.Context, a evidence.Actor, id string) (of core.Ref, may bool, err error) {
	err = q.rd.Store.Snapshot(ctx, func(r store.Reader) error {
		rec, err := evidence.Get(ctx, r, id)
		if err != nil || rec == nil || rec.Log == evidence.MLROLog {
			return err
		}
		if may = q.may(ctx, r, a, eventResource(rec)); may {
			return nil
		}
		for _, ref := range rec.Subjects {
			res, err := resourceOf(ctx, r, q.records, ref)
			if err != nil || res.Entity != rec.Entity {
				continue
			}
			if may = q.may(ctx, r, a, res); may {
				of = ref
				return nil
			}
		}
		return nil
	})
	return of, may, err
}

func (q viewEvent) may(ctx context.Context, r store.Reader, a evidence.Actor, res command.Resource) bool {
	ruling, err := q.rd.Policy.Authorize(ctx, r, a, ViewEvent{}.Action(), res, q.rd.Clock.Now())
	return err == nil && ruling.Allow
}

func eventResource(rec *evidence.Record) command.Resource {
	return command.Resource{Kind: kindEvent, Ref: core.Ref(rec.ID), Entity: rec.Entity}
}

// Target is the event, or the record whose story it belongs to. Events of the
// money-laundering officer's log do not exist here.
func (q viewEvent) Target(ctx context.Context, r store.Reader, in ViewEvent) (command.Resource, error) {
	rec, err := get(ctx, r, in.Event)
	if err != nil {
		return command.Resource{}, err
	}
	if in.Of == "" {
		return eventResource(rec), nil
	}
	res, err := resourceOf(ctx, r, q.records, in.Of)
	if err == nil && (!slices.Contains(rec.Subjects, in.Of) || res.Entity != rec.Entity) {
		err = command.ErrHidden
	}
	return res, err
}

func get(ctx context.Context, r store.Reader, id string) (*evidence.Record, error) {
	rec, err := evidence.Get(ctx, r, id)
	if err == nil && (rec == nil || rec.Log == evidence.MLROLog) {
		err = command.ErrHidden
	}
	return rec, err
}

// Read builds the view.
func (q viewEvent) Read(ctx context.Context, r store.Reader, in ViewEvent, see *command.Sight) (EventView, error) {
	rec, err := get(ctx, r, in.Event)
	if err != nil {
		return EventView{}, err
	}
	states, err := evidence.LogStates(ctx, r)
	if err != nil {
		return EventView{}, err
	}
	first, err := linesOf(ctx, r, q.rd, []evidence.Record{*rec}, states)
	if err != nil {
		return EventView{}, err
	}
	v := EventView{EventLine: first[0], Leaf: rec.Leaf, Document: rec.Changes}
	if t, ok := evidence.LookupType(rec.Type); ok {
		v.Meaning, v.Class = t.Meaning, t.Class
	}
	if v.Told, err = rec.View(); err != nil {
		return EventView{}, err
	}
	if err := v.disclose(q, rec, see); err != nil {
		return EventView{}, err
	}
	if v.Proof, err = proofOf(ctx, r, q.rd.Log.Host, rec); err != nil {
		return EventView{}, err
	}
	if in.File != "" {
		see.Exported(in.File)
	}
	see.Counted(1)
	v.Related, err = q.related(ctx, r, in, rec, &v, see, states)
	return v, err
}

// disclose reads the values that the reader may see.
func (v *EventView) disclose(q viewEvent, rec *evidence.Record, see *command.Sight) error {
	lines, err := see.Disclosed(q.rd.Log, rec)
	if err != nil {
		return err
	}
	v.All = changesOf(lines)
	cells := detailsOf(lines)
	for name, c := range cells {
		ch := ChangeLine{Field: name, Class: c.Class, New: c.New, NewMasked: c.NewMasked}
		switch detail, ok := strings.CutPrefix(name, "detail."); {
		case ok:
			ch.Field = detail
			v.Details = append(v.Details, ch)
		case name == "words":
			v.Words = &ch
		case name == "address":
			v.Address = &ch
		}
	}
	slices.SortFunc(v.Details, func(a, b ChangeLine) int { return strings.Compare(a.Field, b.Field) })
	return nil
}

// related are the events written by the same act, and those of the same
// proposal, as far as the reader may see them.
func (q viewEvent) related(ctx context.Context, r store.Reader, in ViewEvent, rec *evidence.Record, v *EventView, see *command.Sight, states []evidence.LogState) ([]EventLine, error) {
	scope := see.Filter("evidence.event.view", kindEvent)
	if in.Of != "" {
		res, err := resourceOf(ctx, r, q.records, in.Of)
		if err != nil {
			return nil, err
		}
		scope = storyOf(res)
	}
	scope = store.And(scope, store.Compare("event.log", "<>", evidence.MLROLog))
	const gap = 64 // microseconds: the room of one transaction's events
	near, err := q.rd.Log.Find(ctx, r, evidence.Filter{From: rec.At, To: rec.At + gap, Scope: scope, Oldest: true}, core.PageRequest{Limit: 100})
	if err != nil {
		return nil, err
	}
	root := v.Told.Metadata.Correlation
	if root == "" {
		root = rec.ID
	}
	var recs []evidence.Record
	for _, x := range near.Rows {
		told, err := x.View()
		if err == nil && x.ID != rec.ID && (x.ID == root || told.Metadata.Correlation == root) {
			recs = append(recs, x)
		}
	}
	if v.Told.Approval != nil {
		more, err := q.rd.Log.Find(ctx, r, evidence.Filter{Refs: []core.Ref{core.Ref(v.Told.Approval.Proposal)}, Scope: scope, Oldest: true}, core.PageRequest{Limit: 50})
		if err != nil {
			return nil, err
		}
		for _, x := range more.Rows {
			if x.ID != rec.ID && !slices.ContainsFunc(recs, func(y evidence.Record) bool { return y.ID == x.ID }) {
				recs = append(recs, x)
			}
		}
	}
	slices.SortFunc(recs, func(a, b evidence.Record) int { return strings.Compare(a.ID, b.ID) })
	return linesOf(ctx, r, q.rd, recs, states)
}

// proofOf makes the proof of an event, as far as it is sealed.
func proofOf(ctx context.Context, r store.Reader, host string, rec *evidence.Record) (Proof, error) {
	out := Proof{Origin: evidence.Origin(host, rec.Log)}
	state, err := evidence.SealState(ctx, r, rec.ID)
	if err != nil {
		return out, err
	}
	out.SignedAt = state.SignedAt
	p, err := evidence.Inclusion(ctx, r, rec.ID)
	switch {
	case errors.Is(err, evidence.ErrNotSealed):
		return out, nil
	case err != nil && strings.HasPrefix(err.Error(), "evidence:"): // the tree contradicts itself
		out.Broken = "The stored tree does not prove this entry."
		return out, nil
	case err != nil:
		return out, err
	}
	out.Sealed, out.Index, out.Size, out.Text, out.Checkpoint = true, p.Index, p.Size, p.Marshal(), p.Checkpoint
	out.Witnesses = max(0, strings.Count(p.Checkpoint, "\n— ")-1) // one is the log's own; others are kept only once checked
	if lines := strings.SplitN(p.Checkpoint, "\n", 4); len(lines) == 4 {
		if root, err := base64.StdEncoding.DecodeString(lines[2]); err == nil {
			out.Root = hex.EncodeToString(root)
		}
	}
	sides := sidesOf(p.Index, p.Size)
	for i, h := range p.Hashes {
		out.Path = append(out.Path, Step{hex.EncodeToString(h[:]), i < len(sides) && sides[i]})
	}
	places, err := placesOf(ctx, r, []string{rec.ID})
	out.Hash = places[rec.ID].hash
	out.Broken = contradiction(rec, out.Hash)
	return out, err
}

// contradiction holds the stored texts against what was sealed: the proof is
// of a hash, and the page shows texts.
func contradiction(rec *evidence.Record, sealed string) string {
	leaf := tlog.RecordHash([]byte(rec.Leaf))
	if hex.EncodeToString(leaf[:]) != sealed {
		return "The stored entry is not the one that was sealed."
	}
	told, err := rec.View()
	sum := sha256.Sum256([]byte(rec.Changes))
	if err != nil || told.Changes.SHA256 != hex.EncodeToString(sum[:]) {
		return "The stored changes are not those that were sealed with this entry."
	}
	return ""
}

// sidesOf says of each hash of an audit path whether it stands on the left
// (RFC 9162, section 2.1.3.2).
func sidesOf(index, size int64) (left []bool) {
	for fn, sn := index, size-1; sn > 0; fn, sn = fn>>1, sn>>1 {
		if fn&1 == 1 || fn == sn {
			left = append(left, true)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
			continue
		}
		left = append(left, false)
	}
	return left
}
