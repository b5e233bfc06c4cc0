package access

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// The people of these tests, with what only they know.
const (
	mina  core.Ref = "st_mina"
	otto  core.Ref = "st_otto"
	gone  core.Ref = "st_gone"
	admin core.Ref = "st_admin"

	minaEmail    = "mina@firm.example"
	minaPassword = "canary quiet rivers 41"
	ottoPassword = "canary loud mountains 7"
	office       = "192.0.2.7"
	elsewhere    = "198.51.100.9"
)

var minaSeed = []byte("canary-seed-of-mina!")

// gcm seals with a fixed key and counted nonces.
type gcm struct {
	aead cipher.AEAD
	n    atomic.Uint64
}

func newGCM(t testing.TB) *gcm {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return &gcm{aead: aead}
}

func (g *gcm) Seal(plain, ad []byte) ([]byte, error) {
	nonce := make([]byte, 12)
	binary.BigEndian.PutUint64(nonce[4:], g.n.Add(1))
	return g.aead.Seal(nonce, nonce, plain, ad), nil
}

func (g *gcm) Open(sealed, ad []byte) ([]byte, error) {
	if len(sealed) < 12 {
		return nil, errors.New("short")
	}
	return g.aead.Open(nil, sealed[:12], sealed[12:], ad)
}

type authRig struct {
	*commandtest.Rig
	auth *Auth
	wall *core.VirtualClock
	mail map[string]string // address to token
	errs []error           // every error that a caller saw
}

// authEach runs fn on both engines with mina (password and generator), otto
// (password only), gone (inactive) and an administrator.
func authEach(t *testing.T, fn func(t *testing.T, r *authRig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { fn(t, newAuthRig(t, s, func(*AuthConfig) {})) })
}

func newAuthRig(t *testing.T, s *store.Store, adjust func(*AuthConfig)) *authRig {
	reg := command.NewRegistry()
	r := &authRig{Rig: commandtest.New(t, s, reg), wall: core.NewVirtualClock(commandtest.Start.Add(time.Hour)), mail: map[string]string{}}
	r.Road.Policy = ScopeTokens(r.Policy)
	cfg := AuthConfig{
		Road: r.Road, Wall: r.wall, Sealer: newGCM(t), RPID: "firm.example", Firm: "Firm",
		Origins: []string{"https://firm.example"}, Entropy: core.NewSeededEntropy(7),
		Deliver: func(_ context.Context, email, token string) error { r.mail[email] = token; return nil },
	}
	adjust(&cfg)
	var err error
	if r.auth, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	RegisterAuth(reg, r.auth)
	command.Handle[hire, *Staff](reg, hireHandler{}, command.Doc{Title: "Hire", Kind: core.KindStaff})
	for id, email := range map[core.Ref]string{mina: minaEmail, otto: "otto@firm.example", gone: "gone@firm.example", admin: "admin@firm.example"} {
		r.Do(r.system(), hire{ID: id, Email: email})
		r.Policy.Held[id] = []string{"any"}
	}
	r.enrol(mina, minaPassword, minaSeed)
	r.enrol(otto, ottoPassword, nil)
	r.enrol(gone, "canary gone with the wind", nil)
	r.Do(r.system(), hire{ID: gone, Email: "gone@firm.example", Leave: true})
	return r
}

func (r *authRig) system() evidence.Actor { return evidence.Actor{Ref: SysInstall, StepUp: true} }

func (r *authRig) enrol(staff core.Ref, password string, seed []byte) {
	r.T.Helper()
	if _, err := r.auth.Enrol(context.Background(), r.system(), staff, password, seed); err != nil {
		r.T.Fatal(err)
	}
}

// code is mina's code of this moment.
func (r *authRig) code() string { return codeAt(minaSeed, r.wall.Now()) }

func codeAt(seed []byte, at core.Instant) string {
	code, err := totp.GenerateCode(base32Text.EncodeToString(seed), at.Time())
	if err != nil {
		panic(err)
	}
	return code
}

func (r *authRig) note(err error) error {
	if err != nil {
		r.errs = append(r.errs, err)
	}
	return err
}

// signIn signs mina in; the clock moves on so that her next code is a new one.
func (r *authRig) signIn() SignedIn {
	r.T.Helper()
	in, err := r.auth.SignIn(context.Background(), minaEmail, minaPassword, r.code(), office, "Firefox")
	if err != nil {
		r.T.Fatal(err)
	}
	r.wall.Advance(30 * time.Second)
	return in
}

// actor is who acts with the token.
func (r *authRig) actor(token string) evidence.Actor {
	r.T.Helper()
	a, _, err := r.auth.Authenticate(context.Background(), token, office)
	if err != nil {
		r.T.Fatal(err)
	}
	return a
}

// dead demands that the token is no open session's.
func (r *authRig) dead(token string) {
	r.T.Helper()
	if _, _, err := r.auth.Authenticate(context.Background(), token, office); !core.IsFault(r.note(err), "signed-out") {
		r.T.Errorf("the token still works: %v", err)
	}
}

// want demands a fault code.
func (r *authRig) want(err error, code string) {
	r.T.Helper()
	if !core.IsFault(r.note(err), code) {
		r.T.Errorf("got %v, want %s", err, code)
	}
}

// count is how many events of a type there are.
func (r *authRig) count(typ evidence.Type) int { return len(r.reasons(typ)) }

// reasons lists the reason codes of the events of a type, oldest first.
func (r *authRig) reasons(typ evidence.Type) []string {
	r.T.Helper()
	page, err := r.Road.Log.Find(context.Background(), r.Road.Store.Reader(),
		evidence.Filter{Types: []string{typ.Name}, Scope: store.True, Oldest: true}, core.PageRequest{Limit: 200})
	if err != nil {
		r.T.Fatal(err)
	}
	out := []string{}
	for _, ev := range page.Rows {
		v, err := ev.View()
		if err != nil {
			r.T.Fatal(err)
		}
		out = append(out, v.Reason.Code)
	}
	return out
}

func (r *authRig) wantReasons(typ evidence.Type, want ...string) {
	r.T.Helper()
	if got := r.reasons(typ); !slices.Equal(got, want) {
		r.T.Errorf("%s has reasons %q, want %q", typ.Name, got, want)
	}
}

// detail is one public detail of the newest event of a type.
func (r *authRig) detail(typ evidence.Type, name string) string {
	r.T.Helper()
	page, err := r.Road.Log.Find(context.Background(), r.Road.Store.Reader(),
		evidence.Filter{Types: []string{typ.Name}, Scope: store.True}, core.PageRequest{Limit: 1})
	if err != nil || len(page.Rows) == 0 {
		r.T.Fatalf("no event %s: %v", typ.Name, err)
	}
	lines, err := evidence.ParseChanges(page.Rows[0].Changes)
	if err != nil {
		r.T.Fatal(err)
	}
	for _, l := range lines {
		if c, ok := l.Cells["detail."+name]; ok && l.Table == evidence.EventTable && c.New != nil {
			return *c.New
		}
	}
	return ""
}

// hire is how these tests get staff members.
type hire struct {
	ID    core.Ref `json:"id"`
	Email string   `json:"email"`
	Leave bool     `json:"leave"`
}

func (hire) Action() command.Action { return "test.staff.hire" }
func (h hire) Subject() core.Ref    { return h.ID }

type hireHandler struct{}

var hired = evidence.Register("test.staff.hired", evidence.UserAccess, "A test hired or dismissed somebody.")

func (hireHandler) Load(ctx context.Context, r store.Reader, in hire) (*Staff, command.Resource, error) {
	s, err := StaffByID(ctx, r, in.ID)
	return s, command.Resource{Kind: core.KindStaff, Ref: in.ID}, err
}

func (hireHandler) Check(hire, *Staff, command.Moment) command.Verdict { return command.Proceed() }

func (hireHandler) Apply(ctx context.Context, tx *command.Tx, in hire, was *Staff) ([]evidence.Event, error) {
	out := []evidence.Event{{Type: hired, Subjects: []core.Ref{in.ID}}}
	if was == nil {
		name, _, _ := strings.Cut(in.Email, "@")
		return out, staffs.Insert(ctx, tx.Tx, &Staff{ID: in.ID, Entity: Group, Name: name, Email: in.Email, Line: FirstLine, Status: Active, Created: tx.Now})
	}
	now := *was
	if in.Leave {
		now.Status, now.Left = Inactive, tx.Now
	}
	if err := staffs.Update(ctx, tx.Tx, was, &now); err != nil {
		return nil, err
	}
	ended, err := EndAccess(ctx, tx, in.ID, "left", "")
	return append(out, ended...), err
}
