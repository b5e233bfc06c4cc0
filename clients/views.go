package clients

import (
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Field is a value as one reader may see it: in the clear, or as a mask that
// keeps just enough to recognise a value one knows already.
type Field struct {
	Text   string `json:"text"`
	Masked bool   `json:"masked,omitempty"`
}

// ClientRow is one line of a list.
type ClientRow struct {
	ID       core.Ref     `json:"id"`
	Entity   core.Ref     `json:"entity"`
	Name     Field        `json:"name"`
	Email    Field        `json:"email"`
	Country  string       `json:"country"`
	Category Category     `json:"category"`
	Status   Status       `json:"status"`
	Created  core.Instant `json:"created"`
}

// ClientView is the summary of one client.
type ClientView struct {
	ClientRow
	Phone        Field             `json:"phone"`
	Address      Field             `json:"address"`
	BirthDate    Field             `json:"birth_date"`
	Nationality  string            `json:"nationality,omitempty"`
	IntroducedBy core.Ref          `json:"introduced_by,omitempty"`
	ErasedBy     core.Ref          `json:"erased_by,omitempty"`
	BankDetails  []BankDetailView  `json:"bank_details"`
	Restrictions []RestrictionView `json:"restrictions"`
	// May says which acts policy would allow the reader on this client, by
	// action; the road decides again when the act comes.
	May map[command.Action]bool `json:"may"`
}

// BankDetailView is one bank detail.
type BankDetailView struct {
	ID        core.Ref     `json:"id"`
	Holder    Field        `json:"holder"`
	Scheme    Scheme       `json:"scheme"`
	Account   Field        `json:"account"`
	Bank      Field        `json:"bank"`
	Currency  string       `json:"currency"`
	Active    bool         `json:"active"`
	Created   core.Instant `json:"created"`
	ChangedAt core.Instant `json:"changed_at"`
}

// RestrictionView is one restriction, past or present.
type RestrictionView struct {
	ID       core.Ref     `json:"id"`
	Purpose  Purpose      `json:"purpose"`
	Reason   string       `json:"reason"`
	Words    Field        `json:"words"`
	SetBy    core.Ref     `json:"set_by"`
	SetAt    core.Instant `json:"set_at"`
	LiftedBy core.Ref     `json:"lifted_by,omitempty"`
	LiftedAt core.Instant `json:"lifted_at,omitempty"`
	InForce  bool         `json:"in_force"`
}

// show renders a value for a reader: mask draws what may be seen of it by
// those who may not see it.
func show(see *command.Sight, class core.Class, res command.Resource, name, value string, mask func(string) string) Field {
	text, masked := see.Show(class, res, name, value)
	if masked {
		text = mask(value)
	}
	return Field{text, masked}
}

func row(see *command.Sight, c *Client) ClientRow {
	res := c.Resource()
	return ClientRow{
		ID: c.ID, Entity: c.Entity, Country: c.Country, Category: c.Category, Status: c.Status, Created: c.Created,
		Name:  show(see, core.Personal, res, "name", c.Name, maskName),
		Email: show(see, core.Personal, res, "email", c.Email, maskEmail),
	}
}

func rows(see *command.Sight, cs []Client) []ClientRow {
	out := make([]ClientRow, len(cs))
	for i := range cs {
		out[i] = row(see, &cs[i])
	}
	see.Counted(len(out))
	return out
}

func detailView(see *command.Sight, res command.Resource, b *BankDetail, full bool) BankDetailView {
	v := BankDetailView{
		ID: b.ID, Scheme: b.Scheme, Currency: b.Currency, Active: b.Active, Created: b.Created, ChangedAt: b.ChangedAt,
		Holder: show(see, core.Bank, res, "holder", b.Holder, maskAll),
		Bank:   show(see, core.Bank, res, "bank", b.Bank, maskAll),
	}
	// Even who may see bank data gets the whole number only on asking for it,
	// so that the evidence tells glancing at a client from reading an account.
	if full {
		v.Account = show(see, core.Bank, res, "account", b.Account, maskAll)
		return v
	}
	if _, masked := see.Show(core.Bank, res, "account-ending", b.Account); masked {
		v.Account = Field{maskAll(b.Account), true}
	} else {
		v.Account = Field{maskAccount(b.Scheme, b.Account), b.Account != ""}
	}
	return v
}

func restrictionView(see *command.Sight, res command.Resource, x *Restriction) RestrictionView {
	return RestrictionView{
		ID: x.ID, Purpose: x.Purpose, Reason: x.Reason, SetBy: x.SetBy, SetAt: x.SetAt, LiftedBy: x.LiftedBy,
		LiftedAt: x.LiftedAt, InForce: x.InForce(see.Now), Words: show(see, core.Personal, res, "words", x.Words, maskAll),
	}
}

const dots = "•••"

// maskAll shows that there is a value.
func maskAll(string) string { return dots }

// maskName keeps initials: "Ada Maria Example" is "A• M• E•".
func maskName(s string) string {
	var out []string
	for _, w := range strings.Fields(s) {
		out = append(out, first(w)+"•")
	}
	return strings.Join(out, " ")
}

// maskEmail keeps the first letters: "kim@example.com" is "k•••@e…".
func maskEmail(s string) string {
	local, domain, _ := strings.Cut(s, "@")
	return first(local) + dots + "@" + first(domain) + "…"
}

// maskPhone keeps the last two digits.
func maskPhone(s string) string {
	if len(s) < 6 {
		return dots
	}
	return dots + " " + s[len(s)-2:]
}

// maskAccount keeps an IBAN's country and an account's last four characters.
func maskAccount(scheme Scheme, s string) string {
	if len(s) < 8 {
		return dots
	}
	ending := dots + " " + s[len(s)-4:]
	if scheme == IBAN {
		return s[:2] + dots + " " + s[len(s)-4:]
	}
	return ending
}

func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
