package command

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ViewProposal asks for one proposal with all that an approver must see.
// Payload asks for the frozen input itself; the read event says so.
type ViewProposal struct {
	Proposal core.Ref `json:"proposal"`
	Payload  bool     `json:"payload,omitempty"`
}

// Action is command.proposal.view.
func (ViewProposal) Action() Action { return "command.proposal.view" }

// Subject is the proposal.
func (v ViewProposal) Subject() core.Ref { return v.Proposal }

// ProposalView is one proposal in full, masked for its reader.
type ProposalView struct {
	InboxRow
	Title   string       `json:"title"` // of the command
	StepUp  bool         `json:"step_up"`
	Hash    string       `json:"hash"`
	Reason  string       `json:"reason,omitempty"` // the maker's code
	Words   FactView     `json:"words"`            // and their words
	Facts   []FactView   `json:"facts"`
	Answers []AnswerView `json:"answers"`
	Payload FactView     `json:"payload"`
	// MayPayload says that the reader may ask for the payload.
	MayPayload bool           `json:"may_payload"`
	Story      []ProposalStep `json:"story"`
	// Result is the first event of what the executed command did.
	Result string `json:"result,omitempty"`
	// Next is the next proposal that waits for the reader, if any.
	Next        core.Ref `json:"next,omitempty"`
	MayWithdraw bool     `json:"may_withdraw"`
}

// FactView is one fact as the reader may see it; Masked says that there is a
// value which they may not.
type FactView struct {
	Name   string     `json:"name"`
	Value  string     `json:"value,omitempty"`
	Class  core.Class `json:"class,omitempty"`
	Masked bool       `json:"masked,omitempty"`
}

// AnswerView is one person's answer.
type AnswerView struct {
	By      core.Ref     `json:"by"`
	Approve bool         `json:"approve"`
	Role    string       `json:"role"`
	Words   FactView     `json:"words"`
	At      core.Instant `json:"at"`
}

// ProposalStep is one event of the proposal's own story.
type ProposalStep struct {
	Event string       `json:"event"`
	Type  string       `json:"type"`
	By    core.Ref     `json:"by"`
	At    core.Instant `json:"at"`
}

// ViewProposalQuery answers ViewProposal on a road: the facts stand in the
// evidence that its log holds.
func ViewProposalQuery(rd *Road) Query[ViewProposal, ProposalView] { return viewProposal{rd} }

type viewProposal struct{ rd *Road }

// Target is the proposal.
func (viewProposal) Target(ctx context.Context, r store.Reader, in ViewProposal) (Resource, error) {
	p, err := GetProposal(ctx, r, in.Proposal)
	if err == nil && p == nil {
		err = ErrHidden
	}
	if err != nil {
		return Resource{}, err
	}
	return p.Resource(), nil
}

// Read builds the view.
func (q viewProposal) Read(ctx context.Context, r store.Reader, in ViewProposal, see *Sight) (ProposalView, error) {
	p, err := GetProposal(ctx, r, in.Proposal)
	if err != nil {
		return ProposalView{}, err
	}
	row, answers, err := see.inboxRow(ctx, r, p)
	if err != nil {
		return ProposalView{}, err
	}
	v := ProposalView{InboxRow: row, Hash: p.Hash, Title: string(p.Action)}
	if e, err := q.rd.Registry.find(p.Action); err == nil {
		v.Title, v.StepUp = e.doc.Title, e.doc.StepUp || e.doc.ApproveStepUp
	}
	res := p.Resource()
	for _, d := range answers {
		v.Answers = append(v.Answers, AnswerView{
			By: d.Approver, Approve: d.Decision == "approve", Role: d.Role, At: d.At,
			Words: see.fact("words", core.Personal, Resource{Kind: core.KindStaff, Ref: d.Approver, Entity: p.Entity}, d.Words),
		})
	}
	// A frozen input may hold values of any class.
	v.MayPayload = see.May(core.Personal, res) && see.May(core.Identity, res) && see.May(core.Bank, res)
	v.Payload = FactView{Name: "payload", Class: core.Bank, Masked: true}
	if in.Payload && v.MayPayload {
		v.Payload = see.fact("payload", core.Bank, res, p.Payload)
	}
	v.MayWithdraw = p.State == Open && p.Maker == see.Actor.Ref
	if err := q.story(ctx, r, p, see, &v); err != nil {
		return ProposalView{}, err
	}
	see.Counted(1)
	v.Next, err = nextFor(ctx, r, p, see)
	return v, err
}

func (s *Sight) fact(name string, c core.Class, res Resource, value string) FactView {
	text, masked := s.Show(c, res, name, value)
	return FactView{Name: name, Value: text, Class: c, Masked: masked}
}

// story reads the proposal's own events: the first holds the facts, the last
// approval leads to what was done.
func (q viewProposal) story(ctx context.Context, r store.Reader, p *Proposal, see *Sight, v *ProposalView) error {
	page, err := q.rd.Log.Find(ctx, r, evidence.Filter{
		Refs: []core.Ref{p.ID}, Scope: store.True, Oldest: true,
		Types: []string{EventProposed.Name, EventApproved.Name, EventDeclined.Name, EventClosed.Name, EventWithdrawn.Name, EventExpired.Name},
	}, core.PageRequest{})
	if err != nil {
		return err
	}
	for i := range page.Rows {
		rec := &page.Rows[i]
		v.Story = append(v.Story, ProposalStep{Event: rec.ID, Type: rec.Type, By: rec.Actor, At: rec.At})
		if rec.Type == EventProposed.Name {
			if err := q.facts(rec, see, v); err != nil {
				return err
			}
		}
	}
	if n := len(page.Rows); n > 0 && p.State == Executed {
		v.Result, err = q.result(ctx, r, &page.Rows[n-1])
	}
	return err
}

func (q viewProposal) facts(rec *evidence.Record, see *Sight, v *ProposalView) error {
	leaf, err := rec.View()
	if err != nil {
		return err
	}
	v.Reason = leaf.Reason.Code
	lines, err := see.Disclosed(q.rd.Log, rec)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Table != evidence.EventTable {
			continue
		}
		for name, c := range l.Cells {
			f := FactView{Class: c.Class, Masked: c.NewMasked}
			if c.New != nil {
				f.Value = *c.New
			}
			switch fact, ok := strings.CutPrefix(name, "detail."); {
			case name == "words":
				f.Name = name
				v.Words = f
			case ok && fact != "action":
				f.Name = fact
				v.Facts = append(v.Facts, f)
			}
		}
	}
	slices.SortFunc(v.Facts, func(a, b FactView) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// result finds the first event that was written together with the approval
// that executed the proposal.
func (q viewProposal) result(ctx context.Context, r store.Reader, approval *evidence.Record) (string, error) {
	page, err := q.rd.Log.Find(ctx, r, evidence.Filter{From: approval.At, To: approval.At + eventGap, Scope: store.True, Oldest: true}, core.PageRequest{})
	if err != nil {
		return "", err
	}
	for i := range page.Rows {
		leaf, err := page.Rows[i].View()
		if err != nil {
			return "", err
		}
		if leaf.Metadata.Correlation == approval.ID {
			return page.Rows[i].ID, nil
		}
	}
	return "", nil
}

// eventGap is the room that moment leaves for the events of one transaction.
const eventGap = 64

// nextFor is the next proposal that waits for the reader, after this one in
// the inbox's order, or from its beginning.
func nextFor(ctx context.Context, r store.Reader, p *Proposal, see *Sight) (core.Ref, error) {
	where := store.And(see.Filter("command.proposal.list", core.KindProposal), see.Filter(ActApprove, core.KindProposal),
		store.Eq("state", string(Open)), store.Compare("expires", ">", see.Now), store.Compare("id", "<>", p.ID))
	rows, err := proposals.Filter(ctx, r, "WHERE {where} ORDER BY (CASE WHEN created < $1 THEN 1 ELSE 0 END), created, id LIMIT 50", where, p.Created)
	if err != nil {
		return "", err
	}
	for i := range rows {
		row, _, err := see.inboxRow(ctx, r, &rows[i])
		if err != nil || row.MayDecide {
			return row.ID, err
		}
	}
	return "", nil
}
