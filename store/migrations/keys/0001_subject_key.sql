-- +goose Up
CREATE TABLE subject_key (
  subject TEXT PRIMARY KEY,
  wrapped {{bytes}} NOT NULL,     -- AEAD under the key-encryption key
  created {{int}} NOT NULL
){{strict}};
