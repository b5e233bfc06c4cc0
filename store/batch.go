package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sort"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
)

// InsertBatch adds imported rows under one batch id and captures one change
// for all: their number, the salt, and the root of a Merkle tree (RFC 6962)
// over their salted digests in key order. Verification computes the root again
// from the stored rows.
func (t *Table[R]) InsertBatch(ctx context.Context, tx *Tx, batch core.Ref, salt []byte, rows []R) error {
	if t.Kind != Imported {
		return fmt.Errorf("store: %s rows of %s are not imported", t.Kind, t.Name)
	}
	if err := t.InsertAll(ctx, tx, rows); err != nil {
		return err
	}
	digests := map[string]RowDigest{}
	for i := range rows {
		digests[t.key(&rows[i])] = digestRow(salt, t.values(&rows[i]))
	}
	tx.changes = append(tx.changes, Change{Table: t.Name, Key: string(batch), Kind: Imported, Cells: []Cell{
		{Column: "count", Class: core.Public, New: Value{true, strconv.Itoa(len(rows))}},
		{Column: "root", Class: core.Public, New: Text(BatchRoot(digests))},
		{Column: "salt", Class: core.Public, New: Text(base64.RawURLEncoding.EncodeToString(salt))},
	}})
	return nil
}

// RowDigest is the salted SHA-256 of one imported row.
type RowDigest [32]byte

func (t *Table[R]) values(r *R) []Value {
	out := make([]Value, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = render(c.Field(r))
	}
	return out
}

func digestRow(salt []byte, vs []Value) RowDigest {
	h := sha256.New()
	h.Write(salt)
	for _, v := range vs {
		if v.Set {
			h.Write([]byte(strconv.Itoa(len(v.Text)) + ":" + v.Text))
		} else {
			h.Write([]byte("-"))
		}
	}
	return RowDigest(h.Sum(nil))
}

// DigestImage is the salted digest of a stored row, for verification.
func DigestImage(salt []byte, img RowImage) RowDigest { return digestRow(salt, img.Values) }

// BatchRoot is the RFC 6962 root over the digests in key order, base64url.
func BatchRoot(digests map[string]RowDigest) string {
	ks := make([]string, 0, len(digests))
	for k := range digests {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	level := make([]tlog.Hash, len(ks))
	for i, k := range ks {
		d := digests[k]
		level[i] = tlog.RecordHash(d[:])
	}
	h := subtree(level)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

func subtree(hs []tlog.Hash) tlog.Hash {
	switch len(hs) {
	case 0:
		return tlog.Hash(sha256.Sum256(nil))
	case 1:
		return hs[0]
	}
	k := 1
	for k*2 < len(hs) {
		k *= 2
	}
	return tlog.NodeHash(subtree(hs[:k]), subtree(hs[k:]))
}
