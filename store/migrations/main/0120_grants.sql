-- +goose Up
ALTER TABLE entity ADD COLUMN privileged_hours {{int}}; -- longest grant of a privileged role, where days are too long
ALTER TABLE entity ADD COLUMN ordinary_days {{int}}; -- longest grant of any other role; empty is a year
