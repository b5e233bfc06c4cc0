package command

import (
	"context"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// Action names a command or query: domain.thing.verb. The same phrase names
// the file, the type, the event, the route and the screen.
type Action string

// Input is the plain, frozen data of a command or query. It marshals to JSON
// and back without loss, since a proposal is exactly that text.
type Input interface {
	Action() Action
	// Subject is the record it is about; for one that does not exist yet, the
	// record it will belong to.
	Subject() core.Ref
}

// Validator is an Input that can say, without reading anything, what is wrong
// with itself.
type Validator interface{ Validate() error }

// Cased is an Input that names the case it belongs to.
type Cased interface{ CaseRef() core.Ref }

// Resource is what policy sees of a record. Attrs hold only declared columns:
// strings, booleans, int64 and lists of strings.
type Resource struct {
	Kind   core.Kind
	Ref    core.Ref
	Entity core.Ref
	Attrs  map[string]any
	// About are further records that evidence about this one concerns. Policy
	// does not see them; the attribute client counts as one.
	About []core.Ref
}

// Handler is one command: file, type and event share its verb phrase.
type Handler[I Input, F any] interface {
	// Load reads what Check and Apply need, in the same transaction, through
	// the domain's tables and its reading ports. A missing record is an
	// Unknown fault.
	Load(ctx context.Context, r store.Reader, in I) (F, Resource, error)
	// Check is pure: same arguments, same verdict.
	Check(in I, f F, m Moment) Verdict
	// Apply writes rows and returns the events that say so, first one first.
	// It may run again when the transaction is retried, and must not reach
	// outside.
	Apply(ctx context.Context, tx *Tx, in I, f F) ([]evidence.Event, error)
}

// Preparer is a Handler with slow work to do before the transaction: hashing a
// password, storing an upload. It returns the input that the transaction sees.
type Preparer[I Input] interface {
	Prepare(ctx context.Context, in I) (I, error)
}

// Moment is the setting of a check.
type Moment struct {
	Now   core.Instant
	Actor evidence.Actor // the maker
	// Approvals are those given so far, in order; empty on the first run.
	Approvals []Approver
	// Rule is what the check itself had demanded of the proposal that they
	// approved; empty on the first run. A rule that names what was agreed to
	// can thus be held to it.
	Rule string
}

// Approver is one who agreed, and in which role.
type Approver struct {
	Ref  core.Ref
	Role string
}

// Verdict is a check's answer.
type Verdict struct {
	refusals []Refusal
	need     *Need
}

// Refusal is one reason against.
type Refusal struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Need is what the matching rule demands before the command may apply.
type Need struct {
	Rule  string // id and version of the rule
	Text  string // the rule as the entity wrote it; empty for one of the program
	Seats []Seat // one approval each, by different people
	Days  int    // until the proposal expires; zero is 7
	// Wait is how long nobody can agree yet, counted from the proposal.
	Wait time.Duration
	// Facts are what the check was made on, for the approver's card and the
	// proposal's event.
	Facts []evidence.Detail

	floor string // rule of the program, where Rule is the entity's
}

// Seat is one demanded approval: by a holder of any of these roles in the
// entity concerned.
type Seat struct {
	Roles []string `json:"roles"`
	// Stage orders seats: one of a later stage is taken only when all of the
	// earlier stages are.
	Stage int `json:"stage,omitempty"`
}

// Proceed lets the command apply at once.
func Proceed() Verdict { return Verdict{} }

// Refuse stops it, for good reasons that the person reads.
func Refuse(rs ...Refusal) Verdict { return Verdict{refusals: rs} }

// Needs asks for approvals first.
func Needs(n Need) Verdict { return Verdict{need: &n} }

// Refusals returns the reasons against, if any.
func (v Verdict) Refusals() []Refusal { return v.refusals }

// Need returns the approvals demanded, or nil.
func (v Verdict) Need() *Need { return v.need }

// Tx is what Apply writes through. The embedded transaction takes rows; what
// the road drew once (time, chance) is the same on every retry.
type Tx struct {
	*store.Tx
	Now      core.Instant
	Entropy  core.Entropy
	Actor    evidence.Actor
	Approval *evidence.Approval // nil where no approval was needed
	road     *Road
}

// Store is the transaction itself, for those who write and know no commands.
func (t *Tx) Store() *store.Tx { return t.Tx }

// Moment is when the command runs.
func (t *Tx) Moment() core.Instant { return t.Now }

// NewRef makes a reference of kind k.
func (t *Tx) NewRef(k core.Kind) core.Ref { return core.NewRef(k, t.Now, t.Entropy) }

// Enqueue adds a job in the same transaction. Job arguments are ids.
func (t *Tx) Enqueue(ctx context.Context, j jobs.New) error {
	if j.RunAt == 0 {
		j.RunAt = t.Now
	}
	_, err := jobs.Enqueue(ctx, t.Tx, t.Entropy, j)
	t.AfterCommit(t.road.nudge)
	return err
}

// Ruling is an authorizer's answer. Hidden says that the actor may not even
// learn that the resource exists: the answer then looks like a missing record.
type Ruling struct {
	evidence.Decision
	Hidden bool
	Roles  []string // held in the resource's entity
}

// Authorizer decides by policy. Any error counts as a deny.
type Authorizer interface {
	// Authorize rules on one act on one resource.
	Authorize(ctx context.Context, r store.Reader, a evidence.Actor, act Action, res Resource, at core.Instant) (Ruling, error)
	// Filter is the condition over the columns of kind's table under which the
	// actor may act; store.False when never.
	Filter(ctx context.Context, r store.Reader, a evidence.Actor, act Action, kind core.Kind, at core.Instant) (store.Where, Ruling, error)
}

// Key is a caller's idempotency key: the same key with the same input is the
// same command, however often it arrives. Empty means none.
type Key string

// State says what became of a command.
type State string

// The states of an Outcome.
const (
	StateDone     State = "done"
	StateProposed State = "proposed"
)

// Outcome is the answer to a command.
type Outcome struct {
	State    State
	Replayed bool     // the same key came before; this is its answer
	Event    string   // first event, the permalink of the evidence
	Events   []string // all events of this run; only the first when replayed
	Subject  core.Ref // the first subject of the first event: what was created or changed
	Proposal core.Ref // set when State is proposed, or an approval concerned one
	Need     *Need    // what is still demanded
}
