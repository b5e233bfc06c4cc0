// Package jobs is the firm's queue and its schedules, on both engines.
//
// # What is promised
//
//   - A job is written in the transaction of the change that needs it: both are
//     committed, or neither.
//   - A job runs at least once and, while its lease holds, in one place only.
//     It may run again after a crash, a lost answer or a lease that ran out, so
//     a handler reads the recorded state first and never assumes that it is the
//     first to try. What was sent outside is not sent again (see command.Op).
//   - A worker that was overtaken cannot finish the job: finishing is a
//     compare-and-swap on the revision that its claim made.
//   - A job that fails for good stays as a dead letter until somebody revives
//     it. A job that is done leaves no row: the evidence is in the events.
//   - A job carries ids only, never personal data: this table is not erased,
//     not masked and not in evidence.
//
// # Two clocks
//
// When a job is due is business time; leases are wall time. Under a virtual
// business clock Step runs everything due, one by one in the order of (run_at,
// id), and stops: a job that asks to come back comes back at a later instant.
//
// # Running
//
// Run is for production: several workers, woken by Nudge (call it from
// store.Tx.AfterCommit), by a channel or by a poll. When its context ends it
// claims nothing more, and returns once the running handlers ended; these are
// not cancelled, because a request cut off in the middle is an uncertain one.
// Their contexts end shortly before their leases do.
//
// A handler may panic: that is a failed attempt, like an error. Only fault
// texts are stored, since people read them in the console; causes are logged.
package jobs
