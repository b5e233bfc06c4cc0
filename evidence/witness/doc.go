// Package witness is the program that an outsider runs to keep a firm's logs
// honest (C2SP tlog-witness).
//
// The firm sends every new checkpoint. The witness checks that a key of the
// log signed it, and, by a consistency proof, that it extends the last one that
// it cosigned. Then it keeps the new one, durably, and only then cosigns it
// with the time of its own clock. From then on nobody, the firm included, can
// show a history to somebody that differs from the one that the witness saw
// without the difference being found.
//
// # What is promised
//
//   - What was cosigned is never taken back: the state only grows, whole or not
//     at all, and two programs never work on one folder. State that is missing
//     although the history names it, or that was changed, stops the witness
//     for that log; it never begins again at nothing by itself.
//   - Two histories under one key are never both cosigned. The second is
//     refused, and both notes are kept under forks/ for whoever asks.
//   - Strangers cannot fill the folder: only what a known key signed is kept.
//
// A witness reads no event and learns nothing but sizes and hashes.
package witness
