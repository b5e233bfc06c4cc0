package access

import (
	"vouchsafe/core"
	"vouchsafe/store"
)

// PolicyVersion is a set of policies that the firm adopted. It is in force from
// its start until the next one starts, and is never edited.
type PolicyVersion struct {
	ID       core.Ref     `json:"id"`
	Number   int          `json:"version"`
	Hash     string       `json:"hash"` // SHA-256 of Text, hex
	Text     string       `json:"-"`
	Base     string       `json:"base"`    // the set that was in force when it was written
	Builtin  string       `json:"builtin"` // what the program brought then
	Draft    core.Ref     `json:"draft"`
	Starts   core.Instant `json:"starts"`
	Maker    core.Ref     `json:"maker"`
	Proposal core.Ref     `json:"proposal"`
	Reason   string       `json:"reason"`
	Words    string       `json:"words"`

	rev int64
}

var policyVersions = store.Declare(store.Table[PolicyVersion]{
	Name: "policy_version", Kind: store.Recorded,
	Rev: func(v *PolicyVersion) *int64 { return &v.rev },
	Columns: []store.Column[PolicyVersion]{
		public("id", func(v *PolicyVersion) any { return &v.ID }),
		public("version", func(v *PolicyVersion) any { return &v.Number }),
		public("hash", func(v *PolicyVersion) any { return &v.Hash }),
		public("text", func(v *PolicyVersion) any { return &v.Text }),
		public("base", func(v *PolicyVersion) any { return &v.Base }),
		public("builtin", func(v *PolicyVersion) any { return &v.Builtin }),
		public("draft", func(v *PolicyVersion) any { return &v.Draft }),
		public("starts", func(v *PolicyVersion) any { return &v.Starts }),
		public("maker", func(v *PolicyVersion) any { return &v.Maker }),
		public("proposal", func(v *PolicyVersion) any { return &v.Proposal }),
		public("reason", func(v *PolicyVersion) any { return &v.Reason }),
		public("words", func(v *PolicyVersion) any { return &v.Words }),
	},
})

// PolicyDraft is a set of policies that somebody wrote and that decides
// nothing yet. What is proposed, tried and approved is its hash.
type PolicyDraft struct {
	ID      core.Ref     `json:"id"`
	Hash    string       `json:"hash"`
	Text    string       `json:"-"`
	Base    string       `json:"base"`
	Builtin string       `json:"builtin"`
	Maker   core.Ref     `json:"maker"`
	Reason  string       `json:"reason"`
	Words   string       `json:"words"`
	Case    core.Ref     `json:"case,omitempty"`
	Created core.Instant `json:"created"`

	rev int64
}

var policyDrafts = store.Declare(store.Table[PolicyDraft]{
	Name: "policy_draft", Kind: store.Recorded,
	Rev: func(d *PolicyDraft) *int64 { return &d.rev },
	Columns: []store.Column[PolicyDraft]{
		public("id", func(d *PolicyDraft) any { return &d.ID }),
		public("hash", func(d *PolicyDraft) any { return &d.Hash }),
		public("text", func(d *PolicyDraft) any { return &d.Text }),
		public("base", func(d *PolicyDraft) any { return &d.Base }),
		public("builtin", func(d *PolicyDraft) any { return &d.Builtin }),
		public("maker", func(d *PolicyDraft) any { return &d.Maker }),
		public("reason", func(d *PolicyDraft) any { return &d.Reason }),
		public("words", func(d *PolicyDraft) any { return &d.Words }),
		public("case_ref", func(d *PolicyDraft) any { return &d.Case }),
		public("created", func(d *PolicyDraft) any { return &d.Created }),
	},
})
