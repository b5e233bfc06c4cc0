package access

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// corp is a provider that says what the test wants it to say. The protocol is
// tested in adapters/oidc, against a provider that speaks it.
type corp struct {
	says  Proven
	err   error
	asked IdentityAsk
	took  IdentityAsk
}

const corpIssuer = "https://id.corp.example"

func (c *corp) About() ProviderAbout { return ProviderAbout{"corp", "Corp ID", corpIssuer} }

func (c *corp) Ask(_ context.Context, q IdentityAsk) (string, error) {
	c.asked = q
	return corpIssuer + "/authorize?state=" + q.State, nil
}

func (c *corp) Take(_ context.Context, q IdentityAsk, _ IdentityAnswer) (Proven, error) {
	c.took = q
	return c.says, c.err
}

type idRig struct {
	*authRig
	corp *corp
}

func idEach(t *testing.T, fn func(t *testing.T, r *idRig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := &corp{}
		r := &idRig{corp: c}
		r.authRig = newAuthRig(t, s, func(cfg *AuthConfig) {
			cfg.Providers = []IdentityProvider{c}
			cfg.Groups = map[string][]GroupRole{corpIssuer: {{Group: "desk", Role: Dealing, Entity: "en_firm", Days: 30}}}
		})
		RegisterIdentities(r.Road.Registry, r.auth)
		c.says = Proven{Issuer: corpIssuer, Subject: "sub-of-mina", Name: "Mina", At: r.wall.Now()}
		fn(t, r)
	})
}

// trip goes to the provider and comes back.
func (r *idRig) trip() (trip string, back IdentityAnswer) {
	r.T.Helper()
	_, trip, err := r.auth.BeginIdentity(context.Background(), "corp", "/clients")
	if err != nil {
		r.T.Fatal(err)
	}
	return trip, IdentityAnswer{Code: "code", State: r.corp.asked.State, Issuer: corpIssuer}
}

func (r *idRig) byProvider() (SignedIn, error) {
	trip, back := r.trip()
	in, _, err := r.auth.SignInIdentity(context.Background(), trip, "corp", back, office, "Firefox")
	return in, r.note(err)
}

// link has mina link what the provider says of her.
func (r *idRig) link(a evidence.Actor) error {
	r.T.Helper()
	ctx := context.Background()
	_, trip, err := r.auth.BeginLink(ctx, a, "corp")
	if err != nil {
		r.T.Fatal(err)
	}
	o, err := r.auth.OfferLink(ctx, a, trip, "corp", IdentityAnswer{Code: "c", State: r.corp.asked.State, Issuer: corpIssuer})
	if err == nil {
		_, err = r.auth.LinkIdentity(ctx, a, o.Offer)
	}
	return r.note(err)
}

func (r *idRig) linked() evidence.Actor {
	r.T.Helper()
	a := r.actor(r.signIn().Token)
	if err := r.link(a); err != nil {
		r.T.Fatal(err)
	}
	return a
}

func TestALinkedIdentityOpensASession(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		r.linked()
		trip, back := r.trip()
		in, next, err := r.auth.SignInIdentity(context.Background(), trip, "corp", back, office, "Firefox")
		if err != nil || next != "/clients" {
			t.Fatal(next, err)
		}
		if r.corp.took != r.corp.asked || r.corp.asked.Nonce == "" || r.corp.asked.Verifier == "" || r.corp.asked.Nonce == r.corp.asked.State {
			t.Errorf("the try had secrets %+v and was finished with %+v", r.corp.asked, r.corp.took)
		}
		a := r.actor(in.Token)
		if a.Ref != mina || a.StepUp || !slices.Equal(a.Factors, []string{FactorOIDC}) {
			t.Errorf("actor is %+v", a)
		}
		if r.detail(EventSessionStarted, "issuer") != corpIssuer || r.detail(EventSessionStarted, "factors") != FactorOIDC {
			t.Error("the event does not say which provider vouched")
		}
		// The same answer again is worth nothing, in whatever browser.
		_, _, err = r.auth.SignInIdentity(context.Background(), trip, "corp", back, office, "Firefox")
		r.want(err, ErrIdentity.Code)
		r.wantReasons(EventSessionFailed, "answer-replayed")
	})
}

func TestASecondFactorAtTheProviderIsFreshFromWhenItWasGiven(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		r.linked()
		for _, c := range []struct {
			ago    time.Duration
			strong bool
			want   bool
		}{{0, true, true}, {4 * time.Minute, true, true}, {6 * time.Minute, true, false}, {0, false, false}, {-time.Hour, true, true}} {
			r.corp.says.Strong, r.corp.says.At = c.strong, r.wall.Now().Add(-c.ago)
			in, err := r.byProvider()
			if err != nil {
				t.Fatal(err)
			}
			a := r.actor(in.Token)
			if a.StepUp != c.want || slices.Contains(a.Factors, FactorOIDCStrong) != c.strong {
				t.Errorf("%+v: actor is %+v", c, a)
			}
			r.wall.Advance(5*time.Minute + time.Second)
			if r.actor(in.Token).StepUp {
				t.Errorf("%+v: fresh for longer than five minutes", c)
			}
		}
		r.corp.says.Strong, r.corp.says.At = true, 0 // it does not say when
		in, err := r.byProvider()
		if err != nil || r.actor(in.Token).StepUp {
			t.Errorf("a factor of no time is fresh: %v", err)
		}
	})
}

func TestAnswersThatDoNotFitOpenNothing(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		r.linked()
		ctx := context.Background()
		try := func(reason, code string, spoil func(trip *string, provider *string, b *IdentityAnswer)) {
			t.Helper()
			before := len(r.reasons(EventSessionFailed))
			trip, back := r.trip()
			provider := "corp"
			spoil(&trip, &provider, &back)
			in, _, err := r.auth.SignInIdentity(ctx, trip, provider, back, "203.0.113."+reason[:1], "x")
			r.want(err, code)
			if in.Token != "" {
				t.Errorf("%s: there is a session", reason)
			}
			got := r.reasons(EventSessionFailed)[before:]
			if code == errOffer.Code && len(got) == 0 {
				return
			}
			if !slices.Equal(got, []string{reason}) {
				t.Errorf("%s: recorded %v", reason, got)
			}
		}
		try("wrong-state", ErrIdentity.Code, func(_, _ *string, b *IdentityAnswer) { b.State = "another" })
		try("wrong-state", ErrIdentity.Code, func(_, _ *string, b *IdentityAnswer) { b.State = "" })
		try("another-provider", ErrIdentity.Code, func(_, _ *string, b *IdentityAnswer) { b.Issuer = "https://evil.example" })
		try("another-provider", ErrIdentity.Code, func(_, p *string, _ *IdentityAnswer) { *p = "other" })
		try("provider-refused", ErrIdentity.Code, func(_, _ *string, b *IdentityAnswer) { b.Error = "access_denied" })
		try("no trip", errOffer.Code, func(trip, _ *string, _ *IdentityAnswer) { *trip = "" })
		try("forged trip", errOffer.Code, func(trip, _ *string, _ *IdentityAnswer) { *trip = "AAAA" + *trip })
		try("old trip", errOffer.Code, func(*string, *string, *IdentityAnswer) { r.wall.Advance(offerLife) })
		try("wrong-nonce", ErrIdentity.Code, func(*string, *string, *IdentityAnswer) { r.corp.err = &IdentityDoubt{Reason: "wrong-nonce"} })
		try("provider-away", ErrIdentity.Code, func(*string, *string, *IdentityAnswer) { r.corp.err = errors.New("no route") })
		r.corp.err = nil
		try("another-provider", ErrIdentity.Code, func(*string, *string, *IdentityAnswer) { r.corp.says.Issuer = "https://evil.example" })
		r.corp.says.Issuer = corpIssuer
		try("identity-not-linked", ErrNotLinked.Code, func(*string, *string, *IdentityAnswer) { r.corp.says.Subject = "sub-of-a-stranger" })
		if r.detail(EventSessionFailed, "account") == "" || r.detail(EventSessionFailed, "issuer") != corpIssuer {
			t.Error("equal strangers cannot be told")
		}
		_, _, err := r.auth.BeginIdentity(ctx, "nowhere", "")
		r.want(err, errNoProvider.Code)
	})
}

func TestATripToLinkIsNoSignInAndTheOtherWayRound(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		ctx := context.Background()
		a := r.linked()
		_, trip, err := r.auth.BeginLink(ctx, a, "corp")
		if err != nil || !r.auth.IsLink(a, trip) {
			t.Fatal(err)
		}
		back := IdentityAnswer{Code: "c", State: r.corp.asked.State, Issuer: corpIssuer}
		_, _, err = r.auth.SignInIdentity(ctx, trip, "corp", back, office, "x")
		r.want(err, errOffer.Code)
		other := r.actor(r.signIn().Token) // another session of the same person
		if r.auth.IsLink(other, trip) {
			t.Error("a trip fits another session")
		}
		_, err = r.auth.OfferLink(ctx, other, trip, "corp", back)
		r.want(err, errOffer.Code)
		sign, back := r.trip()
		_, err = r.auth.OfferLink(ctx, a, sign, "corp", back)
		r.want(err, errOffer.Code)
	})
}

func TestOnlyTheHolderLinksInPersonWithAFreshFactorOfTheFirm(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		ctx := context.Background()
		a := r.actor(r.signIn().Token)
		stale := a
		stale.StepUp = false
		r.want(r.link(stale), command.ErrStepUp.Code)
		program := a
		program.Token = "tk_x"
		r.want(r.link(program), "not-allowed")
		if err := r.link(a); err != nil {
			t.Fatal(err)
		}
		r.want(r.link(a), "identity-known")
		otto := evidence.Actor{Ref: otto, Session: "se_otto", Factors: []string{FactorPassword}, StepUp: true}
		r.want(r.link(otto), "identity-taken")
		// Who came by a provider lets nobody in by another.
		r.corp.says.Strong, r.corp.says.At = true, r.wall.Now()
		in, err := r.byProvider()
		if err != nil {
			t.Fatal(err)
		}
		r.corp.says.Subject = "another-of-mina"
		r.want(r.link(r.actor(in.Token)), "sign-in-here-first")
		// What was proven is linked once, and nothing comes by JSON.
		_, err = r.Road.Run(ctx, a, "", LinkIdentity{Staff: mina, Issuer: corpIssuer})
		r.want(err, errNoSecrets.Code)
	})
}

func TestUnlinkingEndsWhatTheIdentityOpened(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		ctx := context.Background()
		a := r.linked()
		in, err := r.byProvider()
		if err != nil {
			t.Fatal(err)
		}
		mine, err := identitiesOf(ctx, r.Road.Store.Reader(), mina)
		if err != nil || len(mine) != 1 {
			t.Fatal(mine, err)
		}
		boss := evidence.Actor{Ref: admin, Session: "se_admin", StepUp: true}
		_, err = r.auth.Unlink(ctx, boss, "", mine[0].ID, "")
		r.want(err, "say-why")
		if _, err = r.auth.Unlink(ctx, a, "", mine[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		r.dead(in.Token)
		r.wantReasons(EventSessionRevoked, "identity-unlinked")
		if got := r.reasons(EventIdentityUnlinked); !slices.Equal(got, []string{"by-holder"}) {
			t.Errorf("recorded %v", got)
		}
		_, err = r.auth.Unlink(ctx, boss, "", mine[0].ID, "The person asked me to.")
		r.want(err, "identity-ended")
		_, err = r.byProvider()
		r.want(err, ErrNotLinked.Code)
		if err := r.link(a); err != nil { // and it can be linked again
			t.Error(err)
		}
	})
}

// Somebody who can make another sign in as a colleague must not do it alone.
func TestAssigningAnIdentityTakesTwo(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		ctx := context.Background()
		boss := evidence.Actor{Ref: admin, Session: "se_admin", StepUp: true}
		in := AssignIdentity{Staff: mina, Issuer: corpIssuer, Account: "sub-of-mina", Words: "She lost her generator."}
		for code, spoil := range map[string]func(*AssignIdentity){
			"invalid":          func(x *AssignIdentity) { x.Account = "mina@corp.example" },
			"own-record":       func(x *AssignIdentity) { x.Staff = admin },
			errNoProvider.Code: func(x *AssignIdentity) { x.Issuer = "https://elsewhere.example" },
			"not-active":       func(x *AssignIdentity) { x.Staff = gone },
		} {
			x := in
			spoil(&x)
			_, err := r.Road.Run(ctx, boss, "", x)
			if code == "invalid" {
				if f := core.AsFault(err); f == nil || f.Kind != core.Invalid {
					t.Errorf("an address was taken: %v", err)
				}
				continue
			}
			r.want(err, code)
		}
		out, err := r.Road.Run(ctx, boss, "", in)
		if err != nil || out.State != command.StateProposed {
			t.Fatalf("one person was enough: %+v %v", out, err)
		}
		if _, err = r.byProvider(); err == nil {
			t.Fatal("a proposal lets somebody in")
		}
		p, err := command.GetProposal(ctx, r.Road.Store.Reader(), out.Proposal)
		if err != nil {
			t.Fatal(err)
		}
		decide := command.Decide{Proposal: out.Proposal, Hash: p.Hash, Approve: true, Words: "Checked in the directory."}
		for _, who := range []core.Ref{mina, admin} { // the holder, the maker
			r.Policy.Held[who] = []string{string(SystemAdmin)}
			out, err := r.Road.Approve(ctx, evidence.Actor{Ref: who, StepUp: true}, "", decide)
			if mine, _ := identitiesOf(ctx, r.Road.Store.Reader(), mina); len(mine) != 0 {
				t.Errorf("%s approved it: %+v %v", who, out, err)
			}
		}
		p, _ = command.GetProposal(ctx, r.Road.Store.Reader(), out.Proposal)
		if p.State != command.Open {
			out, _ = r.Road.Run(ctx, boss, "", in)
			p, _ = command.GetProposal(ctx, r.Road.Store.Reader(), out.Proposal)
		}
		r.Policy.Held[otto] = []string{string(SeniorCompliance)}
		decide.Proposal, decide.Hash = p.ID, p.Hash
		if _, err := r.Road.Approve(ctx, evidence.Actor{Ref: otto, StepUp: true}, "", decide); err != nil {
			t.Fatal(err)
		}
		got, err := r.byProvider()
		if err != nil || r.actor(got.Token).Ref != mina {
			t.Errorf("mina cannot come: %v", err)
		}
	})
}

func TestALeaversIdentityIsNobodysAndItsUseIsFound(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		r.linked()
		ctx := context.Background()
		command.Handle[leaveNow, *Staff](r.Road.Registry, leaveHandler{}, command.Doc{Title: "Leave", Kind: core.KindStaff})
		r.Do(r.system(), leaveNow{mina})
		if mine, err := identitiesOf(ctx, r.Road.Store.Reader(), mina); err != nil || len(mine) != 0 {
			t.Fatalf("a leaver is linked: %v %v", mine, err)
		}
		_, err := r.byProvider()
		r.want(err, ErrNotLinked.Code)
		waiting, err := jobs.Waiting(ctx, r.Road.Store.Reader(), "cases.raise")
		if err != nil || len(waiting) != 1 || waiting[0].Subject != mina || !strings.HasPrefix(waiting[0].Args, "use-after-leaving|") {
			t.Errorf("nobody hears of it: %+v %v", waiting, err)
		}
	})
}

type leaveNow struct{ ID core.Ref }

func (leaveNow) Action() command.Action { return "test.staff.leave" }
func (l leaveNow) Subject() core.Ref    { return l.ID }

type leaveHandler struct{}

func (leaveHandler) Load(ctx context.Context, r store.Reader, in leaveNow) (*Staff, command.Resource, error) {
	s, err := StaffByID(ctx, r, in.ID)
	return s, command.Resource{Kind: core.KindStaff, Ref: in.ID}, err
}

func (leaveHandler) Check(leaveNow, *Staff, command.Moment) command.Verdict { return command.Proceed() }

func (leaveHandler) Apply(ctx context.Context, tx *command.Tx, in leaveNow, was *Staff) ([]evidence.Event, error) {
	now := *was
	now.Status, now.Left = Inactive, tx.Now
	err := errors.Join(staffs.Update(ctx, tx.Tx, was, &now), EndPerson(ctx, tx, in.ID, "left"))
	return []evidence.Event{{Type: hired, Subjects: []core.Ref{in.ID}}}, err
}

// Groups outside ask, once for each time that somebody comes into one; they
// give nothing, and take nothing away.
func TestGroupsOfATokenAskAndNeverGive(t *testing.T) {
	idEach(t, func(t *testing.T, r *idRig) {
		ctx := context.Background()
		r.linked()
		come := func(grouped bool, groups ...string) {
			t.Helper()
			r.corp.says.Groups, r.corp.says.Grouped = groups, grouped
			if _, err := r.byProvider(); err != nil {
				t.Fatal(err)
			}
		}
		state := func() (began, ended, asking int) {
			waiting, err := jobs.Waiting(ctx, r.Road.Store.Reader(), JobMembership)
			if err != nil {
				t.Fatal(err)
			}
			return r.count(EventMembershipBegan), r.count(EventMembershipEnded), len(waiting)
		}
		want := func(b, e, a int) {
			t.Helper()
			if x, y, z := state(); x != b || y != e || z != a {
				t.Errorf("%d began, %d ended, %d ask; want %d, %d, %d", x, y, z, b, e, a)
			}
		}
		come(true, "nothing of ours")
		want(0, 0, 0)
		come(true, "desk", "other")
		want(1, 0, 1)
		come(true, "desk")
		come(false) // a token that says nothing is no token that says none
		want(1, 0, 1)
		come(true)
		want(1, 1, 1)
		come(true, "desk")
		if b, e, _ := state(); b != 2 || e != 1 {
			t.Errorf("back in the group: %d began, %d ended", b, e)
		}
		if held, err := GrantsOf(ctx, r.Road.Store.Reader(), mina); err != nil || len(held) != 0 {
			t.Errorf("a group gave a role: %+v %v", held, err)
		}
	})
}
