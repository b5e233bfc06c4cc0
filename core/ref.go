package core

import (
	"encoding/base32"
	"encoding/binary"
	"strings"

	"github.com/google/uuid"
)

// Ref names one record of the firm: a two- to four-letter kind, an underscore
// and a body, for example "wd_06f2k9m3q7x4c5v6b8n1". Refs are compared as
// bytes; on PostgreSQL their columns are COLLATE "C" so that both engines
// order them alike.
type Ref string

// Kind is the part of a Ref before the underscore.
type Kind string

// The kinds of records that can be the subject of evidence.
const (
	KindEntity       Kind = "en"
	KindStaff        Kind = "st"
	KindGrant        Kind = "gr"
	KindSession      Kind = "se"
	KindClient       Kind = "cl"
	KindBankDetail   Kind = "bd"
	KindDocument     Kind = "do"
	KindApplication  Kind = "ap"
	KindCase         Kind = "ca"
	KindFinding      Kind = "fi"
	KindProposal     Kind = "pr"
	KindAccount      Kind = "ta"
	KindIntervention Kind = "iv"
	KindDeposit      Kind = "dp"
	KindWithdrawal   Kind = "wd"
	KindPartner      Kind = "ib"
	KindToken        Kind = "tk"
	KindSystem       Kind = "sys"
	KindPack         Kind = "pk"
	KindJob          Kind = "jb"
	KindJournal      Kind = "jn"
	KindSetting      Kind = "cf"
	KindRules        Kind = "ar"
	KindRates        Kind = "fx"
	KindManual       Kind = "mn"
)

// Group is the pseudo-entity of group matters: records that belong to no legal
// entity are its records, and roles that are held in it say so. It has no row,
// and its events stand in the group's log.
const Group Ref = "en_group"

var idBody = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewRef makes a reference of the given kind: 48 bits of time in milliseconds,
// then 56 bits of entropy, so that references of one kind sort by creation and
// two nodes never collide in practice.
func NewRef(k Kind, at Instant, e Entropy) Ref {
	var b [13]byte
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at/1000))
	copy(b[:6], ms[2:])
	e.Read(b[6:])
	return Ref(string(k) + "_" + idBody.EncodeToString(b[:]))
}

// Kind returns the part before the first underscore, or "" when r has none.
func (r Ref) Kind() Kind {
	if i := strings.IndexByte(string(r), '_'); i > 0 {
		return Kind(r[:i])
	}
	return ""
}

// Short is the form for people: the kind in capitals and the last six
// characters of the body, for example "WD-V6B8N1". It is for reading aloud, not
// a key: two records can in principle share it.
func (r Ref) Short() string {
	k, body := string(r.Kind()), string(r)
	body = body[len(k):]
	body = strings.TrimPrefix(body, "_")
	if k == "" {
		return string(r)
	}
	if len(body) == 21 {
		body = body[15:]
	}
	return strings.ToUpper(k + "-" + body)
}

// Valid reports whether r has a kind and a body of only lower-case letters,
// digits, dots and dashes, and a length that fits every index.
func (r Ref) Valid() bool {
	k := r.Kind()
	if len(k) < 2 || len(r) > 64 || len(r) <= len(k)+1 {
		return false
	}
	for _, c := range []byte(r[len(k)+1:]) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// NewEventID makes a UUIDv7 whose time is at, in milliseconds, followed by
// twelve bits of the microsecond fraction so that ids drawn within one
// millisecond by one node keep their order, and 62 bits of entropy.
func NewEventID(at Instant, e Entropy) string {
	var u uuid.UUID
	e.Read(u[8:])
	ms, frac := uint64(at/1000), uint64(at%1000)*4
	binary.BigEndian.PutUint64(u[:8], ms<<16|0x7000|frac)
	u[8] = u[8]&0x3f | 0x80
	return u.String()
}

// EventIDFloor returns the smallest event id whose time is at: with it a date
// range becomes a key range.
func EventIDFloor(at Instant) string {
	var u uuid.UUID
	if at < 0 {
		at = 0
	}
	binary.BigEndian.PutUint64(u[:8], uint64(at/1000)<<16|0x7000|uint64(at%1000)*4)
	return u.String()
}
