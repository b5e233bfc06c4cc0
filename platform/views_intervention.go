package platform

import (
	"cmp"
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ListInterventions asks for interventions, newest first. From is inclusive and
// To is not. Group selects by the group in which the account is now, or into
// which the intervention moved it: in which group it was at the time is in the
// evidence, not in a column.
type ListInterventions struct {
	State   string           `json:"state,omitempty"`
	Kind    Kind             `json:"kind,omitempty"`
	Account core.Ref         `json:"account,omitempty"`
	Client  core.Ref         `json:"client,omitempty"`
	Case    core.Ref         `json:"case,omitempty"`
	Group   string           `json:"group,omitempty"`
	Manual  bool             `json:"manual,omitempty"` // leave transfers of clients out
	From    core.Instant     `json:"from,omitempty"`
	To      core.Instant     `json:"to,omitempty"`
	Page    core.PageRequest `json:"page"`
}

// Action is platform.intervention.list.
func (ListInterventions) Action() command.Action { return "platform.intervention.list" }

// Subject is the account, client or case asked about.
func (l ListInterventions) Subject() core.Ref { return cmp.Or(l.Account, l.Client, l.Case) }

// InterventionList answers ListInterventions.
type InterventionList struct{}

// Target is every intervention that policy lets the reader see.
func (InterventionList) Target(context.Context, store.Reader, ListInterventions) (command.Resource, error) {
	return command.Resource{Kind: core.KindIntervention}, nil
}

// Read lists them.
func (InterventionList) Read(ctx context.Context, r store.Reader, in ListInterventions, see *command.Sight) (core.Page[InterventionView], error) {
	after, err := newestAfter(in.Page.After, "created")
	if err != nil {
		return core.Page[InterventionView]{}, err
	}
	n := in.Page.Size()
	rows, err := interventions.Filter(ctx, r, "WHERE {where} ORDER BY created DESC, id DESC LIMIT $1", store.And(see.Where, in.where(), after), n+1)
	if err != nil {
		return core.Page[InterventionView]{}, err
	}
	p := cut(rows, n, func(i *Intervention) (core.Instant, core.Ref) { return i.Created, i.ID }, see)
	out := core.Page[InterventionView]{Next: p.Next}
	for k := range p.Rows {
		out.Rows = append(out.Rows, viewIntervention(&p.Rows[k], see))
	}
	return out, nil
}

func (l ListInterventions) where() store.Where {
	out := []store.Where{store.True}
	for col, v := range map[string]string{"state": l.State, "kind": string(l.Kind), "account": string(l.Account), "client": string(l.Client), "case_ref": string(l.Case)} {
		if v != "" {
			out = append(out, store.Eq(col, v))
		}
	}
	if l.Group != "" {
		out = append(out, store.Or(store.Eq("to_group", l.Group), store.InTable("account", "trading_account", "id", store.Eq("account_group", l.Group))))
	}
	if l.Manual {
		out = append(out, store.Compare("kind", "<>", string(TransferIn)))
	}
	if l.From != 0 {
		out = append(out, store.Compare("created", ">=", int64(l.From)))
	}
	if l.To != 0 {
		out = append(out, store.Compare("created", "<", int64(l.To)))
	}
	return store.And(out...)
}

// InterventionView is an intervention as a reader may see it.
type InterventionView struct {
	Intervention
	WordsMasked bool       `json:"words_masked"`
	ApprovedBy  []core.Ref `json:"approved_by"`
}

func viewIntervention(i *Intervention, see *command.Sight) InterventionView {
	v := InterventionView{Intervention: *i}
	v.Words, v.WordsMasked = see.Show(core.Personal, i.Resource(), "intervention.words", i.Words)
	for _, a := range strings.Fields(i.Approvers) {
		v.ApprovedBy = append(v.ApprovedBy, core.Ref(a))
	}
	return v
}

// ViewIntervention asks for the whole story of one intervention.
type ViewIntervention struct {
	Intervention core.Ref `json:"intervention"`
}

// Action is platform.intervention.view.
func (ViewIntervention) Action() command.Action { return "platform.intervention.view" }

// Subject is the intervention.
func (v ViewIntervention) Subject() core.Ref { return v.Intervention }

// Button says whether an act is offered to this reader, and why not.
type Button struct {
	Offered bool     `json:"offered"` // the record is in a state for it
	Allowed bool     `json:"allowed"` // the reader may do it now
	Why     []string `json:"why,omitempty"`
	StepUp  bool     `json:"step_up"` // it asks for a second factor first
}

// Step is one event of an intervention's story.
type Step struct {
	Event   string           `json:"event"`
	Type    string           `json:"type"`
	At      core.Instant     `json:"at"`
	Actor   core.Ref         `json:"actor"`
	For     core.Ref         `json:"on_behalf_of,omitempty"` // the operator, where a system part acted
	Outcome evidence.Outcome `json:"outcome"`
	Attempt string           `json:"attempt,omitempty"`        // its number, for requests and look-ups
	Phase   string           `json:"phase,omitempty"`          // what was known then
	Code    string           `json:"code,omitempty"`           // the platform's word
	Request string           `json:"request_sha256,omitempty"` // SHA-256 of the request without secrets
	Answer  string           `json:"answer_sha256,omitempty"`  // SHA-256 of the answer
}

// InterventionStory is an intervention with its events, its deal and what can
// be done with it.
type InterventionStory struct {
	InterventionView
	Group   string    `json:"group"` // of the account, now
	Steps   []Step    `json:"steps"` // oldest first
	Deal    *DealRow  `json:"deal,omitempty"`
	Deals   []DealRow `json:"deals,omitempty"` // all versions of that deal: more than one when it was edited or removed
	Execute Button    `json:"execute"`
	Resolve Button    `json:"resolve"`
}

// InterventionPage answers ViewIntervention. Without Deps it cannot tell
// whether case and client still allow the execution; the road can.
type InterventionPage struct {
	Log  *evidence.Log
	Deps Deps
}

// Target is the intervention.
func (InterventionPage) Target(ctx context.Context, r store.Reader, in ViewIntervention) (command.Resource, error) {
	_, res, err := loadIntervention(ctx, r, in.Intervention)
	return res, err
}

// Read tells the story.
func (q InterventionPage) Read(ctx context.Context, r store.Reader, in ViewIntervention, see *command.Sight) (InterventionStory, error) {
	i, _, err := loadIntervention(ctx, r, in.Intervention)
	if err != nil {
		return InterventionStory{}, err
	}
	v := InterventionStory{InterventionView: viewIntervention(i, see)}
	see.Counted(1)
	a, err := AccountByID(ctx, r, i.Account)
	if err != nil {
		return v, err
	}
	if a != nil {
		v.Group = a.Group
	}
	if v.Steps, err = q.steps(ctx, r, i.ID); err != nil {
		return v, err
	}
	if i.Ticket != 0 {
		if v.Deals, err = deals.Select(ctx, r, "WHERE platform = $1 AND login = $2 AND ticket = $3 ORDER BY id", i.Platform, i.Login, i.Ticket); err != nil {
			return v, err
		}
	}
	if len(v.Deals) > 0 {
		v.Deal = &v.Deals[0]
	}
	v.Resolve = Button{Offered: i.State == StatePerson, Allowed: see.Allowed("platform.intervention.resolve", i.Resource())}
	v.Execute, err = q.execute(ctx, r, i, see)
	return v, err
}

// execute says whether this reader can send it, by the same check that the
// road will make.
func (q InterventionPage) execute(ctx context.Context, r store.Reader, i *Intervention, see *command.Sight) (Button, error) {
	b := Button{Offered: i.State == StateApproved, StepUp: !see.Actor.StepUp}
	if !b.Offered {
		return b, nil
	}
	if !see.Allowed("platform.intervention.execute", i.Resource()) {
		b.Why = []string{"Your roles do not let you execute interventions."}
		return b, nil
	}
	if r := i.operable(see.Actor.Ref); r != nil || q.Deps.Cases == nil {
		if b.Allowed = r == nil; r != nil {
			b.Why = []string{r.Text}
		}
		return b, nil
	}
	h := executeIntervention{q.Deps}
	in := ExecuteIntervention{Intervention: i.ID}
	f, _, err := h.Load(ctx, r, in)
	if err != nil {
		return b, err
	}
	for _, x := range h.Check(in, f, command.Moment{Now: see.Now, Actor: see.Actor}).Refusals() {
		b.Why = append(b.Why, x.Text)
	}
	b.Allowed = len(b.Why) == 0
	return b, nil
}

// steps reads the intervention's own events.
func (q InterventionPage) steps(ctx context.Context, r store.Reader, id core.Ref) ([]Step, error) {
	page, err := q.Log.Find(ctx, r, evidence.Filter{Refs: []core.Ref{id}, Scope: store.True, Oldest: true}, core.PageRequest{Limit: core.MaxPage})
	if err != nil {
		return nil, err
	}
	var out []Step
	for k := range page.Rows {
		rec := &page.Rows[k]
		if !strings.HasPrefix(rec.Type, "platform.") {
			continue // reads of the page itself, and what other domains say of it
		}
		s := Step{Event: rec.ID, Type: rec.Type, At: rec.At, Actor: rec.Actor, Outcome: rec.Outcome}
		leaf, err := rec.View()
		if err != nil {
			return nil, err
		}
		s.For = core.Ref(leaf.Actor.For)
		details, err := rec.PublicDetails()
		if err != nil {
			return nil, err
		}
		s.Attempt, s.Phase, s.Code = details["attempt"], details["outcome"], details["code"]
		s.Request, s.Answer = details["request_sha256"], details["answer_sha256"]
		out = append(out, s)
	}
	return out, nil
}
