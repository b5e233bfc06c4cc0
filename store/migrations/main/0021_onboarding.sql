-- +goose Up
CREATE TABLE application (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  entity TEXT NOT NULL,
  state TEXT NOT NULL,            -- received, documents, review, approved or refused
  opened {{int}} NOT NULL,
  opened_by TEXT NOT NULL,
  decided {{int}},
  decided_by TEXT,
  policy TEXT,                    -- the basis of the decision: policy, version, clause
  policy_version TEXT,
  clause TEXT,
  overridden TEXT,                -- codes of the objections that two persons set aside
  words TEXT,                     -- personal: the notes of the decision
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX application_live ON application (client) WHERE state <> 'refused';
CREATE INDEX application_client ON application (client, id);
CREATE INDEX application_queue ON application (state, entity, id);

CREATE TABLE document (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  entity TEXT NOT NULL,
  kind TEXT NOT NULL,
  sha256 TEXT,                    -- identity: of the plain content
  size {{int}} NOT NULL,
  media TEXT NOT NULL,            -- found in the content, never taken from the sender
  source TEXT NOT NULL,           -- portal, staff or email
  device TEXT,                    -- personal
  received {{int}} NOT NULL,
  uploaded_by TEXT NOT NULL,
  uploaded {{int}} NOT NULL,
  state TEXT NOT NULL,            -- pending, accepted, rejected or superseded
  issued_on TEXT,                 -- YYYY-MM-DD; public, so that validity can be shown after erasure
  expires_on TEXT,                -- YYYY-MM-DD, last day; public likewise
  reviewed_by TEXT,
  reviewed {{int}},
  accepted {{int}},               -- since when it counts
  ended {{int}},                  -- since when it does not any more: superseded, or rejected later
  superseded_by TEXT,
  reason TEXT,                    -- reason code of the review
  words TEXT,                     -- personal
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX document_client ON document (client, id);
CREATE INDEX document_queue ON document (state, entity, id);

CREATE TABLE extraction (
  id TEXT PRIMARY KEY,
  document TEXT NOT NULL REFERENCES document (id),
  client TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made {{int}} NOT NULL,
  name TEXT,                      -- personal
  address TEXT,                   -- personal
  number TEXT,                    -- identity
  birth_date TEXT,                -- identity
  issue_date TEXT,                -- identity
  expiry TEXT,                    -- identity
  matches TEXT,                   -- names of the fields that agree with what the client declared
  mismatches TEXT,                -- names of the fields that do not
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX extraction_document ON extraction (document, id);
CREATE INDEX extraction_client ON extraction (client, id);
