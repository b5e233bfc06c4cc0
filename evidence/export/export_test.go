package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"vouchsafe/evidence"
	"vouchsafe/evidence/export"
)

const canary = "Canaryname"

// record is an event with public and sensitive values; the sensitive ones also
// stand in the clear where a careless writer might take them.
func record() *evidence.Record {
	return &evidence.Record{
		ID: "01a1fd55-7a80-7000-8000-000000000001", Log: "en_cy", Type: "clients.bankdetail.changed",
		Leaf: `{"actor":{"kind":"st","roles":["support"],"session_uid":"se_1","uid":"st_sue"},"approval":{"approvers":["st_ann"],"maker":"st_sue","payload_sha256":"00","request_uid":"pr_1","rule":"r1"},"case_uid":"ca_7",` +
			`"changes":{"count":2,"sha256":"ab"},"class_uid":3004,"external_refs":["psp:tr|1=x"],"id":"01a1fd55-7a80-7000-8000-000000000001",` +
			`"metadata":{"action":"clients.bankdetail.change","correlation_uid":"co_1","log_name":"en_cy","logged_time":"2026-11-21T09:00:00.000000Z","tenant_uid":"en_cy","version":"1.8.0"},` +
			`"policy":{"determining":["support.bankdetails"],"effect":"permit","engine":"cedar","set_sha256":"cd"},"reason":{"code":"client_request"},"source":"x/evidence/en-cy","specversion":"1.0",` +
			`"status":"done","subject_tags":["dGFn"],"time":"2026-11-21T09:00:00.123456Z","type":"clients.bankdetail.changed"}`,
		Changes: `{"cells":{"iban":{"class":"bank","new":"` + canary + `","new_sd":"x","of":"tag","old_sd":"y"},"name":{"new":"` + canary + `","new_sd":"z"},"state":{"new":"=active|\"a\"\n","old":"asked"}},"key":"bd_1","kind":"recorded","rev":"2","table":"bank_detail"}` + "\n",
	}
}

func entry(t *testing.T) export.Entry {
	t.Helper()
	e, err := export.Of(record(), 41)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func render(t *testing.T, f export.Format) string {
	t.Helper()
	text, err := entry(t).Render(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// In no format does a sensitive value leave, in all of them what happened does,
// each on one line.
func TestNoSensitiveValueLeaves(t *testing.T) {
	if !strings.Contains(record().Changes, canary) {
		t.Fatal("the canary is not there to be found")
	}
	for _, f := range export.Formats {
		text := render(t, f)
		if strings.Contains(text, canary) {
			t.Errorf("%s shows it: %s", f, text)
		}
		if strings.Contains(text, "\n") && f != export.CSV {
			t.Errorf("%s is not one line", f)
		}
		for _, want := range []string{"clients.bankdetail.change", "st_sue", "asked", "bank", "41", "ca_7", "client_request", "support.bankdetails"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q: %s", f, want, text)
			}
		}
	}
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// at walks into a parsed object.
func at(v any, path string) any {
	for _, name := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func TestNamesOfOCSFAndECS(t *testing.T) {
	o, e := parsed(t, render(t, export.OCSF)), parsed(t, render(t, export.ECS))
	for path, want := range map[string]any{
		"class_uid": 3004.0, "category_uid": 3.0, "activity_id": 3.0, "type_uid": 300403.0, "status_id": 1.0, "severity_id": 1.0, "time": 1795251600123.0,
		"metadata.version": "1.8.0", "metadata.uid": record().ID, "metadata.sequence": 41.0, "metadata.event_code": "clients.bankdetail.changed",
		"actor.user.uid": "st_sue", "unmapped.approval.maker": "st_sue", "unmapped.changes_count": 2.0, "status_detail": "client_request",
	} {
		if got := at(o, path); got != want {
			t.Errorf("OCSF %s is %v, want %v", path, got, want)
		}
	}
	for path, want := range map[string]any{
		"@timestamp": "2026-11-21T09:00:00.123456Z", "event.action": "clients.bankdetail.changed", "event.outcome": "success", "event.sequence": 41.0,
		"user.id": "st_sue", "trace.id": "co_1", "organization.id": "en_cy", "rule.id": "support.bankdetails", "event.dataset": "vouchsafe.en_cy",
	} {
		if got := at(e, path); got != want {
			t.Errorf("ECS %s is %v, want %v", path, got, want)
		}
	}
	rec := record()
	rec.Leaf = strings.Replace(rec.Leaf, `"status":"done"`, `"status":"denied"`, 1)
	denied, err := export.Of(rec, -1)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := denied.Render(export.OCSF)
	if v := parsed(t, string(text)); at(v, "status_id") != 2.0 || at(v, "metadata.sequence") != nil {
		t.Errorf("a denial without a place: %s", text)
	}
	text, _ = denied.Render(export.ECS)
	if v := parsed(t, string(text)); at(v, "event.outcome") != "failure" {
		t.Errorf("a denial: %s", text)
	}
}

// JSON lines hold the leaf as it was hashed, byte for byte.
func TestTheLeafIsUntouched(t *testing.T) {
	if !strings.Contains(render(t, export.JSONL), `"leaf":`+record().Leaf) {
		t.Error("the leaf was written anew")
	}
}

// CEF: seven bars before the extension, every value escaped so that it comes
// back.
func TestCEF(t *testing.T) {
	text := render(t, export.CEF)
	head := regexp.MustCompile(`^CEF:0\|Vouchsafe\|Vouchsafe\|1\|clients\.bankdetail\.changed\|[^|]*\|3\|rt=1795251600123 `)
	if !head.MatchString(text) {
		t.Errorf("%s", text)
	}
	rec := record()
	rec.Leaf = strings.Replace(rec.Leaf, `"client_request"`, `"a=b\\c|d"`, 1)
	e, err := export.Of(rec, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := e.Render(export.CEF)
	if !strings.Contains(string(got), ` reason=a\=b\\c|d `) {
		t.Errorf("%s", got)
	}
	if !strings.Contains(text, `\n`) || strings.Count(text, "\n") > 0 {
		t.Errorf("a line break in a value: %q", text)
	}
}

// A spreadsheet runs none of it, and reads back as many columns as the head
// has.
func TestCSV(t *testing.T) {
	rec := record()
	rec.Leaf = strings.Replace(rec.Leaf, `"client_request"`, `"=cmd()"`, 1)
	e, err := export.Of(rec, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := export.Write(&b, export.CSV, []export.Entry{e, e}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, name := range rows[0] {
		if name == "reason" && rows[1][i] != "'=cmd()" {
			t.Errorf("a formula: %q", rows[1][i])
		}
	}
}

func TestBadInput(t *testing.T) {
	for _, bad := range []func(*evidence.Record){
		func(r *evidence.Record) { r.Leaf = "{" },
		func(r *evidence.Record) { r.Changes = "nonsense\n" },
	} {
		rec := record()
		bad(rec)
		if _, err := export.Of(rec, 1); err == nil {
			t.Errorf("%q was exported", rec.Leaf)
		}
	}
	if _, err := export.Parse("xml"); err == nil {
		t.Error("xml is a format")
	}
	if _, err := entry(t).Render("xml"); err == nil {
		t.Error("xml was rendered")
	}
	rec := record()
	rec.Changes = strings.Repeat(rec.Changes, 500)
	e, err := export.Of(rec, 1)
	if text, _ := e.Render(export.OCSF); err != nil || len(text) > 32<<10 {
		t.Errorf("a long event takes %d bytes, %v", len(text), err)
	}
}
