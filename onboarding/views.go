package onboarding

import (
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Field is a value as one reader may see it.
type Field struct {
	Text   string `json:"text"`
	Masked bool   `json:"masked,omitempty"`
}

const dots = "•••"

func show(see *command.Sight, class core.Class, res command.Resource, name, value string) Field {
	text, masked := see.Show(class, res, name, value)
	if masked {
		text = dots
	}
	return Field{text, masked}
}

// DocumentRow is one document in a list.
type DocumentRow struct {
	ID           core.Ref      `json:"id"`
	Client       core.Ref      `json:"client"`
	Name         Field         `json:"name"` // the client's, as declared
	Entity       core.Ref      `json:"entity"`
	Kind         DocumentKind  `json:"kind"`
	State        DocumentState `json:"state"`
	Media        string        `json:"media"`
	Size         int64         `json:"size"`
	SHA256       Field         `json:"sha256"`
	Source       string        `json:"source"`
	Device       Field         `json:"device"`
	Received     core.Instant  `json:"received"`
	UploadedBy   core.Ref      `json:"uploaded_by"`
	IssuedOn     string        `json:"issued_on,omitempty"`
	ExpiresOn    string        `json:"expires_on,omitempty"`
	Valid        bool          `json:"valid"`            // counts now
	Lapses       core.Instant  `json:"lapses,omitempty"` // when its dates end its validity
	ReviewedBy   core.Ref      `json:"reviewed_by,omitempty"`
	Reviewed     core.Instant  `json:"reviewed,omitempty"`
	SupersededBy core.Ref      `json:"superseded_by,omitempty"`
	Reason       string        `json:"reason,omitempty"`
	Words        Field         `json:"words"`
	Read         bool          `json:"read"` // somebody entered what it says
	Mismatches   []string      `json:"mismatches,omitempty"`
}

// FactRow holds one field of a document beside the declared one.
type FactRow struct {
	Name     string `json:"name"`
	Document Field  `json:"document"`
	Declared Field  `json:"declared"`
	Result   Result `json:"result"`
}

// DocumentView is a document with what it says.
type DocumentView struct {
	DocumentRow
	ReadBy core.Ref                `json:"read_by,omitempty"`
	ReadAt core.Instant            `json:"read_at,omitempty"`
	Facts  []FactRow               `json:"facts,omitempty"`
	May    map[command.Action]bool `json:"may"`
}

// ApplicationRow is one application in a list.
type ApplicationRow struct {
	ID        core.Ref         `json:"id"`
	Client    core.Ref         `json:"client"`
	Name      Field            `json:"name"` // the client's, as declared
	Entity    core.Ref         `json:"entity"`
	State     ApplicationState `json:"state"`
	Opened    core.Instant     `json:"opened"`
	Decided   core.Instant     `json:"decided,omitempty"`
	DecidedBy core.Ref         `json:"decided_by,omitempty"`
}

// ApplicationView is an application with everything that its decision rests
// on.
type ApplicationView struct {
	ApplicationRow
	OpenedBy    core.Ref                `json:"opened_by"`
	Basis       string                  `json:"basis,omitempty"` // policy/version#clause
	ClauseText  string                  `json:"clause_text,omitempty"`
	Overridden  []string                `json:"overridden,omitempty"`
	Words       Field                   `json:"words"`
	Documents   []DocumentView          `json:"documents"`
	Missing     []command.Refusal       `json:"missing"`     // what stands against approval
	Differences []command.Refusal       `json:"differences"` // what an override would set aside
	Blocks      []Block                 `json:"blocks"`
	Clauses     []Clause                `json:"clauses"` // under which it can be decided
	May         map[command.Action]bool `json:"may"`
}

func (d Domain) documentRow(see *command.Sight, doc *Document, x *Extraction, name string) DocumentRow {
	res, rules := person(doc.Client, doc.Entity), d.Policy.RulesFor(doc.Entity)
	row := DocumentRow{
		ID: doc.ID, Client: doc.Client, Entity: doc.Entity, Kind: doc.Kind, State: doc.State, Media: doc.Media, Size: doc.Size,
		Source: doc.Source, Received: doc.Received, UploadedBy: doc.UploadedBy, IssuedOn: doc.IssuedOn, ExpiresOn: doc.ExpiresOn,
		Valid: doc.ValidAt(see.Now, rules), Lapses: doc.Lapses(rules), ReviewedBy: doc.ReviewedBy, Reviewed: doc.Reviewed,
		SupersededBy: doc.SupersededBy, Reason: doc.Reason,
		Name:   show(see, core.Personal, res, "name", name),
		Device: show(see, core.Personal, res, "device", doc.Device),
		Words:  show(see, core.Personal, res, "words", doc.Words),
		SHA256: show(see, core.Identity, res, "sha256", doc.SHA256),
	}
	if x != nil {
		row.Read, row.Mismatches = true, strings.Fields(x.Mismatches)
	}
	return row
}

// documentView compares with what the client declares today; the comparison at
// the time of reading stands in the evidence.
func (d Domain) documentView(see *command.Sight, f *file, doc *Document) DocumentView {
	x, read := f.read[doc.ID]
	v := DocumentView{May: map[command.Action]bool{}}
	for _, a := range []command.Action{"onboarding.document.extract", "onboarding.document.review", "onboarding.document.open"} {
		v.May[a] = see.Allowed(a, doc.Resource())
	}
	if !read {
		v.DocumentRow = d.documentRow(see, doc, nil, f.says["name"])
		return v
	}
	v.DocumentRow = d.documentRow(see, doc, &x, f.says["name"])
	v.ReadBy, v.ReadAt = x.MadeBy, x.Made
	_, v.Mismatches = x.compareAll(f.says)
	res := person(doc.Client, doc.Entity)
	for _, fact := range x.Facts() {
		if fact.Value == "" && f.says[fact.Name] == "" {
			continue
		}
		v.Facts = append(v.Facts, FactRow{
			Name: fact.Name, Result: Compare(fact.Name, fact.Value, f.says[fact.Name]),
			Document: show(see, fact.Class, res, "document."+fact.Name, fact.Value),
			Declared: show(see, fact.Class, res, fact.Name, f.says[fact.Name]),
		})
	}
	return v
}

func applicationRow(see *command.Sight, a *Application, name string) ApplicationRow {
	return ApplicationRow{
		ID: a.ID, Client: a.Client, Entity: a.Entity, State: a.State, Opened: a.Opened, Decided: a.Decided,
		DecidedBy: a.DecidedBy, Name: show(see, core.Personal, person(a.Client, a.Entity), "name", name),
	}
}
