package cases

import (
	"context"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// OpenCase opens a case file. The opener owns it unless Owner is named.
type OpenCase struct {
	Type      Type     `json:"type"`
	About     core.Ref `json:"subject"`
	Title     string   `json:"title"`
	Origin    string   `json:"origin"`
	OriginRef string   `json:"origin_ref"`
	OriginSum string   `json:"origin_sha256"` // of the message itself, hex
	Owner     core.Ref `json:"owner,omitempty"`
}

// Action is cases.case.open.
func (OpenCase) Action() command.Action { return "cases.case.open" }

// Subject is the record that the case is about.
func (o OpenCase) Subject() core.Ref { return o.About }

// Validate checks the form.
func (o OpenCase) Validate() error {
	f := &core.Fault{Kind: core.Invalid, Code: "invalid-input", Text: "Please correct the marked fields."}
	add := func(field, text string) { f.Fields = append(f.Fields, core.FieldFault{Field: field, Text: text}) }
	if !slices.Contains(Types, o.Type) {
		add("type", "Choose what the case is about.")
	}
	if !o.About.Valid() {
		add("subject", "Name the client, account or staff member by reference.")
	}
	if len(strings.TrimSpace(o.Title)) < 5 {
		add("title", "Say in a few words what it is about.")
	}
	if !slices.Contains(Origins, o.Origin) {
		add("origin", "Choose how this reached the firm.")
	}
	if o.Origin != "internal" && strings.TrimSpace(o.OriginRef) == "" {
		add("origin_ref", "Give the message id, ticket number or letter reference.")
	}
	if o.Owner != "" && o.Owner.Kind() != core.KindStaff {
		add("owner", "A case belongs to a member of staff.")
	}
	if o.OriginSum != "" && !isSum(o.OriginSum) {
		add("origin_sha256", "A SHA-256 has 64 hexadecimal digits.")
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

func isSum(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// The findings that opening a case can raise.
const (
	kindCatchAll    = "catch-all-case"
	kindBoilerplate = "boilerplate-reason"
)

type openCase struct{ subjects Subjects }

// Load finds the entity of the subject.
func (h openCase) Load(ctx context.Context, r store.Reader, in OpenCase) (core.Ref, command.Resource, error) {
	entity, err := h.subjects.EntityOf(ctx, r, in.About)
	if err != nil {
		return "", command.Resource{}, err
	}
	if entity == "" {
		return "", command.Resource{}, command.ErrHidden
	}
	return entity, command.Resource{Kind: core.KindCase, Entity: entity, Attrs: map[string]any{"owner": string(in.Owner)}}, nil
}

// Check has nothing against a well-formed case.
func (openCase) Check(OpenCase, core.Ref, command.Moment) command.Verdict { return command.Proceed() }

// Apply opens it, and raises findings about catch-alls and boilerplate.
func (openCase) Apply(ctx context.Context, tx *command.Tx, in OpenCase, entity core.Ref) ([]evidence.Event, error) {
	c := &Case{
		ID: tx.NewRef(core.KindCase), Entity: entity, Type: in.Type, Subject: in.About, Title: in.Title, Origin: in.Origin,
		OriginRef: in.OriginRef, OriginSum: in.OriginSum, Owner: in.Owner, State: StateOpen, Opened: tx.Now, OpenedBy: tx.Actor.Ref,
	}
	if c.Owner == "" {
		c.Owner = tx.Actor.Ref
	}
	if err := caseTable.Insert(ctx, tx.Tx, c); err != nil {
		return nil, err
	}
	evs := []evidence.Event{{Type: EventOpened, Entity: entity, Case: c.ID, Subjects: []core.Ref{c.ID, in.About}}}
	var kind string
	switch {
	case in.Type == Other:
		kind = kindCatchAll
	case Boilerplate(in.Title):
		kind = kindBoilerplate
	default:
		return evs, nil
	}
	f := &Finding{
		ID: tx.NewRef(core.KindFinding), Entity: entity, Kind: kind, Subject: c.ID, Severity: "warning", State: FindingOpen,
		Text: "The case says little about why it was opened.", Raised: tx.Now, Dedupe: kind + "|" + string(c.ID),
	}
	if err := findingTable.Insert(ctx, tx.Tx, f); err != nil {
		return nil, err
	}
	return append(evs, evidence.Event{Type: EventRaised, Entity: entity, Case: c.ID, Subjects: []core.Ref{f.ID, c.ID}}), nil
}
