-- +goose Up
CREATE TABLE credential (
  staff TEXT PRIMARY KEY REFERENCES staff (id),
  password TEXT,                  -- secret: argon2id, PHC form
  password_set {{int}},
  totp TEXT,                      -- secret: SHA-256 of the seed, hex; the seed is in totp_seed
  totp_step {{int}} NOT NULL,     -- last accepted time step: no code is taken twice
  created {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};

-- Sealed bytes differ from run to run, so they stay out of recorded changes;
-- the digest in credential says which seed is the right one.
CREATE TABLE totp_seed (
  staff TEXT PRIMARY KEY,
  sealed {{bytes}} NOT NULL       -- AEAD, bound to the staff member
){{clustered}};

CREATE TABLE passkey (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL REFERENCES staff (id),
  credential TEXT,                -- personal: credential id, base64url; NULL after erasure
  public_key {{bytes}},           -- personal: COSE key
  name TEXT,                      -- personal: what its owner calls it
  aaguid TEXT,                    -- model of the authenticator
  attestation TEXT,               -- format of the attestation statement
  transports TEXT,
  flags {{int}} NOT NULL,         -- authenticator data flags
  sign_count {{int}} NOT NULL,
  created {{int}} NOT NULL,
  ended {{int}},
  ended_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX passkey_credential ON passkey (credential);
CREATE INDEX passkey_staff ON passkey (staff);

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  principal TEXT NOT NULL,
  token TEXT,                     -- secret: SHA-256 of the token, hex
  factors TEXT NOT NULL,          -- space separated
  auth_time {{int}} NOT NULL,     -- wall clock, as are expires and step_up_until
  idle_seconds {{int}} NOT NULL,
  expires {{int}} NOT NULL,
  step_up_until {{int}},
  ip TEXT,                        -- personal
  agent TEXT,                     -- personal
  created {{int}} NOT NULL,       -- business clock, as is ended
  ended {{int}},
  ended_by TEXT,
  end_reason TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX session_token ON session (token);
CREATE INDEX session_principal ON session (principal, created);
CREATE INDEX session_open ON session (expires) WHERE ended IS NULL;

CREATE TABLE session_seen (
  id TEXT PRIMARY KEY,            -- session or API token
  seen {{int}} NOT NULL           -- wall clock, to the minute
){{clustered}};

CREATE TABLE sign_in_attempt (
  id TEXT PRIMARY KEY,            -- keyed hash of an account, an address or both
  fails {{int}} NOT NULL,
  last {{int}} NOT NULL,          -- wall clock, as is until
  until {{int}},                  -- no try is looked at before
  rev {{int}} NOT NULL
){{strict}};

CREATE TABLE spent_challenge (
  id TEXT PRIMARY KEY,            -- SHA-256 of a challenge that was answered
  until {{int}} NOT NULL          -- wall clock; afterwards the offer is too old anyway
){{clustered}};

CREATE TABLE password_invite (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL REFERENCES staff (id),
  token TEXT,                     -- secret: SHA-256 of the token, hex
  created {{int}} NOT NULL,       -- business clock
  expires {{int}} NOT NULL,       -- wall clock
  closed {{int}},
  closed_reason TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX password_invite_token ON password_invite (token);
CREATE INDEX password_invite_staff ON password_invite (staff);

CREATE TABLE api_token (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT,                      -- personal: what its owner calls it
  token TEXT,                     -- secret: SHA-256 of the token, hex
  actions TEXT NOT NULL,          -- space separated
  created {{int}} NOT NULL,       -- business clock
  expires {{int}} NOT NULL,       -- wall clock
  ended {{int}},
  ended_by TEXT,
  end_reason TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX api_token_token ON api_token (token);
CREATE INDEX api_token_owner ON api_token (owner);
