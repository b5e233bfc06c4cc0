package onboarding

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ListDocuments asks for one page of documents, oldest first: those of a
// client, or those in a state (Pending is the review queue), or both.
type ListDocuments struct {
	Client core.Ref         `json:"client,omitempty"`
	State  DocumentState    `json:"state,omitempty"`
	Page   core.PageRequest `json:"page"`
}

// Action is onboarding.document.list.
func (ListDocuments) Action() command.Action { return "onboarding.document.list" }

// Subject is the client, if the list is of one.
func (in ListDocuments) Subject() core.Ref { return in.Client }

// DocumentList answers ListDocuments.
type DocumentList struct{ Domain }

// Target leaves the choice of rows to policy.
func (DocumentList) Target(context.Context, store.Reader, ListDocuments) (command.Resource, error) {
	return command.Resource{Kind: core.KindDocument}, nil
}

// Read reads the page under the policy's filter.
func (q DocumentList) Read(ctx context.Context, r store.Reader, in ListDocuments, see *command.Sight) (core.Page[DocumentRow], error) {
	where := see.Where
	if in.Client != "" {
		where = store.And(where, store.Eq("client", in.Client))
	}
	if in.State != "" {
		where = store.And(where, store.Eq("state", string(in.State)))
	}
	var out core.Page[DocumentRow]
	p, err := queue(ctx, documents, r, where, in.Page, func(d *Document) core.Ref { return d.ID })
	if err != nil {
		return out, err
	}
	out.Next = p.Next
	about := people{domain: q.Domain}
	for i := range p.Rows {
		d := &p.Rows[i]
		name, read, err := about.of(ctx, r, d.Client)
		if err != nil {
			return core.Page[DocumentRow]{}, err
		}
		var x *Extraction
		if found, ok := read[d.ID]; ok {
			x = &found
		}
		out.Rows = append(out.Rows, q.documentRow(see, d, x, name))
	}
	see.Counted(len(out.Rows))
	return out, nil
}

// people remembers what a list has read about each client.
type people struct {
	domain Domain
	names  map[core.Ref]string
	reads  map[core.Ref]map[core.Ref]Extraction
}

func (p *people) of(ctx context.Context, r store.Reader, client core.Ref) (name string, read map[core.Ref]Extraction, err error) {
	if p.names == nil {
		p.names, p.reads = map[core.Ref]string{}, map[core.Ref]map[core.Ref]Extraction{}
	}
	if _, ok := p.names[client]; !ok {
		says, err := p.domain.Clients.Declared(ctx, r, client)
		if err != nil {
			return "", nil, err
		}
		if p.reads[client], err = readings(ctx, r, client); err != nil {
			return "", nil, err
		}
		p.names[client] = says["name"]
	}
	return p.names[client], p.reads[client], nil
}
