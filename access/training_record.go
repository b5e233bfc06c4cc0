package access

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RecordCertificate enters that a person passed a training.
type RecordCertificate struct {
	Staff    core.Ref     `json:"staff"`
	Training string       `json:"training"`
	Issuer   string       `json:"issuer"`
	Passed   core.Instant `json:"passed"`
	Expires  core.Instant `json:"expires"`
	Document string       `json:"document_sha256,omitempty"` // of the certificate itself, hex
}

// Action is access.certificate.record.
func (RecordCertificate) Action() command.Action { return "access.certificate.record" }

// Subject is the person.
func (in RecordCertificate) Subject() core.Ref { return in.Staff }

// Validate checks the form.
func (in RecordCertificate) Validate() error {
	switch {
	case len(strings.TrimSpace(in.Training)) < 2:
		return core.InvalidField("training", "Name the training as the rule of the entity names it.")
	case len(strings.TrimSpace(in.Issuer)) < 2:
		return core.InvalidField("issuer", "Name who issued the certificate.")
	case in.Passed == 0:
		return core.InvalidField("passed", "Say when the training was passed.")
	case in.Expires <= in.Passed:
		return core.InvalidField("expires", "A certificate expires after the day on which the training was passed.")
	case in.Document != "" && (len(in.Document) != 64 || strings.Trim(in.Document, "0123456789abcdef") != ""):
		return core.InvalidField("document_sha256", "A SHA-256 has 64 hexadecimal digits in lower case.")
	}
	return nil
}

type recordCertificate struct{}

// Load reads the person.
func (recordCertificate) Load(ctx context.Context, r store.Reader, in RecordCertificate) (*Staff, command.Resource, error) {
	s, err := loadStaff(ctx, r, in.Staff)
	if err != nil {
		return nil, command.Resource{}, err
	}
	return s, s.Resource(), nil
}

// Check refuses certificates of one's own, of leavers and of the future.
func (recordCertificate) Check(in RecordCertificate, s *Staff, m command.Moment) command.Verdict {
	switch {
	case m.Actor.Ref == in.Staff:
		return command.Refuse(command.Refusal{Code: "own-certificate", Text: "A colleague enters your certificates, with the document in hand."})
	case s.Status != Active:
		return command.Refuse(command.Refusal{Code: "staff-not-active", Text: "This person no longer works here."})
	case in.Passed > m.Now || in.Expires <= m.Now:
		return command.Refuse(command.Refusal{Code: "certificate-not-live", Text: "Enter certificates of trainings that were passed and that count today."})
	}
	return command.Proceed()
}

// Apply enters it.
func (recordCertificate) Apply(ctx context.Context, tx *command.Tx, in RecordCertificate, s *Staff) ([]evidence.Event, error) {
	c := &Certificate{
		ID: tx.NewRef(KindCertificate), Staff: in.Staff, Training: strings.TrimSpace(in.Training), Issuer: strings.TrimSpace(in.Issuer),
		Passed: in.Passed, Expires: in.Expires, Document: in.Document, RecordedBy: tx.Actor.Ref, Recorded: tx.Now,
	}
	if err := certificates.Insert(ctx, tx.Tx, c); err != nil {
		return nil, err
	}
	return []evidence.Event{c.event(EventCertificateRecorded, s)}, nil
}

func (c *Certificate) event(typ evidence.Type, s *Staff) evidence.Event {
	return evidence.Event{Type: typ, Entity: within(s.Entity), Subjects: []core.Ref{c.ID, c.Staff}, Details: []evidence.Detail{
		{Name: "training", Value: c.Training, Search: true}, {Name: "expires", Value: c.Expires.String()},
	}}
}
