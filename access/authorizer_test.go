package access

import "testing"

func TestPoliciesLoad(t *testing.T) {
	a, err := NewAuthorizer()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(a.Actions()), len(a.set.policies), a.SetHash())
}
