package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// payloadHash is what approvers agree to.
func payloadHash(a Action, nonce, payload string) string {
	sum := sha256.Sum256([]byte("vouchsafe/proposal\n" + string(a) + "\n" + nonce + "\n" + payload))
	return hex.EncodeToString(sum[:])
}

// propose freezes the command and answers with the proposal.
func (r *run) propose(ctx context.Context, t *Tx, n *Need) (Outcome, error) {
	if err := r.e.demands(n); err != nil {
		return Outcome{}, err
	}
	payload, err := json.Marshal(r.in)
	if err != nil {
		return Outcome{}, err
	}
	var raw [16]byte
	t.Entropy.Read(raw[:])
	days := n.Days
	if days == 0 {
		days = 7
	}
	p := &Proposal{
		ID: t.NewRef(core.KindProposal), Action: r.e.action, Subject: r.in.Subject(), Entity: r.res.Entity,
		Maker: r.actor.Ref, Payload: string(payload), Nonce: hex.EncodeToString(raw[:]), Rule: n.Rule, RuleText: n.Text, Floor: n.floor, Seats: n.Seats,
		State: Open, Created: r.at, Expires: r.at.Add(time.Duration(days) * 24 * time.Hour),
	}
	if n.Wait > 0 {
		p.NotBefore = r.at.Add(n.Wait)
	}
	p.Hash = payloadHash(p.Action, p.Nonce, p.Payload)
	ev := evidence.Event{
		Type: EventProposed, Outcome: evidence.Proposed, Entity: r.res.Entity,
		Subjects: append([]core.Ref{p.ID}, subjects(r)...), Basis: []string{n.Rule},
		Details: []evidence.Detail{{Name: "action", Value: string(r.e.action), Search: true}},
	}
	ev.Details = append(ev.Details, n.Facts...)
	if c, ok := r.in.(Cased); ok {
		p.Case, ev.Case = c.CaseRef(), c.CaseRef()
	}
	if d, ok := r.in.(Described); ok {
		ev.Reason, ev.Text = d.Reasons()
		ev.Details = append(ev.Details, d.Facts()...)
	}
	if err := r.rests(ctx, t.Tx, &ev, r.e.action, n.Rule); err != nil {
		return Outcome{}, err
	}
	if err := proposals.Insert(ctx, t.Tx, p); err != nil {
		return Outcome{}, err
	}
	id, err := r.rd.Log.Append(ctx, t.Tx, r.stamp(t), ev)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{State: StateProposed, Event: id, Events: []string{id}, Subject: r.in.Subject(), Proposal: p.ID, Need: n}
	return out, r.remember(ctx, t.Tx, out)
}

// Described is an Input that can tell its reason and its main facts, for the
// proposal's event and the approver's card.
type Described interface {
	Reasons() (code, words string)
	Facts() []evidence.Detail
}

// GetProposal reads one proposal; nil when there is none.
func GetProposal(ctx context.Context, r store.Reader, id core.Ref) (*Proposal, error) {
	p, err := proposals.Get(ctx, r, string(id))
	if err != nil || p == nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(p.seats), &p.Seats); err != nil {
		return nil, fmt.Errorf("command: seats of %s: %w", id, err)
	}
	return p, nil
}

// ListProposals reads one page of proposals in a state, oldest first, under a
// filter from policy.
func ListProposals(ctx context.Context, r store.Reader, state ProposalState, where store.Where, page core.PageRequest) (core.Page[Proposal], error) {
	if page.After != "" {
		keys, err := page.After.Keys(2)
		if err != nil {
			return core.Page[Proposal]{}, err
		}
		where = store.And(where, store.After(false, []string{"created", "id"}, []any{cursorInt(keys[0]), keys[1]}))
	}
	n := page.Size()
	rows, err := proposals.Filter(ctx, r, "WHERE state = $1 AND {where} ORDER BY created, id LIMIT $2", where, string(state), n+1)
	var out core.Page[Proposal]
	if err != nil {
		return out, err
	}
	for i := range rows {
		if i == n {
			last := rows[n-1]
			out.Next = core.MakeCursor(fmt.Sprint(int64(last.Created)), string(last.ID))
			break
		}
		if err := json.Unmarshal([]byte(rows[i].seats), &rows[i].Seats); err != nil {
			return out, err
		}
		out.Rows = append(out.Rows, rows[i])
	}
	return out, nil
}

// Decisions reads the answers to a proposal, in order.
func Decisions(ctx context.Context, r store.Reader, proposal core.Ref) ([]Decision, error) {
	return decisions.Select(ctx, r, "WHERE proposal = $1 ORDER BY at, id", proposal)
}

// cursorInt reads the integer key of a cursor; a damaged one starts over.
func cursorInt(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
