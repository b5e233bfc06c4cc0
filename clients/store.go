package clients

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

func public[R any](name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Public, Field: field}
}

func sensitive[R any](c core.Class, name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: c, Field: field}
}

func searched[R any](c core.Class, name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: c, Search: true, Field: field}
}

var clients = store.Declare(store.Table[Client]{
	Name: "client", Kind: store.Recorded,
	Subject: func(c *Client) core.Ref { return c.ID },
	Rev:     func(c *Client) *int64 { return &c.rev },
	Columns: []store.Column[Client]{
		public("id", func(c *Client) any { return &c.ID }),
		public("entity", func(c *Client) any { return &c.Entity }),
		searched(core.Personal, "name", func(c *Client) any { return &c.Name }),
		sensitive(core.Personal, "name_key", func(c *Client) any { return &c.nameKey }),
		searched(core.Personal, "email", func(c *Client) any { return &c.Email }),
		sensitive(core.Personal, "phone", func(c *Client) any { return &c.Phone }),
		sensitive(core.Personal, "address", func(c *Client) any { return &c.Address }),
		public("country", func(c *Client) any { return &c.Country }),
		sensitive(core.Identity, "birth_date", func(c *Client) any { return &c.BirthDate }),
		public("nationality", func(c *Client) any { return &c.Nationality }),
		public("category", func(c *Client) any { return (*string)(&c.Category) }),
		public("introduced_by", func(c *Client) any { return &c.IntroducedBy }),
		public("status", func(c *Client) any { return (*string)(&c.Status) }),
		public("created", func(c *Client) any { return &c.Created }),
		public("erased_by", func(c *Client) any { return &c.ErasedBy }),
	},
})

var bankDetails = store.Declare(store.Table[BankDetail]{
	Name: "bank_detail", Kind: store.Recorded,
	Subject: func(b *BankDetail) core.Ref { return b.Client },
	Rev:     func(b *BankDetail) *int64 { return &b.rev },
	Columns: []store.Column[BankDetail]{
		public("id", func(b *BankDetail) any { return &b.ID }),
		public("client", func(b *BankDetail) any { return &b.Client }),
		sensitive(core.Bank, "holder", func(b *BankDetail) any { return &b.Holder }),
		public("scheme", func(b *BankDetail) any { return (*string)(&b.Scheme) }),
		searched(core.Bank, "account", func(b *BankDetail) any { return &b.Account }),
		sensitive(core.Bank, "bank", func(b *BankDetail) any { return &b.Bank }),
		public("currency", func(b *BankDetail) any { return &b.Currency }),
		public("active", func(b *BankDetail) any { return &b.Active }),
		public("created", func(b *BankDetail) any { return &b.Created }),
		public("changed_at", func(b *BankDetail) any { return &b.ChangedAt }),
		public("erased_by", func(b *BankDetail) any { return &b.ErasedBy }),
	},
})

var restrictions = store.Declare(store.Table[Restriction]{
	Name: "restriction", Kind: store.Recorded,
	Subject: func(x *Restriction) core.Ref { return x.Client },
	Rev:     func(x *Restriction) *int64 { return &x.rev },
	Columns: []store.Column[Restriction]{
		public("id", func(x *Restriction) any { return &x.ID }),
		public("client", func(x *Restriction) any { return &x.Client }),
		public("purpose", func(x *Restriction) any { return (*string)(&x.Purpose) }),
		public("reason", func(x *Restriction) any { return &x.Reason }),
		searched(core.Personal, "words", func(x *Restriction) any { return &x.Words }),
		public("set_by", func(x *Restriction) any { return &x.SetBy }),
		public("set_at", func(x *Restriction) any { return &x.SetAt }),
		public("lifted_by", func(x *Restriction) any { return &x.LiftedBy }),
		public("lifted_at", func(x *Restriction) any { return &x.LiftedAt }),
		searched(core.Personal, "lifted_words", func(x *Restriction) any { return &x.LiftedWords }),
		public("erased_by", func(x *Restriction) any { return &x.ErasedBy }),
	},
})

// get reads a client that must exist; a missing one looks like one that the
// asker may not know of.
func get(ctx context.Context, r store.Reader, id core.Ref) (*Client, error) {
	c, err := clients.Get(ctx, r, string(id))
	if err == nil && c == nil {
		err = command.ErrHidden
	}
	return c, err
}

// emailInUse reports whether another client of the entity has the address.
func emailInUse(ctx context.Context, r store.Reader, entity core.Ref, email string, not core.Ref) (bool, error) {
	c, err := clients.One(ctx, r, "WHERE entity = $1 AND email = $2", entity, email)
	return c != nil && c.ID != not, err
}

func detailsOf(ctx context.Context, r store.Reader, client core.Ref) ([]BankDetail, error) {
	return bankDetails.Select(ctx, r, "WHERE client = $1 ORDER BY id", client)
}

func restrictionsOf(ctx context.Context, r store.Reader, client core.Ref) ([]Restriction, error) {
	return restrictions.Select(ctx, r, "WHERE client = $1 ORDER BY set_at, id", client)
}

// page reads one page of clients, newest first, under a condition.
func page(ctx context.Context, r store.Reader, where store.Where, p core.PageRequest) (core.Page[Client], error) {
	var out core.Page[Client]
	if p.After != "" {
		keys, err := p.After.Keys(1)
		if err != nil {
			return out, err
		}
		where = store.And(where, store.Compare("id", "<", keys[0]))
	}
	n := p.Size()
	rows, err := clients.Filter(ctx, r, "WHERE {where} ORDER BY id DESC LIMIT $1", where, n+1)
	if len(rows) > n {
		rows = rows[:n]
		out.Next = core.MakeCursor(string(rows[n-1].ID))
	}
	out.Rows = rows
	return out, err
}

// byName reads clients one of whose name words begins with prefix, which is in
// the form of nameKey and holds no wildcard.
func byName(ctx context.Context, r store.Reader, where store.Where, prefix string, limit int) ([]Client, error) {
	return clients.Filter(ctx, r, "WHERE (name_key LIKE $1 ESCAPE '!' OR name_key LIKE $2 ESCAPE '!') AND {where} ORDER BY id DESC LIMIT $3",
		where, prefix+"%", "% "+prefix+"%", limit)
}

// byRef reads clients whose reference ends in a text without wildcards.
func byRef(ctx context.Context, r store.Reader, where store.Where, end string, limit int) ([]Client, error) {
	return clients.Filter(ctx, r, "WHERE id LIKE $1 ESCAPE '!' AND {where} ORDER BY id DESC LIMIT $2",
		where, "%"+end, limit)
}
