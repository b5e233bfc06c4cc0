package access

import (
	"context"
	"sync"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// firmSets are the firm's versions that were loaded once. A version never
// changes, so that what is kept here cannot be out of date: which of them is in
// force is read in every transaction.
type firmSets struct {
	mu sync.Mutex
	by map[core.Ref]*Authorizer
}

// InForce is the Authorizer that decides in the reader's transaction: the
// firm's latest version on this program's floor, or the program's own set while
// the firm has adopted none. Two nodes of one program never disagree: the row
// that says which version it is, is read in the transaction that decides.
func (a *Authorizer) InForce(ctx context.Context, r store.Reader) (*Authorizer, error) {
	if a.firm == nil || r == nil {
		return a, nil
	}
	id, err := store.Once(r, "access.policies", func() (core.Ref, error) { return latestVersion(ctx, r) })
	if err != nil || id == "" {
		return a, err
	}
	a.firm.mu.Lock()
	defer a.firm.mu.Unlock()
	if now := a.firm.by[id]; now != nil {
		return now, nil
	}
	v, err := policyVersions.Get(ctx, r, string(id))
	if err != nil || v == nil {
		return nil, err
	}
	now, err := a.withFirm([]byte(v.Text))
	if err != nil {
		return nil, core.Faultf(core.Unavailable, "policies-do-not-load",
			"The firm's policies (version %d) do not fit this program: %v. Start the program that they were adopted under, adopt a version that fits both, and then this one.", v.Number, err)
	}
	a.firm.by[id] = now
	return now, nil
}

// latestVersion is the reference of the version in force; none is "".
func latestVersion(ctx context.Context, r store.Reader) (id core.Ref, err error) {
	rows, err := r.Query(ctx, "SELECT id FROM policy_version ORDER BY version DESC LIMIT 1")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(store.Scan(&id)...); err != nil {
			return "", err
		}
	}
	return id, rows.Err()
}

// withFirm is this program with the firm's files of a text.
func (a *Authorizer) withFirm(text []byte) (*Authorizer, error) {
	set, err := loadFirm(filesOf(a.set.text), filesOf(text))
	if err != nil {
		return nil, err
	}
	return &Authorizer{set: set, toxic: a.toxic}, nil
}

// setTarget is a set of policies as policy sees it, the one in force where none
// is named.
func (a *Authorizer) setTarget(ctx context.Context, r store.Reader, set string) (command.Resource, error) {
	if set == "" {
		now, err := a.InForce(ctx, r)
		if err != nil {
			return command.Resource{}, err
		}
		set = now.SetHash()
	}
	return command.Resource{Kind: KindPolicySet, Ref: PolicySetRef(set)}, nil
}

// HasPolicy reports whether the program's own set has a policy of that id.
func (a *Authorizer) HasPolicy(id string) bool {
	for _, p := range a.set.policies {
		if string(p.id) == id {
			return true
		}
	}
	return false
}
