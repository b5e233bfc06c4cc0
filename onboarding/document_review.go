package onboarding

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ReviewDocument accepts or rejects a document.
type ReviewDocument struct {
	Document core.Ref `json:"document"`
	Accept   bool     `json:"accept"`
	Reason   string   `json:"reason"` // one of AcceptReasons or RejectReasons
	Words    string   `json:"words"`
	Case     core.Ref `json:"case,omitempty"`
}

// Action is onboarding.document.review.
func (ReviewDocument) Action() command.Action { return "onboarding.document.review" }

// Subject is the document.
func (in ReviewDocument) Subject() core.Ref { return in.Document }

// CaseRef is the case that the review belongs to, if any.
func (in ReviewDocument) CaseRef() core.Ref { return in.Case }

// Validate checks the reason and asks for words.
func (in ReviewDocument) Validate() error {
	codes := RejectReasons
	if in.Accept {
		codes = AcceptReasons
	}
	if !known(in.Reason, codes) {
		return core.InvalidField("reason", "Choose the reason for this decision.")
	}
	return needWords(in.Words)
}

type reviewHandler struct{ Domain }

// Load reads the document and the client's file.
func (h reviewHandler) Load(ctx context.Context, r store.Reader, in ReviewDocument) (docFacts, command.Resource, error) {
	return h.loadDocument(ctx, r, in.Document)
}

// Check holds the document against the policy.
func (h reviewHandler) Check(in ReviewDocument, f docFacts, m command.Moment) command.Verdict {
	return checkReview(f.file, f.doc, in.Accept, m.Actor.Ref, m.Now, h.Policy.RulesFor(f.doc.Entity))
}

// Apply records the decision; an accepted document takes the place of the
// older ones of its kind.
func (reviewHandler) Apply(ctx context.Context, tx *command.Tx, in ReviewDocument, f docFacts) ([]evidence.Event, error) {
	now := *f.doc
	now.ReviewedBy, now.Reviewed, now.Reason, now.Words = tx.Actor.Ref, tx.Now, in.Reason, in.Words
	if now.State == Accepted {
		now.Ended = tx.Now
	}
	now.State = Rejected
	if in.Accept {
		now.State, now.Accepted = Accepted, tx.Now
	}
	with := *f.file
	with.docs = append([]Document(nil), f.file.docs...)
	var replaced []core.Ref
	for i := range with.docs {
		old := f.file.docs[i]
		switch {
		case old.ID == now.ID:
			if err := documents.Update(ctx, tx.Tx, f.doc, &now); err != nil {
				return nil, err
			}
			with.docs[i] = now
		case in.Accept && old.Kind == now.Kind && old.State == Accepted:
			next := old
			next.State, next.Ended, next.SupersededBy = Superseded, tx.Now, now.ID
			if err := documents.Update(ctx, tx.Tx, &old, &next); err != nil {
				return nil, err
			}
			with.docs[i] = next
			replaced = append(replaced, next.ID)
		}
	}
	if err := with.advance(ctx, tx); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventReviewed, Entity: now.Entity, Subjects: append(about(&with, &now), replaced...),
		Reason: in.Reason, Text: in.Words, Details: []evidence.Detail{{Name: "decision", Value: string(now.State), Search: true}},
	}}, nil
}
