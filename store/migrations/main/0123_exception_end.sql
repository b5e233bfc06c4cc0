-- +goose Up
ALTER TABLE access_exception ADD COLUMN home TEXT;         -- whose matter it is: the legal entity, or the group
ALTER TABLE access_exception ADD COLUMN approvers TEXT;    -- who agreed, with spaces between
ALTER TABLE access_exception ADD COLUMN closed_by TEXT;
ALTER TABLE access_exception ADD COLUMN closed_words TEXT; -- personal: why it was ended before its time
