-- +goose Up
CREATE TABLE entity (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  jurisdiction TEXT NOT NULL,     -- ISO 3166-1 alpha-2
  regulator TEXT NOT NULL,
  licence TEXT,
  currency TEXT NOT NULL,         -- base currency
  privileged_days {{int}} NOT NULL, -- longest grant of a privileged role
  created {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};

CREATE TABLE staff (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,           -- the employer; en_group for group functions
  name TEXT,                      -- personal
  email TEXT,                     -- personal; lower case; NULL after erasure
  line TEXT NOT NULL,             -- first, second or third line of defence
  status TEXT NOT NULL,           -- active or inactive
  created {{int}} NOT NULL,
  left_at {{int}},
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX staff_email ON staff (email);

CREATE TABLE role_grant (
  id TEXT PRIMARY KEY,
  holder TEXT NOT NULL REFERENCES staff (id),
  role TEXT NOT NULL,
  entity TEXT NOT NULL,
  starts {{int}} NOT NULL,
  ends {{int}} NOT NULL,          -- never moved; a longer time is a new grant
  origin TEXT NOT NULL,           -- request or bootstrap
  maker TEXT NOT NULL,
  proposal TEXT,                  -- the approved proposal behind a requested grant
  reason TEXT NOT NULL,           -- reason code
  words TEXT,                     -- personal: the maker's own words
  case_ref TEXT,
  state TEXT NOT NULL,            -- granted, revoked or expired
  closed {{int}},
  closed_by TEXT,
  closed_reason TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX role_grant_holder ON role_grant (holder, entity, starts);
CREATE INDEX role_grant_entity ON role_grant (entity, starts, id);
CREATE INDEX role_grant_due ON role_grant (ends) WHERE state = 'granted';
