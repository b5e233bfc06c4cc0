package command

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// The actions of approving; policy sees them on a resource of kind proposal.
const (
	ActApprove Action = "command.proposal.approve"
	ActDecline Action = "command.proposal.refuse"
)

// Decide is one person's answer to a proposal. Hash is the hash that the
// person was shown: an answer to another payload is refused.
type Decide struct {
	Proposal core.Ref `json:"proposal"`
	Hash     string   `json:"hash"`
	Approve  bool     `json:"approve"`
	Words    string   `json:"words"`
}

// Action is ActApprove or ActDecline.
func (d Decide) Action() Action {
	if d.Approve {
		return ActApprove
	}
	return ActDecline
}

// Subject is the proposal.
func (d Decide) Subject() core.Ref { return d.Proposal }

// Validate asks for words: a refusal carries as much evidence as an approval,
// and an approval as much as a refusal.
func (d Decide) Validate() error {
	if len(strings.TrimSpace(d.Words)) < 5 {
		return core.InvalidField("words", "Say in your own words why you decide so (at least five characters).")
	}
	return nil
}

// judged is a proposal with everything that its decision needs.
type judged struct {
	p       *Proposal
	e       *entry
	in      Input
	facts   any
	res     Resource
	earlier []Decision
	mine    *Decision
	ruling  Ruling // the maker's, at execution
}

// Approve is the only verb of approval, on every path. With the last seat
// filled, the proposal executes in the same transaction or is closed with the
// reason why it cannot.
func (rd *Road) Approve(ctx context.Context, a evidence.Actor, key Key, d Decide) (Outcome, error) {
	if err := d.Validate(); err != nil {
		return Outcome{}, err
	}
	body, err := json.Marshal(d)
	if err != nil {
		return Outcome{}, err
	}
	e := &entry{action: d.Action(), doc: Doc{Title: "Decide a proposal", Kind: core.KindProposal}}
	r := &run{rd: rd, e: e, in: d, body: body, actor: a, key: key, at: rd.moment()}
	rd.Entropy.Read(r.seed[:])
	var out Outcome
	try := func(closing *Refusal) error {
		return rd.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			out, err = r.decide(ctx, r.tx(tx, nil), d, closing)
			return err
		})
	}
	err = try(nil)
	if x, ok := errors.AsType[*execution](err); ok { // applying was refused: the approval stands, the proposal closes
		err = try(&Refusal{x.fault.Code, x.fault.Text})
	}
	if err != nil {
		return Outcome{}, r.explain(ctx, err)
	}
	rd.nudge()
	return out, nil
}

// execution is a refusal that only applying could find.
type execution struct{ fault *core.Fault }

func (x *execution) Error() string { return "execution refused: " + x.fault.Code }

func (r *run) decide(ctx context.Context, t *Tx, d Decide, closing *Refusal) (Outcome, error) {
	if out, done, err := r.replay(ctx, t.Tx); done || err != nil {
		return out, err
	}
	j, err := r.judge(ctx, t.Tx, d)
	if err != nil {
		return Outcome{}, err
	}
	j.mine.ID = t.NewRef("dc")
	if err := decisions.Insert(ctx, t.Tx, j.mine); err != nil {
		return Outcome{}, err
	}
	var out Outcome
	switch {
	case !d.Approve:
		out, err = r.settle(ctx, t, j, Declined, EventDeclined, d.Words)
	case len(j.earlier)+1 < len(j.p.Seats):
		out, err = r.settle(ctx, t, j, Open, EventApproved, "")
	default:
		out, err = r.execute(ctx, t, j, closing)
	}
	if err != nil {
		return Outcome{}, err
	}
	out.Proposal = j.p.ID
	return out, r.remember(ctx, t.Tx, out)
}

// errOtherPayload stops a proposal whose row was changed behind our back: what
// was hashed when it was made, and shown to approvers, is what executes.
var errOtherPayload = core.NewFault(core.Refused, "payload-changed",
	"This proposal is no longer what was proposed: its record was changed outside the application. Nothing was done; tell the administrators.")

// judge loads the proposal and its subject, authorises the approver, and finds
// the seat that the answer fills.
func (r *run) judge(ctx context.Context, tx *store.Tx, d Decide) (*judged, error) {
	p, err := GetProposal(ctx, tx, d.Proposal)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, ErrHidden
	}
	if payloadHash(p.Action, p.Nonce, p.Payload) != p.Hash {
		return nil, errOtherPayload
	}
	j := &judged{p: p}
	if j.e, err = r.rd.Registry.find(p.Action); err != nil {
		return nil, err
	}
	if j.in, err = j.e.decode([]byte(p.Payload)); err != nil {
		return nil, err
	}
	r.res = p.Resource()
	if err := r.authorise(ctx, tx); err != nil {
		return nil, err
	}
	if (j.e.doc.StepUp || j.e.doc.ApproveStepUp && d.Approve) && !r.actor.StepUp {
		return nil, ErrStepUp
	}
	if j.earlier, err = Decisions(ctx, tx, p.ID); err != nil {
		return nil, err
	}
	for _, e := range j.earlier {
		if e.Decision == "approve" && e.Hash != p.Hash {
			return nil, errOtherPayload
		}
	}
	seat, role, why := r.seat(j, d)
	if why != nil {
		return nil, &refused{[]Refusal{*why}}
	}
	if d.Approve {
		if why, err := r.rd.Apart.between(ctx, tx, p, r.actor.Ref); err != nil {
			return nil, err
		} else if why != nil {
			return nil, &refused{[]Refusal{*why}}
		}
	}
	j.mine = &Decision{
		Proposal: p.ID, Approver: r.actor.Ref, Decision: "approve", Seat: seat, Role: role,
		Hash: d.Hash, Words: d.Words, At: r.at,
	}
	if !d.Approve {
		j.mine.Decision = "refuse"
	}
	j.facts, j.res, err = j.e.load(ctx, tx, j.in)
	return j, err
}

// Resource is the proposal as policy sees it.
func (p *Proposal) Resource() Resource {
	return Resource{
		Kind: core.KindProposal, Ref: p.ID, Entity: p.Entity,
		Attrs: map[string]any{"action": string(p.Action), "maker": string(p.Maker)},
		About: []core.Ref{p.Subject},
	}
}

// seat says which seat the approver fills, or why none. It is the whole of
// maker–checker: the maker has no seat, nobody has two, and an answer is to
// the hash that was shown.
func (r *run) seat(j *judged, d Decide) (int, string, *Refusal) {
	p := j.p
	switch {
	case p.State != Open:
		return 0, "", &Refusal{"proposal-not-open", "This proposal is already " + string(p.State) + "."}
	case r.at >= p.Expires:
		return 0, "", &Refusal{"proposal-expired", "This proposal expired on " + p.Expires.Time().Format("2 January 2006 15:04 UTC") + ". Its maker may propose it again."}
	case d.Approve && r.at < p.NotBefore:
		return 0, "", &Refusal{"cooling-off", "Nobody can agree to this before " + p.NotBefore.Time().Format("2 January 2006 15:04 UTC") + "; it can be refused."}
	case d.Hash != p.Hash:
		return 0, "", &Refusal{"other-payload", "What you were shown is not what is proposed now. Open the proposal again."}
	case r.actor.Ref == p.Maker:
		return 0, "", &Refusal{"maker-is-not-checker", "You made this request; another person must decide it."}
	}
	for _, e := range j.earlier {
		if e.Approver == r.actor.Ref {
			return 0, "", &Refusal{"already-decided", "You have decided this proposal already; the next approval must be another person's."}
		}
	}
	given, later := p.given(j.earlier), false
	for i, s := range p.Seats {
		role := s.of(r.ruling.Roles)
		if _, taken := given[i]; taken || role == "" {
			continue
		}
		if !p.waits(s, given) {
			return i, role, nil
		}
		later = true
	}
	if later {
		return 0, "", &Refusal{"not-your-turn", "Others answer this before you do. Still to come first: " + p.free(given, true) + "."}
	}
	return 0, "", &Refusal{"no-seat", "None of your roles in this entity is one that this approval needs: " + p.free(given, false) + "."}
}

// of is the first of the roles that may take the seat, or "".
func (s Seat) of(roles []string) string {
	for _, role := range s.Roles {
		if slices.Contains(roles, role) {
			return role
		}
	}
	return ""
}

// given are the approvals so far by the seat that they fill. Where the rule
// has come to ask others meanwhile, each fills the first free seat of its role.
func (p *Proposal) given(earlier []Decision) map[int]Decision {
	out := map[int]Decision{}
	sits := func(i int, d Decision) bool {
		_, taken := out[i]
		return i < len(p.Seats) && !taken && slices.Contains(p.Seats[i].Roles, d.Role)
	}
	for _, d := range earlier {
		seat := d.Seat
		for i := 0; i < len(p.Seats) && !sits(seat, d); i++ {
			seat = i
		}
		if d.Decision == "approve" && sits(seat, d) {
			out[seat] = d
		}
	}
	return out
}

// waits reports whether a seat of an earlier stage is still free.
func (p *Proposal) waits(seat Seat, given map[int]Decision) bool {
	for i, s := range p.Seats {
		if _, taken := given[i]; s.Stage < seat.Stage && !taken {
			return true
		}
	}
	return false
}

// free names the seats that are free, or only those whose turn it is.
func (p *Proposal) free(given map[int]Decision, turn bool) string {
	var out []string
	for i, s := range p.Seats {
		if _, taken := given[i]; !taken && !(turn && p.waits(s, given)) {
			out = append(out, strings.Join(s.Roles, " or "))
		}
	}
	return strings.Join(out, "; ")
}

// settle moves the proposal to a state and writes the answer's event.
func (r *run) settle(ctx context.Context, t *Tx, j *judged, to ProposalState, typ evidence.Type, outcome string) (Outcome, error) {
	now := *j.p
	now.State = to
	if to != Open {
		now.Closed, now.Outcome = r.at, string(to)
	}
	if typ == EventClosed {
		now.Outcome, _, _ = strings.Cut(outcome, ":")
	}
	if err := proposals.Update(ctx, t.Tx, j.p, &now); err != nil {
		return Outcome{}, err
	}
	ev := evidence.Event{
		Type: typ, Entity: j.p.Entity, Case: j.p.Case, Basis: []string{j.p.Rule},
		Subjects: []core.Ref{j.p.ID, j.p.Subject}, Text: j.mine.Words,
		Details: []evidence.Detail{{Name: "action", Value: string(j.p.Action), Search: true}},
	}
	if j.res.Ref != "" && j.res.Ref != j.p.Subject {
		ev.Subjects = append(ev.Subjects, j.res.Ref)
	}
	if d, ok := j.in.(Described); ok {
		ev.Details = append(ev.Details, d.Facts()...)
	}
	if typ == EventDeclined {
		ev.Outcome = evidence.Refused
	}
	if typ == EventClosed {
		ev.Outcome = evidence.Refused
		ev.Details = append(ev.Details, evidence.Detail{Name: "closed", Value: outcome, Class: core.Personal})
	}
	if err := r.rests(ctx, t.Tx, &ev, j.p.Action, j.p.Rule); err != nil {
		return Outcome{}, err
	}
	s := r.stamp(t)
	s.Approval = j.approval(r)
	id, err := r.rd.Log.Append(ctx, t.Tx, s, ev)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{State: StateDone, Event: id, Events: []string{id}, Subject: j.p.Subject}
	if to == Open {
		out.State = StateProposed
		out.Need = &Need{Rule: j.p.Rule, Seats: j.p.Seats}
	}
	j.p = &now
	return out, nil
}

func (j *judged) approval(r *run) *evidence.Approval {
	a := &evidence.Approval{Proposal: j.p.ID, Payload: j.p.Hash, Rule: j.p.Rule, Maker: j.p.Maker}
	for _, d := range append(slices.Clone(j.earlier), *j.mine) {
		if d.Decision == "approve" {
			a.Approvers = append(a.Approvers, d.Approver)
		}
	}
	return a
}
