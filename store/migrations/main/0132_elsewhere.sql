-- +goose Up
CREATE TABLE elsewhere_system (
  id TEXT PRIMARY KEY,
  entity TEXT,                    -- whose it is; NULL is the group's
  kind TEXT NOT NULL,             -- mt-manager, psp-portal, bank-portal, ...
  name TEXT NOT NULL,
  outside TEXT,                   -- the platform by which this program reads it, if any
  owner TEXT NOT NULL,            -- who answers for it
  retired {{int}},
  created {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX elsewhere_system_of ON elsewhere_system (entity, name);

CREATE TABLE elsewhere_account (
  id TEXT PRIMARY KEY,
  system TEXT NOT NULL REFERENCES elsewhere_system (id),
  entity TEXT,
  holder TEXT NOT NULL,           -- the member of staff
  login TEXT,                     -- personal
  rights TEXT,                    -- personal: what it is good for, in words
  since {{int}} NOT NULL,
  ticket TEXT,                    -- where it was asked for
  given_by TEXT NOT NULL,         -- who put it on record
  closed {{int}},
  closed_by TEXT,
  proof TEXT,                     -- personal: how it is known to be closed
  proof_sha256 TEXT,              -- of the document that shows it, hex
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX elsewhere_account_holder ON elsewhere_account (holder, id);
CREATE INDEX elsewhere_account_system ON elsewhere_account (system, id);
CREATE INDEX elsewhere_account_open ON elsewhere_account (entity, since, id) WHERE closed IS NULL;

-- What a manager's login booked by hand, for those who left.
CREATE INDEX platform_deal_dealer ON platform_deal (platform, dealer, at);
