// Package evidence is the firm's memory: what was done, refused and read, by
// whom, when, where, why and under which policy, in a form that a stranger can
// check.
//
// An event is a bounded leaf (canonical JSON, at most 65,535 bytes, no
// personal data) and a change document stored beside it. The leaf carries the
// SHA-256 of the change document, and keyed tags instead of the ids of the
// people concerned. Sensitive values stand in the change document as salted
// digests (after RFC 9901); their plain form is a disclosure, encrypted under
// the key of the person concerned. Withholding a disclosure masks, handing it
// over reveals, destroying the key erases; the digests and proofs stay whole
// in all three cases.
//
// Append writes an event in the caller's transaction. The sequencer gives it a
// place in its log afterwards: an RFC 6962 Merkle tree per log, signed as C2SP
// checkpoints. What is appended but not yet sealed, and what is sealed but not
// yet witnessed, are numbers that the product shows.
//
// # What sealing does not prove
//
// That an event is true when it was written; that something was written at
// all (a writer that never recorded is caught by reconciliation with the
// platform and the PSP, not by the log); and nothing about the tail that is
// not yet sealed. SECURITY.md says more.
package evidence
