// Package export writes events in the forms that other systems read: JSON
// lines of our own, CSV, OCSF, ECS and CEF.
//
// What leaves is the leaf, which names no client and no partner, and the public
// values of the changes, among which references of clients may be: opaque, but
// the same for all that concerns one of them. Of a sensitive value only the column and its class are
// told: that a bank detail changed, never to what. Nothing here opens a
// disclosure, so nothing here can show one.
//
// OCSF and ECS are names, not verdicts: what has no place of its own in them
// stands under "unmapped" and "vouchsafe".
package export
