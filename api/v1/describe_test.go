package v1

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

const committed = "../../docs/openapi.json"

// The committed description is the one that the code serves.
func TestDescriptionIsCurrent(t *testing.T) {
	now, err := New(Deps{}).Description()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("VOUCHSAFE_UPDATE") == "openapi" {
		if err := os.WriteFile(committed, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	was, err := os.ReadFile(committed)
	if err != nil || !bytes.Equal(was, now) {
		t.Errorf("docs/openapi.json is not what the code says (%v). Write it again with: VOUCHSAFE_UPDATE=openapi go test ./api/v1", err)
	}
	again, err := New(Deps{}).Description()
	if err != nil || !bytes.Equal(now, again) {
		t.Error("two descriptions of the same code differ")
	}
	var doc struct{ OpenAPI string }
	if err := json.Unmarshal(now, &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Errorf("%+v, %v", doc, err)
	}
}
