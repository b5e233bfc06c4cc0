package evidence

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/store"
)

// InclusionProof shows to a stranger that one event is in a log: the event's
// index, the RFC 6962 audit path and a signed checkpoint. Together with the
// leaf it needs nothing else but the log's key.
type InclusionProof struct {
	Log        string // as in origins: a dash for an underscore
	Index      int64
	Size       int64  // of the checkpoint's tree
	Checkpoint string // signed note
	Hashes     []tlog.Hash
}

// ErrNotSealed says that there is no proof for an event yet.
var ErrNotSealed = core.NewFault(core.Conflict, "not-sealed",
	"This entry is recorded but not yet sealed. Sealing takes about a second; try again.")

// Inclusion makes the proof of an event against the newest checkpoint that
// witnesses cosigned, or the newest of all where that covers it first. It
// checks its own work: rows that do not give the signed root yield an error,
// never a wrong proof. ErrNotSealed means that no checkpoint covers the event
// yet; a core.Unknown fault, that there is no such event. r should be a
// snapshot.
func Inclusion(ctx context.Context, r store.Reader, event string) (InclusionProof, error) {
	state, err := SealState(ctx, r, event)
	if err != nil {
		return InclusionProof{}, err
	}
	if !state.Sealed {
		return InclusionProof{}, ErrNotSealed
	}
	row, err := provable(ctx, r, state)
	if err != nil {
		return InclusionProof{}, err
	}
	if row == nil || row.Size <= state.Index || len(row.Root) != tlog.HashSize {
		return InclusionProof{}, ErrNotSealed
	}
	hashes, err := tlog.ProveRecord(row.Size, state.Index, newTileReader(ctx, r, state.Log, row.Size))
	if err != nil {
		return InclusionProof{}, err
	}
	if err := tlog.CheckRecord(hashes, row.Size, tlog.Hash(row.Root), state.Index, state.hash); err != nil {
		return InclusionProof{}, fmt.Errorf("evidence: the stored tree of log %s does not prove event %s: %w", state.Log, event, err)
	}
	note, err := cosignedNote(ctx, r, row)
	return InclusionProof{logOf(Origin("", state.Log)), state.Index, row.Size, note, hashes}, err
}

// provable is the checkpoint that a proof goes best with: the newest that
// witnesses cosigned, if it covers the event, or else the newest.
func provable(ctx context.Context, r store.Reader, state EventSeal) (*checkpointRow, error) {
	row, err := newestCosigned(ctx, r, state.Log)
	if err != nil || row != nil && row.Size > state.Index {
		return row, err
	}
	return lastCheckpoint(ctx, r, state.Log)
}

const proofHeader = "c2sp.org/tlog-proof@v1"

// Marshal writes the proof as a C2SP tlog-proof file (extension .tlog-proof).
func (p InclusionProof) Marshal() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHeader, p.Index)
	for _, h := range p.Hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n" + p.Checkpoint)
	return b.String()
}

var errProofText = errors.New("evidence: this is not a tlog-proof as this program writes them")

// ParseInclusionProof reads what Marshal wrote. It is strict: one text per
// proof, no "extra" line. The signature is checked by VerifyInclusion only.
func ParseInclusionProof(text string) (InclusionProof, error) {
	head, signed, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 2 || lines[0] != proofHeader {
		return InclusionProof{}, errProofText
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return InclusionProof{}, errProofText
	}
	p := InclusionProof{Index: index, Checkpoint: signed}
	for _, line := range lines[2:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return InclusionProof{}, errProofText
		}
		p.Hashes = append(p.Hashes, tlog.Hash(h))
	}
	body, _, _ := strings.Cut(signed, "\n\n")
	c, err := parseBody(body + "\n")
	if err != nil {
		return InclusionProof{}, err
	}
	p.Log, p.Size = logOf(c.Origin), c.Size
	if p.Marshal() != text {
		return InclusionProof{}, errProofText
	}
	return p, nil
}

// VerifyInclusion checks that leaf (the exact bytes of the leaf) is the event
// that p proves, under a trusted key of the log. It needs no database.
func VerifyInclusion(leaf []byte, p InclusionProof, keys Verifiers) error {
	c, err := OpenCheckpoint(p.Checkpoint, p.Log, keys)
	if err != nil {
		return err
	}
	if c.Size != p.Size || p.Index < 0 || p.Index >= c.Size {
		return fmt.Errorf("evidence: index %d of %d does not fit a checkpoint of %d events", p.Index, p.Size, c.Size)
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(leaf)); err != nil {
		return fmt.Errorf("evidence: the leaf is not event %d of log %s: %w", p.Index, p.Log, err)
	}
	return nil
}

// ConsistencyProof shows that the tree of To events begins with the tree of
// From events (RFC 6962, section 2.1.2).
type ConsistencyProof struct {
	Log      string
	From, To int64
	Hashes   []tlog.Hash
}

// Consistency proves that a log of to events extends itself of from events,
// 1 ≤ from ≤ to ≤ number of sealed events.
func Consistency(ctx context.Context, r store.Reader, log string, from, to int64) (ConsistencyProof, error) {
	if from < 1 || from > to {
		return ConsistencyProof{}, core.Faultf(core.Invalid, "bad-range", "A log of %d events cannot extend one of %d.", to, from)
	}
	size, err := logSize(ctx, r, log)
	if err != nil {
		return ConsistencyProof{}, err
	}
	if to > size {
		return ConsistencyProof{}, core.Faultf(core.Unknown, "not-sealed", "Log %s has %d sealed events, not %d.", log, size, to)
	}
	hashes, err := tlog.ProveTree(to, from, newTileReader(ctx, r, log, to))
	return ConsistencyProof{log, from, to, hashes}, err
}

// VerifyConsistency checks that the log of checkpoint newer extends that of
// checkpoint older. Both must have been opened with OpenCheckpoint.
func VerifyConsistency(p ConsistencyProof, older, newer Checkpoint) error {
	if older.Origin != newer.Origin || older.Size != p.From || newer.Size != p.To {
		return errors.New("evidence: the proof is about other checkpoints")
	}
	return tlog.CheckTree(p.Hashes, newer.Size, newer.Root, older.Size, older.Root)
}
