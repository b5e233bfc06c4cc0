// Package sandpay is the client of SandPay, this project's own PSP sandbox. It
// implements payments.PSP.
//
// SandPay is NOT independent: the same people wrote the client and the server
// (package sandpaysim), so agreement between them proves that the product
// keeps its promises under faults, not that any real PSP behaves like this.
// What can be had from outside is used: the webhook signature is Standard
// Webhooks 1.0.0 and is tested against that project's published vector, and
// idempotency follows Stripe's published rules (docs.stripe.com, "Idempotent
// requests"), including that a 500 is replayed.
//
// # The protocol
//
// JSON over HTTP; "Authorization: Bearer KEY" on every request. Amounts are
// integer minor units of ISO 4217, times are RFC 3339 in UTC with microseconds.
//
//	POST /v1/payouts              make a payout; header Idempotency-Key required
//	GET  /v1/payouts/{id}         one payout
//	GET  /v1/payouts?reference=R  every payout with this reference
//	GET  /v1/objects/{id}         one payout or deposit
//	GET  /v1/objects?from=F&to=T&cursor=C
//	                              payouts and deposits created in [F, T), oldest
//	                              first, in pages: {"data": [...], "next": C}
//
// A payout is asked for with
//
//	{"amount": 125000, "currency": "EUR", "reference": "F1…", "merchant": "acme-eu",
//	 "destination": {"account": "DE…", "holder": "Ada Byron", "bank": "DEUTDEFF"}}
//
// and answered 200 with the object, which adds "id", "object" ("payout" or
// "deposit"), "status", "created", "updated" and "failure". A deposit has
// "source" and "method" in place of "destination".
//
// Payout statuses: pending, on_hold, paid, failed, returned. Deposit statuses:
// pending, succeeded, failed.
//
// A refusal is {"error": {"code": C, "message": M}} with a 4xx status:
//
//	400 invalid_request, idempotency_key_missing   nothing was booked
//	401 invalid_api_key                            nothing was booked
//	402 account_closed, insufficient_funds         nothing was booked
//	404 not_found                                  no such object
//	409 request_in_flight                          an earlier request with this key is not decided
//	422 idempotency_conflict                       an earlier request with this key had another body
//
// The same key with the same body gets the stored answer again, 500s included,
// and never books twice. A request that SandPay received is booked within its
// published lateness (45 seconds unless configured otherwise) or never.
//
// # Webhooks
//
// POST {"type": "payout.updated", "data": {"id": "po_…", "object": "payout"}}
// with the headers webhook-id, webhook-timestamp (unix seconds of this
// delivery) and webhook-signature ("v1," and the base64 HMAC-SHA256 of
// "id.timestamp.body"; several signatures, separated by spaces, while secrets
// rotate). Secrets are "whsec_" and base64. A retry keeps its webhook-id.
package sandpay
