package payments

import (
	"context"
	"maps"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ViewWithdrawal asks for one withdrawal with its whole story.
type ViewWithdrawal struct {
	Withdrawal core.Ref `json:"withdrawal"`
}

// Action is payments.withdrawal.view.
func (ViewWithdrawal) Action() command.Action { return "payments.withdrawal.view" }

// Subject is the withdrawal.
func (q ViewWithdrawal) Subject() core.Ref { return q.Withdrawal }

// Step is one event of a withdrawal's story.
type Step struct {
	Event     string           `json:"event"`
	Type      string           `json:"type"`
	At        core.Instant     `json:"at"`
	Actor     core.Ref         `json:"actor"`
	For       core.Ref         `json:"for,omitempty"` // the person on whose behalf a system part acted
	Outcome   evidence.Outcome `json:"outcome,omitempty"`
	Maker     core.Ref         `json:"maker,omitempty"` // of what others agreed to
	Approvers []core.Ref       `json:"approvers,omitempty"`
	Policies  []string         `json:"policies,omitempty"`
	Details   []StepDetail     `json:"details,omitempty"`
}

// StepDetail is a fact of a step that stands in plain.
type StepDetail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// WithdrawalStory is a withdrawal with its events, its books and what can be
// done with it.
type WithdrawalStory struct {
	WithdrawalRow
	Approvers []core.Ref    `json:"approvers,omitempty"`
	Words     Field         `json:"words"`     // the releaser's, where something was overridden, or the refuser's
	NameNow   Field         `json:"name_now"`  // what the client is called at this moment
	Compared  Match         `json:"match_now"` // how that agrees with the account holder
	Against   []string      `json:"against,omitempty"`
	Need      *command.Need `json:"need,omitempty"`  // what a release would demand now
	Steps     []Step        `json:"steps"`           // oldest first
	Books     []Book        `json:"books,omitempty"` // its journals, oldest first
	Clear     Button        `json:"clear"`
	Release   Button        `json:"release"`
	Refuse    Button        `json:"refuse"`
	Resolve   Button        `json:"resolve"`
}

// WithdrawalPage answers ViewWithdrawal.
type WithdrawalPage struct {
	Log  *evidence.Log
	Deps Deps
}

// Target is the withdrawal.
func (WithdrawalPage) Target(ctx context.Context, r store.Reader, in ViewWithdrawal) (command.Resource, error) {
	_, res, err := loadWithdrawal(ctx, r, in.Withdrawal)
	return res, err
}

// Read tells the story.
func (q WithdrawalPage) Read(ctx context.Context, r store.Reader, in ViewWithdrawal, see *command.Sight) (WithdrawalStory, error) {
	s, res, err := q.Deps.weighing(ctx, r, in.Withdrawal, see.Now)
	if err != nil {
		return WithdrawalStory{}, err
	}
	if q.Deps.Rules != nil { // the road asks for itself
		if s.adopted, err = q.Deps.Rules(ctx, r, s.w.Entity, ReleaseWithdrawal{}.Action(), see.Now); err != nil {
			return WithdrawalStory{}, err
		}
	}
	w := s.w
	see.Counted(1)
	v := WithdrawalStory{WithdrawalRow: viewWithdrawal(w, see)}
	v.Words = field(see, core.Personal, owned(res, w.Client), "withdrawal.words", w.Words)
	v.NameNow = field(see, core.Personal, owned(res, w.Client), "client.name", s.name)
	v.Compared = MatchNames(s.name, w.Holder)
	if v.Steps, err = q.steps(ctx, r, w.ID); err != nil {
		return v, err
	}
	for _, x := range v.Steps {
		if x.Type == EventReleased.Name {
			v.Approvers = x.Approvers
		}
	}
	if v.Books, err = booksOf(ctx, r, w.ID); err != nil {
		return v, err
	}
	v.buttons(s, res, see)
	return v, nil
}

// buttons says what this reader can do, by what the road will check.
func (v *WithdrawalStory) buttons(s *standing, res command.Resource, see *command.Sight) {
	w := s.w
	open := s.decided() == nil
	offer := func(act command.Action, offered, stepUp bool) Button {
		b := Button{Offered: offered, StepUp: stepUp && !see.Actor.StepUp}
		if offered {
			if b.Allowed = see.Allowed(act, res); !b.Allowed {
				b.Why = []string{"Your roles do not let you do this."}
			}
		}
		return b
	}
	v.Clear = offer("payments.withdrawal.clear", open, false)
	v.Release = offer("payments.withdrawal.release", open && w.Cleared != 0, true)
	v.Refuse = offer("payments.withdrawal.refuse", open || w.Decision == Approved && w.Execution == ExecReady, false)
	v.Resolve = offer("payments.withdrawal.resolve", w.Execution == ExecPerson, true)
	if w.Execution == ExecReady {
		for _, x := range s.against(see.Now) { // it waits until this is gone, or is refused
			v.Against = append(v.Against, x.Text)
		}
	}
	if !open {
		return
	}
	for _, x := range append(s.against(see.Now), s.ruled()...) {
		v.Against = append(v.Against, x.Text)
	}
	if w.Cleared != 0 {
		n, no := s.need()
		v.Need = &n
		for _, x := range no {
			v.Need, v.Against = nil, append(v.Against, x.Text)
		}
	}
	if v.Release.Allowed && len(v.Against) > 0 {
		v.Release.Allowed, v.Release.Why = false, v.Against
	}
}

// steps reads the withdrawal's own events.
func (q WithdrawalPage) steps(ctx context.Context, r store.Reader, id core.Ref) ([]Step, error) {
	page, err := q.Log.Find(ctx, r, evidence.Filter{Refs: []core.Ref{id}, Scope: store.True, Oldest: true}, core.PageRequest{Limit: core.MaxPage})
	if err != nil {
		return nil, err
	}
	var out []Step
	for k := range page.Rows {
		rec := &page.Rows[k]
		if !strings.HasPrefix(rec.Type, "payments.") {
			continue // proposals and reads have their own pages
		}
		s, err := stepOf(rec)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func stepOf(rec *evidence.Record) (Step, error) {
	leaf, err := rec.View()
	if err != nil {
		return Step{}, err
	}
	s := Step{Event: rec.ID, Type: rec.Type, At: rec.At, Actor: rec.Actor, For: core.Ref(leaf.Actor.For), Outcome: rec.Outcome}
	if leaf.Approval != nil {
		s.Maker = core.Ref(leaf.Approval.Maker)
		for _, a := range leaf.Approval.Approvers {
			s.Approvers = append(s.Approvers, core.Ref(a))
		}
	}
	details, err := rec.PublicDetails()
	for _, name := range slices.Sorted(maps.Keys(details)) {
		s.Details = append(s.Details, StepDetail{name, details[name]})
	}
	return s, err
}
