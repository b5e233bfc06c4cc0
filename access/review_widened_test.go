package access

import (
	"slices"
	"testing"
)

// New policies put to review the roles that may do more than before, and no
// others.
func TestOnlyWidenedRolesAreReviewed(t *testing.T) {
	set := func(text string) *Authorizer {
		s, err := loadPolicies(policyFolder(t, text))
		if err != nil {
			t.Fatal(err)
		}
		return &Authorizer{set: s}
	}
	const was = `@id("a") permit (principal in Role::"support", action == Action::"clients.client.view", resource);
		@id("b") permit (principal in Role::"dealing", action == Action::"clients.client.view", resource);
		@id("c") permit (principal in Role::"payments", action == Action::"clients.client.view", resource);`
	const more = was + `@id("d") permit (principal in Role::"support", action == Action::"clients.client.change", resource);
		@id("e") forbid (principal in Role::"dealing", action == Action::"clients.client.view", resource);
		@id("f") permit (principal in GroupRole::"auditor", action == Action::"access.review.list", resource);`
	if got := widened(set(was), set(more), 1); !slices.Equal(got, []Role{Support, Auditor}) {
		t.Errorf("%v", got)
	}
	if got := widened(set(more), set(more), 1); len(got) != 0 {
		t.Errorf("the same policies widen %v", got)
	}
}
