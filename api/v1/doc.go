// Package v1 is the HTTP API, version 1: the commands and queries of the
// console for programs, under /api/v1.
//
// It decides nothing and holds no store. Every change goes down the road
// (command.Run, command.Approve), every read by its sibling (command.Ask), and
// both by the same policies, masks and evidence as in the console.
//
// # Promises
//
//   - Who asks shows a bearer token: scoped to named actions, hashed, expiring.
//     Cookies are not read, so no other site can act in a browser's name.
//   - A value that the token's owner may not see, or whose see.* action the
//     token was not made for, never leaves the process.
//   - A record that does not exist and one behind an entity wall have one
//     answer, to the byte.
//   - Every write takes an Idempotency-Key: sent twice, it is done once.
//   - A write answers 200 with its evidence, or 202 with the proposal that
//     waits for other people. No token fills an approval's seat: a program is
//     no second pair of eyes.
//   - Whatever goes wrong is one RFC 9457 problem with a stable code.
//   - Unknown fields and parameters are refused, not ignored.
//
// # Adding an endpoint
//
// One line in routes.go. Names in the path are the JSON names of the input's
// fields. The test in e2e says what else is due: the expected answers of every
// role in e2e/testdata/matrix.txt, and docs/openapi.json written again with
//
//	VOUCHSAFE_UPDATE=openapi go test ./api/v1
package v1
