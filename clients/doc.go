// Package clients keeps the party record: who a client is, how to reach them,
// where their money may go, and what they are restricted from.
//
// # The promise
//
// A client belongs to one legal entity from creation on; no command changes
// it, so no edit moves the entity wall. Every change says old and new, who and
// why. What a reader may not see is rendered as a mask here, on the server.
//
// # States
//
//	client:       (create) ──▶ open ⇄ dormant          (change)
//	                           open, dormant ⇄ closed
//	bank detail:  (add) ──▶ active ⇄ inactive           (change)
//	restriction:  (set) ──▶ in force ──lift, two persons──▶ lifted
//
// # Rules
//
//   - A client is at least 18 years old when recorded, and an e-mail address
//     stands once per entity.
//   - A change names a reason code and says why in words; a change that
//     changes nothing is refused.
//   - An IBAN must have its country's length and a right checksum. Every
//     change of a bank detail moves ChangedAt: payments to it wait out a
//     cooling-off from that instant.
//   - A bank detail that staff add or change is a proposal that compliance
//     confirms; what a client asks for themselves, and what only takes an
//     account out of use, applies at once.
//   - A restriction protects, so one person sets it at once. Lifting exposes,
//     so it becomes a proposal that someone else in compliance approves.
//   - Restrictions are facts with a beginning and an end. Whether somebody is
//     blocked from something is computed from them by whoever asks.
//
// # What policy sees
//
// Kind client, for every action of this package and for every see.* question:
// columns id and entity of table client. Bank details and restrictions are the
// client's: acts on them are acts on the client.
package clients
