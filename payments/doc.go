// Package payments takes clients' money in and pays it out: we decide, the
// payment provider (PSP) executes, its statement settles. Those are three
// status fields of every movement and never one.
//
// # Withdrawals
//
//	decision:   requested ──clear──▶ cleared | held ──release, approved──▶ approved
//	            requested | cleared | held | approved and not yet sent ──refuse──▶ refused
//	execution:  none ──approved──▶ ready ──begin──▶ sending ──answer──▶ submitted | failed
//	                                 ▲  nothing left │ no answer
//	                                 └───────────────┤
//	                                                 ▼
//	            person ◀──never found── uncertain ──look, found──▶ submitted
//	            submitted ──status──▶ paid ──status──▶ returned
//	            submitted ──status──▶ failed | returned
//	            submitted ──it is not what we decided──▶ person
//	            failed | returned ──the PSP shows it paid after all──▶ person
//	            person ──resolve, two persons──▶ submitted | paid | failed
//	settlement: none ──the PSP's list shows it paid as decided──▶ matched
//
// A request applies at once: it freezes the destination and sets the money
// aside. Its release is the proposal.
//
// # The promises
//
//   - Nothing is paid that was not cleared, released and approved by as many
//     persons as the entity's rules ask, and nothing while anything stands
//     against the client at the moment of sending.
//   - A mismatch between the client's name and the account holder's is set
//     aside only with a case, a reason in words and a senior compliance
//     officer's agreement; the event says so.
//   - A bank detail that changed within the cooling-off is refused. No approval
//     makes up for it.
//   - At most one payout leaves per withdrawal. A lost answer is uncertain: the
//     payout is looked up by its tag and never sent again. Only what certainly
//     never left this process is tried again.
//   - The wallet is debited when the PSP says paid, and never otherwise; the
//     hold ends exactly once. A payout that comes back reverses its journal.
//   - What the PSP did without our decision is found by the sweep and queued.
//     One payout is the proof of one withdrawal; a second under the same
//     reference is a finding, and while the answer is out a person's matter.
//
// Two clocks: Deadline and LookAt of an attempt are wall time, everything else
// is business time.
//
// # Approval
//
// The rules of each entity profile stand as data in policy.go. The amount that
// picks the tier is the client's total over 24 hours, so that splitting a
// payment changes nothing. High risk, a name mismatch, and names that cannot be
// compared unless the risk is low, add a senior compliance officer.
//
// # Deposits
//
//	(record) ──▶ pending ──▶ clear | held | flagged ──credit──▶ credited
//	             pending ──▶ failed | review
//	(record) ──▶ unmatched
//
// The PSP tells of deposits by webhook and by list; the truth is always read
// from it. A deposit belongs to the client whose reference the payer wrote.
// clear is credited by the system. held waits until nothing stands against
// funding (identity approved). flagged has a payer who is not the client, or
// comes after two failed attempts of the same client and method: a person
// credits it with a second one's approval. review is a failed attempt, the
// second in a row or later. unmatched belongs to nobody we know.
//
// # What policy sees
//
// Kinds withdrawal (table withdrawal) and deposit (table deposit): columns id,
// entity, client. Commands that repeat what a PSP said are the system's alone.
package payments
