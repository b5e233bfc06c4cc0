package onboarding

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ExtractDocument enters what a document says.
type ExtractDocument struct {
	Document  core.Ref `json:"document"`
	Name      string   `json:"name,omitempty"`
	Address   string   `json:"address,omitempty"`
	Number    string   `json:"number,omitempty"`
	BirthDate string   `json:"birth_date,omitempty"` // YYYY-MM-DD, as all dates
	IssueDate string   `json:"issue_date,omitempty"`
	Expiry    string   `json:"expiry,omitempty"`
}

// Action is onboarding.document.extract.
func (ExtractDocument) Action() command.Action { return "onboarding.document.extract" }

// Subject is the document.
func (in ExtractDocument) Subject() core.Ref { return in.Document }

// Validate checks the dates and the lengths.
func (in ExtractDocument) Validate() error {
	var out []core.FieldFault
	for _, f := range in.extraction().Facts() {
		dated := f.Name == "birth_date" || f.Name == "issue_date" || f.Name == "expiry"
		if _, ok := date(f.Value); dated && f.Value != "" && !ok {
			out = append(out, core.FieldFault{Field: f.Name, Text: "Write the date as year-month-day, such as 2031-05-04."})
		}
		if len(f.Value) > 500 {
			out = append(out, core.FieldFault{Field: f.Name, Text: "Write at most 500 characters."})
		}
	}
	return invalid(out)
}

func (in ExtractDocument) extraction() *Extraction {
	one := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return &Extraction{
		Document: in.Document, Name: one(in.Name), Address: one(in.Address),
		Number: strings.ToUpper(strings.Join(strings.Fields(in.Number), "")), BirthDate: one(in.BirthDate),
		IssueDate: one(in.IssueDate), Expiry: one(in.Expiry),
	}
}

// needed are the fields that a kind of document must have.
func needed(k DocumentKind) []string {
	switch k {
	case Passport, DrivingLicence, ResidencePermit:
		return []string{"name", "birth_date", "number", "expiry"}
	case IDCard: // some are issued without an end
		return []string{"name", "birth_date", "number"}
	case ProofOfAddress:
		return []string{"name", "address", "issue_date"}
	}
	return nil
}

// docFacts is a document in its client's file.
type docFacts struct {
	file *file
	doc  *Document
}

// loadDocument reads a document and the file that it stands in.
func (d Domain) loadDocument(ctx context.Context, r store.Reader, id core.Ref) (docFacts, command.Resource, error) {
	doc, err := document(ctx, r, id)
	if err != nil {
		return docFacts{}, command.Resource{}, err
	}
	f, err := d.load(ctx, r, doc.Client)
	if err != nil {
		return docFacts{}, command.Resource{}, err
	}
	return docFacts{f, f.doc(id)}, doc.Resource(), nil
}

type extractHandler struct{ Domain }

// Load reads the document and the client's file.
func (h extractHandler) Load(ctx context.Context, r store.Reader, in ExtractDocument) (docFacts, command.Resource, error) {
	return h.loadDocument(ctx, r, in.Document)
}

// Check demands a pending document and the fields that its kind must have.
func (extractHandler) Check(in ExtractDocument, f docFacts, _ command.Moment) command.Verdict {
	if f.doc.State != Pending {
		return command.Refuse(command.Refusal{
			Code: "not-pending",
			Text: "This document is already " + string(f.doc.State) + ". A decision rests on what was read from it; ask for a new one if that was wrong.",
		})
	}
	var missing []string
	for _, name := range needed(f.doc.Kind) {
		for _, fact := range in.extraction().Facts() {
			if fact.Name == name && fact.Value == "" {
				missing = append(missing, name)
			}
		}
	}
	if len(missing) > 0 {
		return command.Refuse(command.Refusal{Code: "fields-missing", Text: "Enter from this document also: " + fieldNames(missing) + "."})
	}
	return command.Proceed()
}

// Apply records the reading with its comparison, and the document's dates.
func (extractHandler) Apply(ctx context.Context, tx *command.Tx, in ExtractDocument, f docFacts) ([]evidence.Event, error) {
	x := in.extraction()
	x.ID, x.Client, x.MadeBy, x.Made = tx.NewRef(KindExtraction), f.doc.Client, tx.Actor.Ref, tx.Now
	matches, mismatches := x.compareAll(f.file.says)
	x.Matches, x.Mismatches = strings.Join(matches, " "), strings.Join(mismatches, " ")
	if err := extractions.Insert(ctx, tx.Tx, x); err != nil {
		return nil, err
	}
	now := *f.doc
	now.ExpiresOn = x.Expiry
	if x.IssueDate != "" {
		now.IssuedOn = x.IssueDate
	}
	if err := documents.Update(ctx, tx.Tx, f.doc, &now); err != nil {
		return nil, err
	}
	with := *f.file
	with.read = map[core.Ref]Extraction{x.Document: *x}
	for id, old := range f.file.read {
		if id != x.Document {
			with.read[id] = old
		}
	}
	if err := with.advance(ctx, tx); err != nil {
		return nil, err
	}
	ev := evidence.Event{
		Type: EventExtracted, Entity: now.Entity, Subjects: append(about(&with, &now), x.ID),
		Details: []evidence.Detail{{Name: "result", Value: string(Match)}},
	}
	if len(mismatches) > 0 {
		ev.Details[0].Value = string(Mismatch)
	}
	return []evidence.Event{ev}, nil
}
