// Package sandpaysim is SandPay itself: a PSP sandbox with an API, signed
// webhooks, a dashboard, faults on demand and an oracle that says what was
// truly paid. The protocol is documented in package sandpay.
//
// It shares no code with the client on purpose: each side has its own idea of
// the wire, so a slip in one shows as a disagreement. It is still ours, and
// proves nothing about any real PSP.
//
// Time is the injected clock's. Nothing moves by itself: Step books what came
// late, moves payouts and bank deposits along, and delivers due webhooks.
//
// # Magic destinations
//
// The last four characters of a payout's account decide its fate:
//
//	9001  refused at once: account_closed
//	9002  refused at once: insufficient_funds
//	9003  booked on_hold, until Release
//	9004  pending, then failed: bank_declined
//	9005  pending, then paid, then returned after the same delay: unknown_account
//
// Every other account is pending, then paid.
//
// # Faults
//
// See FaultKind. A request fault strikes the next payout requests, a webhook
// fault the next deliveries.
//
// # Control listener
//
// The dashboard is at "/". For programs: POST /control/payout and
// /control/deposit (bodies as PayoutRequest and DepositRequest), POST
// /control/fault (a Fault), POST /control/release ({"id": …}) and GET
// /control/oracle (a Truth). It has no sign-in, so it listens on loopback only,
// refuses foreign Host names and cross-site requests.
package sandpaysim
