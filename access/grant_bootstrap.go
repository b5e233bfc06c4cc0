package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// BootstrapGrant gives a role before anybody is there to approve it. It is for
// the installer alone, stays visible as such for ever, and is over in an entity
// as soon as one grant there was requested and approved.
type BootstrapGrant struct {
	Holder core.Ref     `json:"holder"`
	Role   Role         `json:"role"`
	Entity core.Ref     `json:"entity"`
	Until  core.Instant `json:"until"`
}

// Action is access.grant.bootstrap.
func (BootstrapGrant) Action() command.Action { return "access.grant.bootstrap" }

// Subject is the holder: the grant has no record yet.
func (g BootstrapGrant) Subject() core.Ref { return g.Holder }

// Validate checks the form of every field.
func (g BootstrapGrant) Validate() error { return validGrant(g.Holder, g.Role, 0, g.Until) }

type bootstrapGrant struct{}

// Load reads the holder, the entity and whether its bootstrap is over.
func (bootstrapGrant) Load(ctx context.Context, r store.Reader, in BootstrapGrant) (grantFacts, command.Resource, error) {
	f, err := loadGrantFacts(ctx, r, in.Holder, in.Entity)
	return f, grantResource("", in.Holder, in.Role, in.Entity), err
}

// Check refuses once there are people who can approve in the usual way.
func (bootstrapGrant) Check(in BootstrapGrant, f grantFacts, m command.Moment) command.Verdict {
	no := f.against(in.Role, m.Now, in.Until, m.Now)
	if f.requested > 0 {
		no = append(no, command.Refusal{Code: "bootstrap-over", Text: "Roles in this entity are requested and approved; the installer gives none any more."})
	}
	if len(no) > 0 {
		return command.Refuse(no...)
	}
	return command.Proceed()
}

// Apply gives the role.
func (bootstrapGrant) Apply(ctx context.Context, tx *command.Tx, in BootstrapGrant, f grantFacts) ([]evidence.Event, error) {
	g := &Grant{
		ID: tx.NewRef(core.KindGrant), Holder: in.Holder, Role: in.Role, Entity: f.entity.ID, Starts: tx.Now, Ends: in.Until,
		Origin: Bootstrapped, Maker: tx.Actor.Ref, Reason: string(Bootstrapped), State: Granted,
	}
	if err := grants.Insert(ctx, tx.Tx, g); err != nil {
		return nil, err
	}
	return []evidence.Event{g.event(EventGrantBootstrapped, g.Reason, "")}, nil
}
