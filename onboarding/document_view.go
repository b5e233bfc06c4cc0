package onboarding

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ViewDocument asks for one document with what was read from it, beside what
// the client declares. It is a list of one, so it needs no action of its own.
type ViewDocument struct {
	Document core.Ref `json:"document"`
}

// Action is onboarding.document.list.
func (ViewDocument) Action() command.Action { return "onboarding.document.list" }

// Subject is the document.
func (in ViewDocument) Subject() core.Ref { return in.Document }

// DocumentPage answers ViewDocument.
type DocumentPage struct{ Domain }

// Target is the document.
func (DocumentPage) Target(ctx context.Context, r store.Reader, in ViewDocument) (command.Resource, error) {
	d, err := document(ctx, r, in.Document)
	if err != nil {
		return command.Resource{}, err
	}
	return d.Resource(), nil
}

// Read builds the view.
func (q DocumentPage) Read(ctx context.Context, r store.Reader, in ViewDocument, see *command.Sight) (DocumentView, error) {
	f, _, err := q.loadDocument(ctx, r, in.Document)
	if err != nil {
		return DocumentView{}, err
	}
	see.Counted(1)
	return q.documentView(see, f.file, f.doc), nil
}

// BlocksOf asks what a client is blocked from.
type BlocksOf struct {
	Client  core.Ref `json:"client"`
	Purpose string   `json:"purpose,omitempty"` // empty is every purpose
}

// Action is clients.client.view: blocks are part of a client's page.
func (BlocksOf) Action() command.Action { return "clients.client.view" }

// Subject is the client.
func (in BlocksOf) Subject() core.Ref { return in.Client }

// ClientBlocks answers BlocksOf.
type ClientBlocks struct{ Domain }

// Target is the client.
func (q ClientBlocks) Target(ctx context.Context, r store.Reader, in BlocksOf) (command.Resource, error) {
	entity, err := q.Clients.EntityOf(ctx, r, in.Client)
	return person(in.Client, entity), err
}

// Read computes the blocks.
func (q ClientBlocks) Read(ctx context.Context, r store.Reader, in BlocksOf, see *command.Sight) ([]Block, error) {
	if in.Purpose == "" {
		in.Purpose = AnyPurpose
	}
	return Clearance(q).Blocks(ctx, r, in.Client, in.Purpose, see.Now)
}
