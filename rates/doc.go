// Package rates keeps exchange rates: what one currency was worth in another on
// a day, according to whom. Thresholds of approval are amounts in an entity's
// base currency, so a rate decides who must agree to a payment. It is therefore
// a record like any other: entered by one person and agreed to by another, or
// read from the source that the installation names.
//
// # A sheet
//
//	read from the source ─────────────────────▶ in force ──a newer day's sheet──▶ past
//	  └─ moved too far from the last one ──▶ held: counts for nothing, a finding says so
//	entered by a person ──proposed──▶ somebody else agrees ──▶ in force
//
// A sheet is never edited: a correction is another sheet of the same day, and
// the one recorded last counts. What was decided under the earlier one keeps its
// rate and its source in its own evidence (command.Valued).
//
// # What is guaranteed
//
// A rate is used for at most MaxAge after its day. Beyond that, and for a
// currency that no sheet names, the worth of an amount is unknown, which meets
// the strictest rule: a missing rate never opens a door.
package rates
