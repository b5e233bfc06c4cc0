package elsewhere

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ChangeAccount changes what is on record about an account: what it is good
// for. Whose it is, and under which login, never changes: that is another
// account.
type ChangeAccount struct {
	Account core.Ref `json:"account"`
	Rights  string   `json:"rights"`
	Ticket  string   `json:"ticket,omitempty"`
	Words   string   `json:"words"`
}

// Action is elsewhere.account.change.
func (ChangeAccount) Action() command.Action { return "elsewhere.account.change" }

// Subject is the account.
func (in ChangeAccount) Subject() core.Ref { return in.Account }

// Validate checks the form.
func (in ChangeAccount) Validate() error {
	if err := needWords("rights", in.Rights, "Say in words what the account may do there."); err != nil {
		return err
	}
	return needWords("words", in.Words, "Say in your own words why (at least five characters).")
}

type changeAccount struct{ people People }

// Load reads the account.
func (h changeAccount) Load(ctx context.Context, r store.Reader, in ChangeAccount) (accountFacts, command.Resource, error) {
	return loadAccount(ctx, r, h.people, in.Account)
}

func (in ChangeAccount) over(a Account) Account {
	a.Rights = strings.TrimSpace(in.Rights)
	if t := strings.TrimSpace(in.Ticket); t != "" {
		a.Ticket = t
	}
	return a
}

// Check refuses to change one's own, what is closed, and nothing.
func (changeAccount) Check(in ChangeAccount, f accountFacts, m command.Moment) command.Verdict {
	switch {
	case f.account.Closed != 0:
		return refuse("account-closed", "This account is closed. A new one is put on record anew.")
	case m.Actor.Ref == f.account.Holder:
		return refuse("own-account-elsewhere", "This account is yours; a colleague keeps its record.")
	case in.over(*f.account) == *f.account:
		return refuse("nothing-changed", "This is what the record says already.")
	}
	return command.Proceed()
}

// Apply changes it.
func (changeAccount) Apply(ctx context.Context, tx *command.Tx, in ChangeAccount, f accountFacts) ([]evidence.Event, error) {
	now := in.over(*f.account)
	if err := accounts.Update(ctx, tx.Tx, f.account, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{now.event(EventAccountChanged, in.Words)}, nil
}
