-- +goose Up
CREATE TABLE ledger_account (
  id TEXT PRIMARY KEY,            -- la_<kind>.<owner>.<currency>
  entity TEXT NOT NULL,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  currency TEXT NOT NULL,
  exponent {{int}} NOT NULL,
  negative {{int}} NOT NULL,      -- may go below zero
  posted {{int}},                 -- running balance; wallets only
  held {{int}},                   -- sum of open holds; wallets only
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX ledger_account_owner ON ledger_account (owner);

CREATE TABLE ledger_journal (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  reverses TEXT UNIQUE,           -- a journal is reversed at most once
  at {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX ledger_journal_subject ON ledger_journal (subject);

CREATE TABLE ledger_entry (
  id TEXT PRIMARY KEY,            -- journal/line
  journal TEXT NOT NULL REFERENCES ledger_journal (id),
  account TEXT NOT NULL REFERENCES ledger_account (id),
  currency TEXT NOT NULL,
  minor {{int}} NOT NULL,         -- signed: plus is owed to the owner, minus is held for us
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX ledger_entry_account ON ledger_entry (account, id);

CREATE TABLE ledger_hold (
  id TEXT PRIMARY KEY,            -- the record that holds: a withdrawal
  account TEXT NOT NULL REFERENCES ledger_account (id),
  minor {{int}} NOT NULL,
  state TEXT NOT NULL,            -- open, released or captured
  at {{int}} NOT NULL,
  rev {{int}} NOT NULL
){{strict}};
