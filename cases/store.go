package cases

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

func pub[R any](name string, f func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Public, Field: f}
}

func private[R any](name string, f func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Personal, Search: true, Field: f}
}

var caseTable = store.Declare(store.Table[Case]{
	Name: "case_file", Kind: store.Recorded,
	Subject: func(c *Case) core.Ref { return c.Subject },
	Rev:     func(c *Case) *int64 { return &c.rev },
	Columns: []store.Column[Case]{
		pub("id", func(c *Case) any { return &c.ID }),
		pub("entity", func(c *Case) any { return &c.Entity }),
		pub("type", func(c *Case) any { return (*string)(&c.Type) }),
		pub("subject", func(c *Case) any { return &c.Subject }),
		private("title", func(c *Case) any { return &c.Title }),
		pub("origin", func(c *Case) any { return &c.Origin }),
		private("origin_ref", func(c *Case) any { return &c.OriginRef }),
		{Name: "origin_sha256", Class: core.Personal, Field: func(c *Case) any { return &c.OriginSum }},
		pub("owner", func(c *Case) any { return &c.Owner }),
		pub("state", func(c *Case) any { return &c.State }),
		pub("outcome", func(c *Case) any { return &c.Outcome }),
		pub("opened", func(c *Case) any { return &c.Opened }),
		pub("opened_by", func(c *Case) any { return &c.OpenedBy }),
		pub("closed", func(c *Case) any { return &c.Closed }),
	},
})

var findingTable = store.Declare(store.Table[Finding]{
	Name: "finding", Kind: store.Recorded,
	Subject: func(f *Finding) core.Ref { return f.owner() },
	Rev:     func(f *Finding) *int64 { return &f.rev },
	Columns: []store.Column[Finding]{
		pub("id", func(f *Finding) any { return &f.ID }),
		pub("entity", func(f *Finding) any { return &f.Entity }),
		pub("kind", func(f *Finding) any { return &f.Kind }),
		pub("subject", func(f *Finding) any { return &f.Subject }),
		{Name: "external", Class: core.Public, Search: true, Field: func(f *Finding) any { return &f.External }},
		private("words", func(f *Finding) any { return &f.Text }),
		pub("severity", func(f *Finding) any { return &f.Severity }),
		pub("state", func(f *Finding) any { return &f.State }),
		pub("case_ref", func(f *Finding) any { return &f.Case }),
		pub("raised", func(f *Finding) any { return &f.Raised }),
		pub("resolved", func(f *Finding) any { return &f.Resolved }),
		pub("resolved_by", func(f *Finding) any { return &f.ResolvedBy }),
		pub("dedupe", func(f *Finding) any { return &f.Dedupe }),
	},
})

// CaseByID reads one case; nil when there is none.
func CaseByID(ctx context.Context, r store.Reader, id core.Ref) (*Case, error) {
	return caseTable.Get(ctx, r, string(id))
}

// FindingByID reads one finding; nil when there is none.
func FindingByID(ctx context.Context, r store.Reader, id core.Ref) (*Finding, error) {
	return findingTable.Get(ctx, r, string(id))
}

// Service answers other domains' questions about cases.
type Service struct{}

// Permits says why a command may not name the case, or nil when it may. The
// case must be about one of the subjects.
func (Service) Permits(ctx context.Context, r store.Reader, id core.Ref, act command.Action, subjects ...core.Ref) (*command.Refusal, error) {
	c, err := CaseByID(ctx, r, id)
	if err != nil {
		return nil, err
	}
	return fits(c, act, subjects), nil
}
