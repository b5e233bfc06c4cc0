-- +goose Up
CREATE TABLE client (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,           -- the legal entity; never changes
  name TEXT,                      -- personal; NULL after erasure, as all that is sensitive
  name_key TEXT,                  -- personal: name in lower case with single spaces
  email TEXT,                     -- personal; lower case
  phone TEXT,                     -- personal; E.164
  address TEXT,                   -- personal
  country TEXT NOT NULL,          -- residence, ISO 3166-1 alpha-2
  birth_date TEXT,                -- identity; YYYY-MM-DD
  nationality TEXT,               -- ISO 3166-1 alpha-2
  category TEXT NOT NULL,
  introduced_by TEXT,
  status TEXT NOT NULL,           -- open, dormant or closed
  created {{int}} NOT NULL,
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX client_email ON client (entity, email);
CREATE INDEX client_entity ON client (entity, id);
CREATE INDEX client_partner ON client (introduced_by) WHERE introduced_by IS NOT NULL;

CREATE TABLE bank_detail (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL REFERENCES client (id),
  holder TEXT,                    -- bank
  scheme TEXT NOT NULL,           -- iban or local
  account TEXT,                   -- bank; without spaces, upper case
  bank TEXT,                      -- bank
  currency TEXT NOT NULL,
  active {{int}} NOT NULL,
  created {{int}} NOT NULL,
  changed_at {{int}} NOT NULL,    -- start of the cooling-off that payments read
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX bank_detail_client ON bank_detail (client, id);

CREATE TABLE restriction (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL REFERENCES client (id),
  purpose TEXT NOT NULL,          -- what it stops; any is everything
  reason TEXT NOT NULL,           -- reason code
  words TEXT,                     -- personal
  set_by TEXT NOT NULL,
  set_at {{int}} NOT NULL,
  lifted_by TEXT,
  lifted_at {{int}},
  lifted_words TEXT,              -- personal
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX restriction_client ON restriction (client, set_at);
