// Package manuals holds the firm's own manuals, such as its AML manual: per
// legal entity, as versions with numbered clauses that the board adopts and
// nobody edits.
//
// # A version
//
//	written ──proposed──▶ waits ──the board agrees──▶ adopted ──▶ in force ──the next one starts──▶ past
//
// Where nobody sits on the board at that moment, a senior compliance officer
// agrees. A version is in force from its start until the next one starts.
//
// # What rests on a clause
//
// A clause names the acts, policies and rules that it applies to. The road adds
// the clauses in force to the basis of every event of such an act ("AML manual
// v3 §4.2"), so that a decision says by which clause of that day it was made.
// Versions are kept for good: a clause that an event names can always be read.
package manuals
