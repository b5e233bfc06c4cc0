package access

import (
	"vouchsafe/core"
	"vouchsafe/store"
)

func public[R any](name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Public, Field: field}
}

func personal[R any](name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Personal, Search: true, Field: field}
}

var entities = store.Declare(store.Table[Entity]{
	Name: "entity", Kind: store.Recorded,
	Rev: func(e *Entity) *int64 { return &e.rev },
	Columns: []store.Column[Entity]{
		public("id", func(e *Entity) any { return &e.ID }),
		public("name", func(e *Entity) any { return &e.Name }),
		public("jurisdiction", func(e *Entity) any { return &e.Jurisdiction }),
		public("regulator", func(e *Entity) any { return &e.Regulator }),
		public("licence", func(e *Entity) any { return &e.Licence }),
		public("currency", func(e *Entity) any { return &e.Currency }),
		public("privileged_days", func(e *Entity) any { return &e.PrivilegedDays }),
		public("privileged_hours", func(e *Entity) any { return &e.PrivilegedHours }),
		public("breakable", func(e *Entity) any { return &e.Breakable }),
		public("ordinary_days", func(e *Entity) any { return &e.OrdinaryDays }),
		public("created", func(e *Entity) any { return &e.Created }),
		public("line_apart", func(e *Entity) any { return &e.LineApart }),
		public("review_months", func(e *Entity) any { return (*string)(&e.Reviews) }),
	},
})

var staffs = store.Declare(store.Table[Staff]{
	Name: "staff", Kind: store.Recorded,
	Subject: func(s *Staff) core.Ref { return s.ID },
	Rev:     func(s *Staff) *int64 { return &s.rev },
	Columns: []store.Column[Staff]{
		public("id", func(s *Staff) any { return &s.ID }),
		public("entity", func(s *Staff) any { return &s.Entity }),
		personal("name", func(s *Staff) any { return &s.Name }),
		personal("email", func(s *Staff) any { return &s.Email }),
		public("line", func(s *Staff) any { return (*string)(&s.Line) }),
		public("status", func(s *Staff) any { return (*string)(&s.Status) }),
		public("created", func(s *Staff) any { return &s.Created }),
		public("left_at", func(s *Staff) any { return &s.Left }),
		public("erased_by", func(s *Staff) any { return &s.ErasedBy }),
		public("manager", func(s *Staff) any { return &s.Manager }),
		public("function", func(s *Staff) any { return (*string)(&s.Function) }),
		public("employed_from", func(s *Staff) any { return &s.From }),
		public("employed_until", func(s *Staff) any { return &s.Until }),
	},
})

var grants = store.Declare(store.Table[Grant]{
	Name: "role_grant", Kind: store.Recorded,
	Subject: func(g *Grant) core.Ref { return g.Holder },
	Rev:     func(g *Grant) *int64 { return &g.rev },
	Columns: []store.Column[Grant]{
		public("id", func(g *Grant) any { return &g.ID }),
		public("holder", func(g *Grant) any { return &g.Holder }),
		public("role", func(g *Grant) any { return (*string)(&g.Role) }),
		public("entity", func(g *Grant) any { return &g.Entity }),
		public("starts", func(g *Grant) any { return &g.Starts }),
		public("ends", func(g *Grant) any { return &g.Ends }),
		public("origin", func(g *Grant) any { return (*string)(&g.Origin) }),
		public("maker", func(g *Grant) any { return &g.Maker }),
		public("proposal", func(g *Grant) any { return &g.Proposal }),
		public("reason", func(g *Grant) any { return &g.Reason }),
		personal("words", func(g *Grant) any { return &g.Words }),
		public("case_ref", func(g *Grant) any { return &g.Case }),
		public("ticket", func(g *Grant) any { return &g.Ticket }),
		public("state", func(g *Grant) any { return (*string)(&g.State) }),
		public("closed", func(g *Grant) any { return &g.Closed }),
		public("closed_by", func(g *Grant) any { return &g.ClosedBy }),
		public("closed_reason", func(g *Grant) any { return &g.ClosedReason }),
	},
})
