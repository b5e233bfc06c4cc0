-- +goose Up
CREATE TABLE saved_query (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,            -- the only one who can open it
  text TEXT NOT NULL,             -- personal: words that must not stand in an address
  at {{int}} NOT NULL
){{clustered}};
CREATE INDEX saved_query_owner ON saved_query (owner, at);
