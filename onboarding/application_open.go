package onboarding

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// OpenApplication begins the onboarding of a client.
type OpenApplication struct {
	Client core.Ref `json:"client"`
}

// Action is onboarding.application.open.
func (OpenApplication) Action() command.Action { return "onboarding.application.open" }

// Subject is the client.
func (in OpenApplication) Subject() core.Ref { return in.Client }

type openHandler struct{ Domain }

// Load reads the client's file.
func (h openHandler) Load(ctx context.Context, r store.Reader, in OpenApplication) (*file, command.Resource, error) {
	f, err := h.load(ctx, r, in.Client)
	if err != nil {
		return nil, command.Resource{}, err
	}
	return f, command.Resource{Kind: core.KindApplication, Entity: f.entity, Attrs: map[string]any{"client": string(in.Client)}}, nil
}

// Check refuses a second application beside one that is open or approved.
func (openHandler) Check(_ OpenApplication, f *file, _ command.Moment) command.Verdict {
	if f.app != nil && f.app.State != Refused {
		return command.Refuse(command.Refusal{
			Code: "application-exists",
			Text: "This client has an application already (" + f.app.ID.Short() + ", " + string(f.app.State) + ").",
		})
	}
	return command.Proceed()
}

// Apply writes the application, in the state that documents on record put it.
func (openHandler) Apply(ctx context.Context, tx *command.Tx, in OpenApplication, f *file) ([]evidence.Event, error) {
	fresh := *f
	fresh.app = &Application{
		ID: tx.NewRef(core.KindApplication), Client: in.Client, Entity: f.entity, State: Received,
		Opened: tx.Now, OpenedBy: tx.Actor.Ref,
	}
	fresh.app.State = fresh.stage()
	if err := applications.Insert(ctx, tx.Tx, fresh.app); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventOpened, Entity: f.entity, Subjects: []core.Ref{fresh.app.ID, in.Client}}}, nil
}
