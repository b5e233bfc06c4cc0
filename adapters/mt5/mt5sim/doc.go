// Package mt5sim is a MetaTrader 5 server as its Web API shows it: an HTTPS
// listener with the real handshake, sessions bound to connection and cookie,
// the account, deal and balance commands of a back office, and their return
// codes at their documented triggers.
//
// It can misbehave on command (see Fault), keeps an oracle of what was truly
// applied, and has a console on a listener of its own from which a person can
// play the dealer who posts by hand. For a seed and a sequence of calls its
// state is always the same; only certificates and waiting use the machine's
// entropy and time.
//
// It is a simulator: session cookies follow from the seed, and whoever reaches
// the console may do anything. Both belong on the loopback interface.
//
// Where the published description is silent it guesses, and says so beside the
// guess: HTTP 403 for everything that fails before a command is looked at, a
// deal of the Web API carries the manager's login and reason 2 (dealer), and
// fields that a manager may not see are sent empty.
package mt5sim
