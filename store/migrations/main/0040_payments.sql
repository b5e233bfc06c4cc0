-- +goose Up
CREATE TABLE withdrawal (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  client TEXT NOT NULL,
  bank_detail TEXT NOT NULL,
  holder TEXT,                    -- bank: the destination as it was when asked for
  account TEXT,                   -- bank
  bank TEXT,                      -- bank
  minor {{int}} NOT NULL,
  currency TEXT NOT NULL,
  decision TEXT NOT NULL,         -- requested, cleared, held, approved or refused
  execution TEXT NOT NULL,        -- what the payment provider did
  settlement TEXT NOT NULL,       -- none or matched
  exception TEXT,                 -- why a person looks at it
  requested {{int}} NOT NULL,
  requested_by TEXT NOT NULL,
  legal_name TEXT,                -- personal: the client's name as compared
  name_match TEXT,                -- MTCH, CMTC, NMTC or NOAP
  risk TEXT,                      -- class of the client at clearing
  blocks TEXT,                    -- codes that stood against it at clearing
  cleared {{int}},
  cleared_by TEXT,
  decided {{int}},
  rule TEXT,
  reason TEXT,
  words TEXT,                     -- personal: why, in words
  case_ref TEXT,
  releaser TEXT,
  approver TEXT,                  -- who approved last
  psp TEXT,
  merchant TEXT,
  tag TEXT,                       -- our reference at the payment provider
  phase TEXT,
  attempt {{int}} NOT NULL,
  deadline {{int}},               -- wall clock, as is look_at
  looks {{int}} NOT NULL,
  look_at {{int}},
  psp_ref TEXT,                   -- the payment provider's transaction id
  psp_status TEXT,                -- its literal status
  psp_code TEXT,                  -- its reason code
  submitted {{int}},
  paid {{int}},
  journal TEXT,
  reversal TEXT,
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX withdrawal_tag ON withdrawal (tag);
CREATE INDEX withdrawal_client ON withdrawal (client, requested);
CREATE INDEX withdrawal_newest ON withdrawal (requested, id);
CREATE INDEX withdrawal_decision ON withdrawal (decision, requested);
CREATE INDEX withdrawal_execution ON withdrawal (execution, requested);
CREATE INDEX withdrawal_psp ON withdrawal (psp, psp_ref);

CREATE TABLE deposit (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  client TEXT,                    -- NULL while nobody's
  psp TEXT NOT NULL,
  merchant TEXT NOT NULL,
  psp_ref TEXT NOT NULL,
  psp_status TEXT NOT NULL,
  psp_code TEXT,
  method TEXT,
  reference TEXT,                 -- personal: what the payer wrote
  payer TEXT,                     -- bank
  account TEXT,                   -- bank
  legal_name TEXT,                -- personal: the client's name as compared
  name_match TEXT,
  minor {{int}} NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  flag TEXT,                      -- why a person looks at it
  settlement TEXT NOT NULL,
  arrived {{int}} NOT NULL,       -- at the payment provider
  recorded {{int}} NOT NULL,
  credited {{int}},
  credited_by TEXT,
  case_ref TEXT,
  journal TEXT,
  erased_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE UNIQUE INDEX deposit_psp ON deposit (psp, psp_ref);
CREATE INDEX deposit_client ON deposit (client, recorded);
CREATE INDEX deposit_newest ON deposit (recorded, id);
CREATE INDEX deposit_state ON deposit (state, recorded);
