package wire

import (
	"strconv"
	"strings"
)

// Retcode is the number at the head of every answer's retcode text.
type Retcode int

// The return codes that the client or the simulator tells apart.
const (
	Done         Retcode = 0
	DoneNothing  Retcode = 1
	BadParams    Retcode = 3
	NoPermission Retcode = 8 // also: the named group does not exist
	TooFrequent  Retcode = 12
	NotFound     Retcode = 13
	Duplicate    Retcode = 17
	AuthFirst    Retcode = 1000 // 1000 to 1034 are refusals to sign in
	AuthAccount  Retcode = 1001
	AuthLast     Retcode = 1034
	NoLogins     Retcode = 3002
	LoginExists  Retcode = 3004
	WeakPassword Retcode = 3006
	OtherMoney   Retcode = 3010 // a move to a group of another currency
	NoTickets    Retcode = 4004
	TooMuchMoney Retcode = 4005
	NoMoney      Retcode = 10019
	NotMain      Retcode = 12001
	Unsupported  Retcode = 12002
)

// ParseRetcode reads the leading integer; the words after it vary by build.
func ParseRetcode(text string) (Retcode, bool) {
	number, _, _ := strings.Cut(text, " ")
	code, err := strconv.Atoi(number)
	return Retcode(code), err == nil
}
