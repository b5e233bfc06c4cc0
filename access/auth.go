package access

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Secrets and inputs. The inputs of the commands in the auth files carry
// passwords, codes, tokens and key material only behind an unexported pointer.
// So they are in no JSON: not in the text whose keyed hash makes a command
// idempotent, not in a log line that prints an input, and not in a proposal,
// which is nothing but that JSON. None of these commands ever asks for
// approval, and one that is decoded from JSON arrives without its secrets and
// is refused by Prepare, so the methods of Auth are the only way in.

// The factors that a session can be authenticated by.
const (
	FactorPassword = "password"
	FactorTOTP     = "totp"
	FactorPasskey  = "passkey"
	FactorToken    = "token"   // an API token, not a session
	FactorPersona  = "persona" // none at all: the demo's one-click personas
)

// KindPasskey is the kind of passkeys, KindInvite of password invitations.
const (
	KindPasskey core.Kind = "ky"
	KindInvite  core.Kind = "in"
)

// Sealer encrypts small secrets at rest, bound to ad. Seal may draw chance;
// Open fails for another ad.
type Sealer interface {
	Seal(plain, ad []byte) ([]byte, error)
	Open(sealed, ad []byte) ([]byte, error)
}

// AuthConfig is what signing in needs. Zero durations mean the defaults.
type AuthConfig struct {
	Road    *command.Road
	Wall    core.Clock // sessions live and end by the wall clock
	Sealer  Sealer
	RPID    string   // WebAuthn: the host name, without scheme or port
	Firm    string   // shown by authenticators; RPID when empty
	Origins []string // WebAuthn: the origins of the pages
	Entropy core.Entropy
	// Deliver sends an invitation's token to the staff member's own address.
	// Nobody else ever sees it. Without it there are no invitations.
	Deliver func(ctx context.Context, email, token string) error
	// Demo allows one-click personas. The program that serves a firm refuses
	// to start with it.
	Demo bool

	// Providers are where people may sign in outside, and Groups what the groups
	// that they tell of ask for, by issuer.
	Providers []IdentityProvider
	Groups    map[string][]GroupRole

	Idle     time.Duration // without a request; 15 minutes
	Absolute time.Duration // whatever happens; 10 hours
	Fresh    time.Duration // how long a second factor counts as fresh; 5 minutes
	Hashers  int           // passwords hashed at a time; 2
}

// Auth signs people and programs in and out. It is safe for concurrent use.
type Auth struct {
	cfg      AuthConfig
	rp       *webauthn.WebAuthn
	hashing  chan struct{}
	queue    atomic.Int64
	hashed   atomic.Int64 // password hashes computed, for tests of equal work
	heldMu   sync.Mutex
	heldBack map[string]*heldTry
}

// New makes the service.
func New(cfg AuthConfig) (*Auth, error) {
	if cfg.Road == nil || cfg.Wall == nil || cfg.Sealer == nil || cfg.Entropy == nil {
		return nil, errors.New("access: signing in needs a road, a wall clock, a sealer and entropy")
	}
	orDefault(&cfg.Idle, 15*time.Minute)
	orDefault(&cfg.Absolute, 10*time.Hour)
	orDefault(&cfg.Fresh, 5*time.Minute)
	if cfg.Hashers <= 0 {
		cfg.Hashers = 2
	}
	if cfg.Firm == "" {
		cfg.Firm = cfg.RPID
	}
	if err := checkProviders(cfg.Providers); err != nil {
		return nil, err
	}
	rp, err := relyingParty(cfg)
	if err != nil {
		return nil, err
	}
	return &Auth{cfg: cfg, rp: rp, hashing: make(chan struct{}, cfg.Hashers), heldBack: map[string]*heldTry{}}, nil
}

func orDefault(d *time.Duration, to time.Duration) {
	if *d <= 0 {
		*d = to
	}
}

// SignedIn is a new session. Token is the bearer's secret, shown here once; it
// belongs into a __Host- cookie.
type SignedIn struct {
	Session core.Ref
	Token   string
	Outcome command.Outcome
}

// ErrSignIn is the one answer to a wrong name, a wrong password, a wrong code
// and a passkey that does not fit.
var ErrSignIn = core.NewFault(core.Unsignedin, "sign-in-failed",
	"The e-mail, the password or the code is not right. Check all three and try again.")

// ErrSignedOut is the answer to a token that is no open session's.
var ErrSignedOut = core.NewFault(core.Unsignedin, "signed-out", "You are not signed in, or your session has ended. Sign in again.")

// errNoSecrets refuses an input that did not come from a method of Auth.
var errNoSecrets = core.NewFault(core.Invalid, "no-credentials",
	"This command carries secrets that no stored or transmitted payload can hold. Use the sign-in pages or the account pages.")

// failedAt is ErrSignIn with the event that recorded the try.
func failedAt(f *core.Fault, event string) *core.Fault {
	return &core.Fault{Kind: f.Kind, Code: f.Code, Text: f.Text, Event: event}
}

func (a *Auth) reader() store.Reader { return a.cfg.Road.Store.Reader() }

func stranger(ip string) evidence.Actor { return evidence.Actor{Ref: SysSignin, IP: tidy(ip, 64)} }

// newToken draws a bearer's secret of 256 bits.
func (a *Auth) newToken(prefix string) string {
	var b [32]byte
	a.cfg.Entropy.Read(b[:])
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// digest is the stored form of a token: 256 random bits need no salt and no
// slow hash.
func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// tidy cuts what a browser says about itself to something storable.
func tidy(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	if len(s) > most {
		for most > 0 && !utf8.RuneStart(s[most]) {
			most--
		}
		s = s[:most]
	}
	return s
}

// offerLife is how long a begun ceremony can be finished.
const offerLife = 5 * time.Minute

var errOffer = core.NewFault(core.Invalid, "offer-expired", "This took too long, or was begun elsewhere. Start again.")

// offer is a begun ceremony that its browser carries, sealed, so that nothing
// is stored for strangers who never come back.
type offer struct {
	Until core.Instant    `json:"until"`
	Body  json.RawMessage `json:"body"`
}

func (a *Auth) sealOffer(purpose string, v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(offer{a.cfg.Wall.Now().Add(offerLife), body})
	if err != nil {
		return "", err
	}
	sealed, err := a.cfg.Sealer.Seal(plain, []byte("offer|"+purpose))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

func (a *Auth) openOffer(purpose, text string, v any) (core.Instant, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return 0, errOffer
	}
	plain, err := a.cfg.Sealer.Open(sealed, []byte("offer|"+purpose))
	if err != nil {
		return 0, errOffer
	}
	var o offer
	if err := json.Unmarshal(plain, &o); err != nil {
		return 0, errOffer
	}
	if a.cfg.Wall.Now() >= o.Until {
		return 0, errOffer
	}
	return o.Until, json.Unmarshal(o.Body, v)
}

// ownResource is something that belongs to a staff member, as policy sees it:
// it lives in the entity that employs them.
func ownResource(kind core.Kind, ref core.Ref, s *Staff) command.Resource {
	res := command.Resource{Kind: kind, Ref: ref}
	if s != nil {
		res.Entity, res.Attrs = within(s.Entity), map[string]any{"owner": string(s.ID)}
	}
	return res
}

// loadStaff reads a staff member who must exist.
func loadStaff(ctx context.Context, r store.Reader, id core.Ref) (*Staff, error) {
	s, err := StaffByID(ctx, r, id)
	if err == nil && s == nil {
		err = command.ErrHidden
	}
	return s, err
}

// systemOnly refuses people where only a system part may act; policy says so
// too.
func systemOnly(m command.Moment) *command.Refusal {
	if m.Actor.Ref.Kind() != core.KindSystem {
		return &command.Refusal{Code: "system-only", Text: "Only the system itself does this."}
	}
	return nil
}

// inPerson refuses programs: an API token never manages how people sign in.
func inPerson(m command.Moment, holder core.Ref) *command.Refusal {
	switch {
	case m.Actor.Token != "":
		return &command.Refusal{Code: "not-by-token", Text: "An API token cannot do this. Sign in and do it yourself."}
	case m.Actor.Ref != holder:
		return &command.Refusal{Code: "holder-only", Text: "Only the person concerned can do this."}
	}
	return nil
}

// verdict is a refusal, when there is one.
func verdict(r *command.Refusal) command.Verdict {
	if r != nil {
		return command.Refuse(*r)
	}
	return command.Proceed()
}
