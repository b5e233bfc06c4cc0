-- +goose Up
ALTER TABLE entity ADD COLUMN breakable TEXT; -- privileged roles that one person may take in an emergency, with spaces between
ALTER TABLE role_grant ADD COLUMN ticket TEXT; -- of emergency access: where the emergency is described

CREATE TABLE break_review (
  id TEXT PRIMARY KEY,            -- the grant that was taken
  holder TEXT NOT NULL REFERENCES staff (id),
  entity TEXT NOT NULL,
  due {{int}} NOT NULL,           -- not reviewed by then, the account is locked
  outcome TEXT,                   -- justified or not-justified; empty until it is reviewed
  reviewer TEXT,
  words TEXT,                     -- personal: the reviewer's own words
  acts {{int}} NOT NULL,          -- how many acts were reviewed
  digest TEXT,                    -- SHA-256 over their events
  reviewed {{int}},
  locked {{int}},                 -- when it was recorded that the account is locked
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX break_review_holder ON break_review (holder, due);
CREATE INDEX break_review_waiting ON break_review (due) WHERE reviewed IS NULL;
