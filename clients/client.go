package clients

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Status is where a client stands with the firm.
type Status string

// The statuses of a client.
const (
	Open    Status = "open"
	Dormant Status = "dormant" // no activity; nothing is lost
	Closed  Status = "closed"  // the relationship has ended
)

// Category is the regulatory client category.
type Category string

// The client categories (MiFID II, annex II).
const (
	Retail       Category = "retail"
	Professional Category = "professional"
	Counterparty Category = "eligible_counterparty"
)

// Client is the party record. Sensitive fields are empty after erasure.
type Client struct {
	ID           core.Ref
	Entity       core.Ref // fixed at creation
	Name         string
	Email        string // lower case
	Phone        string // E.164: + and digits
	Address      string
	Country      string // of residence, ISO 3166-1 alpha-2
	BirthDate    string // YYYY-MM-DD
	Nationality  string // ISO 3166-1 alpha-2, may be empty
	Category     Category
	IntroducedBy core.Ref // partner, may be empty
	Status       Status
	Created      core.Instant
	ErasedBy     core.Ref // certificate of erasure

	nameKey string
	rev     int64
}

// Resource is the client as policy sees it.
func (c *Client) Resource() command.Resource {
	return command.Resource{Kind: core.KindClient, Ref: c.ID, Entity: c.Entity}
}

// nameKey is the form under which a name is looked for.
func nameKey(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), " ")
}

// tidy puts the fields into the one form that is stored.
func (c *Client) tidy() {
	c.Name = strings.Join(strings.Fields(c.Name), " ")
	c.Email = strings.ToLower(strings.TrimSpace(c.Email))
	c.Phone = tidyPhone(c.Phone)
	c.Address = strings.Join(strings.Fields(c.Address), " ")
	c.Country = strings.ToUpper(strings.TrimSpace(c.Country))
	c.Nationality = strings.ToUpper(strings.TrimSpace(c.Nationality))
	c.BirthDate = strings.TrimSpace(c.BirthDate)
	c.nameKey = nameKey(c.Name)
}

func tidyPhone(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '(' || r == ')' || r == '.' {
			return -1
		}
		return r
	}, s)
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + rest
	}
	return s
}

// faults says what is wrong with a tidied client, field by field.
func (c *Client) faults() []core.FieldFault {
	var out []core.FieldFault
	bad := func(field, text string) { out = append(out, core.FieldFault{Field: field, Text: text}) }
	if n := utf8.RuneCountInString(c.Name); n < 2 || n > 200 || !printable(c.Name) {
		bad("name", "Write the full name as it stands in the identity document (2 to 200 characters).")
	}
	if a, err := mail.ParseAddress(c.Email); err != nil || a.Address != c.Email || len(c.Email) > 254 {
		bad("email", "Write an e-mail address such as name@example.com.")
	}
	if c.Phone != "" && !e164(c.Phone) {
		bad("phone", "Write the phone number with its country code, such as +49 30 901820.")
	}
	if len(c.Address) > 500 || !printable(c.Address) {
		bad("address", "Write the address in at most 500 characters.")
	}
	if !alpha2(c.Country) {
		bad("country", "Choose the country of residence (two letters, such as CY).")
	}
	if c.Nationality != "" && !alpha2(c.Nationality) {
		bad("nationality", "Choose the nationality (two letters, such as CY).")
	}
	if _, err := time.Parse(time.DateOnly, c.BirthDate); err != nil {
		bad("birth_date", "Write the date of birth as year-month-day, such as 1984-02-29.")
	}
	switch c.Category {
	case Retail, Professional, Counterparty:
	default:
		bad("category", "Choose retail, professional or eligible counterparty.")
	}
	switch c.Status {
	case Open, Dormant, Closed:
	default:
		bad("status", "Choose open, dormant or closed.")
	}
	if c.IntroducedBy != "" && (c.IntroducedBy.Kind() != core.KindPartner || !c.IntroducedBy.Valid()) {
		bad("introduced_by", "Name the partner by reference, such as ib_….")
	}
	return out
}

// invalid makes one fault of many fields; nil when there are none.
func invalid(fields []core.FieldFault) error {
	if len(fields) == 0 {
		return nil
	}
	return &core.Fault{Kind: core.Invalid, Code: "invalid-input", Text: fields[0].Text, Fields: fields}
}

func printable(s string) bool {
	for _, r := range s {
		if !unicode.IsGraphic(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}

func alpha2(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

func e164(s string) bool {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// ReasonCodes are the reasons for which a client's record is changed.
var ReasonCodes = []string{"client_request", "correction", "document", "periodic_review", "regulator", "suspicion"}

const wordsMin = 5

// why checks the reason code and the words that go with a change.
func why(reason, words string) []core.FieldFault {
	var out []core.FieldFault
	known := false
	for _, c := range ReasonCodes {
		known = known || c == reason
	}
	if !known {
		out = append(out, core.FieldFault{Field: "reason", Text: "Choose the reason for this change."})
	}
	if len(strings.TrimSpace(words)) < wordsMin {
		out = append(out, core.FieldFault{Field: "words", Text: "Say in your own words why (at least five characters)."})
	}
	return out
}
