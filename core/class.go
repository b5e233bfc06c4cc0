package core

// Class is the sensitivity of one column or detail. It decides masking, how
// the value enters the log, whether it can be searched, and what erasure does
// to it. The order is from least to most sensitive.
type Class string

// The sensitivity classes.
const (
	Public   Class = "public"   // no person can be learnt from it; stands in the log in plain
	Personal Class = "personal" // name, e-mail, phone, address, IP, free text about a person
	Identity Class = "identity" // document numbers, dates of birth, tax ids, document contents
	Bank     Class = "bank"     // account numbers, IBANs, card fingerprints, account holders
	Secret   Class = "secret"   // password hashes, TOTP seeds, tokens: never shown to anybody
)

// Classes lists the sensitive classes that can be shown to those who may see
// them, in order of sensitivity.
var Classes = []Class{Personal, Identity, Bank}

// Sensitive reports whether values of c are kept out of leaves and plain
// change documents.
func (c Class) Sensitive() bool { return c != Public }
