-- +goose Up
CREATE TABLE case_file (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  title TEXT,                     -- personal
  origin TEXT NOT NULL,           -- email, letter, ticket, call, internal
  origin_ref TEXT,                -- personal: message id, ticket number
  origin_sha256 TEXT,             -- digest of the message or letter itself
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT,
  opened {{int}} NOT NULL,
  opened_by TEXT NOT NULL,
  closed {{int}},
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX case_file_entity ON case_file (entity, state, opened);
CREATE INDEX case_file_subject ON case_file (subject);

CREATE TABLE finding (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT,
  external TEXT,                  -- reference at the outside system
  words TEXT,                     -- personal
  severity TEXT NOT NULL,
  state TEXT NOT NULL,            -- open, explained, reversed, escalated
  case_ref TEXT,
  raised {{int}} NOT NULL,
  resolved {{int}},
  resolved_by TEXT,
  dedupe TEXT NOT NULL UNIQUE,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX finding_entity ON finding (entity, state, raised);
CREATE INDEX finding_subject ON finding (subject);
