package evidence

import (
	"sort"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Class is the OCSF 1.8 class of an event type.
type Class int

// The OCSF classes in use.
const (
	Authentication   Class = 3002 // sign-in, sign-out, failed sign-in
	Authorization    Class = 3003 // proposals, approvals, denials
	EntityManagement Class = 3004 // clients, payments, platform, cases: the firm's records
	UserAccess       Class = 3005 // grants, roles, sessions revoked
	APIActivity      Class = 6003 // the system's own doings
	DataRead         Class = 6005 // personal data shown, searched or exported
)

// Type is a registered kind of event. An event of no registered type cannot be
// appended.
type Type struct {
	Name    string // domain.thing.past-tense, for example payments.withdrawal.released
	Class   Class
	Meaning string // one sentence for the generated reference
}

var types = map[string]Type{}

// Register adds a type to the reference; it panics on a second meaning for one
// name. Domains call it in events.go.
func Register(name string, class Class, meaning string) Type {
	if _, ok := types[name]; ok {
		panic("evidence: event type " + name + " is registered twice")
	}
	t := Type{name, class, meaning}
	types[name] = t
	return t
}

// Types returns the reference, by name.
func Types() []Type {
	out := make([]Type, 0, len(types))
	for _, t := range types {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// LookupType finds a registered type.
func LookupType(name string) (Type, bool) {
	t, ok := types[name]
	return t, ok
}

// Outcome says how the act ended.
type Outcome string

// The outcomes.
const (
	Done     Outcome = "done"     // it happened
	Proposed Outcome = "proposed" // it waits for approval
	Denied   Outcome = "denied"   // policy said no
	Refused  Outcome = "refused"  // a rule of the firm, or an approver, said no
	Failed   Outcome = "failed"   // it was tried and did not work
	Unsure   Outcome = "unsure"   // an outside system gave no answer
)

// The logs that are not an entity's.
const (
	GroupLog = "group"
	MLROLog  = "mlro"
)

// Actor is who acts: a person through a session or token, or a system part.
type Actor struct {
	Ref     core.Ref // st_…, cl_…, ib_…, or sys_…
	Session core.Ref
	Token   core.Ref
	IP      string   // personal; the digest stands in the log
	Roles   []string // roles held in the entity concerned, as authorisation saw them
	Factors []string // how the session was authenticated: password, totp, passkey
	StepUp  bool     // a fresh second factor was given for this act
	For     core.Ref // on whose behalf a system part acts: the operator of a job
}

// Decision is what policy said.
type Decision struct {
	Allow    bool
	Policies []string // ids of the determining policies
	Set      string   // SHA-256 of the policy set and schema, hex
	Engine   string
	Errors   []string
}

// Approval is how a second person came to agree.
type Approval struct {
	Proposal  core.Ref
	Payload   string // SHA-256 of the frozen payload, hex
	Rule      string // the rule that demanded it
	Maker     core.Ref
	Approvers []core.Ref
}

// Detail is one more fact of an event that no table column holds.
type Detail struct {
	Name    string
	Value   string
	Class   core.Class // zero is Public
	Subject core.Ref   // whose it is; the event's first subject when empty
	Search  bool       // its words can be searched
}

// Event is what a command says happened. Row changes made since the last event
// of the transaction go with it.
type Event struct {
	Type     Type
	Outcome  Outcome    // zero is Done
	Log      string     // zero is the entity's log, or the group's without entity
	Entity   core.Ref   // the legal entity concerned
	Subjects []core.Ref // every record concerned, most specific first, at most 64
	Case     core.Ref
	Reason   string // reason code
	Text     string // the person's own words; personal
	Basis    []string
	Details  []Detail
	Observed core.Instant // time at the outside system
	Source   core.Instant // time at the source, when earlier than the log's
	External []string     // references of outside systems: psp:tr_123, mt5-eu:deal/77
	Corrects string       // id of the event that this one corrects
	// Rows are changed rows that this event tells of, where a command's events
	// stand in several logs; the others go with the event appended first.
	Rows []store.Change
}

// Stamp is what the road knows about the act and the handler does not decide.
type Stamp struct {
	At          core.Instant
	Entropy     core.Entropy
	Actor       Actor
	Action      string
	Decision    Decision
	Approval    *Approval
	Correlation string // id of the first event of the same act
}

func (e *Event) log() string {
	switch {
	case e.Log != "":
		return e.Log
	case e.Entity != "":
		return string(e.Entity)
	}
	return GroupLog
}

// Origin is the C2SP origin line of a log on a host.
func Origin(host, log string) string { return host + "/evidence/" + strings.ReplaceAll(log, "_", "-") }
