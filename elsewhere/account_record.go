package elsewhere

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RecordAccount puts a person's account in a system on record. It may be that
// of somebody who left: what is found late is due at once.
type RecordAccount struct {
	System core.Ref     `json:"system"`
	Holder core.Ref     `json:"holder"`
	Login  string       `json:"login"`
	Rights string       `json:"rights"`          // what it is good for, in words
	Since  core.Instant `json:"since,omitempty"` // zero is now
	Ticket string       `json:"ticket,omitempty"`
}

// Action is elsewhere.account.record.
func (RecordAccount) Action() command.Action { return "elsewhere.account.record" }

// Subject is the system: the account has no record yet.
func (in RecordAccount) Subject() core.Ref { return in.System }

// Validate checks the form.
func (in RecordAccount) Validate() error {
	switch {
	case in.Holder.Kind() != core.KindStaff:
		return core.InvalidField("holder", "Choose the member of staff whose account it is.")
	case strings.TrimSpace(in.Login) == "":
		return core.InvalidField("login", "Write the login by which the system knows the person.")
	}
	return needWords("rights", in.Rights, "Say in words what the account may do there.")
}

type recordAccount struct{ people People }

type recordFacts struct {
	system *System
	holder Person
	known  *Account // an open one with this login
}

// Load reads the system, the person, and whether the login is on record.
func (h recordAccount) Load(ctx context.Context, r store.Reader, in RecordAccount) (f recordFacts, res command.Resource, err error) {
	if f.system, err = SystemByID(ctx, r, in.System); err == nil && f.system == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	if f.holder, err = h.people.Person(ctx, r, in.Holder); err != nil {
		return f, res, err
	}
	res = command.Resource{Kind: KindAccount, Entity: f.system.Entity, Attrs: map[string]any{"holder": string(in.Holder)}}
	f.known, err = accounts.One(ctx, r, "WHERE system = $1 AND login = $2 AND closed IS NULL", in.System, strings.TrimSpace(in.Login))
	return f, res, err
}

// Check refuses what is on record already. One login is one person's.
func (recordAccount) Check(in RecordAccount, f recordFacts, m command.Moment) command.Verdict {
	switch {
	case f.holder.Ref == "":
		return refuse("no-such-person", "There is no such member of staff.")
	case f.system.Retired != 0:
		return refuse("system-retired", "This system is used no more.")
	case f.known != nil:
		return refuse("login-known", "This login is on record already. One that several people share has to be closed: nobody could say who used it.")
	case in.Since > m.Now:
		return refuse("not-yet", "An account that is still to come is put on record when it is there.")
	}
	return command.Proceed()
}

// Apply enters it.
func (recordAccount) Apply(ctx context.Context, tx *command.Tx, in RecordAccount, f recordFacts) ([]evidence.Event, error) {
	a := &Account{
		ID: tx.NewRef(KindAccount), System: in.System, Entity: f.system.Entity, Holder: in.Holder, Login: strings.TrimSpace(in.Login),
		Rights: strings.TrimSpace(in.Rights), Since: in.Since, Ticket: strings.TrimSpace(in.Ticket), GivenBy: tx.Actor.Ref,
	}
	if a.Since == 0 {
		a.Since = tx.Now
	}
	if err := accounts.Insert(ctx, tx.Tx, a); err != nil {
		return nil, err
	}
	return []evidence.Event{a.event(EventAccountRecorded, "")}, nil
}

func (a *Account) event(typ evidence.Type, words string) evidence.Event {
	return evidence.Event{Type: typ, Entity: a.Entity, Subjects: []core.Ref{a.ID, a.Holder, a.System}, Text: words}
}
