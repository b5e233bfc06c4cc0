-- +goose Up
ALTER TABLE entity ADD COLUMN line_apart {{int}}; -- 1: nobody approves for their own line of managers

CREATE TABLE staff_notice (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,            -- who is told
  event TEXT NOT NULL,            -- of what: the event itself
  type TEXT NOT NULL,             -- its type, from which the words follow
  made_by TEXT NOT NULL,          -- who did it
  at {{int}} NOT NULL,
  seen {{int}},                   -- when the person said that they have read it
  rev {{int}} NOT NULL,
  UNIQUE (staff, event)
){{strict}};
CREATE INDEX staff_notice_of ON staff_notice (staff, at);
