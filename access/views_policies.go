package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ListPolicies asks for the policies in force and all versions before them.
type ListPolicies struct{}

// Action is access.policy.view.
func (ListPolicies) Action() command.Action { return "access.policy.view" }

// Subject is nothing in particular.
func (ListPolicies) Subject() core.Ref { return "" }

// PoliciesList is the firm's versions, and what waits to become one.
type PoliciesList struct {
	Set     string `json:"set"`     // that decides now
	Builtin string `json:"builtin"` // that the program brings
	// Behind says that the firm's version was written on other policies of the
	// program than those that it brings now.
	Behind   bool                `json:"behind"`
	Versions []PolicyVersionView `json:"versions" nullable:"false"` // newest first
	Drafts   []PolicyDraft       `json:"drafts" nullable:"false"`   // newest first, those that are not in force and never were
	MayDraft bool                `json:"may_draft"`
}

// PolicyVersionView is a version, with who agreed and what it changed.
type PolicyVersionView struct {
	PolicyVersion
	Until     core.Instant     `json:"until,omitempty"` // zero while it is in force
	Approvers []core.Ref       `json:"approvers" nullable:"false"`
	Event     string           `json:"event,omitempty"` // of its activation
	Changes   []PolicyFileDiff `json:"changes" nullable:"false"`
}

// ListPoliciesQuery answers ListPolicies.
func ListPoliciesQuery(d PolicyDeps) command.Query[ListPolicies, PoliciesList] {
	return listPolicies{d}
}

type listPolicies struct{ PolicyDeps }

// Target is the set in force.
func (q listPolicies) Target(ctx context.Context, r store.Reader, _ ListPolicies) (command.Resource, error) {
	return q.Policies.setTarget(ctx, r, "")
}

// Read lists them.
func (q listPolicies) Read(ctx context.Context, r store.Reader, _ ListPolicies, see *command.Sight) (PoliciesList, error) {
	now, err := q.Policies.InForce(ctx, r)
	if err != nil {
		return PoliciesList{}, err
	}
	v := PoliciesList{
		Set: now.SetHash(), Builtin: q.Policies.SetHash(), Versions: []PolicyVersionView{}, Drafts: []PolicyDraft{},
		MayDraft: see.Allowed(DraftPolicies{}.Action(), command.Resource{Kind: KindPolicySet, Ref: PolicySetRef(now.SetHash())}),
	}
	rows, err := policyVersions.Select(ctx, r, "WHERE version > 0 ORDER BY version DESC LIMIT 200")
	if err != nil {
		return v, err
	}
	until := core.Instant(0)
	for _, x := range rows {
		w, err := q.version(ctx, r, x)
		if err != nil {
			return v, err
		}
		w.Until, until = until, x.Starts
		v.Versions = append(v.Versions, w)
	}
	v.Behind = len(rows) > 0 && rows[0].Builtin != v.Builtin
	drafts, err := policyDrafts.Select(ctx, r, "WHERE id NOT IN (SELECT draft FROM policy_version) ORDER BY created DESC, id LIMIT 20")
	v.Drafts = append(v.Drafts, drafts...)
	return v, err
}

// version adds who agreed, the event, and what changed against the set before.
func (q listPolicies) version(ctx context.Context, r store.Reader, x PolicyVersion) (PolicyVersionView, error) {
	v := PolicyVersionView{PolicyVersion: x, Approvers: []core.Ref{}}
	was, err := q.Policies.PolicyText(ctx, r, x.Base)
	if err != nil {
		return v, err
	}
	v.Changes = diffSets(was, []byte(x.Text))
	answers, err := command.Decisions(ctx, r, x.Proposal)
	if err != nil {
		return v, err
	}
	for _, a := range answers {
		v.Approvers = append(v.Approvers, a.Approver)
	}
	found, err := q.Log.Find(ctx, r, evidence.Filter{Refs: []core.Ref{x.ID}, Types: []string{EventPolicyActivated.Name}, Scope: store.True}, core.PageRequest{Limit: 1})
	if err == nil && len(found.Rows) > 0 {
		v.Event = found.Rows[0].ID
	}
	return v, err
}

// ViewPolicyDraft asks for one draft.
type ViewPolicyDraft struct {
	Draft core.Ref `json:"draft"`
}

// Action is access.policy.view.
func (ViewPolicyDraft) Action() command.Action { return "access.policy.view" }

// Subject is the draft.
func (in ViewPolicyDraft) Subject() core.Ref { return in.Draft }

// PolicyDraftView is a draft with what it changes and what speaks against it.
type PolicyDraftView struct {
	PolicyDraft
	Changes []PolicyFileDiff  `json:"changes" nullable:"false"`
	Against []command.Refusal `json:"against" nullable:"false"`
	Version int               `json:"version,omitempty"` // that it became
	MayTry  bool              `json:"may_try"`
	MayAsk  bool              `json:"may_ask"`
}

// ViewPolicyDraftQuery answers ViewPolicyDraft.
func ViewPolicyDraftQuery(d PolicyDeps) command.Query[ViewPolicyDraft, PolicyDraftView] {
	return viewPolicyDraft{d}
}

type viewPolicyDraft struct{ PolicyDeps }

// Target is the draft.
func (q viewPolicyDraft) Target(ctx context.Context, r store.Reader, in ViewPolicyDraft) (command.Resource, error) {
	return draftTarget(ctx, r, in.Draft)
}

func draftTarget(ctx context.Context, r store.Reader, id core.Ref) (command.Resource, error) {
	d, err := policyDrafts.Get(ctx, r, string(id))
	if err == nil && d == nil {
		err = command.ErrHidden
	}
	return command.Resource{Kind: KindPolicySet, Ref: id}, err
}

// Read shows it.
func (q viewPolicyDraft) Read(ctx context.Context, r store.Reader, in ViewPolicyDraft, see *command.Sight) (PolicyDraftView, error) {
	d, err := policyDrafts.Get(ctx, r, string(in.Draft))
	if err != nil {
		return PolicyDraftView{}, err
	}
	res := command.Resource{Kind: KindPolicySet, Ref: d.ID}
	v := PolicyDraftView{PolicyDraft: *d, Against: []command.Refusal{}, MayTry: see.Allowed(TryPolicies{}.Action(), res)}
	base, err := q.Policies.PolicyText(ctx, r, d.Base)
	if err != nil {
		return v, err
	}
	v.Changes = diffSets(base, []byte(d.Text))
	became, err := policyVersions.One(ctx, r, "WHERE draft = $1", d.ID)
	if err != nil {
		return v, err
	}
	if became != nil {
		v.Version = became.Number
		return v, nil
	}
	f, err := q.judge(ctx, r, []byte(d.Text))
	v.Against = append(v.Against, f.refusals(d.Base, see.Now)...)
	v.MayAsk = d.Maker == see.Actor.Ref && len(v.Against) == 0 && see.Allowed(ActivatePolicies{}.Action(), res)
	return v, err
}

// TryPolicies asks what a draft would have decided of what was decided before.
type TryPolicies struct {
	Draft core.Ref `json:"draft"`
}

// Action is access.policy.try.
func (TryPolicies) Action() command.Action { return "access.policy.try" }

// Subject is the draft.
func (in TryPolicies) Subject() core.Ref { return in.Draft }

// TryPoliciesQuery answers TryPolicies.
func TryPoliciesQuery(d PolicyDeps) command.Query[TryPolicies, Trial] { return tryPolicies{d} }

type tryPolicies struct{ PolicyDeps }

// Target is the draft.
func (tryPolicies) Target(ctx context.Context, r store.Reader, in TryPolicies) (command.Resource, error) {
	return draftTarget(ctx, r, in.Draft)
}

// Read tries it against the set in force.
func (q tryPolicies) Read(ctx context.Context, r store.Reader, in TryPolicies, see *command.Sight) (Trial, error) {
	d, err := policyDrafts.Get(ctx, r, string(in.Draft))
	if err != nil {
		return Trial{}, err
	}
	now, err := q.Policies.InForce(ctx, r)
	if err != nil {
		return Trial{}, err
	}
	draft, err := q.Policies.withFirm([]byte(d.Text))
	if err != nil {
		return Trial{}, core.NewFault(core.Refused, "policies-do-not-validate", told(err.Error()))
	}
	t, err := q.try(ctx, r, now, draft)
	see.Counted(t.Tried)
	return t, err
}

// EditPolicies asks for the files to change.
type EditPolicies struct {
	// Program asks for the firm's files with what the program brings that is new.
	Program bool `json:"program,omitempty"`
}

// Action is access.policy.view.
func (EditPolicies) Action() command.Action { return "access.policy.view" }

// Subject is nothing in particular.
func (EditPolicies) Subject() core.Ref { return "" }

// PolicyFile is one file of a set.
type PolicyFile struct {
	Name  string `json:"name"`
	Text  string `json:"text"`
	Floor bool   `json:"floor"` // the program's own: to be read only
	// Merge says that the firm and the program both changed the file since: the
	// text is the firm's, and Theirs is the program's.
	Merge  bool   `json:"merge,omitempty"`
	Theirs string `json:"theirs,omitempty"`
}

// EditView is the files of the set in force.
type EditView struct {
	Set      string       `json:"set"`
	Files    []PolicyFile `json:"files" nullable:"false"`
	MayDraft bool         `json:"may_draft"`
}

// EditPoliciesQuery answers EditPolicies.
func EditPoliciesQuery(d PolicyDeps) command.Query[EditPolicies, EditView] { return editPolicies{d} }

type editPolicies struct{ PolicyDeps }

// Target is the set in force.
func (q editPolicies) Target(ctx context.Context, r store.Reader, _ EditPolicies) (command.Resource, error) {
	return q.Policies.setTarget(ctx, r, "")
}

// Read takes the set apart.
func (q editPolicies) Read(ctx context.Context, r store.Reader, in EditPolicies, see *command.Sight) (EditView, error) {
	now, err := q.Policies.InForce(ctx, r)
	if err != nil {
		return EditView{}, err
	}
	v := EditView{Set: now.SetHash(), MayDraft: see.Allowed(DraftPolicies{}.Action(), command.Resource{Kind: KindPolicySet, Ref: PolicySetRef(now.SetHash())})}
	files := filesOf(now.set.text)
	for _, name := range files.names() {
		v.Files = append(v.Files, PolicyFile{Name: name, Text: string(files[name]), Floor: isFloor(name)})
	}
	if !in.Program {
		return v, nil
	}
	base := ""
	last, err := policyVersions.One(ctx, r, "WHERE version > 0 ORDER BY version DESC LIMIT 1")
	if err != nil || last == nil {
		return v, err
	}
	text, err := q.Policies.PolicyText(ctx, r, last.Builtin)
	if base = string(text); err == nil {
		v.Files = merged3(filesOf([]byte(base)), files, filesOf(q.Policies.set.text))
	}
	return v, err
}

// merged3 takes over what the program changed since, file by file: a file that
// only one side changed is that side's; one that both changed stays the firm's,
// with the program's beside it.
func merged3(base, firm, program textFiles) (out []PolicyFile) {
	all := textFiles{}
	for _, files := range []textFiles{firm, program} {
		for name := range files {
			all[name] = nil
		}
	}
	for _, name := range all.names() {
		was, ours, theirs := string(base[name]), string(firm[name]), string(program[name])
		f := PolicyFile{Name: name, Text: ours, Floor: isFloor(name)}
		switch {
		case f.Floor || ours == was:
			f.Text = theirs
		case theirs != was && theirs != ours:
			f.Merge, f.Theirs = true, theirs
		}
		if f.Text != "" {
			out = append(out, f)
		}
	}
	return out
}
