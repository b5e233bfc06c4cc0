package onboarding

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// ApplicationState is where an application stands; the package comment draws
// it.
type ApplicationState string

// The states of an application.
const (
	Received  ApplicationState = "received"  // nothing has come yet
	Documents ApplicationState = "documents" // something is still awaited
	Review    ApplicationState = "review"    // everything is there to be decided
	Approved  ApplicationState = "approved"
	Refused   ApplicationState = "refused"
)

// Decided reports whether the state is an end.
func (s ApplicationState) Decided() bool { return s == Approved || s == Refused }

// Application is a client's request to be taken on, and the decision on it.
type Application struct {
	ID            core.Ref
	Client        core.Ref
	Entity        core.Ref
	State         ApplicationState
	Opened        core.Instant
	OpenedBy      core.Ref
	Decided       core.Instant
	DecidedBy     core.Ref
	Policy        string // basis of the decision
	PolicyVersion string
	Clause        string
	Overridden    string // codes of the objections that were set aside, space separated
	Words         string // notes of the decision
	ErasedBy      core.Ref

	rev int64
}

// Resource is the application as policy sees it.
func (a *Application) Resource() command.Resource {
	return command.Resource{Kind: core.KindApplication, Ref: a.ID, Entity: a.Entity, Attrs: map[string]any{"client": string(a.Client)}}
}

// file is all that a decision about one client rests on.
type file struct {
	client core.Ref
	entity core.Ref
	app    *Application // the latest; nil when there is none
	docs   []Document   // oldest first
	read   map[core.Ref]Extraction
	says   map[string]string // what the client declares today
}

func (f *file) doc(id core.Ref) *Document {
	for i := range f.docs {
		if f.docs[i].ID == id {
			return &f.docs[i]
		}
	}
	return nil
}

// stage is the state in which an undecided application belongs, given the
// documents.
func (f *file) stage() ApplicationState {
	there, ready := false, map[string]bool{}
	for _, d := range f.docs {
		if d.State != Pending && d.State != Accepted {
			continue
		}
		there = true
		if _, read := f.read[d.ID]; read {
			ready[d.Kind.Group()] = true
		}
	}
	switch {
	case !there && f.app != nil && f.app.State == Received:
		return Received
	case ready["identity"] && ready["address"]:
		return Review
	}
	return Documents
}
