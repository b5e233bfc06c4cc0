-- +goose Up
CREATE TABLE identity (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL REFERENCES staff (id),
  issuer TEXT NOT NULL,           -- of the provider (OpenID Connect)
  subject TEXT,                   -- personal: what the provider calls them; NULL after erasure
  created {{int}} NOT NULL,
  made_by TEXT NOT NULL,
  ended {{int}},
  ended_by TEXT,
  end_reason TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX identity_in_force ON identity (issuer, subject) WHERE ended IS NULL;
CREATE INDEX identity_staff ON identity (staff);
CREATE INDEX identity_subject ON identity (issuer, subject);

-- In which groups a source outside says that somebody is, where a group is to
-- ask for a role. It gives nobody anything.
CREATE TABLE membership (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,
  source TEXT NOT NULL,           -- the issuer, or scim
  team TEXT NOT NULL,             -- the group, as the source calls it
  role TEXT NOT NULL,             -- which it is to ask for
  entity TEXT NOT NULL,
  since {{int}} NOT NULL,         -- asked for then
  gone {{int}},                   -- the source says no longer
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX membership_one ON membership (staff, source, team, role, entity);
