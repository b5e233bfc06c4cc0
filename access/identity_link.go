package access

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// LinkIdentity lets its holder sign in at a provider from now on. They do it
// themselves, signed in here by what is theirs here, with a fresh second
// factor, and after they proved the identity at the provider.
type LinkIdentity struct {
	Staff  core.Ref `json:"staff"`
	Issuer string   `json:"issuer"`

	try *linking
}

type linking struct {
	offer, subject string
	session        core.Ref
	spend          passkeyUse // the offer is good once
}

// Action is access.identity.link.
func (LinkIdentity) Action() command.Action { return "access.identity.link" }

// Subject is the holder.
func (in LinkIdentity) Subject() core.Ref { return in.Staff }

// provenOffer is an identity that was proven and is not linked yet.
type provenOffer struct {
	Issuer, Subject, State string
}

func purposeLink(session core.Ref) string { return "identity link|" + string(session) }

// IdentityOffer is what a person confirms before it is linked.
type IdentityOffer struct {
	Provider ProviderAbout
	Name     string // what the provider calls them
	Offer    string
}

var errLinkFailed = core.NewFault(core.Invalid, "link-failed", "What the provider sent could not be accepted, so nothing was linked. Start again from your account.")

// OfferLink takes what came back from a provider and offers to link it. Nothing
// is linked before the person confirms: otherwise another site could have
// somebody else's identity linked by sending a browser around.
func (a *Auth) OfferLink(ctx context.Context, actor evidence.Actor, trip, provider string, back IdentityAnswer) (IdentityOffer, error) {
	t, who, use, reason, err := a.arrive(ctx, trip, provider, tidyAnswer(back))
	switch {
	case err != nil:
		return IdentityOffer{}, err
	case t.Session == "" || t.Session != actor.Session:
		return IdentityOffer{}, errOffer
	case reason == "provider-away":
		return IdentityOffer{}, errAway
	case reason != "":
		return IdentityOffer{}, errLinkFailed
	}
	offer, err := a.sealOffer(purposeLink(actor.Session), provenOffer{who.Issuer, who.Subject, use.challenge})
	return IdentityOffer{Provider: a.provider(t.Provider).About(), Name: tidy(who.Name, 200), Offer: offer}, err
}

// IsLink reports whether a trip was begun to link, in the session of the actor.
func (a *Auth) IsLink(actor evidence.Actor, trip string) bool {
	var t identityTrip
	_, err := a.openOffer(purposeIdentity, trip, &t)
	return err == nil && t.Session != "" && t.Session == actor.Session
}

// LinkIdentity links what the actor proved.
func (a *Auth) LinkIdentity(ctx context.Context, actor evidence.Actor, offer string) (command.Outcome, error) {
	return a.cfg.Road.Run(ctx, actor, "", LinkIdentity{Staff: actor.Ref, try: &linking{offer: offer, session: actor.Session}})
}

type linkIdentity struct{ a *Auth }

// linkFacts is the holder's account, and who has the identity already.
type linkFacts struct {
	holderFacts
	known *identity
	mine  []identity
}

// Prepare opens what was proven.
func (h linkIdentity) Prepare(_ context.Context, in LinkIdentity) (LinkIdentity, error) {
	if in.try == nil {
		return in, errNoSecrets
	}
	var p provenOffer
	until, err := h.a.openOffer(purposeLink(in.try.session), in.try.offer, &p)
	in.Issuer, in.try.subject, in.try.spend = p.Issuer, p.Subject, passkeyUse{challenge: p.State, until: until}
	return in, err
}

func loadLink(ctx context.Context, r store.Reader, staff core.Ref, issuer, subject string) (f linkFacts, res command.Resource, err error) {
	if f.holderFacts, res, err = loadHolder(ctx, r, staff); err != nil {
		return f, res, err
	}
	if f.known, err = identityOf(ctx, r, issuer, subject); err != nil {
		return f, res, err
	}
	f.mine, err = identitiesOf(ctx, r, staff)
	return f, res, err
}

// Load reads the holder's account and their links.
func (linkIdentity) Load(ctx context.Context, r store.Reader, in LinkIdentity) (linkFacts, command.Resource, error) {
	f, res, err := loadLink(ctx, r, in.Staff, in.Issuer, in.try.subject)
	if err != nil {
		return f, res, err
	}
	use, err := loadPasskeyUse(ctx, r, &in.try.spend)
	f.spent = use.spent
	return f, res, err
}

// ownFactor reports whether a session was begun by something of this firm's
// own: who came by one provider must not let themselves in by another.
func ownFactor(factors []string) bool {
	return slices.ContainsFunc(factors, func(f string) bool {
		return f == FactorPassword || f == FactorPasskey || f == FactorPersona
	})
}

// Check demands the holder, a session of their own and a fresh second factor.
func (linkIdentity) Check(_ LinkIdentity, f linkFacts, m command.Moment) command.Verdict {
	refuse := func(code, text string) command.Verdict {
		return command.Refuse(command.Refusal{Code: code, Text: text})
	}
	if r := changeFactor(f.holderFacts, m); r != nil {
		return verdict(r)
	}
	switch {
	case !ownFactor(m.Actor.Factors):
		return refuse("sign-in-here-first", "You came by a provider outside. Sign in with your password or a passkey to link another identity.")
	case f.spent:
		return refuse("answer-replayed", "This was linked or refused already. Start again from your account.")
	}
	return verdict(f.against())
}

// against is why an identity cannot be linked, or nil.
func (f linkFacts) against() *command.Refusal {
	switch {
	case f.staff.Status != Active:
		return &command.Refusal{Code: "not-active", Text: "This person no longer works here."}
	case f.known != nil && f.known.Staff == f.staff.ID:
		return &command.Refusal{Code: "identity-known", Text: "This identity is linked to this account already."}
	case f.known != nil:
		return &command.Refusal{Code: "identity-taken", Text: "This identity is linked to somebody else's account. They, or an administrator, must unlink it first."}
	}
	return nil
}

// Apply links it.
func (linkIdentity) Apply(ctx context.Context, tx *command.Tx, in LinkIdentity, f linkFacts) ([]evidence.Event, error) {
	if err := (passkeyFacts{spent: f.spent}).spend(ctx, tx.Tx, &in.try.spend); err != nil {
		return nil, err
	}
	return linkTo(ctx, tx, in.Staff, in.Issuer, in.try.subject, "")
}

func linkTo(ctx context.Context, tx *command.Tx, staff core.Ref, issuer, subject, words string) ([]evidence.Event, error) {
	row := &identity{ID: tx.NewRef(KindIdentity), Staff: staff, Issuer: issuer, subject: subject, Created: tx.Now, By: tx.Actor.Ref}
	ev := row.event(EventIdentityLinked)
	ev.Text = words
	return []evidence.Event{ev}, identities.Insert(ctx, tx.Tx, row)
}

func (i *identity) event(typ evidence.Type) evidence.Event {
	return evidence.Event{Type: typ, Subjects: []core.Ref{i.ID, i.Staff}, Details: []evidence.Detail{{Name: "issuer", Value: i.Issuer}}}
}

// AssignIdentity links a colleague to what a provider calls them. It is for
// those who cannot do it themselves, and two people answer for it: whoever can
// sign in as somebody else must not be able to make that so alone.
type AssignIdentity struct {
	Staff   core.Ref `json:"staff"`
	Issuer  string   `json:"issuer"`
	Account string   `json:"account"` // the subject, as the provider's own directory shows it
	Words   string   `json:"words"`
}

// Action is access.identity.assign.
func (AssignIdentity) Action() command.Action { return "access.identity.assign" }

// Subject is the person.
func (in AssignIdentity) Subject() core.Ref { return in.Staff }

// Reasons are the maker's own words.
func (in AssignIdentity) Reasons() (code, words string) { return "identity", in.Words }

// Facts are what an approver must see.
func (in AssignIdentity) Facts() []evidence.Detail {
	return []evidence.Detail{{Name: "issuer", Value: in.Issuer}, {Name: "account", Value: in.Account}}
}

// Validate checks the form.
func (in AssignIdentity) Validate() error {
	switch n := len(strings.TrimSpace(in.Account)); {
	case n == 0 || n > 255 || in.Account != strings.TrimSpace(in.Account):
		return core.InvalidField("account", "Write the identifier (sub) that the provider's directory shows for the person, not their e-mail address.")
	case strings.Contains(in.Account, "@"):
		return core.InvalidField("account", "This looks like an e-mail address. Addresses are given to others; write the identifier (sub) that the provider's directory shows.")
	}
	return needWords(in.Words)
}

type assignIdentity struct{ a *Auth }

// Load reads the person's account.
func (assignIdentity) Load(ctx context.Context, r store.Reader, in AssignIdentity) (linkFacts, command.Resource, error) {
	return loadLink(ctx, r, in.Staff, in.Issuer, in.Account)
}

// Check refuses oneself and providers that are not in the configuration, and
// asks for a second person, who is not the person concerned either. The
// installer needs nobody: it fills an empty firm.
func (h assignIdentity) Check(in AssignIdentity, f linkFacts, m command.Moment) command.Verdict {
	no := func(code, text string) command.Verdict {
		return command.Refuse(command.Refusal{Code: code, Text: text})
	}
	switch {
	case m.Actor.Token != "":
		return verdict(inPerson(m, in.Staff))
	case m.Actor.Ref == in.Staff:
		return no("own-record", "Link your own identity under your account, where you prove that it is yours.")
	case slices.ContainsFunc(m.Approvals, func(a command.Approver) bool { return a.Ref == in.Staff }):
		return no("holder-is-not-approver", "The person who is to be linked cannot approve it.")
	case h.a.label(in.Issuer) == in.Issuer:
		return no(errNoProvider.Code, errNoProvider.Text)
	}
	if why := f.against(); why != nil || m.Actor.Ref == SysInstall {
		return verdict(why)
	}
	return command.Needs(command.Need{Rule: "access.identity.assign/1", Seats: []command.Seat{{Roles: []string{string(SeniorCompliance), string(SystemAdmin)}}}})
}

// Apply links it.
func (assignIdentity) Apply(ctx context.Context, tx *command.Tx, in AssignIdentity, _ linkFacts) ([]evidence.Event, error) {
	return linkTo(ctx, tx, in.Staff, in.Issuer, in.Account, in.Words)
}
