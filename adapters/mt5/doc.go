// Package mt5 books, changes and reads accounts on a MetaTrader 5 server
// through its Web API (REST over HTTPS). It implements platform.Platform.
//
// # Promises
//
//   - A write leaves this process at most once. A session owns exactly one
//     connection and can never dial a second, so that neither net/http nor a
//     redirect can repeat a request; see session.
//   - "Rejected, not-sent" is claimed only when the count of bytes handed to the
//     connection proves it, or the server named a refusal; see write and judge.
//   - A write is Applied only after the server said so and a second session read
//     the result back and found it equal. Everything else is Uncertain.
//   - Reads are repeated once, after a new handshake.
//   - The password, and everything from which it could be guessed, is in no
//     error, digest or printed Config. Account passwords travel only in bodies.
//
// # Sources
//
// The wire follows MetaQuotes' published description of the Web API: the
// handshake, the endpoints, the return codes and the rule that comments are cut
// at 31 characters. What that description leaves open is marked as an
// inference where the code rests on it.
package mt5
