package onboarding

import (
	"context"
	"unicode/utf8"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// UploadDocument records a document whose content Intake has received.
type UploadDocument struct {
	Client   core.Ref     `json:"client"`
	Kind     DocumentKind `json:"kind"`
	Content  Stored       `json:"content"`
	Source   string       `json:"source"`             // one of Sources
	Device   string       `json:"device,omitempty"`   // what it was sent from, as the sender's program says
	Received core.Instant `json:"received,omitempty"` // zero is now; earlier for e-mail
	IssuedOn string       `json:"issued_on,omitempty"`
	Case     core.Ref     `json:"case,omitempty"`
}

// Action is onboarding.document.upload.
func (UploadDocument) Action() command.Action { return "onboarding.document.upload" }

// Subject is the client: the document does not exist yet.
func (in UploadDocument) Subject() core.Ref { return in.Client }

// CaseRef is the case that the document belongs to, if any.
func (in UploadDocument) CaseRef() core.Ref { return in.Case }

// Validate checks what is said about the document.
func (in UploadDocument) Validate() error {
	var out []core.FieldFault
	if !isKind(in.Kind) {
		out = append(out, core.FieldFault{Field: "kind", Text: "Choose what kind of document this is."})
	}
	if !known(in.Source, Sources) {
		out = append(out, core.FieldFault{Field: "source", Text: "Choose how the document arrived."})
	}
	if len(in.Device) > 300 || !utf8.ValidString(in.Device) {
		out = append(out, core.FieldFault{Field: "device", Text: "Describe the device in at most 300 characters."})
	}
	if _, ok := date(in.IssuedOn); in.IssuedOn != "" && !ok {
		out = append(out, core.FieldFault{Field: "issued_on", Text: "Write the date of issue as year-month-day, such as 2026-03-31."})
	}
	return invalid(out)
}

func invalid(fields []core.FieldFault) error {
	if len(fields) == 0 {
		return nil
	}
	return &core.Fault{Kind: core.Invalid, Code: "invalid-input", Text: fields[0].Text, Fields: fields}
}

func isKind(k DocumentKind) bool {
	for _, x := range DocumentKinds {
		if x == k {
			return true
		}
	}
	return false
}

type uploadHandler struct{ Domain }

// Prepare measures the content in the vault: what the input says about it is
// not believed. What was refused has none. That nothing is there becomes a
// refusal, told only to those who may upload: else the answer would tell
// anybody whether a client has a certain document.
func (h uploadHandler) Prepare(ctx context.Context, in UploadDocument) (UploadDocument, error) {
	if in.Content.Refused != "" {
		return in, nil
	}
	found, _, err := recall(ctx, h.Vault, in.Client, in.Content.SHA256)
	if core.IsFault(err, ErrNoContent.Code) {
		found = Stored{Refused: "content-not-received", Why: "The file did not arrive. Choose it again, and upload that."}
		err = nil
	}
	in.Content = found
	return in, err
}

// Load reads the client's file.
func (h uploadHandler) Load(ctx context.Context, r store.Reader, in UploadDocument) (*file, command.Resource, error) {
	f, err := h.load(ctx, r, in.Client)
	if err != nil {
		return nil, command.Resource{}, err
	}
	return f, uploading(in.Client, f.entity), nil
}

// uploading is a document that does not exist yet, as policy sees it.
func uploading(client, entity core.Ref) command.Resource {
	return command.Resource{Kind: core.KindDocument, Entity: entity, Attrs: map[string]any{"client": string(client)}}
}

// Check refuses what inspection refused, and the same file a second time.
func (uploadHandler) Check(in UploadDocument, f *file, m command.Moment) command.Verdict {
	if c := in.Content; c.Refused != "" {
		return command.Refuse(command.Refusal{Code: c.Refused, Text: c.Why})
	}
	if in.Received > m.Now {
		return command.Refuse(command.Refusal{Code: "received-later", Text: "The document cannot have arrived in the future."})
	}
	for _, d := range f.docs {
		if d.SHA256 == in.Content.SHA256 {
			return command.Refuse(command.Refusal{
				Code: "same-file",
				Text: "This very file is on record for the client already, as " + d.ID.Short() + ".",
			})
		}
	}
	return command.Proceed()
}

// Apply records the document.
func (h uploadHandler) Apply(ctx context.Context, tx *command.Tx, in UploadDocument, f *file) ([]evidence.Event, error) {
	d := Document{
		ID: tx.NewRef(core.KindDocument), Client: in.Client, Entity: f.entity, Kind: in.Kind, SHA256: in.Content.SHA256,
		Size: in.Content.Size, Media: in.Content.Media, Source: in.Source, Device: in.Device, Received: in.Received,
		UploadedBy: tx.Actor.Ref, Uploaded: tx.Now, State: Pending, IssuedOn: in.IssuedOn,
	}
	if d.Received == 0 {
		d.Received = tx.Now
	}
	if err := documents.Insert(ctx, tx.Tx, &d); err != nil {
		return nil, err
	}
	with := *f
	with.docs = append(append([]Document(nil), f.docs...), d)
	if err := with.advance(ctx, tx); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventUploaded, Entity: f.entity, Subjects: about(&with, &d), Source: in.Received}}, nil
}

// about lists the records that an event on a document concerns.
func about(f *file, d *Document) []core.Ref {
	out := []core.Ref{d.ID, d.Client}
	if f.app != nil && !f.app.State.Decided() {
		out = append(out, f.app.ID)
	}
	return out
}
