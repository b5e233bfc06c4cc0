package access

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Untrained is a role in force whose training is not shown by a live
// certificate. The role stays: that it does is the entity's rule, and is a
// finding.
type Untrained struct {
	Role     Role     `json:"role"`
	Entity   core.Ref `json:"entity"`
	Training string   `json:"training"`
}

// trainings reads the person's certificates, and what the roles demand that the
// reader may see.
func (v *StaffView) trainings(ctx context.Context, r store.Reader, now core.Instant) error {
	v.Certificates, v.Untrained = []Certificate{}, []Untrained{}
	held, err := CertificatesOf(ctx, r, v.ID)
	if err != nil {
		return err
	}
	v.Certificates = append(v.Certificates, held...)
	for _, g := range v.Grants {
		if !g.Live {
			continue
		}
		rules, err := TrainingRulesOf(ctx, r, g.Entity)
		if err != nil {
			return err
		}
		for _, rule := range (training{rules, held}).missing(g.Role, now) {
			v.Untrained = append(v.Untrained, Untrained{g.Role, g.Entity, rule.Training})
		}
	}
	return nil
}
