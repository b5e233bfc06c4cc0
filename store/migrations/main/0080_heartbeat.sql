-- +goose Up
CREATE TABLE log_beat (
  id TEXT PRIMARY KEY,            -- 'log': there is one row
  at {{int}} NOT NULL,            -- the last sign of life
  unsealed {{int}} NOT NULL,      -- events without a place in their log at that moment
  behind {{int}} NOT NULL,        -- age of the oldest of them, in microseconds
  rev {{int}} NOT NULL
){{strict}};
