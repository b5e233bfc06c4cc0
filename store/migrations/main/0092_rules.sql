-- +goose Up
ALTER TABLE proposal ADD COLUMN not_before {{int}}; -- nobody can agree earlier
ALTER TABLE proposal ADD COLUMN floor TEXT; -- what the program demands, where the entity's rules demand more
ALTER TABLE proposal ADD COLUMN rule_text TEXT; -- the entity's rule in its own words

CREATE TABLE approval_rules (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  action TEXT NOT NULL,
  version {{int}} NOT NULL,       -- dense from 1; 0 is what the program has built in
  rules TEXT NOT NULL,            -- one rule a line, as adopted
  hash TEXT NOT NULL,             -- SHA-256 over the text, hex
  starts {{int}} NOT NULL,        -- in force until the next version starts
  maker TEXT NOT NULL,
  proposal TEXT NOT NULL,
  reason TEXT NOT NULL,
  words TEXT,
  created {{int}} NOT NULL,
  rev {{int}} NOT NULL,
  UNIQUE (entity, action, version)
){{strict}};
CREATE INDEX approval_rules_in_force ON approval_rules (entity, action, starts);
