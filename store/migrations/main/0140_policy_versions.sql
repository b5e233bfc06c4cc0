-- +goose Up
CREATE TABLE policy_draft (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL,             -- SHA-256 of the whole set that it would make, hex
  text TEXT NOT NULL,             -- every file of that set
  base TEXT NOT NULL,             -- the set in force when it was written
  builtin TEXT NOT NULL,          -- the program's own set of that day
  maker TEXT NOT NULL,
  reason TEXT NOT NULL,
  words TEXT,
  case_ref TEXT,
  created {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};

CREATE TABLE policy_version (
  id TEXT PRIMARY KEY,
  version {{int}} NOT NULL UNIQUE, -- dense from 1; 0 is what the program brings
  hash TEXT NOT NULL,
  text TEXT NOT NULL,
  base TEXT NOT NULL,
  builtin TEXT NOT NULL,
  draft TEXT NOT NULL,
  starts {{int}} NOT NULL,        -- in force until the next version starts
  maker TEXT NOT NULL,
  proposal TEXT NOT NULL,
  reason TEXT NOT NULL,
  words TEXT,
  rev {{int}} NOT NULL
){{strict}};
