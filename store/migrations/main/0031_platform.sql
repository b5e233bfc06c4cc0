-- +goose Up
CREATE TABLE trading_account (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  client TEXT NOT NULL,
  platform TEXT NOT NULL,
  login {{int}} NOT NULL,         -- chosen by us before anything is sent
  registered {{int}},             -- server wall clock; with login the identity on the platform
  account_group TEXT NOT NULL,
  currency TEXT NOT NULL,
  leverage {{int}} NOT NULL,
  live {{int}} NOT NULL,
  trade_disabled {{int}} NOT NULL,
  state TEXT NOT NULL,            -- opening, open, failed, archived
  phase TEXT,
  attempt {{int}} NOT NULL,
  deadline {{int}},
  looks {{int}} NOT NULL,
  look_at {{int}},
  tag TEXT NOT NULL,
  code TEXT,
  opened {{int}} NOT NULL,
  rev {{int}} NOT NULL,
  UNIQUE (platform, login)
){{strict}};
CREATE INDEX trading_account_client ON trading_account (client);
CREATE INDEX trading_account_entity ON trading_account (entity, opened);

CREATE TABLE intervention (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  client TEXT NOT NULL,
  account TEXT NOT NULL REFERENCES trading_account (id),
  platform TEXT NOT NULL,
  login {{int}} NOT NULL,
  kind TEXT NOT NULL,
  minor {{int}} NOT NULL,
  currency TEXT NOT NULL,
  to_group TEXT,
  reason TEXT NOT NULL,
  words TEXT,                     -- personal
  case_ref TEXT,                  -- required for all but client transfers
  requester TEXT NOT NULL,
  approvers TEXT,
  rule TEXT,
  operator TEXT,
  state TEXT NOT NULL,            -- approved, executing, matched, applied, rejected, uncertain
  phase TEXT,
  attempt {{int}} NOT NULL,
  deadline {{int}},
  looks {{int}} NOT NULL,
  look_at {{int}},
  tag TEXT NOT NULL UNIQUE,
  ticket {{int}},
  code TEXT,
  balance_before {{int}},
  balance_after {{int}},
  server_time {{int}},
  created {{int}} NOT NULL,
  matched {{int}},
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX intervention_entity ON intervention (entity, created);
CREATE INDEX intervention_account ON intervention (account);
CREATE INDEX intervention_state ON intervention (state);

CREATE TABLE platform_deal (
  id TEXT PRIMARY KEY,            -- platform/ticket
  batch TEXT NOT NULL,
  platform TEXT NOT NULL,
  ticket {{int}} NOT NULL,
  login {{int}} NOT NULL,
  account TEXT,
  action {{int}} NOT NULL,
  reason {{int}} NOT NULL,
  dealer {{int}} NOT NULL,
  server_time {{int}} NOT NULL,   -- server wall clock as if UTC
  offset_s {{int}} NOT NULL,      -- the server's offset when read, seconds
  at {{int}} NOT NULL,            -- UTC by that offset
  minor {{int}} NOT NULL,
  currency TEXT,
  comment TEXT,
  flags {{int}} NOT NULL,
  digest TEXT NOT NULL            -- SHA-256 of the wire record
){{strict}};
CREATE INDEX platform_deal_account ON platform_deal (account, server_time);
CREATE INDEX platform_deal_login ON platform_deal (platform, login, ticket);

CREATE TABLE platform_sweep (
  platform TEXT PRIMARY KEY,
  swept_to {{int}} NOT NULL,      -- server wall clock
  offset_s {{int}} NOT NULL,
  at {{int}} NOT NULL,
  deals {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};
