-- +goose Up
ALTER TABLE entity ADD COLUMN review_months TEXT; -- 1, 3, 6 or 12; empty is the firm's own rule

CREATE TABLE access_review (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  scope TEXT NOT NULL,            -- all, critical, roles or person
  roles TEXT,                     -- of scope roles
  cause TEXT NOT NULL,            -- schedule, staff, entity, policies, rules or asked
  about TEXT,                     -- the person, entity, policies or rules whose change caused it
  opened_by TEXT NOT NULL,
  opened {{int}} NOT NULL,
  due {{int}} NOT NULL,
  closes {{int}} NOT NULL,        -- what is undecided then is revoked
  policies TEXT NOT NULL,         -- the set under which the roles are told
  items {{int}} NOT NULL,
  reminded TEXT,                  -- days that were left at the last reminder
  state TEXT NOT NULL,            -- open or closed
  closed {{int}},
  closed_by TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX access_review_entity ON access_review (entity, opened, id);
CREATE INDEX access_review_opened ON access_review (opened, id);
CREATE INDEX access_review_due ON access_review (closes) WHERE state = 'open';

-- One role of one person in one entity, as it stood when the review opened.
CREATE TABLE access_review_item (
  id TEXT PRIMARY KEY,
  review TEXT NOT NULL REFERENCES access_review (id),
  entity TEXT NOT NULL,
  holder TEXT NOT NULL REFERENCES staff (id),
  role TEXT NOT NULL,
  grants TEXT NOT NULL,           -- references, separated by blanks
  starts {{int}} NOT NULL,        -- of the first of them
  ends {{int}} NOT NULL,          -- of the last
  asked TEXT,                     -- who asked for them
  agreed TEXT,                    -- who approved them; empty where nobody did
  beside TEXT,                    -- other roles of the person, as role@entity
  conflicts TEXT NOT NULL,        -- toxic combinations that the role has a part in; "none" when none was found
  used {{int}},                   -- when the role last let the person do something
  used_event TEXT,
  reviewer TEXT,                  -- the person to whom it was handed, if any
  decision TEXT,                  -- keep, revoke or undecided (at the close)
  effect TEXT,                    -- kept, revoked, ended (it was over already) or protected
  decided {{int}},
  decided_by TEXT,
  words TEXT,                     -- the reviewer's own words; personal
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX access_review_item_review ON access_review_item (review, id);
CREATE INDEX access_review_item_holder ON access_review_item (holder, id);
CREATE INDEX access_review_item_open ON access_review_item (review) WHERE decision IS NULL;
