-- +goose Up
-- Up to where each log was delivered to each target outside.
CREATE TABLE delivery (
  id TEXT PRIMARY KEY,            -- target, space, log
  idx {{int}} NOT NULL,           -- the place of the first entry that is not delivered
  tried {{int}},                  -- wall clock
  error TEXT,                     -- empty when it went well
  rev {{int}} NOT NULL
){{strict}};

-- Whom the log is connected with outside: witnesses and targets of delivery.
CREATE TABLE log_connection (
  id TEXT PRIMARY KEY,            -- what it is and its name
  says TEXT,                      -- the settings that are no secret
  state TEXT NOT NULL,            -- on, off
  at {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};
