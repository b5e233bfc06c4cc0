-- +goose Up
CREATE TABLE reading_flag (
  id TEXT PRIMARY KEY,            -- staff.entity
  staff TEXT NOT NULL,
  entity TEXT NOT NULL,
  at {{int}} NOT NULL,
  files {{int}} NOT NULL,         -- clients whose data was opened one by one
  clients {{int}} NOT NULL,       -- clients in all
  rev {{int}} NOT NULL
){{strict}};
