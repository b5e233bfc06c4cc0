package access

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func TestSignInAnswersAlikeAfterTheSameWork(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		tries := []struct{ email, password, code, reason string }{
			{"nobody@firm.example", minaPassword, "123456", "unknown-account"},
			{"", "", "", "unknown-account"},
			{"gone@firm.example", "canary gone with the wind", "", "unknown-account"},
			{minaEmail, "wrong canary password", r.code(), "wrong-password"},
			{minaEmail, minaPassword, "000000", "wrong-code"},
			{minaEmail, minaPassword, "", "wrong-code"},
			{minaEmail, strings.Repeat("x", 5000), r.code(), "wrong-password"},
		}
		var reasons []string
		for i, try := range tries {
			before := r.auth.hashed.Load()
			_, err := r.auth.SignIn(ctx, try.email, try.password, try.code, "203.0.113."+strconv.Itoa(i), "x")
			r.want(err, ErrSignIn.Code)
			f := core.AsFault(err)
			if f.Text != ErrSignIn.Text || f.Kind != core.Unsignedin || f.Event == "" {
				t.Errorf("%s: the answer tells: %+v", try.reason, f)
			}
			if n := r.auth.hashed.Load() - before; n != 1 {
				t.Errorf("%s: %d hashes were computed, want 1", try.reason, n)
			}
			reasons = append(reasons, try.reason)
		}
		r.wantReasons(EventSessionFailed, reasons...)
		if got := r.count(EventSessionStarted); got != 0 {
			t.Errorf("%d sessions started", got)
		}
	})
}

func TestSignInStartsASessionOfItsOwn(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		first := r.signIn()
		second := r.signIn()
		if first.Session == second.Session || first.Token == second.Token || len(first.Token) != 43 {
			t.Errorf("a sign-in took over what was there: %+v %+v", first, second)
		}
		a := r.actor(second.Token)
		if a.Ref != mina || a.Session != second.Session || a.IP != office || !a.StepUp || strings.Join(a.Factors, " ") != "password totp" {
			t.Errorf("actor is %+v", a)
		}
		r.wantReasons(EventSessionStarted, "", "")
		if got := r.detail(EventSessionStarted, "factors"); got != "password totp" {
			t.Errorf("the event names factors %q", got)
		}
		rows, err := sessions.Select(context.Background(), r.Road.Store.Reader(), "ORDER BY id")
		if err != nil || len(rows) != 2 || strings.Contains(rows[0].token, first.Token) || rows[0].token != digest(first.Token) {
			t.Errorf("stored sessions %+v, %v", rows, err)
		}
		// Without a generator there is no second factor to be fresh.
		in, err := r.auth.SignIn(context.Background(), "OTTO@firm.example ", ottoPassword, "", office, "x")
		if err != nil {
			t.Fatal(err)
		}
		if a := r.actor(in.Token); a.StepUp || strings.Join(a.Factors, " ") != "password" {
			t.Errorf("otto is %+v", a)
		}
	})
}

func TestNoCodeIsTakenTwice(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		code := r.code()
		if _, err := r.auth.SignIn(ctx, minaEmail, minaPassword, code, office, "x"); err != nil {
			t.Fatal(err)
		}
		_, err := r.auth.SignIn(ctx, minaEmail, minaPassword, code, office, "x")
		r.want(err, ErrSignIn.Code)
		earlier := codeAt(minaSeed, r.wall.Now().Add(-30*time.Second)) // within the tolerance, before the last
		_, err = r.auth.SignIn(ctx, minaEmail, minaPassword, earlier, office, "x")
		r.want(err, ErrSignIn.Code)
		r.wantReasons(EventSessionFailed, "code-replayed", "code-replayed")
		// The same code from two browsers at once: one gets in.
		r.wall.Advance(time.Minute)
		code = r.code()
		var wg sync.WaitGroup
		var mu sync.Mutex
		in := 0
		for range 2 {
			wg.Go(func() {
				_, err := r.auth.SignIn(ctx, minaEmail, minaPassword, code, office, "x")
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in++
				}
			})
		}
		wg.Wait()
		if in != 1 {
			t.Errorf("one code let %d in", in)
		}
	})
}

func TestSeedExchangedBehindOurBackOpensNothing(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		forged := []byte("seed of an intruder!")
		sealed, err := r.auth.cfg.Sealer.Seal(forged, seedAD(mina))
		if err != nil {
			t.Fatal(err)
		}
		storetest.Tamper(t, r.Road.Store, "UPDATE totp_seed SET sealed = $1 WHERE staff = $2", sealed, string(mina))
		_, err = r.auth.SignIn(ctx, minaEmail, minaPassword, codeAt(forged, r.wall.Now()), office, "x")
		r.want(err, ErrSignIn.Code)
		storetest.Tamper(t, r.Road.Store, "DELETE FROM totp_seed WHERE staff = $1", string(mina))
		_, err = r.auth.SignIn(ctx, minaEmail, minaPassword, "", office, "x")
		r.want(err, ErrSignIn.Code)
	})
}

func TestTheWaitGrowsAndIsNeverALock(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx := context.Background()
		guess := func(ip string) error {
			_, err := r.auth.SignIn(ctx, minaEmail, "wrong canary password", "", ip, "x")
			return r.note(err)
		}
		r.signIn() // the office is an address where mina is known
		var waits []time.Duration
		for i := range 14 {
			err := guess("203.0.113." + strconv.Itoa(i)) // from ever new addresses
			for range 3 {
				if w := RetryAfter(guess("203.0.113.99")); w > 0 {
					waits = append(waits, w)
					r.wall.Advance(w)
					break
				}
			}
			if i < 1 && !core.IsFault(err, ErrSignIn.Code) {
				t.Fatalf("a free try was answered %v", err)
			}
		}
		for i := 1; i < len(waits); i++ {
			if waits[i] < waits[i-1] {
				t.Errorf("the wait shrank: %v", waits)
			}
		}
		if last := waits[len(waits)-1]; len(waits) < 5 || waits[0] < time.Second || last < time.Minute || last > 5*time.Minute {
			t.Errorf("the waits are %v", waits)
		}
		if err := guess("203.0.113.200"); err == nil { // one more failure, and the account waits
			t.Fatal("a guess got in")
		}
		_, err := r.auth.SignIn(ctx, minaEmail, minaPassword, r.code(), elsewhere, "x")
		r.want(err, "too-many-tries")
		if f := core.AsFault(err); f.Kind != core.Throttled || !strings.Contains(f.Text, strconv.Itoa(int(RetryAfter(err).Seconds()))) {
			t.Errorf("the answer is %+v", f)
		}
		// Somebody else's guesses do not keep mina out where she is known, nor
		// for longer than the wait anywhere else.
		if _, err = r.auth.SignIn(ctx, minaEmail, minaPassword, r.code(), office, "x"); err != nil {
			t.Errorf("mina is kept out of her own office: %v", err)
		}
		r.wall.Advance(5 * time.Minute)
		if _, err = r.auth.SignIn(ctx, minaEmail, minaPassword, r.code(), elsewhere, "x"); err != nil {
			t.Errorf("the right password after the wait: %v", err)
		}
		if got := r.detail(EventSessionStarted, "held_back"); got == "" {
			t.Error("the tries that were held back are counted nowhere")
		}
		if err := guess(elsewhere); !core.IsFault(err, ErrSignIn.Code) {
			t.Errorf("success did not reset the account: %v", err)
		}
	})
}

// Whoever is held back and then gives up must not take the count with them.
func TestTriesHeldBackAreWrittenDownWhenTheSourceStops(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		ctx, held := context.Background(), 0
		for i := range 30 {
			_, err := r.auth.SignIn(ctx, "x"+strconv.Itoa(i)+"@firm.example", "wrong canary password", "", elsewhere, "x")
			if core.IsFault(err, "too-many-tries") {
				held++
			}
		}
		before := r.count(EventSessionFailed)
		if err := r.auth.Sweep(ctx); err != nil || held < 20 || r.count(EventSessionFailed) != before {
			t.Fatalf("%d held back, %v", held, err)
		}
		r.wall.Advance(heldQuiet)
		for range 2 { // once and no more
			if err := r.auth.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.detail(EventSessionFailed, "held_back"); got != strconv.Itoa(held) || r.count(EventSessionFailed) != before+1 {
			t.Errorf("the event says %q of %d, in %d events", got, held, r.count(EventSessionFailed)-before)
		}
		// More sources than are told apart are counted as one, never forgotten.
		for i := range heldSources + 50 {
			r.auth.holdBack(counters{address: strconv.Itoa(i), account: "a" + strconv.Itoa(i)}, r.wall.Now())
		}
		n := 0
		for _, h := range r.auth.quiet(0, true) {
			n += h.tries
		}
		if n != heldSources+50 {
			t.Errorf("%d of %d tries were counted", n, heldSources+50)
		}
		_, err := r.Road.Run(ctx, stranger(elsewhere), "", StartSession{Method: methodHeld})
		r.want(err, errNoSecrets.Code)
	})
}

func TestParallelGuessesShareTheFreeTries(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				_, _ = r.auth.SignIn(context.Background(), minaEmail, "wrong canary password", "", "203.0.113."+strconv.Itoa(i), "x")
			})
		}
		wg.Wait()
		looked := 0
		for _, reason := range r.reasons(EventSessionFailed) {
			if reason == "wrong-password" {
				looked++
			}
		}
		if looked > int(accountPace.free)+1 {
			t.Errorf("%d guesses were looked at, free are %d", looked, accountPace.free)
		}
	})
}

func TestOneAddressCannotTryEverybody(t *testing.T) {
	authEach(t, func(t *testing.T, r *authRig) {
		var err error
		for i := range 7 {
			_, err = r.auth.SignIn(context.Background(), "u"+strconv.Itoa(i)+"@firm.example", "one canary for all", "", elsewhere, "x")
		}
		r.want(err, "too-many-tries")
		if n := r.count(EventSessionFailed); n != 6 {
			t.Errorf("%d events, want 6", n)
		}
	})
}

func TestPersonasAreForTheDemoOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := newAuthRig(t, s, func(c *AuthConfig) { c.Demo = true })
		in, err := r.auth.Persona(ctx, otto, office)
		if err != nil {
			t.Fatal(err)
		}
		a := r.actor(in.Token)
		if a.Ref != otto || a.StepUp || strings.Join(a.Factors, " ") != FactorPersona {
			t.Errorf("the persona is %+v", a)
		}
		up, err := r.auth.StepUp(ctx, a, "")
		if err != nil || !r.actor(up.Token).StepUp {
			t.Errorf("a persona cannot confirm: %v", err)
		}
		r.auth.cfg.Demo = false
		_, err = r.auth.Persona(ctx, otto, office)
		r.want(err, "no-personas")
		_, err = r.auth.StepUp(ctx, r.actor(up.Token), "")
		r.want(err, errNoFactor.Code)
		// Somebody who is not the system cannot run the command either.
		_, err = r.Road.Run(ctx, evidence.Actor{Ref: admin}, "", StartSession{Method: FactorPassword, try: &signIn{email: minaEmail, password: minaPassword, code: r.code()}})
		r.want(err, "not-allowed")
	})
}
