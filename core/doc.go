// Package core is the tiny vocabulary that every other package speaks:
// references, money, the two clocks, entropy, faults, sensitivity classes and
// keyset pages.
//
// It imports nothing of ours, holds no state and does no I/O. A word belongs
// here only when at least two tiers need it and none of them owns it.
package core
