-- +goose Up
CREATE TABLE policy_set (
  id TEXT PRIMARY KEY,            -- SHA-256 of the text, hex: what stands on decisions
  text TEXT NOT NULL,
  engine TEXT NOT NULL,
  adopted {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};
