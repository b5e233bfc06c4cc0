-- +goose Up
CREATE TABLE job (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT,
  args TEXT,                      -- ids and numbers, never personal data
  unique_key TEXT,
  state TEXT NOT NULL,            -- queued, running or dead; a done job has no row
  run_at {{int}} NOT NULL,        -- business time
  attempts {{int}} NOT NULL,      -- failed so far
  lease_until {{int}},            -- wall time
  holder TEXT,
  error TEXT,
  dead_at {{int}},
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX job_live ON job (run_at, id) WHERE state <> 'dead';
CREATE INDEX job_dead ON job (dead_at, id) WHERE state = 'dead';
CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE state <> 'dead';

CREATE TABLE job_schedule (
  name TEXT PRIMARY KEY,
  next_at {{int}} NOT NULL,       -- business time
  last_at {{int}} NOT NULL,
  error TEXT,
  rev {{int}} NOT NULL
){{strict}};
