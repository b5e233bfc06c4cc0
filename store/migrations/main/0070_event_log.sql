-- +goose Up
-- One log's events in the order of time, without reading all others.
CREATE INDEX event_log ON event (log, id);
