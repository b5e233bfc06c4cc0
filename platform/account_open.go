package platform

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// JobDrive is the kind of job that drives an account's or intervention's
// attempt; its subject is the row.
const JobDrive = "platform.drive"

// OpenAccount asks for a live trading account under a login that we choose
// now, so that a lost answer is found by login and never opened twice.
type OpenAccount struct {
	Client   core.Ref `json:"client"`
	Group    string   `json:"group"`
	Currency string   `json:"currency"`
	Leverage int      `json:"leverage"`
}

// Action is platform.account.open.
func (OpenAccount) Action() command.Action { return "platform.account.open" }

// Subject is the client.
func (o OpenAccount) Subject() core.Ref { return o.Client }

type openFacts struct {
	entity   core.Ref
	profile  Profile
	platform string
	login    int64
	refusals []command.Refusal
}

type openAccount struct{ d Deps }

// Load allocates the login and asks what stands against the client trading.
func (h openAccount) Load(ctx context.Context, r store.Reader, in OpenAccount) (openFacts, command.Resource, error) {
	var f openFacts
	var err error
	if f.entity, _, err = h.d.Clients.Basics(ctx, r, in.Client); err != nil {
		return f, command.Resource{}, err
	}
	if f.entity == "" {
		return f, command.Resource{}, command.ErrHidden
	}
	res := command.Resource{Kind: core.KindAccount, Entity: f.entity, Attrs: map[string]any{"client": string(in.Client)}}
	if f.profile, err = profile(ctx, r, h.d.Entities, f.entity); err != nil {
		return f, res, err
	}
	f.platform = h.d.ByEntity[f.entity]
	if f.login, err = nextLogin(ctx, r, f.platform, f.profile.FirstLogin); err != nil {
		return f, res, err
	}
	f.refusals, err = h.d.Clearance.Refusals(ctx, r, in.Client, "live_trading", h.d.Clock.Now())
	return f, res, err
}

func profile(ctx context.Context, r store.Reader, e Entities, entity core.Ref) (Profile, error) {
	name, _, err := e.Profile(ctx, r, entity)
	if err != nil {
		return Profile{}, err
	}
	p, ok := ProfileOf(name)
	if !ok {
		return Profile{}, core.Faultf(core.Refused, "no-platform-rules", "The entity %s has no rules for trading accounts yet.", entity.Short())
	}
	return p, nil
}

// Check holds the client's blocks and the entity's limits.
func (openAccount) Check(in OpenAccount, f openFacts, _ command.Moment) command.Verdict {
	rs := slices.Clone(f.refusals)
	add := func(code, text string) { rs = append(rs, command.Refusal{Code: code, Text: text}) }
	if f.platform == "" {
		add("no-platform", "This entity has no trading platform to open accounts on.")
	}
	if !slices.Contains(f.profile.Groups, in.Group) {
		add("group-not-allowed", "Accounts of this entity may be in: "+strings.Join(f.profile.Groups, ", ")+".")
	}
	if in.Leverage < 1 || in.Leverage > f.profile.MaxLeverage {
		add("leverage-not-allowed", "Leverage in this entity is 1 to "+strconv.Itoa(f.profile.MaxLeverage)+".")
	}
	if _, ok := core.Exponent(in.Currency); !ok {
		add("unknown-currency", "Use a currency that this firm handles.")
	}
	if len(rs) > 0 {
		return command.Refuse(rs...)
	}
	return command.Proceed()
}

// Apply records the account as opening and queues the request.
func (h openAccount) Apply(ctx context.Context, tx *command.Tx, in OpenAccount, f openFacts) ([]evidence.Event, error) {
	a := &Account{
		ID: tx.NewRef(core.KindAccount), Entity: f.entity, Client: in.Client, Platform: f.platform, Login: f.login,
		Group: in.Group, Currency: in.Currency, Leverage: in.Leverage, Live: true, State: AccountOpening, Opened: tx.Now,
		Attempt: command.Attempt{Phase: command.PhaseReady},
	}
	a.Tag = h.d.Tags.Tag(a.ID)
	if err := accounts.Insert(ctx, tx.Tx, a); err != nil {
		return nil, err
	}
	if err := drive(ctx, tx, a.ID, tx.Actor.Ref); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventAccountRequested, Entity: f.entity, Subjects: []core.Ref{a.ID, in.Client},
		External: []string{a.Platform + ":login/" + strconv.FormatInt(a.Login, 10)},
	}}, nil
}

// drive queues the job that takes the row's attempt further; the operator
// rides along as an id.
func drive(ctx context.Context, tx *command.Tx, row, operator core.Ref) error {
	return tx.Enqueue(ctx, jobs.New{Kind: JobDrive, Subject: row, Args: string(operator), Unique: "drive:" + string(row)})
}
