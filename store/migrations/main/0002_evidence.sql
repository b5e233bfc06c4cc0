-- +goose Up
CREATE TABLE event (
  id TEXT PRIMARY KEY,            -- UUIDv7: time order, and the key of date ranges
  log TEXT NOT NULL,
  at {{int}} NOT NULL,            -- microseconds UTC
  type TEXT NOT NULL,
  actor TEXT NOT NULL,
  entity TEXT,
  outcome TEXT NOT NULL,
  case_ref TEXT,
  refs TEXT,                      -- subjects, space separated; bound to the leaf by tags
  leaf TEXT NOT NULL,             -- canonical JSON, exactly as hashed
  changes TEXT NOT NULL           -- change document, exactly as hashed
){{strict}};
{{append_only event}}

CREATE TABLE event_ref (
  ref TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (ref, event)
){{clustered}};
{{append_only event_ref}}

CREATE TABLE event_term (
  term TEXT NOT NULL,             -- keyed HMAC of a normalised word or value
  event TEXT NOT NULL,
  class TEXT NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (term, event, class)
){{clustered}};
CREATE INDEX event_term_subject ON event_term (subject);

CREATE TABLE disclosure (
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  sealed {{bytes}} NOT NULL,      -- AEAD under the subject's key
  PRIMARY KEY (event, subject)
){{clustered}};
CREATE INDEX disclosure_subject ON disclosure (subject);

CREATE TABLE unsealed (
  event TEXT PRIMARY KEY,
  log TEXT NOT NULL
){{clustered}};

CREATE TABLE leaf (
  log TEXT NOT NULL,
  idx {{int}} NOT NULL,
  event TEXT NOT NULL UNIQUE,
  hash {{bytes}} NOT NULL,        -- RFC 6962 leaf hash
  PRIMARY KEY (log, idx)
){{clustered}};
{{append_only leaf}}

CREATE TABLE tile (
  log TEXT NOT NULL,
  level {{int}} NOT NULL,
  n {{int}} NOT NULL,
  root {{bytes}} NOT NULL,        -- hash of the tile's subtree
  hashes {{bytes}} NOT NULL,      -- 256 hashes; only full tiles are stored
  PRIMARY KEY (log, level, n)
){{strict}};
{{append_only tile}}

CREATE TABLE checkpoint (
  log TEXT NOT NULL,
  size {{int}} NOT NULL,
  at {{int}} NOT NULL,
  root {{bytes}} NOT NULL,
  note TEXT NOT NULL,             -- C2SP checkpoint, a signed note
  PRIMARY KEY (log, size)
){{strict}};
{{append_only checkpoint}}

CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  holder TEXT,
  fence {{int}} NOT NULL,
  until {{int}},
  rev {{int}} NOT NULL
){{strict}};
