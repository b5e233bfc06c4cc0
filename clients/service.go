package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Register adds this package's commands.
func Register(reg *command.Registry) {
	command.Handle[CreateClient, createFacts](reg, createHandler{}, command.Doc{Title: "Record a client", Kind: core.KindClient})
	command.Handle[ChangeClient, changeFacts](reg, changeHandler{}, command.Doc{Title: "Change a client's record", Kind: core.KindClient, Floor: "A compliance officer agrees to another name, date of birth or nationality; the rest changes at once.", Approvers: []string{"compliance"}})
	command.Handle[AddBankDetail, addFacts](reg, addHandler{}, command.Doc{Title: "Add a bank detail", Kind: core.KindClient, ApproveStepUp: true, Floor: "A compliance officer agrees to what a colleague enters. What the client asks for themselves waits out the cooling-off.", Approvers: detailRule.Seats[0].Roles})
	command.Handle[ChangeBankDetail, changeDetailFacts](reg, changeDetailHandler{}, command.Doc{Title: "Change a bank detail", Kind: core.KindClient, ApproveStepUp: true, Floor: "A compliance officer agrees to what a colleague enters. What the client asks for themselves waits out the cooling-off.", Approvers: detailRule.Seats[0].Roles})
	command.Handle[SetRestriction, restrictFacts](reg, setHandler{}, command.Doc{Title: "Restrict a client", Kind: core.KindClient})
	command.Handle[LiftRestriction, restrictFacts](reg, liftHandler{}, command.Doc{Title: "Lift a restriction", Kind: core.KindClient, Floor: "A senior compliance officer agrees.", Approvers: liftRule.Seats[0].Roles})
}

// Service answers other domains, in their transaction. It masks nothing: what
// it returns is for rules to read, not for people.
type Service struct{}

// Client reads a client; command.ErrHidden when there is none.
func (Service) Client(ctx context.Context, r store.Reader, ref core.Ref) (*Client, error) {
	return get(ctx, r, ref)
}

// BankDetail reads a bank detail; command.ErrHidden when there is none.
// ChangedAt is where its cooling-off began.
func (Service) BankDetail(ctx context.Context, r store.Reader, ref core.Ref) (*BankDetail, error) {
	b, err := bankDetails.Get(ctx, r, string(ref))
	if err == nil && b == nil {
		err = command.ErrHidden
	}
	return b, err
}

// EntityOf is the client's legal entity.
func (Service) EntityOf(ctx context.Context, r store.Reader, client core.Ref) (core.Ref, error) {
	c, err := get(ctx, r, client)
	if err != nil {
		return "", err
	}
	return c.Entity, nil
}

// Declared is what the client says about themselves, by field name: name,
// birth_date, address, country, nationality. Fields without a value are left
// out.
func (Service) Declared(ctx context.Context, r store.Reader, client core.Ref) (map[string]string, error) {
	c, err := get(ctx, r, client)
	if err != nil {
		return nil, err
	}
	out := map[string]string{"name": c.Name, "birth_date": c.BirthDate, "address": c.Address, "country": c.Country, "nationality": c.Nationality}
	for k, v := range out {
		if v == "" {
			delete(out, k)
		}
	}
	return out, nil
}

// Restrictions calls each for every restriction of the client that holds at an
// instant: its purpose ("any" stops everything), its reason code and its
// beginning, oldest first.
func (Service) Restrictions(ctx context.Context, r store.Reader, client core.Ref, at core.Instant, each func(purpose, reason string, since core.Instant)) error {
	xs, err := restrictionsOf(ctx, r, client)
	for i := range xs {
		if xs[i].InForce(at) {
			each(string(xs[i].Purpose), xs[i].Reason, xs[i].SetAt)
		}
	}
	return err
}
