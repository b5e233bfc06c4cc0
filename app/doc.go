// Package app introduces the parts to each other: it is the only package that
// may import everything, and it decides nothing.
//
// An installation is a folder (keys, uploads, the checkpoints kept outside the
// database) and a database: SQLite inside the folder, or PostgreSQL.
package app
