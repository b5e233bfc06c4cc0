package clients

import (
	"strings"
	"unicode/utf8"

	"vouchsafe/core"
)

// Scheme says what kind of number an account is.
type Scheme string

// The account schemes.
const (
	IBAN  Scheme = "iban"
	Local Scheme = "local" // a national account number, without a checksum known here
)

// BankDetail is where a client's money may be sent. Sensitive fields are empty
// after erasure.
type BankDetail struct {
	ID        core.Ref
	Client    core.Ref
	Holder    string
	Scheme    Scheme
	Account   string // without spaces, upper case
	Bank      string
	Currency  string // ISO 4217
	Active    bool
	Created   core.Instant
	ChangedAt core.Instant // last change; payments wait out a cooling-off from here
	ErasedBy  core.Ref

	rev int64
}

func (b *BankDetail) tidy() {
	b.Holder = strings.Join(strings.Fields(b.Holder), " ")
	b.Bank = strings.Join(strings.Fields(b.Bank), " ")
	b.Currency = strings.ToUpper(strings.TrimSpace(b.Currency))
	b.Account = strings.ToUpper(strings.Join(strings.Fields(b.Account), ""))
	if b.Scheme == "" {
		b.Scheme = IBAN
	}
}

func (b *BankDetail) faults() []core.FieldFault {
	var out []core.FieldFault
	bad := func(field, text string) { out = append(out, core.FieldFault{Field: field, Text: text}) }
	if n := utf8.RuneCountInString(b.Holder); n < 2 || n > 200 || !printable(b.Holder) {
		bad("holder", "Write the account holder's name (2 to 200 characters).")
	}
	switch b.Scheme {
	case IBAN:
		if why := checkIBAN(b.Account); why != "" {
			bad("account", why)
		}
	case Local:
		if n := len(b.Account); n < 4 || n > 34 || !alnum(b.Account) {
			bad("account", "Write the account number: 4 to 34 letters and digits.")
		}
	default:
		bad("scheme", "Choose IBAN or local account number.")
	}
	if len(b.Bank) > 200 || !printable(b.Bank) {
		bad("bank", "Write the bank's name in at most 200 characters.")
	}
	if _, ok := core.Exponent(b.Currency); !ok {
		bad("currency", "Use a three-letter currency code that this firm handles, such as EUR.")
	}
	return out
}

// ibanLengths holds the total length per country for the countries that our
// clients bank in (ISO 13616 registry); others are checked by checksum alone.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BH": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
	"DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28,
	"IE": 22, "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
	"LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
	"SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
}

// checkIBAN says what is wrong with a tidied IBAN, or "".
func checkIBAN(s string) string {
	if len(s) < 15 || len(s) > 34 || !alnum(s) || !alpha2(s[:2]) {
		return "Write the IBAN: two letters for the country, two check digits, then the account."
	}
	if n, ok := ibanLengths[s[:2]]; ok && n != len(s) {
		return "This IBAN has the wrong number of characters for its country. Check it against the client's document."
	}
	if s[2] < '0' || s[2] > '9' || s[3] < '0' || s[3] > '9' || mod97(s[4:]+s[:4]) != 1 {
		return "The check digits of this IBAN are wrong: a character is mistyped. Check it against the client's document."
	}
	return ""
}

// mod97 is the ISO 7064 remainder of an alphanumeric text, letters counting
// from A = 10.
func mod97(s string) int {
	m := 0
	for _, c := range []byte(s) {
		if c >= 'A' {
			m = (m*100 + int(c-'A') + 10) % 97
		} else {
			m = (m*10 + int(c-'0')) % 97
		}
	}
	return m
}

func alnum(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return true
}
