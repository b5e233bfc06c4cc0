// Package elsewhere is the register of access that people have in systems
// outside this program: manager terminals of trading platforms, portals of
// payment providers and banks, KYC providers, mailboxes. This program cannot
// open or close those; it knows who has them, and lets nobody forget one.
//
// # Accounts
//
//	(record) ──▶ open ──close, with proof and a second person──▶ closed
//
// While its holder works here an open account is on record, no more. From the
// moment they leave it is work that is due at once; a day later it is a
// finding. That is computed from the record and the clock and never stored, so
// that no reaction can be missed.
//
// # Rules
//
// An account is closed by proof: words, and the digest of the document that
// shows it, given by one person and agreed to by another. Neither is the
// holder, so that nobody signs their own account off; and since they are two,
// whoever gave the access never closes it alone.
//
// What a leaver's login did on a platform after they left is a critical
// finding.
package elsewhere
