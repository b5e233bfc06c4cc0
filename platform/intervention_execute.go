package platform

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ExecuteIntervention is the operator's act: it sends an approved intervention
// on its way. The operator answers for it by name, and did not approve it.
type ExecuteIntervention struct {
	Intervention core.Ref `json:"intervention"`
}

// Action is platform.intervention.execute.
func (ExecuteIntervention) Action() command.Action { return "platform.intervention.execute" }

// Subject is the intervention.
func (e ExecuteIntervention) Subject() core.Ref { return e.Intervention }

type executeFacts struct {
	i       *Intervention
	request RequestIntervention
	facts   requestFacts
}

type executeIntervention struct{ d Deps }

// Load reads the intervention and everything that its request was checked
// against, as of now: days may lie between approval and execution.
func (h executeIntervention) Load(ctx context.Context, r store.Reader, in ExecuteIntervention) (executeFacts, command.Resource, error) {
	i, res, err := loadIntervention(ctx, r, in.Intervention)
	if err != nil {
		return executeFacts{}, res, err
	}
	f := executeFacts{i: i, request: RequestIntervention{
		Account: i.Account, Kind: i.Kind, Minor: i.Minor, Currency: i.Currency,
		ToGroup: i.ToGroup, Reason: i.Reason, Words: i.Words, Case: i.Case,
	}}
	f.facts, _, err = requestIntervention(h).Load(ctx, r, f.request)
	return f, res, err
}

// Check keeps approvers from executing, anything from being sent twice, and
// what may no longer be requested from being sent at all.
func (executeIntervention) Check(_ ExecuteIntervention, f executeFacts, m command.Moment) command.Verdict {
	if r := f.i.operable(m.Actor.Ref); r != nil {
		return command.Refuse(*r)
	}
	if rs := against(f.request, f.facts); len(rs) > 0 {
		return command.Refuse(rs...)
	}
	return command.Proceed()
}

// operable says what keeps a person from being the operator of i, or nil.
func (i *Intervention) operable(by core.Ref) *command.Refusal {
	switch {
	case i.State != StateApproved:
		return &command.Refusal{Code: "not-executable", Text: "This intervention is " + i.State + "; only an approved one can be executed, once."}
	case i.ApprovedBy(by):
		return &command.Refusal{Code: "approver-is-not-operator", Text: "You approved this intervention; another person must execute it."}
	case by.Kind() != core.KindStaff:
		return &command.Refusal{Code: "operator-not-staff", Text: "Only a member of staff can be the operator."}
	}
	return nil
}

// Apply makes the attempt ready and queues it.
func (executeIntervention) Apply(ctx context.Context, tx *command.Tx, _ ExecuteIntervention, f executeFacts) ([]evidence.Event, error) {
	now := *f.i
	now.Operator, now.Attempt = tx.Actor.Ref, command.Attempt{Phase: command.PhaseReady}
	now.follow(tx.Now)
	if err := interventions.Update(ctx, tx.Tx, f.i, &now); err != nil {
		return nil, err
	}
	if err := drive(ctx, tx, now.ID, now.Operator); err != nil {
		return nil, err
	}
	return []evidence.Event{now.event(EventExecuted)}, nil
}
