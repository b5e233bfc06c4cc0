// Package command is the one road that every change takes (Run), the only verb
// of approval (Approve), and the sibling road of reads (Ask).
//
// # Run
//
// decode → prepare → [transaction: idempotency → load → authorise → check →
// apply → evidence and jobs] → commit → outside effects by jobs.
//
// Handlers decide nothing about who may act, and cannot write without leaving
// evidence: the store refuses to commit changes that no event took. A check is
// pure; it says proceed, refuse, or needs approvals. What needs approvals
// becomes a proposal: the frozen input with a nonce, its hash, the rule that
// demanded it, and an expiry.
//
// # Approve
//
// An approver is never the maker nor another approver, and agrees to one hash.
// When the last seat is filled the same transaction authorises the maker and
// all approvers again, loads and checks again, and applies.
//
//	open ──approve (seats left)──▶ open
//	open ──approve (last seat), check proceeds──▶ executed
//	open ──approve (last seat), check refuses──▶ closed
//	open ──refuse──▶ refused      open ──withdraw by maker──▶ withdrawn
//	open ──expiry──▶ expired
//
// # Ask
//
// authorise → filter from policy → read → what was shown in the clear becomes
// a read event, committed before the answer leaves.
//
// Denials, refusals and expiries are evidence too. A denial is written in a
// transaction of its own, because the refused one is rolled back.
package command
