package evidence

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/store"
)

// Checkpoint is what one signature of a log says (C2SP tlog-checkpoint): the
// first Size events of the log Origin have the RFC 6962 root Root.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// body is the signed text. There are no extension lines: cosignatures of
// witnesses do not cover them under every algorithm.
func (c Checkpoint) body() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

var errCheckpointText = errors.New("evidence: the checkpoint's text is not three lines of origin, size and root")

func parseBody(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, errCheckpointText
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return Checkpoint{}, errCheckpointText
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, errCheckpointText
	}
	c := Checkpoint{lines[0], size, tlog.Hash(root)}
	if size < 0 || c.body() != text { // one text per checkpoint: no "+7", no "007"
		return Checkpoint{}, errCheckpointText
	}
	return c, nil
}

// OpenCheckpoint reads a signed checkpoint and demands that a trusted key of
// the log signed it. Other signatures, such as cosignatures of witnesses, are
// let through unread, but every one must be spelt in the only canonical way:
// no byte of an accepted note is free.
func OpenCheckpoint(signed, log string, keys Verifiers) (Checkpoint, error) {
	trusted := keys.of(log)
	if len(trusted) == 0 {
		return Checkpoint{}, fmt.Errorf("evidence: no key is trusted for log %s", log)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(trusted...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("evidence: checkpoint of log %s: %w", log, err)
	}
	for _, sig := range append(append([]note.Signature(nil), n.Sigs...), n.UnverifiedSigs...) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return Checkpoint{}, fmt.Errorf("evidence: checkpoint of log %s: a signature is not canonical base64", log)
		}
	}
	c, err := parseBody(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	for _, sig := range n.Sigs {
		if sig.Name == c.Origin {
			return c, nil
		}
	}
	return Checkpoint{}, fmt.Errorf("evidence: checkpoint of %s is signed by %s", c.Origin, n.Sigs[0].Name)
}

// signCheckpoint makes the signed note of c by the log's signer.
func signCheckpoint(c Checkpoint, signer note.Signer) (string, error) {
	signed, err := note.Sign(&note.Note{Text: c.body()}, signer)
	return string(signed), err
}

// lastCheckpoint is the newest stored checkpoint of a log, nil when there is
// none.
func lastCheckpoint(ctx context.Context, r store.Reader, log string) (*checkpointRow, error) {
	return checkpointTable.One(ctx, r, "WHERE log = $1 ORDER BY size DESC LIMIT 1", log)
}

// openRow reads a stored checkpoint and demands that its columns say what its
// note says.
func openRow(row *checkpointRow, keys Verifiers) (Checkpoint, error) {
	c, err := OpenCheckpoint(row.Note, row.Log, keys)
	if err == nil && (c.Size != row.Size || string(c.Root[:]) != string(row.Root)) {
		err = fmt.Errorf("evidence: the row of checkpoint %d of log %s does not say what its note says", row.Size, row.Log)
	}
	return c, err
}

// logSize is the number of sealed events of a log: one past the last index.
func logSize(ctx context.Context, r store.Reader, log string) (int64, error) {
	var size int64
	err := r.QueryRow(ctx, "SELECT coalesce(max(idx) + 1, 0) FROM leaf WHERE log = $1", log).Scan(&size)
	return size, err
}

// sealedLogs returns every log that has a leaf or a checkpoint, and its size.
// It steps from name to name along the indexes instead of reading the tables.
func sealedLogs(ctx context.Context, r store.Reader) (map[string]int64, error) {
	out := map[string]int64{}
	for _, q := range []string{
		"SELECT log FROM leaf WHERE log > $1 ORDER BY log LIMIT 1",
		"SELECT log FROM checkpoint WHERE log > $1 ORDER BY log LIMIT 1",
	} {
		for log := ""; ; {
			err := r.QueryRow(ctx, q, log).Scan(&log)
			if errors.Is(err, sql.ErrNoRows) {
				break
			}
			if err != nil {
				return nil, err
			}
			out[log] = 0
		}
	}
	for log := range out {
		size, err := logSize(ctx, r, log)
		if err != nil {
			return nil, err
		}
		out[log] = size
	}
	return out, nil
}
