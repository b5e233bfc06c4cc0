package onboarding

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// OpenDocument asks for a document's content.
type OpenDocument struct {
	Document core.Ref `json:"document"`
}

// Action is onboarding.document.open.
func (OpenDocument) Action() command.Action { return "onboarding.document.open" }

// Subject is the document.
func (in OpenDocument) Subject() core.Ref { return in.Document }

// Content is a document's content as it is given out: always as an attachment
// under our name, never for a browser to show.
type Content struct {
	FileName string
	Media    string
	SHA256   string
	Bytes    []byte
}

// DocumentContent answers OpenDocument. Every state is answered: why a
// document was rejected must stay checkable. All that is in the vault passed
// inspection.
type DocumentContent struct{ Domain }

// Target is the document.
func (DocumentContent) Target(ctx context.Context, r store.Reader, in OpenDocument) (command.Resource, error) {
	d, err := document(ctx, r, in.Document)
	if err != nil {
		return command.Resource{}, err
	}
	return d.Resource(), nil
}

// Read opens the content for one who may see identity data of the client.
func (q DocumentContent) Read(ctx context.Context, r store.Reader, in OpenDocument, see *command.Sight) (Content, error) {
	d, err := document(ctx, r, in.Document)
	if err != nil {
		return Content{}, err
	}
	if !see.May(core.Identity, person(d.Client, d.Entity)) {
		return Content{}, core.NewFault(core.Refused, "identity-not-visible", "Your roles do not let you see identity documents.")
	}
	found, b, err := recall(ctx, q.Vault, d.Client, d.SHA256)
	if err != nil {
		return Content{}, err
	}
	if found.Media != d.Media || found.Size != d.Size {
		return Content{}, tampered(nil)
	}
	see.Note(evidence.Shown{Subject: d.Client, Class: core.Identity, Field: "content"})
	see.Counted(1)
	return Content{FileName: d.FileName(), Media: d.Media, SHA256: d.SHA256, Bytes: b}, nil
}
