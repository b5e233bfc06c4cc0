package approvals

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Version is one version of an entity's approval rules for one action.
type Version struct {
	ID       core.Ref       `json:"id"`
	Entity   core.Ref       `json:"entity"`
	Action   command.Action `json:"action"`
	Number   int            `json:"version"`
	Text     string         `json:"rules"`
	Hash     string         `json:"hash"` // SHA-256 of Text, hex
	Starts   core.Instant   `json:"starts"`
	Maker    core.Ref       `json:"maker"`
	Proposal core.Ref       `json:"proposal"`
	Reason   string         `json:"reason"`
	Words    string         `json:"words"`
	Created  core.Instant   `json:"created"`

	rev int64
}

func public(name string, field func(*Version) any) store.Column[Version] {
	return store.Column[Version]{Name: name, Class: core.Public, Field: field}
}

var versions = store.Declare(store.Table[Version]{
	Name: "approval_rules", Kind: store.Recorded,
	Rev: func(v *Version) *int64 { return &v.rev },
	Columns: []store.Column[Version]{
		public("id", func(v *Version) any { return &v.ID }),
		public("entity", func(v *Version) any { return &v.Entity }),
		public("action", func(v *Version) any { return (*string)(&v.Action) }),
		public("version", func(v *Version) any { return &v.Number }),
		public("rules", func(v *Version) any { return &v.Text }),
		public("hash", func(v *Version) any { return &v.Hash }),
		public("starts", func(v *Version) any { return &v.Starts }),
		public("maker", func(v *Version) any { return &v.Maker }),
		public("proposal", func(v *Version) any { return &v.Proposal }),
		public("reason", func(v *Version) any { return &v.Reason }),
		public("words", func(v *Version) any { return &v.Words }),
		public("created", func(v *Version) any { return &v.Created }),
	},
})

// set is the version as the road reads it. Its name says whose it is.
func (v *Version) set() (command.RuleSet, error) {
	return command.ParseRules(name(v.Entity, v.Action, v.Number), v.Text)
}

func name(entity core.Ref, act command.Action, number int) string {
	return fmt.Sprintf("%s/%s/%d", act, entity, number)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// resource is a version, or one about to be made, as policy sees it.
func resource(id, entity core.Ref) command.Resource {
	return command.Resource{Kind: core.KindRules, Ref: id, Entity: entity}
}

// history reads every version of an entity's rules for one action, oldest first.
func history(ctx context.Context, r store.Reader, entity core.Ref, act command.Action) ([]Version, error) {
	return versions.Select(ctx, r, "WHERE entity = $1 AND action = $2 ORDER BY version", entity, string(act))
}

// InForce is the command.RuleBook of this package: the version that is in
// force at a moment, nil where the entity has adopted none.
func InForce(ctx context.Context, r store.Reader, entity core.Ref, act command.Action, at core.Instant) (*command.RuleSet, error) {
	v, err := versions.One(ctx, r, "WHERE entity = $1 AND action = $2 AND starts <= $3 ORDER BY version DESC LIMIT 1", entity, string(act), at)
	if err != nil || v == nil {
		return nil, err
	}
	s, err := v.set()
	return &s, err
}
