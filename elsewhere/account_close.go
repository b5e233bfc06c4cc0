package elsewhere

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// CloseAccount says that an account elsewhere is closed, and how that is known.
// It is a proposal: a second person looks at the proof.
type CloseAccount struct {
	Account  core.Ref `json:"account"`
	Proof    string   `json:"proof"`                  // how it is known
	ProofSum string   `json:"proof_sha256,omitempty"` // of the document that shows it, hex
}

// Action is elsewhere.account.close.
func (CloseAccount) Action() command.Action { return "elsewhere.account.close" }

// Subject is the account.
func (in CloseAccount) Subject() core.Ref { return in.Account }

// Reasons are how it is known, in the maker's words.
func (in CloseAccount) Reasons() (code, words string) { return "", in.Proof }

// Facts are what an approver must see.
func (in CloseAccount) Facts() []evidence.Detail {
	if in.ProofSum == "" {
		return nil
	}
	return []evidence.Detail{{Name: "proof_sha256", Value: in.ProofSum}}
}

// Validate checks the form.
func (in CloseAccount) Validate() error {
	if len(strings.TrimSpace(in.Proof)) < 15 {
		return core.InvalidField("proof", "Say how you know that the account is closed: what you saw, where, when (at least 15 characters).")
	}
	if in.ProofSum != "" && (len(in.ProofSum) != 64 || strings.Trim(in.ProofSum, "0123456789abcdef") != "") {
		return core.InvalidField("proof_sha256", "A SHA-256 has 64 hexadecimal digits in lower case.")
	}
	return nil
}

// The roles of which one holder has to agree.
var seconds = []string{"system_admin", "senior_compliance"}

type closeAccount struct{ people People }

// Load reads the account, its system and its holder.
func (h closeAccount) Load(ctx context.Context, r store.Reader, in CloseAccount) (accountFacts, command.Resource, error) {
	return loadAccount(ctx, r, h.people, in.Account)
}

// Check keeps the holder from closing their own account, as maker or as second
// person, and asks for that second person.
func (closeAccount) Check(_ CloseAccount, f accountFacts, m command.Moment) command.Verdict {
	own := slices.ContainsFunc(m.Approvals, func(a command.Approver) bool { return a.Ref == f.account.Holder })
	switch {
	case f.account.Closed != 0:
		return refuse("account-closed", "This account is closed already.")
	case own || m.Actor.Ref == f.account.Holder:
		return refuse("own-account-elsewhere", "Whose account it is does not prove that it is closed; somebody else must.")
	}
	return command.Needs(command.Need{
		Rule: "elsewhere.account.close/1", Seats: []command.Seat{{Roles: seconds}},
		Facts: []evidence.Detail{{Name: "system", Value: f.system.Name}},
	})
}

// Apply closes it.
func (closeAccount) Apply(ctx context.Context, tx *command.Tx, in CloseAccount, f accountFacts) ([]evidence.Event, error) {
	now := *f.account
	now.Closed, now.ClosedBy, now.Proof, now.ProofSum = tx.Now, tx.Actor.Ref, strings.TrimSpace(in.Proof), in.ProofSum
	if err := accounts.Update(ctx, tx.Tx, f.account, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{now.event(EventAccountClosed, in.Proof)}, nil
}
