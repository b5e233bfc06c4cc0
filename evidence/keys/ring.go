package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/tink-crypto/tink-go/v2/tink"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Ring gives out subject keys. It is safe for concurrent use and keeps the
// unwrapped keys of recent subjects in memory.
type Ring struct {
	kek    tink.AEAD
	st     *store.Store
	clock  core.Clock
	master []byte
	terms  []byte // the keys of Term and MAC, which every event needs
	inputs []byte

	mu    sync.Mutex
	cache map[core.Ref]*Subject
}

const maxCached = 50_000

// masterRef names the installation secret's row.
const masterRef core.Ref = "sys_master"

type keyRow struct {
	Subject core.Ref
	Wrapped []byte
	Created core.Instant
}

var keyTable = store.Declare(store.Table[keyRow]{
	Name: "subject_key", Kind: store.Operational,
	Columns: []store.Column[keyRow]{
		{Name: "subject", Class: core.Public, Field: func(r *keyRow) any { return &r.Subject }},
		{Name: "wrapped", Class: core.Public, Field: func(r *keyRow) any { return &r.Wrapped }},
		{Name: "created", Class: core.Public, Field: func(r *keyRow) any { return &r.Created }},
	},
})

// OpenRing opens the ring over a migrated key database. A wrong KEK is an
// error here, not at the first disclosure. The entropy makes the installation
// secret when there is none yet.
func OpenRing(ctx context.Context, st *store.Store, kek tink.AEAD, clock core.Clock, e core.Entropy) (*Ring, error) {
	r := &Ring{kek: kek, st: st, clock: clock, cache: map[core.Ref]*Subject{}}
	raw, err := r.obtain(ctx, masterRef, e)
	if err != nil {
		return nil, err
	}
	r.master = raw
	r.terms, r.inputs = r.derived("sys_terms"), r.derived("sys_inputs")
	return r, nil
}

// Personal reports whether records of kind k are persons, with a key of their
// own that erasure destroys.
func Personal(k core.Kind) bool {
	return k == core.KindClient || k == core.KindStaff || k == core.KindPartner
}

// Key returns the key of ref, making it first when a person has none.
func (r *Ring) Key(ctx context.Context, ref core.Ref, e core.Entropy) (*Subject, error) {
	if s := r.cached(ref); s != nil {
		return s, nil
	}
	raw := r.derived(ref)
	if Personal(ref.Kind()) {
		var err error
		if raw, err = r.obtain(ctx, ref, e); err != nil {
			return nil, err
		}
	}
	return r.remember(ref, raw), nil
}

// Lookup returns the key of ref, or nil when the person has none: never had
// one, or erased.
func (r *Ring) Lookup(ctx context.Context, ref core.Ref) (*Subject, error) {
	if s := r.cached(ref); s != nil {
		return s, nil
	}
	raw := r.derived(ref)
	if Personal(ref.Kind()) {
		var err error
		if raw, err = r.fetch(ctx, ref); err != nil || raw == nil {
			return nil, err
		}
	}
	return r.remember(ref, raw), nil
}

// Destroy removes a person's key for ever. It reports whether there was one.
func (r *Ring) Destroy(ctx context.Context, ref core.Ref) (bool, error) {
	if !Personal(ref.Kind()) {
		return false, errors.New("keys: only a person's key can be destroyed")
	}
	var had bool
	err := r.st.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		had, err = keyTable.Delete(ctx, tx, string(ref))
		return err
	})
	r.mu.Lock()
	delete(r.cache, ref)
	r.mu.Unlock()
	return had, err
}

// Term is the keyed form of a normalised search word.
func (r *Ring) Term(word string) string {
	m := hmac.New(sha256.New, r.terms)
	m.Write([]byte(word))
	return hex.EncodeToString(m.Sum(nil)[:12])
}

// MAC authenticates a command's input for idempotency without storing it.
func (r *Ring) MAC(input []byte) string {
	m := hmac.New(sha256.New, r.inputs)
	m.Write(input)
	return hex.EncodeToString(m.Sum(nil))
}

// OperationKey authenticates the short tags that operations carry to outside
// systems.
func (r *Ring) OperationKey() []byte { return r.derived("sys_tags") }

func (r *Ring) derived(ref core.Ref) []byte {
	k, err := hkdf.Key(sha256.New, r.master, nil, "vouchsafe/subject/"+string(ref), 32)
	if err != nil {
		panic(err) // only for absurd lengths
	}
	return k
}

func (r *Ring) cached(ref core.Ref) *Subject {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cache[ref]
}

func (r *Ring) remember(ref core.Ref, raw []byte) *Subject {
	s := newSubject(ref, raw)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.cache) >= maxCached {
		clear(r.cache)
	}
	r.cache[ref] = s
	return s
}

func (r *Ring) fetch(ctx context.Context, ref core.Ref) ([]byte, error) {
	row, err := keyTable.Get(ctx, r.st.Reader(), string(ref))
	if err != nil || row == nil {
		return nil, err
	}
	raw, err := r.kek.Decrypt(row.Wrapped, []byte(ref))
	if err != nil {
		return nil, fmt.Errorf("keys: the key of %s does not open: is this the right key-encryption key?", ref)
	}
	return raw, nil
}

func (r *Ring) obtain(ctx context.Context, ref core.Ref, e core.Entropy) ([]byte, error) {
	if raw, err := r.fetch(ctx, ref); raw != nil || err != nil {
		return raw, err
	}
	raw := make([]byte, 32)
	e.Read(raw)
	wrapped, err := r.kek.Encrypt(raw, []byte(ref))
	if err != nil {
		return nil, err
	}
	err = r.st.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return keyTable.Insert(ctx, tx, &keyRow{ref, wrapped, r.clock.Now()})
	})
	if store.IsDuplicate(err) { // another node was first: its key is the key
		return r.fetch(ctx, ref)
	}
	return raw, err
}
