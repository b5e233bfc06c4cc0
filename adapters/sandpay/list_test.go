package sandpay_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"vouchsafe/core"
)

// TestUnreliableListsAreErrors: a list that may have lost a payment must never
// look like a list without it.
func TestUnreliableListsAreErrors(t *testing.T) {
	one := func(id, created string) json.RawMessage {
		o := echo("F1")
		o["id"], o["created"] = id, created
		raw, _ := json.Marshal(o)
		return raw
	}
	const early, late = "2026-11-21T09:00:00.000000Z", "2026-11-21T10:00:00.000000Z"
	good := map[string]any{"data": []any{one("po_1", early), one("po_2", late)}, "next": ""}
	for what, body := range map[string]any{
		"no data":            map[string]any{"next": ""},
		"a row without id":   map[string]any{"data": []any{one("", early)}},
		"a repeated row":     map[string]any{"data": []any{one("po_1", early), one("po_1", early)}},
		"rows out of order":  map[string]any{"data": []any{one("po_1", late), one("po_2", early)}},
		"outside the window": map[string]any{"data": []any{one("po_1", "2027-11-21T09:00:00.000000Z")}},
		"an endless list":    map[string]any{"data": []any{}, "next": "1"},
		"the same page":      map[string]any{"data": []any{one("po_1", early)}, "next": "1"},
	} {
		if rows, err := listFrom(t, body); err == nil || rows != 0 {
			t.Errorf("%s: %d rows, %v", what, rows, err)
		}
	}
	if rows, err := listFrom(t, good); err != nil || rows != 2 {
		t.Errorf("a good list: %d rows, %v", rows, err)
	}
}

func listFrom(t *testing.T, body any) (int, error) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(raw) }))
	defer server.Close()
	from, _ := core.ParseInstant("2026-01-01T00:00:00Z")
	to, _ := core.ParseInstant("2027-01-01T00:00:00Z")
	rows, err := client(t, server.URL).List(context.Background(), from, to)
	return len(rows), err
}
