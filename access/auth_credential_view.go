package access

import (
	"context"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ViewCredentials asks with what a staff member signs in, and which API tokens
// act in their name. No secret is ever answered.
type ViewCredentials struct {
	Staff core.Ref `json:"staff"`
}

// Action is access.credential.view.
func (ViewCredentials) Action() command.Action { return "access.credential.view" }

// Subject is the holder.
func (in ViewCredentials) Subject() core.Ref { return in.Staff }

// CredentialsView is what a person signs in with.
type CredentialsView struct {
	PasswordSet core.Instant  `json:"password_set,omitempty"` // zero when there is none
	Generator   bool          `json:"generator"`              // a code generator is set up
	Passkeys    []PasskeyView `json:"passkeys,omitempty"`     // oldest first
	Tokens      []TokenView   `json:"tokens,omitempty"`       // newest first, those that ended too
}

// Factor reports whether there is a second factor to confirm acts with.
func (v CredentialsView) Factor() bool { return v.Generator || len(v.Passkeys) > 0 }

// PasskeyView is one usable passkey.
type PasskeyView struct {
	ID      core.Ref     `json:"id"`
	Name    Field        `json:"name"`
	AAGUID  string       `json:"aaguid,omitempty"` // the model of the device, as it says
	Created core.Instant `json:"created"`
}

// TokenView is one API token.
type TokenView struct {
	ID      core.Ref     `json:"id"`
	Name    Field        `json:"name"`
	Actions []string     `json:"actions"`
	Created core.Instant `json:"created"`
	Expires core.Instant `json:"expires"`             // wall clock
	Used    core.Instant `json:"last_used,omitempty"` // wall clock, to the minute
	Ended   core.Instant `json:"ended,omitempty"`
}

type viewCredentials struct{}

// Target is the holder.
func (viewCredentials) Target(ctx context.Context, r store.Reader, in ViewCredentials) (command.Resource, error) {
	s, err := loadStaff(ctx, r, in.Staff)
	if err != nil {
		return command.Resource{}, err
	}
	return s.Resource(), nil
}

// Read lists them.
func (viewCredentials) Read(ctx context.Context, r store.Reader, in ViewCredentials, see *command.Sight) (CredentialsView, error) {
	var v CredentialsView
	f, res, err := loadHolder(ctx, r, in.Staff)
	if err != nil {
		return v, err
	}
	if f.cred != nil {
		v.PasswordSet, v.Generator = f.cred.PasswordSet, f.cred.TOTP != ""
	}
	show := func(field, text string) Field {
		shown, masked := see.Show(core.Personal, res, field, text)
		return Field{shown, masked}
	}
	for _, k := range f.keys {
		v.Passkeys = append(v.Passkeys, PasskeyView{ID: k.ID, Name: show("passkey.name", k.Name), AAGUID: k.AAGUID, Created: k.Created})
	}
	tokens, err := TokensOf(ctx, r, in.Staff)
	if err != nil {
		return v, err
	}
	for i := range tokens {
		t := &tokens[i]
		x := TokenView{ID: t.ID, Name: show("api_token.name", t.Name), Actions: t.Actions(), Created: t.Created, Expires: t.Expires, Ended: t.Ended}
		if x.Used, err = LastUsed(ctx, r, t.ID); err != nil {
			return v, err
		}
		v.Tokens = append(v.Tokens, x)
	}
	see.Counted(len(v.Passkeys) + len(v.Tokens))
	return v, nil
}

// Credentials reads with what a staff member signs in, for themselves or for
// whom policy lets look.
func (a *Auth) Credentials(ctx context.Context, actor evidence.Actor, staff core.Ref) (CredentialsView, error) {
	return command.Ask[ViewCredentials, CredentialsView](ctx, a.cfg.Road, actor, viewCredentials{}, ViewCredentials{Staff: staff})
}

// Scope is an act that an API token can be made for.
type Scope struct {
	Action command.Action `json:"action"`
	Title  string         `json:"title"` // of the command; "" for what only reads
}

// Scopes lists the acts that a token of the actor could be good for: those
// that policy would allow them on any record at all, without the ones that no
// token may do.
func (a *Auth) Scopes(ctx context.Context, actor evidence.Actor, policy *Authorizer) ([]Scope, error) {
	titles := map[command.Action]string{}
	for _, l := range a.cfg.Road.Registry.List() {
		titles[l.Action] = l.Doc.Title
	}
	var offers []command.Offer
	for _, act := range policy.Actions() {
		if !neverByToken(act) {
			for _, kind := range policy.kindsOf(act) {
				offers = append(offers, command.Offer{Action: act, Kind: kind})
			}
		}
	}
	may, err := a.cfg.Road.Offered(ctx, actor, offers)
	if err != nil {
		return nil, err
	}
	var out []Scope
	for i, o := range offers {
		if may[i] && (len(out) == 0 || out[len(out)-1].Action != o.Action) {
			out = append(out, Scope{o.Action, titles[o.Action]})
		}
	}
	return out, nil
}

// kindsOf lists the kinds of records that an act can be done to, in order.
func (a *Authorizer) kindsOf(act command.Action) (out []core.Kind) {
	c := a.set.actions[act]
	if c == nil {
		return nil
	}
	for kind, typ := range kinds {
		if slices.Contains(c.types, typ) {
			out = append(out, kind)
		}
	}
	slices.Sort(out)
	return out
}
