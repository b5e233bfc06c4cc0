package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/export"
)

// What is wrong with a stream is said before anything starts, and says what to
// do; no secret stands in it.
func TestStreamConfiguration(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"good": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "bad": "s3cr3t", "empty": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	syslog := StreamConfig{Name: "siem", Kind: "syslog", Address: "siem.example:6514"}
	hook := StreamConfig{Name: "hook", Kind: "webhook", URL: "https://hook.example/x?token=t0k3n", SecretFiles: []string{"good"}}
	with := func(s StreamConfig, change func(*StreamConfig)) StreamConfig {
		change(&s)
		return s
	}
	for _, c := range []struct {
		want string
		s    []StreamConfig
	}{
		{"", []StreamConfig{syslog, hook}},
		{"small letters", []StreamConfig{with(syslog, func(s *StreamConfig) { s.Name = "My SIEM" })}},
		{"two streams", []StreamConfig{syslog, with(hook, func(s *StreamConfig) { s.Name = "siem" })}},
		{"syslog or webhook", []StreamConfig{{Name: "x", Kind: "kafka"}}},
		{"it mixes", []StreamConfig{with(hook, func(s *StreamConfig) { s.Plain = true })}},
		{"formats of webhooks", []StreamConfig{with(hook, func(s *StreamConfig) { s.Format = "cef" })}},
		{"formats of syslog", []StreamConfig{with(syslog, func(s *StreamConfig) { s.Format = "csv" })}},
		{"no log", []StreamConfig{with(syslog, func(s *StreamConfig) { s.Logs = []string{"cy"} })}},
		{"start or now", []StreamConfig{with(syslog, func(s *StreamConfig) { s.From = "yesterday" })}},
		{"host:6514", []StreamConfig{with(syslog, func(s *StreamConfig) { s.Address = "siem.example" })}},
		{"without TLS", []StreamConfig{with(syslog, func(s *StreamConfig) { s.Plain = true })}},
		{"both certificate_file and key_file", []StreamConfig{with(syslog, func(s *StreamConfig) { s.CertificateFile = "x" })}},
		{"by https", []StreamConfig{with(hook, func(s *StreamConfig) { s.URL = "http://hook.example/" })}},
		{"secret_files", []StreamConfig{with(hook, func(s *StreamConfig) { s.SecretFiles = nil })}},
		{"is empty", []StreamConfig{with(hook, func(s *StreamConfig) { s.SecretFiles = []string{"empty"} })}},
		{"whsec_", []StreamConfig{with(hook, func(s *StreamConfig) { s.SecretFiles = []string{"bad"} })}},
		{"cannot be read", []StreamConfig{with(hook, func(s *StreamConfig) { s.SecretFiles = []string{"nowhere"} })}},
	} {
		cfg, err := Config{Data: dir, Host: "x.example", Streams: c.s}.complete()
		if err == nil {
			_, err = cfg.connectStreams(core.SystemClock{})
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v, want %q", err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "t0k3n")) {
			t.Errorf("it shows a secret: %v", err)
		}
	}
	if says := hook.says(); strings.Contains(says, "t0k3n") || !strings.Contains(says, "hook.example") {
		t.Errorf("on record: %s", says)
	}
}

// nothingPersonalLeaves writes half a year of a broker in every format and looks
// for every name, address, number and account that its tables hold.
func nothingPersonalLeaves(t *testing.T, a *App) {
	var secrets []string
	for _, q := range []string{
		"SELECT name FROM client", "SELECT email FROM client", "SELECT phone FROM client", "SELECT holder FROM bank_detail",
		"SELECT account FROM bank_detail", "SELECT name FROM staff", "SELECT email FROM staff",
	} {
		rows, err := a.Store.Reader().Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			secrets = append(secrets, s)
		}
		rows.Close()
	}
	if len(secrets) < 200 {
		t.Fatalf("only %d values to look for", len(secrets))
	}
	logs, err := a.Logs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var entries []export.Entry
	for _, log := range logs {
		placed, _, err := evidence.Sealed(t.Context(), a.Store.Reader(), log, 0, 100_000)
		if err != nil {
			t.Fatal(err)
		}
		for i := range placed {
			e, err := export.Of(&placed[i].Record, placed[i].Index)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, e)
		}
	}
	for _, f := range export.Formats {
		var b strings.Builder
		if err := export.Write(&b, f, entries); err != nil || b.Len() < 100_000 {
			t.Fatalf("%s: %d bytes, %v", f, b.Len(), err)
		}
		text := strings.ToLower(b.String())
		for _, s := range secrets {
			if s != "" && strings.Contains(text, strings.ToLower(s)) {
				t.Errorf("%s shows %q", f, s)
			}
		}
	}
}
