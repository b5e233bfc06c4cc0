package payments

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"vouchsafe/core"
)

// Tagger makes the reference under which a payout stands at the PSP: 'W',
// thirteen characters of the withdrawal's id, six characters of a keyed check.
// The thirteen hold all entropy of the id; the check tells a reference that we
// gave out from one that somebody made up.
type Tagger struct{ Key []byte }

const tagLength = 20

var tagText = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

func (t Tagger) check(body string) string {
	m := hmac.New(sha256.New, t.Key)
	m.Write([]byte("payments\n" + body))
	return tagText.EncodeToString(m.Sum(nil))[:6]
}

// Tag is the reference of a withdrawal.
func (t Tagger) Tag(wd core.Ref) string {
	body := string(wd)[len(wd.Kind())+1:]
	if len(body) > 13 {
		body = body[len(body)-13:]
	}
	body = strings.Repeat("0", 13-len(body)) + strings.ToUpper(body)
	return "W" + body + t.check(body)
}

// Genuine reports whether a reference is one that Tag made.
func (t Tagger) Genuine(reference string) bool {
	if len(reference) != tagLength || reference[0] != 'W' {
		return false
	}
	return hmac.Equal([]byte(t.check(reference[1:14])), []byte(reference[14:]))
}
