package access

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// tokenPrefix lets secret scanners find a token that was left in a repository.
const tokenPrefix = "vs_"

// MaxTokenDays is the longest life of an API token.
const MaxTokenDays = 90

// CreateToken makes an API token for its owner: for named actions, for a time.
// What the owner may not do, the token may not do either.
type CreateToken struct {
	Owner   core.Ref `json:"owner"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
	Days    int      `json:"days"`

	try *freshToken
}

type freshToken struct {
	token   string
	expires core.Instant
	id      core.Ref
}

// Action is access.token.create.
func (CreateToken) Action() command.Action { return "access.token.create" }

// Subject is the owner.
func (in CreateToken) Subject() core.Ref { return in.Owner }

var actionForm = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*){1,3}$`)

// Validate keeps tokens narrow and short-lived. A token never manages access:
// with it, a leak could renew itself.
func (in CreateToken) Validate() error {
	switch n := len(strings.TrimSpace(in.Name)); {
	case n < 2 || n > 60:
		return core.InvalidField("name", "Name the program that will use the token (2 to 60 characters).")
	case in.Days < 1 || in.Days > MaxTokenDays:
		return core.InvalidField("days", "A token lives between 1 and 90 days.")
	case len(in.Actions) == 0 || len(in.Actions) > 128:
		return core.InvalidField("actions", "Choose what the token may do: between 1 and 128 actions.")
	}
	for _, act := range in.Actions {
		if !actionForm.MatchString(act) {
			return core.InvalidField("actions", "Actions look like payments.withdrawal.view.")
		}
		if neverByToken(command.Action(act)) {
			return core.InvalidField("actions", "A token cannot manage access: "+act+".")
		}
	}
	return nil
}

// neverByToken says which actions no token is good for, whatever it names:
// changing who may do what, and being the second pair of eyes. Reading who
// works here, in which roles, and what roles may do changes nothing.
func neverByToken(act command.Action) bool {
	switch act {
	case "access.entity.list", "access.staff.list", "access.staff.view", "access.grant.list", "access.policy.view":
		return false
	}
	return strings.HasPrefix(string(act), "access.") || act == command.ActApprove || act == command.ActDecline
}

type createToken struct{ a *Auth }

// Prepare draws the token.
func (h createToken) Prepare(_ context.Context, in CreateToken) (CreateToken, error) {
	if in.try == nil {
		return in, errNoSecrets
	}
	in.try.token = h.a.newToken(tokenPrefix)
	in.try.expires = h.a.cfg.Wall.Now().Add(time.Duration(in.Days) * 24 * time.Hour)
	return in, nil
}

// Load reads the owner.
func (createToken) Load(ctx context.Context, r store.Reader, in CreateToken) (*Staff, command.Resource, error) {
	s, err := loadStaff(ctx, r, in.Owner)
	return s, ownResource(core.KindToken, "", s), err
}

// Check demands the owner in person.
func (createToken) Check(in CreateToken, _ *Staff, m command.Moment) command.Verdict {
	return verdict(inPerson(m, in.Owner))
}

// Apply stores the token's digest.
func (createToken) Apply(ctx context.Context, tx *command.Tx, in CreateToken, _ *Staff) ([]evidence.Event, error) {
	acts := slices.Clone(in.Actions)
	slices.Sort(acts)
	t := &APIToken{
		ID: tx.NewRef(core.KindToken), Owner: in.Owner, Name: strings.TrimSpace(in.Name), token: digest(in.try.token),
		actions: strings.Join(slices.Compact(acts), " "), Created: tx.Now, Expires: in.try.expires,
	}
	in.try.id = t.ID
	err := apiTokens.Insert(ctx, tx.Tx, t)
	return []evidence.Event{t.event(EventTokenCreated)}, err
}

func (t *APIToken) event(typ evidence.Type) evidence.Event {
	return evidence.Event{Type: typ, Subjects: []core.Ref{t.ID, t.Owner}, Details: []evidence.Detail{
		{Name: "actions", Value: t.actions}, {Name: "expires", Value: t.Expires.String()},
	}}
}

// TokenMade is a new API token. Token is shown here once and never again; it
// is empty when the same idempotency key came before.
type TokenMade struct {
	ID      core.Ref
	Token   string
	Outcome command.Outcome
}

// CreateToken makes an API token for the actor.
func (a *Auth) CreateToken(ctx context.Context, actor evidence.Actor, key command.Key, name string, actions []string, days int) (TokenMade, error) {
	t := &freshToken{}
	out, err := a.cfg.Road.Run(ctx, actor, key, CreateToken{Owner: actor.Ref, Name: tidy(name, 100), Actions: actions, Days: days, try: t})
	switch {
	case err != nil:
		return TokenMade{}, err
	case out.Replayed:
		return TokenMade{ID: out.Subject, Outcome: out}, nil
	}
	return TokenMade{ID: t.id, Token: t.token, Outcome: out}, nil
}

// RevokeToken ends an API token at once: one's own, or somebody's that policy
// lets the actor end.
type RevokeToken struct {
	Token core.Ref `json:"token"`
}

// Action is access.token.revoke.
func (RevokeToken) Action() command.Action { return "access.token.revoke" }

// Subject is the token.
func (in RevokeToken) Subject() core.Ref { return in.Token }

type revokeToken struct{}

// Load reads the token and its owner.
func (revokeToken) Load(ctx context.Context, r store.Reader, in RevokeToken) (*APIToken, command.Resource, error) {
	t, err := apiTokens.Get(ctx, r, string(in.Token))
	if err == nil && t == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return nil, command.Resource{}, err
	}
	s, err := StaffByID(ctx, r, t.Owner)
	return t, ownResource(core.KindToken, t.ID, s), err
}

// Check refuses programs, and what is over.
func (revokeToken) Check(_ RevokeToken, t *APIToken, m command.Moment) command.Verdict {
	if m.Actor.Token != "" {
		return verdict(inPerson(m, t.Owner))
	}
	if t.Ended != 0 {
		return command.Refuse(command.Refusal{Code: "token-ended", Text: "This token is revoked already."})
	}
	return command.Proceed()
}

// Apply revokes it.
func (revokeToken) Apply(ctx context.Context, tx *command.Tx, _ RevokeToken, t *APIToken) ([]evidence.Event, error) {
	why := "by-owner"
	if tx.Actor.Ref != t.Owner {
		why = "by-administrator"
	}
	return endToken(ctx, tx, t, why)
}

func endToken(ctx context.Context, tx *command.Tx, t *APIToken, why string) ([]evidence.Event, error) {
	now := *t
	now.Ended, now.EndedBy, now.EndReason = tx.Now, tx.Actor.Ref, why
	if err := apiTokens.Update(ctx, tx.Tx, t, &now); err != nil {
		return nil, err
	}
	ev := t.event(EventTokenRevoked)
	ev.Reason = why
	return []evidence.Event{ev}, nil
}

// RevokeToken ends an API token at once.
func (a *Auth) RevokeToken(ctx context.Context, actor evidence.Actor, key command.Key, token core.Ref) (command.Outcome, error) {
	return a.cfg.Road.Run(ctx, actor, key, RevokeToken{Token: token})
}

// TokensOf reads an owner's API tokens, newest first. No row holds a secret.
func TokensOf(ctx context.Context, r store.Reader, owner core.Ref) ([]APIToken, error) {
	return apiTokens.Select(ctx, r, "WHERE owner = $1 ORDER BY created DESC, id DESC LIMIT 200", owner)
}
