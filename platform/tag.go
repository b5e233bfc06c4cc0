package platform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"vouchsafe/core"
)

// Tagger makes the tag that an operation carries first in its comment:
// 'V', thirteen characters of the operation's id, six characters of a keyed
// check. A copied tag is caught as a second use, a minted one by the check.
// Twenty characters leave eleven of MT5's thirty-one for a word.
type Tagger struct{ Key []byte }

const tagLength = 20

var tagText = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

func (t Tagger) check(id string) string {
	m := hmac.New(sha256.New, t.Key)
	m.Write([]byte("platform\n" + id))
	return tagText.EncodeToString(m.Sum(nil))[:6]
}

// Tag is the tag of an operation.
func (t Tagger) Tag(op core.Ref) string {
	body := string(op)[len(op.Kind())+1:]
	if len(body) > 13 {
		body = body[len(body)-13:]
	}
	body = strings.Repeat("0", 13-len(body)) + strings.ToUpper(body)
	return "V" + body + t.check(body)
}

// Read finds a tag at the beginning of a comment: the tag, whether there is
// one in our form, and whether its check is genuine.
func (t Tagger) Read(comment string) (tag string, ours, genuine bool) {
	if len(comment) < tagLength || comment[0] != 'V' || len(comment) > tagLength && comment[tagLength] != ' ' {
		return "", false, false
	}
	tag = comment[:tagLength]
	if strings.Trim(tag, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		return "", false, false
	}
	return tag, true, hmac.Equal([]byte(t.check(tag[1:14])), []byte(tag[14:]))
}
