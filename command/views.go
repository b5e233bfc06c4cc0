package command

import (
	"context"
	"encoding/json"
	"strconv"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
)

// Tab is a part of the approvals inbox.
type Tab string

// The tabs of the inbox.
const (
	TabForMe   Tab = "for-me"  // open, and the reader can decide, now or when their turn comes
	TabOpen    Tab = "open"    // all open ones that the reader may see
	TabMine    Tab = "mine"    // those that the reader made, whatever became of them
	TabDecided Tab = "decided" // all that are closed
)

// ListInbox asks for one page of proposals. Open ones come oldest first, as
// they should be worked off; the others newest first.
type ListInbox struct {
	Tab   Tab              `json:"tab"`
	About core.Ref         `json:"about,omitempty"` // only those about this record
	Maker core.Ref         `json:"maker,omitempty"` // only those that this person made
	Page  core.PageRequest `json:"page"`
}

// Action is command.proposal.list.
func (ListInbox) Action() Action { return "command.proposal.list" }

// Subject is nothing in particular.
func (ListInbox) Subject() core.Ref { return "" }

// InboxRow is one proposal as the reader finds it.
type InboxRow struct {
	ID      core.Ref      `json:"id"`
	Action  Action        `json:"action"`
	Subject core.Ref      `json:"subject"`
	Entity  core.Ref      `json:"entity"`
	Maker   core.Ref      `json:"maker"`
	Rule    string        `json:"rule"`
	Text    string        `json:"rule_text,omitempty"` // as the entity wrote it
	Case    core.Ref      `json:"case,omitempty"`
	State   ProposalState `json:"state"`
	Created core.Instant  `json:"created"`
	Expires core.Instant  `json:"expires"`
	// NotBefore is when people can begin to agree; zero is at once.
	NotBefore core.Instant `json:"not_before,omitempty"`
	Closed    core.Instant `json:"closed,omitempty"`
	Outcome   string       `json:"outcome,omitempty"`
	Seats     []SeatRow    `json:"seats"`
	// MayDecide says that the reader can fill a seat now; otherwise WhyNot says
	// why they cannot. The road decides again when the answer comes.
	MayDecide bool   `json:"may_decide"`
	WhyNot    string `json:"why_not,omitempty"`
	// MayRefuse says that they can at least refuse, and Later that they will be
	// able to agree: the wait is not over, or others answer first.
	MayRefuse bool `json:"may_refuse"`
	Later     bool `json:"later,omitempty"`
}

// SeatRow is one demanded approval and, once given, who gave it.
type SeatRow struct {
	Roles []string     `json:"roles"`
	Stage int          `json:"stage,omitempty"` // those of an earlier stage answer first
	Turn  bool         `json:"turn,omitempty"`  // it is free, and no earlier one is
	By    core.Ref     `json:"by,omitempty"`
	Role  string       `json:"role,omitempty"`
	At    core.Instant `json:"at,omitempty"`
}

// Filled counts the approvals given.
func (p InboxRow) Filled() int {
	n := 0
	for _, s := range p.Seats {
		if s.By != "" {
			n++
		}
	}
	return n
}

type listInbox struct{}

// ListInboxQuery answers ListInbox.
var ListInboxQuery Query[ListInbox, core.Page[InboxRow]] = listInbox{}

// Target leaves the choice of rows to policy.
func (listInbox) Target(context.Context, store.Reader, ListInbox) (Resource, error) {
	return Resource{Kind: core.KindProposal}, nil
}

// Read reads the page under the policy's filter.
func (listInbox) Read(ctx context.Context, r store.Reader, in ListInbox, see *Sight) (core.Page[InboxRow], error) {
	var out core.Page[InboxRow]
	where, newest := in.where(see)
	order := "ORDER BY created, id"
	if newest {
		order = "ORDER BY created DESC, id DESC"
	}
	if in.Page.After != "" {
		ks, err := in.Page.After.Keys(2)
		if err != nil {
			return out, err
		}
		where = store.And(where, store.After(newest, []string{"created", "id"}, []any{cursorInt(ks[0]), ks[1]}))
	}
	n := in.Page.Size()
	rows, err := proposals.Filter(ctx, r, "WHERE {where} "+order+" LIMIT $1", where, n+1)
	if err != nil {
		return out, err
	}
	for i := range rows {
		if i == n {
			last := rows[n-1]
			out.Next = core.MakeCursor(strconv.FormatInt(int64(last.Created), 10), string(last.ID))
			break
		}
		row, _, err := see.inboxRow(ctx, r, &rows[i])
		if err != nil {
			return out, err
		}
		if in.Tab == TabForMe && !row.MayDecide && !row.Later { // decided already, or no seat for these roles
			continue
		}
		out.Rows = append(out.Rows, row)
	}
	see.Counted(len(out.Rows))
	return out, nil
}

func (in ListInbox) where(see *Sight) (w store.Where, newest bool) {
	w, newest = in.tab(see)
	if in.About != "" {
		w = store.And(w, store.Eq("subject", in.About))
	}
	if in.Maker != "" {
		w = store.And(w, store.Eq("maker", in.Maker))
	}
	return w, newest
}

func (in ListInbox) tab(see *Sight) (w store.Where, newest bool) {
	open := store.Eq("state", string(Open))
	switch in.Tab {
	case TabMine:
		return store.And(see.Where, store.Eq("maker", see.Actor.Ref)), true
	case TabDecided:
		return store.And(see.Where, store.Not(open)), true
	case TabForMe:
		return store.And(see.Where, open, see.Filter(ActApprove, core.KindProposal), store.Compare("expires", ">", see.Now)), false
	}
	return store.And(see.Where, open), false
}

// inboxRow reads the answers to a proposal and finds the reader's seat by the
// same code that decides when they answer.
func (s *Sight) inboxRow(ctx context.Context, r store.Reader, p *Proposal) (InboxRow, []Decision, error) {
	row := InboxRow{
		ID: p.ID, Action: p.Action, Subject: p.Subject, Entity: p.Entity, Maker: p.Maker, Rule: p.Rule, Case: p.Case,
		Text: p.RuleText, State: p.State, Created: p.Created, Expires: p.Expires, NotBefore: p.NotBefore, Closed: p.Closed, Outcome: p.Outcome,
	}
	if p.Seats == nil {
		if err := json.Unmarshal([]byte(p.seats), &p.Seats); err != nil {
			return row, nil, err
		}
	}
	answers, err := Decisions(ctx, r, p.ID)
	if err != nil {
		return row, nil, err
	}
	given := p.given(answers)
	for i, seat := range p.Seats {
		x := SeatRow{Roles: seat.Roles, Stage: seat.Stage}
		if d, ok := given[i]; ok {
			x.By, x.Role, x.At = d.Approver, d.Role, d.At
		} else {
			x.Turn = p.State == Open && !p.waits(seat, given)
		}
		row.Seats = append(row.Seats, x)
	}
	s.mayDecide(p, answers, &row)
	return row, answers, nil
}

func (s *Sight) mayDecide(p *Proposal, answers []Decision, row *InboxRow) {
	ruling, err := s.policy.Authorize(s.ctx, s.r, s.Actor, ActApprove, p.Resource(), s.Now)
	if err != nil {
		row.WhyNot = "Whether you may decide this cannot be found out at the moment."
		return
	}
	r := &run{actor: s.Actor, at: s.Now, ruling: ruling}
	answer := func(approve bool) *Refusal {
		_, _, why := r.seat(&judged{p: p, earlier: answers}, Decide{Hash: p.Hash, Approve: approve})
		return why
	}
	why, against := answer(true), answer(false)
	switch {
	case why == nil && ruling.Allow:
		row.MayDecide = true
	case why != nil:
		row.WhyNot = why.Text
	default:
		row.WhyNot = "The policies do not let your roles decide this kind of proposal."
	}
	near, err := s.apart.between(s.ctx, s.r, p, s.Actor.Ref)
	switch {
	case err != nil:
		row.MayDecide, row.WhyNot = false, "Whether you may decide this cannot be found out at the moment."
	case row.MayDecide && near != nil:
		row.MayDecide, row.WhyNot = false, near.Text
	}
	row.MayRefuse = against == nil && ruling.Allow
	turn := func(x *Refusal) bool { return x != nil && x.Code == "not-your-turn" }
	row.Later = ruling.Allow && !row.MayDecide && near == nil && (row.MayRefuse || turn(against)) // else they have no part in it
}

// Discloses answers, for the values of one event, which of them the reader may
// see: each is judged on the person whose it is, in the event's entity.
func (s *Sight) Discloses(rec *evidence.Record) evidence.May {
	return func(c core.Class, owner core.Ref) bool {
		res := Resource{Kind: kindEvent, Ref: core.Ref(rec.ID), Entity: rec.Entity}
		if keys.Personal(owner.Kind()) {
			res.Kind, res.Ref = owner.Kind(), owner
		}
		return s.May(c, res)
	}
}

// kindEvent is the kind of events where policy is asked about one.
const kindEvent core.Kind = "ev"

// Disclosed reads the change document of an event with the values that the
// reader may see, and notes those that are shown.
func (s *Sight) Disclosed(l *evidence.Log, rec *evidence.Record) ([]evidence.Line, error) {
	lines, shown, err := l.Disclose(s.ctx, s.r, rec, s.Discloses(rec))
	for _, x := range shown {
		s.Note(x)
	}
	return lines, err
}

// CountInbox counts what waits for the actor, up to most, for the menu. It
// shows nothing and leaves no evidence.
func (rd *Road) CountInbox(ctx context.Context, a evidence.Actor, most int) (int, error) {
	page, err := Ask(ctx, rd, a, ListInboxQuery, ListInbox{Tab: TabForMe, Page: core.PageRequest{Limit: most}})
	n := 0
	for _, x := range page.Rows {
		if x.MayDecide {
			n++
		}
	}
	return n, err
}
