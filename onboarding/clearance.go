package onboarding

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// The purposes that a client can be blocked from.
const (
	LiveTrading       = "live_trading"
	Funding           = "funding"
	WithdrawalRelease = "withdrawal_release"
	AnyPurpose        = "any" // asks for every block there is
)

// Block is a reason why a client may not do something now.
type Block struct {
	Code     string       `json:"code"`
	Text     string       `json:"text"`
	Stops    []string     `json:"stops"`               // purposes; "any" is everything
	Since    core.Instant `json:"since,omitempty"`     // zero is from the beginning
	LiftedBy string       `json:"lifted_by,omitempty"` // what would end it
}

// Clearance computes what a client is blocked from. Nothing of it is stored:
// the same question about the same instant has the same answer, then and later.
type Clearance struct{ Domain }

// Blocks are the client's blocks from a purpose at an instant.
func (c Clearance) Blocks(ctx context.Context, r store.Reader, client core.Ref, purpose string, now core.Instant) ([]Block, error) {
	entity, err := c.Clients.EntityOf(ctx, r, client)
	if err != nil {
		return nil, err
	}
	apps, err := applicationsOf(ctx, r, client)
	if err != nil {
		return nil, err
	}
	docs, err := documentsOf(ctx, r, client)
	if err != nil {
		return nil, err
	}
	var all []Block
	if b := identityBlock(apps, now); b != nil {
		all = append(all, *b)
	}
	if b := addressBlock(docs, now, c.Policy.RulesFor(entity)); b != nil {
		all = append(all, *b)
	}
	err = c.Clients.Restrictions(ctx, r, client, now, func(what, reason string, since core.Instant) {
		all = append(all, Block{
			Code: "restricted", Text: "Compliance restricted this client (" + reason + ").", Stops: []string{what},
			Since: since, LiftedBy: "Lifting the restriction, by two persons",
		})
	})
	var out []Block
	for _, b := range all {
		if b.stops(purpose) {
			out = append(out, b)
		}
	}
	return out, err
}

// Refusals are the client's blocks from a purpose as reasons of a check.
func (c Clearance) Refusals(ctx context.Context, r store.Reader, client core.Ref, purpose string, now core.Instant) ([]command.Refusal, error) {
	blocks, err := c.Blocks(ctx, r, client, purpose, now)
	var out []command.Refusal
	for _, b := range blocks {
		out = append(out, command.Refusal{Code: b.Code, Text: b.Text})
	}
	return out, err
}

func (b *Block) stops(purpose string) bool {
	for _, p := range b.Stops {
		if purpose == AnyPurpose || p == AnyPurpose || p == purpose {
			return true
		}
	}
	return false
}

// identityBlock holds until an application is approved.
func identityBlock(apps []Application, now core.Instant) *Block {
	b := &Block{
		Code: "identity-not-approved", Text: "The client's identity has not been approved.",
		Stops: []string{LiveTrading, Funding}, LiftedBy: "Approving the application",
	}
	for _, a := range apps {
		if a.State == Approved && a.Decided <= now {
			return nil
		}
		if a.State == Refused && a.Decided <= now {
			b.Since, b.Text = a.Decided, "The client's identity was not approved."
		}
	}
	return b
}

// addressBlock holds while no proof of address counts. Its beginning is when
// the last one stopped counting.
func addressBlock(docs []Document, now core.Instant, rules Rules) *Block {
	b := &Block{
		Code: "address-missing", Text: "There is no accepted proof of address.",
		Stops: []string{WithdrawalRelease}, LiftedBy: "Accepting a current proof of address",
	}
	for i := range docs {
		d := &docs[i]
		if d.Kind != ProofOfAddress || d.Accepted == 0 || d.Accepted > now {
			continue
		}
		if d.ValidAt(now, rules) {
			return nil
		}
		end, expired := d.Ended, false
		if lapse := d.Lapses(rules); lapse != 0 && (end == 0 || lapse < end) {
			end, expired = lapse, true
		}
		if end < b.Since {
			continue
		}
		b.Since, b.Code, b.Text = end, "address-missing", "There is no accepted proof of address any more."
		if expired {
			b.Code, b.Text = "address-expired", "The proof of address has expired."
		}
	}
	return b
}
