// Package mt5test checks the promises of platform.Platform against a simulated
// server that knows the truth: what arrived on the wire, and what was applied.
//
// Exercise is written against the port, so that every way of reaching an MT5
// server passes the same suite.
package mt5test
