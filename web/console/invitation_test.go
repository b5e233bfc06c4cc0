package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

func TestColleaguesSetTheirFirstPasswordByInvitation(t *testing.T) {
	h := openHouse(t, true)
	install := evidence.Actor{Ref: access.SysInstall, StepUp: true}
	const email, fresh = "new@firm.example", "seven lanterns below deck"
	ref := h.Do(install, access.CreateStaff{Entity: "en_cy", Name: "Nadia New", Email: email, Line: access.FirstLine}).Subject
	h.Do(install, access.BootstrapGrant{Holder: ref, Role: access.Compliance, Entity: "en_cy", Until: commandtest.Start.Add(60 * 24 * time.Hour)})
	at := "/staff/" + string(ref)

	admin, outsider := h.as("adam"), h.as("otto")
	admin.sees(at, "Invite to set a password")
	if body := outsider.get(at, http.StatusOK).body; strings.Contains(body, at+"/invite") {
		t.Error("compliance is offered to invite")
	}
	outsider.post(at+"/invite", http.StatusForbidden)
	if len(h.mail) != 0 {
		t.Fatal("a refused invitation was sent")
	}
	a := admin.post(at+"/invite", http.StatusSeeOther)
	token := h.mail[email]
	if token == "" || strings.Contains(admin.get(a.to(), http.StatusOK).body, token) {
		t.Fatalf("the invitation went to %v, or is shown to the inviter", h.mail)
	}
	for _, e := range h.Events(ref) {
		if strings.Contains(e.Leaf, token) {
			t.Error("the invitation stands in the evidence")
		}
	}

	s := h.stranger()
	for _, c := range []struct {
		token, password, repeated, want string
		status                          int
	}{
		{token, fresh, fresh + "x", "not the same", http.StatusUnprocessableEntity},
		{token, "short", "short", "at least 12 characters", http.StatusUnprocessableEntity},
		{"vi_guessed", fresh, fresh, "not valid, was used", http.StatusForbidden},
		{"", fresh, fresh, "not valid, was used", http.StatusForbidden},
	} {
		h.wall.Advance(time.Minute)
		got := s.post("/invitation", c.status, "invitation", c.token, "password", c.password, "repeated", c.repeated)
		if !strings.Contains(got.body, c.want) || strings.Contains(got.body, fresh) || strings.Contains(got.body, token) {
			t.Errorf("%q: %s", c.want, problem.FindString(got.body))
		}
	}
	s.post("/sign-in", http.StatusUnauthorized, "email", email, "password", fresh)
	h.wall.Advance(time.Minute)
	if got := s.post("/invitation", http.StatusSeeOther, "invitation", token, "password", fresh, "repeated", fresh); got.to() != "/sign-in" {
		t.Fatalf("after the password one is at %q", got.to())
	}
	s.post("/sign-in", http.StatusSeeOther, "email", email, "password", fresh)
	s.sees("/account/sign-in", "Change the password")
	h.stranger().post("/invitation", http.StatusForbidden, "invitation", token, "password", fresh, "repeated", fresh)
}

func TestOldInvitationsAreWorthNothing(t *testing.T) {
	h := openHouse(t, true)
	const fresh = "seven lanterns below deck"
	invite := func() string {
		h.wall.Advance(time.Minute)
		h.as("adam").post("/staff/"+string(h.who["sue"])+"/invite", http.StatusSeeOther)
		return h.mail[h.emails["sue"]]
	}
	refused := func(token string) {
		t.Helper()
		h.wall.Advance(time.Minute)
		h.stranger().post("/invitation", http.StatusForbidden, "invitation", token, "password", fresh, "repeated", fresh)
	}
	first := invite()
	second := invite()
	refused(first)
	h.wall.Advance(25 * time.Hour)
	refused(second)
	h.as("sue").sees("/account", "This session") // the old password is as it was
	var told int
	for _, e := range h.Events(core.Ref(h.who["sue"])) {
		if e.Type == access.EventPasswordInvited.Name {
			told++
		}
	}
	if told != 2 {
		t.Errorf("%d invitations are in evidence, want 2", told)
	}
}
