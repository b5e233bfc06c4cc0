package access

import (
	"context"
	"encoding/base32"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"vouchsafe/core"
	"vouchsafe/store"
)

// The form of a code: six digits every thirty seconds, one step of tolerance.
const (
	totpPeriod = 30
	totpSkew   = 1
	totpSeedSz = 20
)

var (
	totpForm   = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
	base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)
	// dummySeed is compared where there is no seed, so that the work is equal.
	dummySeed = make([]byte, totpSeedSz)
)

// matchStep finds the time step whose code this is. All steps are computed,
// whatever matches. Whether the step was used before is for the transaction.
func matchStep(seed []byte, code string, now core.Instant) (int64, bool) {
	code = strings.ReplaceAll(code, " ", "")
	text := base32Text.EncodeToString(seed)
	step := now.Time().Unix() / totpPeriod
	found, ok := int64(0), false
	for s := step - totpSkew; s <= step+totpSkew; s++ {
		if match, err := hotp.ValidateCustom(code, uint64(s), text, totpForm); err == nil && match {
			found, ok = s, true
		}
	}
	return found, ok
}

func seedAD(staff core.Ref) []byte { return []byte("totp|" + string(staff)) }

// sealSeed stores a staff member's seed, replacing the one before.
func (a *Auth) sealSeed(ctx context.Context, tx *store.Tx, staff core.Ref, sealed []byte) error {
	if _, err := totpSeeds.Delete(ctx, tx, string(staff)); err != nil {
		return err
	}
	return totpSeeds.Insert(ctx, tx, &totpSeed{Staff: staff, Sealed: sealed})
}

// seedOf opens the seed of a credential. The dummy stands in for a missing
// one, and for one that is not the seed whose digest was recorded: a seed
// exchanged behind our back opens nothing. usable is false then.
func (a *Auth) seedOf(ctx context.Context, r store.Reader, c *credential) (seed []byte, usable bool, err error) {
	owner := core.Ref("st_nobody")
	if c != nil {
		owner = c.Staff
	}
	row, err := totpSeeds.Get(ctx, r, string(owner))
	if err != nil || row == nil || c == nil || c.TOTP == "" {
		return dummySeed, false, err
	}
	seed, err = a.cfg.Sealer.Open(row.Sealed, seedAD(c.Staff))
	if err != nil || digest(string(seed)) != c.TOTP {
		return dummySeed, false, nil
	}
	return seed, true, nil
}

// otpauth is the address that code generators read, usually from a QR code.
func (a *Auth) otpauth(seed []byte, account string) (string, error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: a.cfg.Firm, AccountName: account, Secret: seed,
		Period: totpPeriod, Digits: totpForm.Digits, Algorithm: totpForm.Algorithm,
	})
	if err != nil {
		return "", err
	}
	return key.URL(), nil
}
