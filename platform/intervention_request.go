package platform

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RequestIntervention asks for a manual operation. It always becomes a
// proposal: nobody changes a platform alone.
type RequestIntervention struct {
	Account  core.Ref `json:"account"`
	Kind     Kind     `json:"kind"`
	Minor    int64    `json:"minor,omitempty"` // signed minor units, for kinds that book
	Currency string   `json:"currency,omitempty"`
	ToGroup  string   `json:"to_group,omitempty"`
	Reason   string   `json:"reason"`
	Words    string   `json:"words"`
	Case     core.Ref `json:"case"`
}

// Action is platform.intervention.request.
func (RequestIntervention) Action() command.Action { return "platform.intervention.request" }

// Subject is the account.
func (q RequestIntervention) Subject() core.Ref { return q.Account }

// CaseRef is the case behind it.
func (q RequestIntervention) CaseRef() core.Ref { return q.Case }

// Reasons are the reason code and the requester's own words.
func (q RequestIntervention) Reasons() (code, words string) { return q.Reason, q.Words }

// Facts are in the proposal's need; the input alone adds none.
func (RequestIntervention) Facts() []evidence.Detail { return nil }

// mostMinor bounds what one operation may book, in minor units either way.
const mostMinor = 1_000_000_000_00

// Validate checks the form.
func (q RequestIntervention) Validate() error {
	f := &core.Fault{Kind: core.Invalid, Code: "invalid-input", Text: "Please correct the marked fields."}
	add := func(field, text string) { f.Fields = append(f.Fields, core.FieldFault{Field: field, Text: text}) }
	if !slices.Contains(Kinds, q.Kind) {
		add("kind", "Choose what is to be done.")
	}
	_, books := q.Kind.Books()
	if books && (q.Minor == 0 || q.Minor > mostMinor || q.Minor < -mostMinor) {
		add("amount", "Give an amount other than zero, with a minus to take money away, below one billion.")
	}
	if !books && q.Minor != 0 {
		add("amount", "This kind moves no money.")
	}
	if q.Kind == GroupChange && q.ToGroup == "" {
		add("to_group", "Choose the new group.")
	}
	if !slices.Contains(q.Kind.Reasons(), q.Reason) {
		add("reason", "Choose a reason code: "+strings.Join(q.Kind.Reasons(), ", ")+".")
	}
	if len(strings.TrimSpace(q.Words)) < 15 {
		add("words", "Explain in your own words (at least 15 characters).")
	}
	if !q.Case.Valid() {
		add("case", "Name the open case behind this.")
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

type requestFacts struct {
	account     *Account
	profile     Profile
	caseRefusal *command.Refusal
	blocks      []command.Refusal
}

type requestIntervention struct{ d Deps }

// Load reads the account, the entity's rules, the case and the client's
// blocks.
func (h requestIntervention) Load(ctx context.Context, r store.Reader, in RequestIntervention) (requestFacts, command.Resource, error) {
	var f requestFacts
	var res command.Resource
	var err error
	if f.account, res, err = loadAccount(ctx, r, in.Account); err != nil {
		return f, res, err
	}
	res = f.account.intervening(in.Kind)
	if f.profile, err = profile(ctx, r, h.d.Entities, f.account.Entity); err != nil {
		return f, res, err
	}
	if f.caseRefusal, err = h.d.Cases.Permits(ctx, r, in.Case, in.Action(), f.account.Client, f.account.ID); err != nil {
		return f, res, err
	}
	f.blocks, err = h.d.Clearance.Refusals(ctx, r, f.account.Client, "live_trading", h.d.Clock.Now())
	return f, res, err
}

// Check refuses what nobody may approve, and asks for approvals otherwise.
func (requestIntervention) Check(in RequestIntervention, f requestFacts, _ command.Moment) command.Verdict {
	if rs := against(in, f); len(rs) > 0 {
		return command.Refuse(rs...)
	}
	n := need(f.profile, in.Kind, in.Minor)
	n.Facts = []evidence.Detail{
		{Name: "account", Value: f.account.Platform + " " + strconv.FormatInt(f.account.Login, 10), Search: true},
		{Name: "kind", Value: in.Kind.Title()},
	}
	if _, books := in.Kind.Books(); books {
		n.Facts = append(n.Facts, evidence.Detail{Name: "amount", Value: core.Money{Minor: in.Minor, Currency: in.Currency}.String(), Search: true})
	}
	if in.ToGroup != "" {
		n.Facts = append(n.Facts, evidence.Detail{Name: "group", Value: f.account.Group + " → " + in.ToGroup})
	}
	return command.Needs(n)
}

// Apply records the approved intervention; it waits for its operator.
func (h requestIntervention) Apply(ctx context.Context, tx *command.Tx, in RequestIntervention, f requestFacts) ([]evidence.Event, error) {
	var approvers []string
	for _, a := range tx.Approval.Approvers {
		approvers = append(approvers, string(a))
	}
	i := &Intervention{
		ID: tx.NewRef(core.KindIntervention), Entity: f.account.Entity, Client: f.account.Client, Account: f.account.ID,
		Platform: f.account.Platform, Login: f.account.Login, Kind: in.Kind, Minor: in.Minor, Currency: f.account.Currency, ToGroup: in.ToGroup,
		Reason: in.Reason, Words: in.Words, Case: in.Case, Requester: tx.Actor.Ref, Approvers: strings.Join(approvers, " "),
		Rule: tx.Approval.Rule, State: StateApproved, Created: tx.Now,
	}
	i.Tag = h.d.Tags.Tag(i.ID)
	if err := interventions.Insert(ctx, tx.Tx, i); err != nil {
		return nil, err
	}
	if h.d.Hollow != nil && h.d.Hollow(in.Words) {
		if err := raise(ctx, tx, "boilerplate-reason", i.Entity, i.ID, ""); err != nil {
			return nil, err
		}
	}
	return []evidence.Event{i.event(EventApproved)}, nil
}

// event is an event about the intervention, its account and client.
func (i *Intervention) event(t evidence.Type) evidence.Event {
	ev := evidence.Event{Type: t, Entity: i.Entity, Case: i.Case, Reason: i.Reason, Subjects: []core.Ref{i.ID, i.Account, i.Client}}
	if i.Rule != "" {
		ev.Basis = []string{i.Rule}
	}
	ev.Details = []evidence.Detail{{Name: "kind", Value: i.Kind.Title()}}
	if _, books := i.Kind.Books(); books {
		ev.Details = append(ev.Details, evidence.Detail{Name: "amount", Value: i.Amount().String(), Search: true})
	}
	return ev
}
