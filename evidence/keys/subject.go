package keys

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"vouchsafe/core"
)

// Subject is the key of one record.
type Subject struct {
	Ref core.Ref
	tag []byte
	// Most records are only ever tagged; the rest is derived when it is needed.
	salt   func() []byte
	cipher func() (*subtle.AESGCM, error)
}

func newSubject(ref core.Ref, raw []byte) *Subject {
	sub := func(use string) []byte {
		k, err := hkdf.Key(sha256.New, raw, nil, "vouchsafe/"+use, 32)
		if err != nil {
			panic(err) // only for absurd lengths
		}
		return k
	}
	return &Subject{
		Ref: ref, tag: sub("tag"),
		salt:   sync.OnceValue(func() []byte { return sub("salt") }),
		cipher: sync.OnceValues(func() (*subtle.AESGCM, error) { return subtle.NewAESGCM(sub("disclosure")) }),
	}
}

// Tag marks an event as concerning the subject: HMAC-SHA256 of the event id,
// cut to 16 bytes, base64url. Without the key no two tags of one subject can
// be linked; with it (TagKey) anybody can recount a log's events for the
// subject and see that none was withheld.
func (s *Subject) Tag(event string) string { return TagWith(s.tag, event) }

// TagKey is the key of Tag alone: it opens no disclosure and no salt.
func (s *Subject) TagKey() []byte { return append([]byte(nil), s.tag...) }

// TagWith computes a tag from a TagKey.
func TagWith(key []byte, event string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(event))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])
}

// Salt is the 128-bit salt of one digest, unique to the event, the cell and
// the side. It can be derived again for as long as the key lives, so it is
// stored nowhere.
func (s *Subject) Salt(event, place string) string {
	m := hmac.New(sha256.New, s.salt())
	m.Write([]byte(event))
	m.Write([]byte{0})
	m.Write([]byte(place))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])
}

// Seal encrypts a disclosure, bound to its event.
func (s *Subject) Seal(event string, plain []byte) ([]byte, error) {
	c, err := s.cipher()
	if err != nil {
		return nil, err
	}
	return c.Encrypt(plain, []byte(event+"|"+string(s.Ref)))
}

// Open decrypts a disclosure of the event.
func (s *Subject) Open(event string, sealed []byte) ([]byte, error) {
	c, err := s.cipher()
	if err != nil {
		return nil, err
	}
	return c.Decrypt(sealed, []byte(event+"|"+string(s.Ref)))
}
