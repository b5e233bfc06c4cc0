package access

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"

	"vouchsafe/core"
)

// The cost of one password hash: 19 MiB, two passes, one lane. They stand in
// every stored hash, so that they can grow without breaking old ones.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

// dummyHash is compared where there is no account, so that an unknown name
// costs what a wrong password costs. No password has this hash: its key is all
// zeros.
var dummyHash = encodeHash(make([]byte, argonSalt), make([]byte, argonKey))

func encodeHash(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, b64(salt), b64(key))
}

// maxQueue bounds who waits for a hasher: beyond it the machine is under
// attack, and waiting longer helps nobody.
const maxQueue = 64

var errHashersBusy = core.NewFault(core.Unavailable, "sign-in-busy", "Too many people are signing in at once. Try again in a moment.")

// slot takes one of the hashers: each needs 19 MiB, and without a limit a
// flood of sign-ins is a flood of memory.
func (a *Auth) slot(ctx context.Context) (release func(), err error) {
	defer a.queue.Add(-1)
	if a.queue.Add(1) > maxQueue {
		return nil, errHashersBusy
	}
	select {
	case a.hashing <- struct{}{}:
		return func() { <-a.hashing }, nil
	case <-ctx.Done():
		return nil, errHashersBusy.Because(ctx.Err())
	}
}

// hash makes the stored form of a new password. The salt comes from the
// injected entropy: the library would draw its own.
func (a *Auth) hash(ctx context.Context, password string) (string, error) {
	release, err := a.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	a.hashed.Add(1)
	salt := make([]byte, argonSalt)
	a.cfg.Entropy.Read(salt)
	return encodeHash(salt, argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)), nil
}

// matches compares a password with a stored hash, or with the dummy where
// there is none. It always computes one hash.
func (a *Auth) matches(ctx context.Context, password, stored string) (bool, error) {
	release, err := a.slot(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	a.hashed.Add(1)
	against, usable := stored, stored != "" && len(password) <= maxPassword
	if !usable {
		against, password = dummyHash, "-"
	}
	ok, _, err := argon2id.CheckHash(password, against)
	return ok && usable, err
}

// The lengths of a password, in bytes.
const (
	minPassword = 12
	maxPassword = 256
)

// checkNewPassword asks for length and nothing else, except that it must not
// be the person's own name or address or one letter over and over.
func checkNewPassword(password string, s *Staff) error {
	switch {
	case len(password) < minPassword:
		return core.InvalidField("password", "Use at least 12 characters. A few words that only you put together are best.")
	case len(password) > maxPassword:
		return core.InvalidField("password", "Use at most 256 characters.")
	case !utf8.ValidString(password):
		return core.InvalidField("password", "This password holds characters that cannot be read.")
	}
	low := strings.ToLower(password)
	local, _, _ := strings.Cut(s.Email, "@")
	for _, own := range append(strings.Fields(strings.ToLower(s.Name)), local, "vouchsafe", "password") {
		if len(own) >= 4 && strings.Contains(low, own) && len(strings.ReplaceAll(low, own, "")) < 8 {
			return core.InvalidField("password", "This is too close to a name. Use words that nobody connects with you.")
		}
	}
	if distinct := len(distinctRunes(low)); distinct < 5 {
		return core.InvalidField("password", "Use more different characters.")
	}
	return nil
}

func distinctRunes(s string) map[rune]bool {
	set := map[rune]bool{}
	for _, r := range s {
		set[r] = true
	}
	return set
}
