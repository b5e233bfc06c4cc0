package onboarding

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

func column[R any](c core.Class, name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: c, Field: field}
}

func public[R any](name string, field func(*R) any) store.Column[R] {
	return column(core.Public, name, field)
}

func searched[R any](c core.Class, name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: c, Search: true, Field: field}
}

var applications = store.Declare(store.Table[Application]{
	Name: "application", Kind: store.Recorded,
	Subject: func(a *Application) core.Ref { return a.Client },
	Rev:     func(a *Application) *int64 { return &a.rev },
	Columns: []store.Column[Application]{
		public("id", func(a *Application) any { return &a.ID }),
		public("client", func(a *Application) any { return &a.Client }),
		public("entity", func(a *Application) any { return &a.Entity }),
		public("state", func(a *Application) any { return (*string)(&a.State) }),
		public("opened", func(a *Application) any { return &a.Opened }),
		public("opened_by", func(a *Application) any { return &a.OpenedBy }),
		public("decided", func(a *Application) any { return &a.Decided }),
		public("decided_by", func(a *Application) any { return &a.DecidedBy }),
		public("policy", func(a *Application) any { return &a.Policy }),
		public("policy_version", func(a *Application) any { return &a.PolicyVersion }),
		public("clause", func(a *Application) any { return &a.Clause }),
		public("overridden", func(a *Application) any { return &a.Overridden }),
		searched(core.Personal, "words", func(a *Application) any { return &a.Words }),
		public("erased_by", func(a *Application) any { return &a.ErasedBy }),
	},
})

var documents = store.Declare(store.Table[Document]{
	Name: "document", Kind: store.Recorded,
	Subject: func(d *Document) core.Ref { return d.Client },
	Rev:     func(d *Document) *int64 { return &d.rev },
	Columns: []store.Column[Document]{
		public("id", func(d *Document) any { return &d.ID }),
		public("client", func(d *Document) any { return &d.Client }),
		public("entity", func(d *Document) any { return &d.Entity }),
		public("kind", func(d *Document) any { return (*string)(&d.Kind) }),
		searched(core.Identity, "sha256", func(d *Document) any { return &d.SHA256 }),
		public("size", func(d *Document) any { return &d.Size }),
		public("media", func(d *Document) any { return &d.Media }),
		public("source", func(d *Document) any { return &d.Source }),
		column(core.Personal, "device", func(d *Document) any { return &d.Device }),
		public("received", func(d *Document) any { return &d.Received }),
		public("uploaded_by", func(d *Document) any { return &d.UploadedBy }),
		public("uploaded", func(d *Document) any { return &d.Uploaded }),
		public("state", func(d *Document) any { return (*string)(&d.State) }),
		public("issued_on", func(d *Document) any { return &d.IssuedOn }),
		public("expires_on", func(d *Document) any { return &d.ExpiresOn }),
		public("reviewed_by", func(d *Document) any { return &d.ReviewedBy }),
		public("reviewed", func(d *Document) any { return &d.Reviewed }),
		public("accepted", func(d *Document) any { return &d.Accepted }),
		public("ended", func(d *Document) any { return &d.Ended }),
		public("superseded_by", func(d *Document) any { return &d.SupersededBy }),
		public("reason", func(d *Document) any { return &d.Reason }),
		searched(core.Personal, "words", func(d *Document) any { return &d.Words }),
		public("erased_by", func(d *Document) any { return &d.ErasedBy }),
	},
})

var extractions = store.Declare(store.Table[Extraction]{
	Name: "extraction", Kind: store.Recorded,
	Subject: func(x *Extraction) core.Ref { return x.Client },
	Rev:     func(x *Extraction) *int64 { return &x.rev },
	Columns: []store.Column[Extraction]{
		public("id", func(x *Extraction) any { return &x.ID }),
		public("document", func(x *Extraction) any { return &x.Document }),
		public("client", func(x *Extraction) any { return &x.Client }),
		public("made_by", func(x *Extraction) any { return &x.MadeBy }),
		public("made", func(x *Extraction) any { return &x.Made }),
		searched(core.Personal, "name", func(x *Extraction) any { return &x.Name }),
		column(core.Personal, "address", func(x *Extraction) any { return &x.Address }),
		searched(core.Identity, "number", func(x *Extraction) any { return &x.Number }),
		column(core.Identity, "birth_date", func(x *Extraction) any { return &x.BirthDate }),
		column(core.Identity, "issue_date", func(x *Extraction) any { return &x.IssueDate }),
		column(core.Identity, "expiry", func(x *Extraction) any { return &x.Expiry }),
		public("matches", func(x *Extraction) any { return &x.Matches }),
		public("mismatches", func(x *Extraction) any { return &x.Mismatches }),
		public("erased_by", func(x *Extraction) any { return &x.ErasedBy }),
	},
})

func document(ctx context.Context, r store.Reader, id core.Ref) (*Document, error) {
	d, err := documents.Get(ctx, r, string(id))
	if err == nil && d == nil {
		err = command.ErrHidden
	}
	return d, err
}

func application(ctx context.Context, r store.Reader, id core.Ref) (*Application, error) {
	a, err := applications.Get(ctx, r, string(id))
	if err == nil && a == nil {
		err = command.ErrHidden
	}
	return a, err
}

func documentsOf(ctx context.Context, r store.Reader, client core.Ref) ([]Document, error) {
	return documents.Select(ctx, r, "WHERE client = $1 ORDER BY id", client)
}

// applicationsOf reads a client's applications, oldest first.
func applicationsOf(ctx context.Context, r store.Reader, client core.Ref) ([]Application, error) {
	return applications.Select(ctx, r, "WHERE client = $1 ORDER BY id", client)
}

// readings are the latest extraction of each of a client's documents.
func readings(ctx context.Context, r store.Reader, client core.Ref) (map[core.Ref]Extraction, error) {
	xs, err := extractions.Select(ctx, r, "WHERE client = $1 ORDER BY id", client)
	out := map[core.Ref]Extraction{}
	for _, x := range xs {
		out[x.Document] = x
	}
	return out, err
}

// load reads the file of a client.
func (d Domain) load(ctx context.Context, r store.Reader, client core.Ref) (*file, error) {
	f := &file{client: client}
	var err error
	if f.entity, err = d.Clients.EntityOf(ctx, r, client); err != nil {
		return nil, err
	}
	if f.says, err = d.Clients.Declared(ctx, r, client); err != nil {
		return nil, err
	}
	apps, err := applicationsOf(ctx, r, client)
	if err != nil {
		return nil, err
	}
	if len(apps) > 0 {
		f.app = &apps[len(apps)-1]
	}
	if f.docs, err = documentsOf(ctx, r, client); err != nil {
		return nil, err
	}
	f.read, err = readings(ctx, r, client)
	return f, err
}

// advance moves an undecided application to where its documents put it.
func (f *file) advance(ctx context.Context, tx *command.Tx) error {
	if f.app == nil || f.app.State.Decided() {
		return nil
	}
	now := *f.app
	now.State = f.stage()
	return applications.Update(ctx, tx.Tx, f.app, &now)
}

// queue reads one page of a table by id, oldest first, under a condition.
func queue[R any](ctx context.Context, t *store.Table[R], r store.Reader, where store.Where, p core.PageRequest, id func(*R) core.Ref) (core.Page[R], error) {
	var out core.Page[R]
	if p.After != "" {
		keys, err := p.After.Keys(1)
		if err != nil {
			return out, err
		}
		where = store.And(where, store.Compare("id", ">", keys[0]))
	}
	n := p.Size()
	rows, err := t.Filter(ctx, r, "WHERE {where} ORDER BY id LIMIT $1", where, n+1)
	if len(rows) > n {
		rows = rows[:n]
		out.Next = core.MakeCursor(string(id(&rows[n-1])))
	}
	out.Rows = rows
	return out, err
}
