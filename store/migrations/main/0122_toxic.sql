-- +goose Up
CREATE TABLE access_exception (
  id TEXT PRIMARY KEY,
  holder TEXT NOT NULL REFERENCES staff (id),
  combination TEXT NOT NULL,
  entity TEXT NOT NULL,           -- where one side is held
  other TEXT NOT NULL,            -- where the other is; the same within one legal entity
  mitigation TEXT,                -- personal: what keeps it harmless
  maker TEXT NOT NULL,
  proposal TEXT NOT NULL,
  starts {{int}} NOT NULL,
  ends {{int}} NOT NULL,          -- never moved
  state TEXT NOT NULL,            -- granted or expired
  closed {{int}},
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX access_exception_holder ON access_exception (holder, combination);
CREATE INDEX access_exception_due ON access_exception (ends) WHERE state = 'granted';
