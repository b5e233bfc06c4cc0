-- +goose Up
CREATE TABLE rate_sheet (
  id TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  base TEXT NOT NULL,
  day TEXT NOT NULL,              -- YYYY-MM-DD, as the source names it
  source TEXT NOT NULL,
  rates TEXT NOT NULL,            -- one a line: currency, units for one of base
  state TEXT NOT NULL,
  recorded {{int}} NOT NULL,
  maker TEXT NOT NULL,
  proposal TEXT,
  words TEXT,
  rev {{int}} NOT NULL
){{strict}};
CREATE INDEX rate_sheet_day ON rate_sheet (entity, day);
