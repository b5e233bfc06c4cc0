package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EndException ends an exception before its time. It protects, so that one
// person does it at once. Roles that were held under it stay: the search for
// toxic combinations finds them, and somebody takes one away.
type EndException struct {
	Exception core.Ref `json:"exception"`
	Words     string   `json:"words"`
}

// Action is access.exception.end.
func (EndException) Action() command.Action { return "access.exception.end" }

// Subject is the exception.
func (x EndException) Subject() core.Ref { return x.Exception }

// Validate asks for the person's own reason.
func (x EndException) Validate() error { return needWords(x.Words) }

type endException struct{}

// Load reads it.
func (endException) Load(ctx context.Context, r store.Reader, in EndException) (*Exception, command.Resource, error) {
	return loadException(ctx, r, in.Exception)
}

func loadException(ctx context.Context, r store.Reader, id core.Ref) (*Exception, command.Resource, error) {
	x, err := exceptions.Get(ctx, r, string(id))
	if err == nil && x == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return nil, command.Resource{}, err
	}
	return x, x.Resource(), nil
}

// Check refuses what is over already.
func (endException) Check(_ EndException, x *Exception, m command.Moment) command.Verdict {
	if !x.Live(m.Now) {
		return command.Refuse(command.Refusal{Code: "exception-over", Text: "This exception is over already."})
	}
	return command.Proceed()
}

// Apply ends it now.
func (endException) Apply(ctx context.Context, tx *command.Tx, in EndException, x *Exception) ([]evidence.Event, error) {
	now := *x
	now.State, now.Closed, now.ClosedBy, now.ClosedWords = Revoked, tx.Now, tx.Actor.Ref, in.Words
	if err := exceptions.Update(ctx, tx.Tx, x, &now); err != nil {
		return nil, err
	}
	return []evidence.Event{now.event(EventExceptionEnded, in.Words)}, nil
}
