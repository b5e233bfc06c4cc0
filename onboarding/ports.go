package onboarding

import (
	"context"
	"io"

	"vouchsafe/core"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
)

// Clients reads the party record.
type Clients interface {
	// EntityOf is the client's legal entity; an Unknown fault when there is no
	// such client.
	EntityOf(ctx context.Context, r store.Reader, client core.Ref) (core.Ref, error)
	// Declared is what the client says about themselves: name, birth_date,
	// address and others, those that have a value.
	Declared(ctx context.Context, r store.Reader, client core.Ref) (map[string]string, error)
	// Restrictions calls each for every restriction that holds at an instant;
	// the purpose "any" stops everything.
	Restrictions(ctx context.Context, r store.Reader, client core.Ref, at core.Instant, each func(purpose, reason string, since core.Instant)) error
}

// Vault keeps the bytes of documents, encrypted under the key of the person
// that they are about. The same bytes of the same person are stored once.
type Vault interface {
	// Put stores everything that can be read and returns the SHA-256 of the
	// plain bytes, hex, and their number. When it returns, the content is
	// durable.
	Put(ctx context.Context, subject core.Ref, content io.Reader) (sha256 string, size int64, err error)
	// Open reads back; ErrNoContent when there is nothing under that digest, or
	// the person's key is gone. The reader fails at the end of the content
	// unless every byte is as it was stored.
	Open(ctx context.Context, subject core.Ref, sha256 string) (io.ReadCloser, error)
}

// KeyRing gives out the keys of persons; *keys.Ring is one.
type KeyRing interface {
	Key(ctx context.Context, ref core.Ref, e core.Entropy) (*keys.Subject, error)
	Lookup(ctx context.Context, ref core.Ref) (*keys.Subject, error)
}

// ErrNoContent says that the vault does not hold a document's bytes, or can no
// longer read them because their key was destroyed.
var ErrNoContent = core.NewFault(core.Unknown, "no-content", "The content of this document is not here: it was never stored, or it was erased.")
