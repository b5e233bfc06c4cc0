package app

import (
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
)

func TestInvitationsAreLeftForTheMailer(t *testing.T) {
	if (Config{}).invitations(core.NewVirtualClock(core.At(demoStart))) != nil {
		t.Fatal("invitations go nowhere, and nobody is told")
	}
	c := Config{Data: t.TempDir(), Host: "firm.example", Origin: "https://firm.example", MailOutbox: "outbox"}
	send := c.invitations(core.NewVirtualClock(core.At(demoStart)))
	for _, bad := range []string{"", "nobody", "a@b\r\nBcc: x@evil.example"} {
		if send(t.Context(), bad, "vi_secret") == nil {
			t.Errorf("%q was written to", bad)
		}
	}
	if err := send(t.Context(), "ana@firm.example", "vi_secret"); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(c.Data, "outbox")
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || filepath.Ext(files[0].Name()) != ".eml" {
		t.Fatalf("the outbox holds %v, %v", files, err)
	}
	f, err := os.Open(filepath.Join(dir, files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, _ := f.Stat(); info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the message: %v", info.Mode())
	}
	m, err := mail.ReadMessage(f)
	if err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "ana@firm.example" {
		t.Errorf("to %v, %v", to, err)
	}
	if when, err := m.Header.Date(); err != nil || !when.Equal(demoStart) {
		t.Errorf("dated %v, %v", when, err)
	}
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); !strings.Contains(s, "\r\n  vi_secret\r\n") || !strings.Contains(s, "https://firm.example/invitation\r\n") || strings.Contains(s, "invitation?") {
		t.Errorf("the message reads %q", s)
	}
	for before, want := range map[time.Time]int{time.Now().Add(-time.Hour): 0, time.Now().Add(time.Hour): 1} {
		if n, err := c.unsent(before); n != want || err != nil {
			t.Errorf("%d messages wait since before %v, want %d; %v", n, before, want, err)
		}
	}
}
