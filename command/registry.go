package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Doc describes a command or query for the permission catalogue, the generated
// map and the pages.
type Doc struct {
	Title  string    // imperative phrase for people: "Release a withdrawal"
	Kind   core.Kind // kind of the resource that policy sees
	StepUp bool      // needs a fresh second factor
	// ApproveStepUp asks it of those who approve, not of who asks: with a stolen
	// session nobody gives a role or changes where money goes.
	ApproveStepUp bool
	System        bool // only system parts may run it: jobs, reconcilers
	// Approvers are the roles that its rules may ask to approve. A seat for
	// another role is a mistake in the program: policy is checked against this
	// list when the program starts, so that nobody is asked who may not answer.
	Approvers []string
	// Weighs are what approval rules may ask about beside the requester:
	// "amount", "total", "risk", "flag name-mismatch".
	Weighs []string
	// Floor says, for people, what it demands whatever approval rules say.
	Floor string
}

// demands refuses a rule that asks roles which the command does not declare.
func (e *entry) demands(n *Need) error {
	for _, s := range n.Seats {
		for _, role := range s.Roles {
			if !slices.Contains(e.doc.Approvers, role) {
				return fmt.Errorf("command: rule %s of %s asks %s, whom its Doc does not name among the Approvers", n.Rule, e.action, role)
			}
		}
	}
	return nil
}

// entry is a registered command with its types erased.
type entry struct {
	action  Action
	doc     Doc
	decode  func([]byte) (Input, error)
	prepare func(context.Context, Input) (Input, error)
	load    func(context.Context, store.Reader, Input) (any, Resource, error)
	check   func(Input, any, Moment) Verdict
	weigh   func(Input, any, Moment) (Inputs, RuleSet) // nil where rules have nothing to look at
	apply   func(context.Context, *Tx, Input, any) ([]evidence.Event, error)
}

// Registry holds every command of the program. Nothing that is not in it can
// run, so the generated inventory is complete by construction.
type Registry struct{ commands map[Action]*entry }

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{commands: map[Action]*entry{}} }

// Handle registers a command. It panics when the action is taken: two meanings
// of one phrase are a mistake in the program.
func Handle[I Input, F any](r *Registry, h Handler[I, F], d Doc) {
	var zero I
	a := zero.Action()
	if r.commands[a] != nil {
		panic("command: " + string(a) + " is registered twice")
	}
	e := &entry{action: a, doc: d, decode: decodeInto[I]}
	e.prepare = func(ctx context.Context, in Input) (Input, error) { return in, nil }
	if p, ok := h.(Preparer[I]); ok {
		e.prepare = func(ctx context.Context, in Input) (Input, error) { return p.Prepare(ctx, in.(I)) }
	}
	e.load = func(ctx context.Context, r store.Reader, in Input) (any, Resource, error) {
		return h.Load(ctx, r, in.(I))
	}
	e.check = func(in Input, f any, m Moment) Verdict { return h.Check(in.(I), f.(F), m) }
	if w, ok := h.(Ruled[I, F]); ok {
		e.weigh = func(in Input, f any, m Moment) (Inputs, RuleSet) {
			return w.Weigh(in.(I), f.(F), m), w.Builtin(in.(I), f.(F))
		}
	}
	e.apply = func(ctx context.Context, tx *Tx, in Input, f any) ([]evidence.Event, error) {
		return h.Apply(ctx, tx, in.(I), f.(F))
	}
	r.commands[a] = e
}

func decodeInto[I Input](b []byte) (Input, error) {
	var in I
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return nil, core.NewFault(core.Invalid, "invalid-input", "The input cannot be read: "+err.Error()+".")
	}
	return in, nil
}

// Decode reads the JSON input of an action: the way in for the API, the CLI,
// imports and frozen proposals.
func (r *Registry) Decode(a Action, payload []byte) (Input, error) {
	e, err := r.find(a)
	if err != nil {
		return nil, err
	}
	return e.decode(payload)
}

func (r *Registry) find(a Action) (*entry, error) {
	if e := r.commands[a]; e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("command: %s is not registered", a)
}

// Doc is the description of a command; false when there is none.
func (r *Registry) Doc(a Action) (Doc, bool) {
	e := r.commands[a]
	if e == nil {
		return Doc{}, false
	}
	return e.doc, true
}

// Listed is one line of the inventory.
type Listed struct {
	Action Action
	Doc    Doc
}

// List returns every command by action.
func (r *Registry) List() []Listed {
	out := make([]Listed, 0, len(r.commands))
	for a, e := range r.commands {
		out = append(out, Listed{a, e.doc})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Action < out[j].Action })
	return out
}
