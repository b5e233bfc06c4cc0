-- +goose Up
-- What outsiders said about our checkpoints. Each line proves itself.
CREATE TABLE cosignature (
  log TEXT NOT NULL,
  size {{int}} NOT NULL,          -- of the checkpoint
  witness TEXT NOT NULL,          -- key name and hash
  at {{int}} NOT NULL,            -- by the witness's clock
  line TEXT NOT NULL,             -- as it stands under the note
  PRIMARY KEY (log, size, witness)
){{strict}};
{{append_only cosignature}}
CREATE INDEX cosignature_witness ON cosignature (witness, log, size);

-- How it last went with a witness.
CREATE TABLE witness_state (
  id TEXT PRIMARY KEY,            -- log, space, key name and hash of the witness
  tried {{int}} NOT NULL,         -- wall clock
  error TEXT,                     -- empty when it went well
  rev {{int}} NOT NULL
){{strict}};

-- Witnesses that hold another history than ours.
CREATE TABLE log_contest (
  id TEXT PRIMARY KEY,            -- log, space, key name and hash of the witness
  size {{int}} NOT NULL,          -- of our checkpoint
  theirs {{int}} NOT NULL,        -- what the witness cosigned last, -1 where it did not say
  at {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};

-- Measures of the log itself that left their bounds, or came back.
CREATE TABLE log_watch (
  id TEXT PRIMARY KEY,            -- measure, and of what
  state TEXT NOT NULL,            -- out, within
  value {{int}} NOT NULL,
  bound {{int}} NOT NULL,
  at {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};
