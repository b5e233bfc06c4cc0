// Package cases holds the reasons behind sensitive commands (cases) and what
// sweeps and controls turned up (findings).
//
// # Cases
//
//	open ──assign──▶ open ──close with an outcome──▶ closed
//
// A case has a type, one subject, an origin (the e-mail, letter or ticket
// itself, by digest), an owner, and a list of commands that its type permits.
// A sensitive command names an open case of a fitting type about its own
// subject; a closed, wrong-type or wrong-subject case is refused. A case of the
// catch-all type permits no sensitive command, and opening one is a finding,
// as is boilerplate instead of a reason.
//
// # Findings
//
//	open ──explain (by a case)──▶ explained
//	open ──reverse (by an approved intervention or payment)──▶ reversed
//	open ──escalate──▶ escalated ──explain or reverse──▶ …
//
// A finding never disappears, and one thing found twice is one finding. Who
// caused it does not resolve it.
package cases
