package onboarding

import (
	"slices"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
)

// DocumentKind says what a document is.
type DocumentKind string

// The kinds of documents.
const (
	Passport        DocumentKind = "passport"
	IDCard          DocumentKind = "id_card"
	DrivingLicence  DocumentKind = "driving_licence"
	ResidencePermit DocumentKind = "residence_permit"
	ProofOfAddress  DocumentKind = "proof_of_address"
	BankLetter      DocumentKind = "bank_letter"
	SourceOfFunds   DocumentKind = "source_of_funds"
	OtherDocument   DocumentKind = "other"
)

// DocumentKinds lists them.
var DocumentKinds = []DocumentKind{Passport, IDCard, DrivingLicence, ResidencePermit, ProofOfAddress, BankLetter, SourceOfFunds, OtherDocument}

// Group is what a kind of document is evidence of.
func (k DocumentKind) Group() string {
	switch k {
	case Passport, IDCard, DrivingLicence, ResidencePermit:
		return "identity"
	case ProofOfAddress:
		return "address"
	}
	return ""
}

// Title is the kind's name for people.
func (k DocumentKind) Title() string {
	s := strings.ReplaceAll(string(k), "_", " ")
	if k == IDCard {
		return "ID card"
	}
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// DocumentState is where a document stands; the package comment draws it.
type DocumentState string

// The states of a document.
const (
	Pending    DocumentState = "pending"
	Accepted   DocumentState = "accepted"
	Rejected   DocumentState = "rejected"
	Superseded DocumentState = "superseded"
)

// Sources are the ways in which documents arrive.
var Sources = []string{"portal", "staff", "email"}

// Document is one document of a client. Its bytes are in the Vault.
type Document struct {
	ID           core.Ref
	Client       core.Ref
	Entity       core.Ref
	Kind         DocumentKind
	SHA256       string // of the plain content, hex; empty after erasure
	Size         int64
	Media        string // media type, found in the content
	Source       string
	Device       string
	Received     core.Instant // when it reached the firm
	UploadedBy   core.Ref
	Uploaded     core.Instant
	State        DocumentState
	IssuedOn     string // YYYY-MM-DD
	ExpiresOn    string // YYYY-MM-DD, the last day on which it is valid
	ReviewedBy   core.Ref
	Reviewed     core.Instant
	Accepted     core.Instant // since when it counts
	Ended        core.Instant // since when it does not any more
	SupersededBy core.Ref
	Reason       string // reason code of the review
	Words        string
	ErasedBy     core.Ref

	rev int64
}

// Resource is the document as policy sees it.
func (d *Document) Resource() command.Resource {
	return command.Resource{Kind: core.KindDocument, Ref: d.ID, Entity: d.Entity, Attrs: map[string]any{"client": string(d.Client)}}
}

// person is the client as policy sees them when it is asked who may see what.
func person(client, entity core.Ref) command.Resource {
	return command.Resource{Kind: core.KindClient, Ref: client, Entity: entity}
}

// FileName is the name under which the content is given out. It is ours: the
// sender's name for the file is not kept.
func (d *Document) FileName() string {
	ext := map[string]string{JPEG: ".jpg", PNG: ".png", WebP: ".webp", PDF: ".pdf"}
	return d.ID.Short() + ext[d.Media]
}

// Lapses is the instant at which the document's own dates end its validity
// under the rules; 0 when they never do, or are not known yet.
func (d *Document) Lapses(rules Rules) core.Instant {
	var out core.Instant
	if t, ok := date(d.ExpiresOn); ok {
		out = core.At(t.AddDate(0, 0, 1))
	}
	if t, ok := date(d.IssuedOn); ok && d.Kind == ProofOfAddress {
		if end := core.At(addMonths(t, rules.Stand)); out == 0 || end < out {
			out = end
		}
	}
	return out
}

// ValidAt reports whether the document counts at an instant: accepted by then,
// not ended, and within its dates. It is computed and never stored, so it can
// be asked about any time.
func (d *Document) ValidAt(at core.Instant, rules Rules) bool {
	if d.Accepted == 0 || at < d.Accepted || d.Ended != 0 && at >= d.Ended {
		return false
	}
	lapse := d.Lapses(rules)
	return lapse == 0 || at < lapse
}

// date reads YYYY-MM-DD as midnight UTC.
func date(s string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil
}

// addMonths counts months as people do: a month after 31 January is the last
// of February.
func addMonths(t time.Time, months int) time.Time {
	out := t.AddDate(0, months, 0)
	if out.Day() != t.Day() {
		out = out.AddDate(0, 0, -out.Day())
	}
	return out
}

// ReviewReasons are the reason codes of a review.
var (
	AcceptReasons = []string{"genuine", "genuine_copy_certified"}
	RejectReasons = []string{"unreadable", "expired", "wrong_document", "altered", "not_theirs", "incomplete", "other"}
)

func known(code string, codes []string) bool { return slices.Contains(codes, code) }
