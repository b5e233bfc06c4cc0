-- +goose Up
CREATE TABLE command_key (
  id TEXT PRIMARY KEY,            -- actor|key
  mac TEXT NOT NULL,              -- keyed MAC of action and input
  event TEXT NOT NULL,            -- first event of the command
  proposal TEXT,
  at {{int}} NOT NULL
){{clustered}};

CREATE TABLE proposal (
  id TEXT PRIMARY KEY,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  entity TEXT,
  maker TEXT NOT NULL,
  payload TEXT,                   -- frozen input; sensitive, NULL after erasure
  nonce TEXT NOT NULL,
  hash TEXT NOT NULL,
  rule TEXT NOT NULL,
  seats TEXT NOT NULL,
  case_ref TEXT,
  state TEXT NOT NULL,
  created {{int}} NOT NULL,
  expires {{int}} NOT NULL,
  closed {{int}},
  outcome TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX proposal_open ON proposal (state, entity, created);
CREATE INDEX proposal_subject ON proposal (subject);

CREATE TABLE approval (
  id TEXT PRIMARY KEY,
  proposal TEXT NOT NULL REFERENCES proposal (id),
  approver TEXT NOT NULL,
  decision TEXT NOT NULL,
  seat {{int}} NOT NULL,
  role TEXT,
  hash TEXT NOT NULL,
  words TEXT,
  at {{int}} NOT NULL,
  rev {{int}} NOT NULL,
  UNIQUE (proposal, approver)
){{strict}};
