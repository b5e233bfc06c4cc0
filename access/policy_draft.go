package access

import (
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// DraftPolicies writes down a set of policies for others to try and to agree
// to. It decides nothing.
type DraftPolicies struct {
	// Text is the files that are new or other than those in force, each under a
	// line "// FILE name.cedar".
	Text    string   `json:"text"`
	Removes []string `json:"removes,omitempty"` // files that go
	Base    string   `json:"base"`              // the set in force that was changed
	Reason  string   `json:"reason"`
	Words   string   `json:"words"`
	Case    core.Ref `json:"case,omitempty"`
}

// PolicyReasons are the reason codes of a change of policies.
var PolicyReasons = []string{"policy-review", "regulator", "incident", "new-workflow", "upgrade", "error"}

// Action is access.policy.draft.
func (DraftPolicies) Action() command.Action { return "access.policy.draft" }

// Subject is the set that was changed.
func (in DraftPolicies) Subject() core.Ref { return PolicySetRef(in.Base) }

// CaseRef is the case that the change belongs to, if any.
func (in DraftPolicies) CaseRef() core.Ref { return in.Case }

var policyFileName = regexp.MustCompile(`^[a-z][a-z0-9-]*\.cedar$`)

// Validate checks the form of every field.
func (in DraftPolicies) Validate() error {
	files := filesOf([]byte(in.Text))
	switch {
	case !setHash.MatchString(in.Base):
		return core.InvalidField("base", "Say by its SHA-256 which policies you changed: those in force.")
	case len(in.Text) > 200_000:
		return core.InvalidField("text", "Policies of more than 200,000 characters cannot be read by those who agree to them.")
	case len(files) == 0 && len(in.Removes) == 0:
		return core.InvalidField("text", "Nothing was changed. Put each changed file under a line like // FILE support.cedar.")
	case !slices.Contains(PolicyReasons, in.Reason):
		return core.InvalidField("reason", "Choose why: policy-review, regulator, incident, new-workflow, upgrade or error.")
	case len(strings.TrimSpace(in.Words)) < 20:
		return core.InvalidField("words", "Say in your own words, in at least 20 characters, why the policies change.")
	}
	for _, name := range append(slices.Clone(in.Removes), files.names()...) {
		switch {
		case isFloor(name):
			return core.InvalidField("text", name+" is the program's own and holds whatever you adopt. Leave it out; forbid more in a file of yours.")
		case !policyFileName.MatchString(path.Base(name)) || path.Base(name) != name:
			return core.InvalidField("text", fmt.Sprintf("%q is no name of a file: write small letters, digits and dashes, and .cedar at the end.", name))
		}
	}
	return nil
}

var setHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// names are the files' names in order.
func (f textFiles) names() []string {
	return slices.Sorted(maps.Keys(f))
}

// drafting is what a draft is judged on.
type drafting struct {
	base    string      // the set in force
	now     *Authorizer // what decides
	set     *Authorizer // the draft; nil where it does not load
	people  []worker
	against []command.Refusal
}

type draftPolicies struct{ PolicyDeps }

// Load puts the draft on the program's floor and validates it.
func (h draftPolicies) Load(ctx context.Context, r store.Reader, in DraftPolicies) (f drafting, res command.Resource, err error) {
	res = command.Resource{Kind: KindPolicySet, Ref: in.Subject()}
	now, err := h.Policies.InForce(ctx, r)
	if err != nil {
		return f, res, err
	}
	files := filesOf(now.set.text)
	for name, text := range filesOf([]byte(in.Text)) {
		files[name] = text
	}
	for _, name := range in.Removes {
		delete(files, name)
	}
	text, err := setText(files, files.names())
	if err != nil {
		return f, res, err
	}
	f, err = h.judge(ctx, r, text)
	return f, res, err
}

// Check refuses what does not validate, changes nothing, rests on other
// policies than those in force, or would lock everybody out.
func (draftPolicies) Check(in DraftPolicies, f drafting, m command.Moment) command.Verdict {
	if no := f.refusals(in.Base, m.Now); len(no) > 0 {
		return command.Refuse(no...)
	}
	return command.Proceed()
}

func (f drafting) refusals(base string, at core.Instant) []command.Refusal {
	no := slices.Clone(f.against)
	if f.set != nil {
		no = append(no, f.set.lockedOut(f.now, f.people, at)...)
	}
	if base != f.base {
		no = append(no, command.Refusal{Code: "others-in-force", Text: "Other policies came into force since: open those that decide now, and make your change there."})
	}
	if f.set != nil && f.set.SetHash() == f.base {
		no = append(no, command.Refusal{Code: "nothing-changed", Text: "These are the policies in force, to the letter."})
	}
	return no
}

// Apply keeps the draft.
func (h draftPolicies) Apply(ctx context.Context, tx *command.Tx, in DraftPolicies, f drafting) ([]evidence.Event, error) {
	d := &PolicyDraft{
		ID: tx.NewRef(KindPolicySet), Hash: f.set.SetHash(), Text: string(f.set.set.text), Base: f.base, Builtin: h.Policies.SetHash(),
		Maker: tx.Actor.Ref, Reason: in.Reason, Words: in.Words, Case: in.Case, Created: tx.Now,
	}
	if err := policyDrafts.Insert(ctx, tx.Tx, d); err != nil {
		return nil, err
	}
	return []evidence.Event{{
		Type: EventPolicyDrafted, Subjects: []core.Ref{d.ID}, Case: in.Case, Reason: in.Reason, Text: in.Words,
		Details: []evidence.Detail{{Name: "set", Value: d.Hash, Search: true}, {Name: "base", Value: d.Base}},
	}}, nil
}
