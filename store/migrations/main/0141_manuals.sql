-- +goose Up
CREATE TABLE manual_version (
  id TEXT PRIMARY KEY,
  manual TEXT NOT NULL,           -- the reference of its first version
  entity TEXT NOT NULL,
  title TEXT NOT NULL,            -- the same for all versions
  version {{int}} NOT NULL,       -- dense from 1
  text TEXT NOT NULL,             -- numbered clauses, as adopted
  hash TEXT NOT NULL,             -- SHA-256 over the text, hex
  starts {{int}} NOT NULL,        -- in force until the next version starts
  maker TEXT NOT NULL,
  proposal TEXT NOT NULL,
  reason TEXT NOT NULL,
  words TEXT,
  created {{int}} NOT NULL,
  rev {{int}} NOT NULL,
  UNIQUE (entity, title, version)
){{strict}};
CREATE INDEX manual_version_of ON manual_version (manual, version);
