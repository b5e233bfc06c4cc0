-- +goose Up
ALTER TABLE staff ADD COLUMN manager TEXT;          -- another member of staff; the chain has no circle
ALTER TABLE staff ADD COLUMN function TEXT;         -- what the person does here, from a list
ALTER TABLE staff ADD COLUMN employed_from {{int}};
ALTER TABLE staff ADD COLUMN employed_until {{int}}; -- with it the account ends by itself
CREATE INDEX staff_manager ON staff (manager);
CREATE INDEX staff_ending ON staff (employed_until) WHERE status = 'active';
