-- +goose Up
CREATE TABLE certificate (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL REFERENCES staff (id),
  training TEXT NOT NULL,
  issuer TEXT NOT NULL,
  passed {{int}} NOT NULL,
  expires {{int}} NOT NULL,
  document_sha256 TEXT,           -- of the certificate itself, hex
  recorded_by TEXT NOT NULL,
  recorded {{int}} NOT NULL,
  reminded {{int}},               -- when its end was announced
  ended {{int}},                  -- when it was recorded that it has expired
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX certificate_staff ON certificate (staff, expires);
CREATE INDEX certificate_due ON certificate (expires) WHERE ended IS NULL;

CREATE TABLE training_rule (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  role TEXT NOT NULL,
  training TEXT NOT NULL,
  grants_end {{int}},             -- 1: with the certificate the role ends too
  since {{int}} NOT NULL,
  maker TEXT NOT NULL,
  dropped {{int}},
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX training_rule_of ON training_rule (entity, role) WHERE dropped IS NULL;
