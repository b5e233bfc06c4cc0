// Package wire holds the few facts on which both ends of the MT5 Web API must
// agree: how a password is proved, how an amount and a return code are
// written, and how long a comment may be. The client and the simulator share
// it; everything else they implement apart, so that a misunderstanding of one
// shows up against the other. Published test vectors pin the proofs.
package wire
