// Package oversight reads the firm's evidence for people: searching it,
// telling it in sentences, and showing one event with everything that proves
// it.
//
// # Searching
//
// One line of text selects events: names before colons (client:, staff:,
// entity:, action:, case:, account:, withdrawal:, intervention:, outcome:,
// before:, after:), references by themselves, and any other words. Each reader
// sees the events of the entities where policy lets them search, and a word
// matches only in classes of values that they may see there: searching is no
// way around a mask. What is searched for is itself recorded.
//
// Personal values never stand in an address. Words go to the server in a form
// and become a stored query, which only its owner can open; what is left of
// the line is plain and stands in the address as it is.
//
// # One record's story
//
// Who may not search a whole entity's log may still be allowed the story of a
// record. Then the question is asked about that record, and only events that
// name it are answered, however one comes to them.
package oversight
