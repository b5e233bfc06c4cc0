package access

import (
	"slices"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

func secret[R any](name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Secret, Field: field}
}

// hidden is a personal value that nobody searches for by its words.
func hidden[R any](name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Personal, Field: field}
}

// credential is what a staff member knows and what their code generator holds.
type credential struct {
	Staff       core.Ref
	Password    string // argon2id, PHC form
	PasswordSet core.Instant
	TOTP        string // SHA-256 of the seed, hex; the sealed seed is in totp_seed
	TOTPStep    int64
	Created     core.Instant

	rev int64
}

// proves is what a password and a code are compared with.
func (c *credential) proves() string { return c.Password + "|" + c.TOTP }

var credentials = store.Declare(store.Table[credential]{
	Name: "credential", Kind: store.Recorded,
	Subject: func(c *credential) core.Ref { return c.Staff },
	Rev:     func(c *credential) *int64 { return &c.rev },
	Columns: []store.Column[credential]{
		public("staff", func(c *credential) any { return &c.Staff }),
		secret("password", func(c *credential) any { return &c.Password }),
		public("password_set", func(c *credential) any { return &c.PasswordSet }),
		secret("totp", func(c *credential) any { return &c.TOTP }),
		public("totp_step", func(c *credential) any { return &c.TOTPStep }),
		public("created", func(c *credential) any { return &c.Created }),
	},
})

type totpSeed struct {
	Staff  core.Ref
	Sealed []byte
}

// totpSeeds holds the sealed seeds apart from the recorded row: ciphertext
// differs from run to run, and recorded changes must not.
var totpSeeds = store.Declare(store.Table[totpSeed]{
	Name: "totp_seed", Kind: store.Operational,
	Columns: []store.Column[totpSeed]{
		public("staff", func(s *totpSeed) any { return &s.Staff }),
		secret("sealed", func(s *totpSeed) any { return &s.Sealed }),
	},
})

// Passkey is one WebAuthn credential of a staff member.
type Passkey struct {
	ID          core.Ref
	Staff       core.Ref
	Name        string // personal: what its owner calls it
	AAGUID      string
	Attestation string
	Transports  string
	SignCount   int64
	Created     core.Instant
	Ended       core.Instant
	EndedBy     core.Ref

	credential string // base64url
	publicKey  []byte
	flags      int64
	rev        int64
}

var passkeys = store.Declare(store.Table[Passkey]{
	Name: "passkey", Kind: store.Recorded,
	Subject: func(p *Passkey) core.Ref { return p.Staff },
	Rev:     func(p *Passkey) *int64 { return &p.rev },
	Columns: []store.Column[Passkey]{
		public("id", func(p *Passkey) any { return &p.ID }),
		public("staff", func(p *Passkey) any { return &p.Staff }),
		hidden("credential", func(p *Passkey) any { return &p.credential }),
		hidden("public_key", func(p *Passkey) any { return &p.publicKey }),
		personal("name", func(p *Passkey) any { return &p.Name }),
		public("aaguid", func(p *Passkey) any { return &p.AAGUID }),
		public("attestation", func(p *Passkey) any { return &p.Attestation }),
		public("transports", func(p *Passkey) any { return &p.Transports }),
		public("flags", func(p *Passkey) any { return &p.flags }),
		public("sign_count", func(p *Passkey) any { return &p.SignCount }),
		public("created", func(p *Passkey) any { return &p.Created }),
		public("ended", func(p *Passkey) any { return &p.Ended }),
		public("ended_by", func(p *Passkey) any { return &p.EndedBy }),
	},
})

// Session is one signed-in browser. Created and Ended are on the business
// clock, as events are; AuthTime, Expires and StepUpUntil are on the wall
// clock, by which sessions live and end.
type Session struct {
	ID          core.Ref
	Principal   core.Ref
	AuthTime    core.Instant
	Expires     core.Instant
	StepUpUntil core.Instant
	IdleSeconds int64
	IP          string // personal
	Agent       string // personal
	Created     core.Instant
	Ended       core.Instant
	EndedBy     core.Ref
	EndReason   string

	token   string // SHA-256, hex
	factors string
	rev     int64
}

// Factors lists how the session was authenticated.
func (s *Session) Factors() []string { return strings.Fields(s.factors) }

// withFactor adds a factor to those of the session.
func (s *Session) withFactor(factor string) string {
	if fs := s.Factors(); !slices.Contains(fs, factor) {
		return strings.Join(append(fs, factor), " ")
	}
	return s.factors
}

var sessions = store.Declare(store.Table[Session]{
	Name: "session", Kind: store.Recorded,
	Subject: func(s *Session) core.Ref { return s.Principal },
	Rev:     func(s *Session) *int64 { return &s.rev },
	Columns: []store.Column[Session]{
		public("id", func(s *Session) any { return &s.ID }),
		public("principal", func(s *Session) any { return &s.Principal }),
		secret("token", func(s *Session) any { return &s.token }),
		public("factors", func(s *Session) any { return &s.factors }),
		public("auth_time", func(s *Session) any { return &s.AuthTime }),
		public("idle_seconds", func(s *Session) any { return &s.IdleSeconds }),
		public("expires", func(s *Session) any { return &s.Expires }),
		public("step_up_until", func(s *Session) any { return &s.StepUpUntil }),
		personal("ip", func(s *Session) any { return &s.IP }),
		hidden("agent", func(s *Session) any { return &s.Agent }),
		public("created", func(s *Session) any { return &s.Created }),
		public("ended", func(s *Session) any { return &s.Ended }),
		public("ended_by", func(s *Session) any { return &s.EndedBy }),
		public("end_reason", func(s *Session) any { return &s.EndReason }),
	},
})

type sessionSeen struct {
	ID   core.Ref
	Seen core.Instant
}

var sessionsSeen = store.Declare(store.Table[sessionSeen]{
	Name: "session_seen", Kind: store.Operational,
	Columns: []store.Column[sessionSeen]{
		public("id", func(s *sessionSeen) any { return &s.ID }),
		public("seen", func(s *sessionSeen) any { return &s.Seen }),
	},
})

type spentChallenge struct {
	ID    string
	Until core.Instant
}

var spentChallenges = store.Declare(store.Table[spentChallenge]{
	Name: "spent_challenge", Kind: store.Operational,
	Columns: []store.Column[spentChallenge]{
		public("id", func(s *spentChallenge) any { return &s.ID }),
		public("until", func(s *spentChallenge) any { return &s.Until }),
	},
})

// invite lets one staff member set a password once, without the old one.
type invite struct {
	ID           core.Ref
	Staff        core.Ref
	Created      core.Instant
	Expires      core.Instant
	Closed       core.Instant
	ClosedReason string

	token string
	rev   int64
}

var invites = store.Declare(store.Table[invite]{
	Name: "password_invite", Kind: store.Recorded,
	Subject: func(i *invite) core.Ref { return i.Staff },
	Rev:     func(i *invite) *int64 { return &i.rev },
	Columns: []store.Column[invite]{
		public("id", func(i *invite) any { return &i.ID }),
		public("staff", func(i *invite) any { return &i.Staff }),
		secret("token", func(i *invite) any { return &i.token }),
		public("created", func(i *invite) any { return &i.Created }),
		public("expires", func(i *invite) any { return &i.Expires }),
		public("closed", func(i *invite) any { return &i.Closed }),
		public("closed_reason", func(i *invite) any { return &i.ClosedReason }),
	},
})

// APIToken lets a program act as its owner, for named actions and a time.
type APIToken struct {
	ID        core.Ref
	Owner     core.Ref
	Name      string
	Created   core.Instant
	Expires   core.Instant // wall clock
	Ended     core.Instant
	EndedBy   core.Ref
	EndReason string

	token   string
	actions string
	rev     int64
}

// Actions lists what the token is good for.
func (t *APIToken) Actions() []string { return strings.Fields(t.actions) }

var apiTokens = store.Declare(store.Table[APIToken]{
	Name: "api_token", Kind: store.Recorded,
	Subject: func(t *APIToken) core.Ref { return t.Owner },
	Rev:     func(t *APIToken) *int64 { return &t.rev },
	Columns: []store.Column[APIToken]{
		public("id", func(t *APIToken) any { return &t.ID }),
		public("owner", func(t *APIToken) any { return &t.Owner }),
		personal("name", func(t *APIToken) any { return &t.Name }),
		secret("token", func(t *APIToken) any { return &t.token }),
		public("actions", func(t *APIToken) any { return &t.actions }),
		public("created", func(t *APIToken) any { return &t.Created }),
		public("expires", func(t *APIToken) any { return &t.Expires }),
		public("ended", func(t *APIToken) any { return &t.Ended }),
		public("ended_by", func(t *APIToken) any { return &t.EndedBy }),
		public("end_reason", func(t *APIToken) any { return &t.EndReason }),
	},
})
