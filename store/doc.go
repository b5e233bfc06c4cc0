// Package store keeps the firm's rows on one of two engines, SQLite or
// PostgreSQL, with one SQL text ($1 placeholders) for both.
//
// # What is promised
//
//   - All writing happens here, through declared tables (see Table). Nothing
//     else in the product holds SQL that writes; a repository test looks.
//   - A transaction that changed a recorded, imported or derived row does not
//     commit unless the evidence package took the captured changes (promise 1:
//     no evidence, no action).
//   - Acknowledged means durable: WAL with synchronous FULL on SQLite, read
//     back when opening; an fsync error ends the process, because a second
//     fsync would claim success over lost pages.
//   - A commit whose outcome is not known is reported as ErrCommitUnknown,
//     never as a failure.
//   - After Begin the caller's context no longer cancels a transaction; it has
//     a limit of its own. Any SQL error ends the transaction on both engines.
//
// # Kinds of tables
//
// Recorded rows are folded by value: every row has rev, dense from 1; an
// update is a compare-and-swap on rev. Imported rows are insert-only and come
// in batches whose digest is recorded. Derived rows are insert-only and can be
// recomputed. Evidence rows are insert-only and protected by triggers.
// Operational rows (jobs, leases, indexes) may change freely, and no Check
// reads one.
//
// # Values
//
// Ids are text, money is integer minor units beside a currency, time is
// integer microseconds UTC. An empty string, a zero Instant and empty bytes
// are stored as NULL; a column that must not be empty says NOT NULL.
// Text with NUL or invalid UTF-8 is refused before it reaches the engine.
//
// # Migrations
//
// One folder, one text for both engines with a few tokens (see migrate.go).
// Migrations never write rows. A release may add tables, nullable columns and
// indexes (expand); it drops or tightens only what no running release uses
// (contract, at the earliest one release later).
package store
