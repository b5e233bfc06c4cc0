// Package onboarding decides, on documents and with a named policy, that a
// person is who they say they are, and keeps the documents.
//
// # The promise
//
// Identity approval is a recorded decision: by whom, on which documents, under
// which policy, version and clause. A document's bytes are stored encrypted
// under the client's key and never served before they passed inspection, nor
// as anything but an attachment. What is entered from a document is a claim
// that is held against what the client declared, field by field. Whether a
// client is blocked from something is computed from records and clock whenever
// it is asked, and never stored.
//
// # States
//
//	application:  received ──first document──▶ documents ⇄ review ──decide──▶ approved
//	                                                            └──override, two persons──▶ approved
//	              received, documents, review ──decide──▶ refused   (a new application may follow)
//
//	document:     (upload) ──▶ pending ──review──▶ accepted ──newer accepted──▶ superseded
//	                           pending, accepted ──review──▶ rejected
//
// An application is in review while nothing more is awaited from the client:
// an identity document and a proof of address are there and have been read.
// A rejected document sends it back to documents.
//
// # Rules
//
//   - A file is at most 20 MB; its type is found in its first bytes and is
//     JPEG, PNG, WebP or PDF; an image has at most 40 million pixels by its
//     header and is not decoded here; a PDF carries no script, action, form
//     program, attachment or encryption. What is refused is not stored; the
//     refusal is evidence.
//   - The same file is recorded once for a client.
//   - A document is accepted only after it was read, only while it is valid,
//     and never by the member of staff who uploaded it.
//   - A proof of address is accepted up to Rules.Accept months after its date
//     and counts for Rules.Stand months. Documents with an expiry date count to
//     the end of that day, UTC.
//   - Approval needs, of each kind that is required, an accepted and valid
//     document. Where a document that it rests on differs from what the client
//     declares, approval is an override: a reason in words, and a second person
//     of senior compliance.
//   - Blocks: no live trading account and no funding before identity is
//     approved; no release of a withdrawal without a valid proof of address;
//     and what restrictions say.
//
// # What policy sees
//
// Kind document: columns id, entity and client of table document; kind
// application: id, entity and client of table application. Seeing a value is
// asked about the client (kind client: id and entity).
package onboarding
