package core

import (
	"math"
	"strings"

	"github.com/govalues/decimal"
)

// Money is an amount in integer minor units of an ISO 4217 currency: EUR 1.00
// is {100, "EUR"}, JPY 1 is {1, "JPY"}. It never passes through a float.
type Money struct {
	Minor    int64
	Currency string
}

// exponents holds the minor-unit digits of ISO 4217 (list of 2024-06-25) for
// the currencies a broker's client wallet can be held in.
var exponents = map[string]int{
	"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "AUD": 2, "CAD": 2, "NZD": 2,
	"SGD": 2, "HKD": 2, "ZAR": 2, "PLN": 2, "CZK": 2, "HUF": 2, "SEK": 2,
	"NOK": 2, "DKK": 2, "RON": 2, "TRY": 2, "AED": 2, "MXN": 2, "BRL": 2,
	"THB": 2, "MYR": 2, "IDR": 2, "INR": 2, "NGN": 2, "KES": 2, "CNY": 2,
	"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0,
	"KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3,
}

// Exponent returns the number of minor-unit digits of a currency and whether
// the currency is known.
func Exponent(currency string) (int, bool) {
	e, ok := exponents[currency]
	return e, ok
}

// ParseMoney reads a plain decimal ("1250", "1250.5", "-0.01") in the given
// currency. More decimals than the currency has, exponents, separators and
// amounts beyond int64 are Invalid faults; nothing is rounded.
func ParseMoney(amount, currency string) (Money, error) {
	exp, ok := exponents[currency]
	if !ok {
		return Money{}, InvalidField("currency", "Use a three-letter ISO 4217 currency code that this firm handles, such as EUR.")
	}
	plain := strings.TrimSpace(amount)
	if plain == "" || strings.ContainsAny(plain, "eE+_, ") {
		return Money{}, InvalidField("amount", "Write the amount as digits with a dot, such as 1250.00.")
	}
	d, err := decimal.Parse(plain)
	if err != nil {
		return Money{}, InvalidField("amount", "Write the amount as digits with a dot, such as 1250.00.")
	}
	if d.Trim(0).Scale() > exp {
		return Money{}, InvalidField("amount", "This amount has more decimals than "+currency+" has.")
	}
	minor, ok := scaled(d, exp)
	if !ok {
		return Money{}, InvalidField("amount", "This amount is too large to be held.")
	}
	return Money{Minor: minor, Currency: currency}, nil
}

func scaled(d decimal.Decimal, exp int) (int64, bool) {
	d = d.Pad(exp).Trim(exp)
	if d.Scale() != exp {
		return 0, false
	}
	whole, frac, ok := d.Int64(exp)
	if !ok {
		return 0, false
	}
	pow := int64(math.Pow10(exp))
	if whole > math.MaxInt64/pow || whole < math.MinInt64/pow {
		return 0, false
	}
	minor := whole*pow + frac // frac has the sign of whole
	if (minor < 0) != (whole < 0 || frac < 0) && minor != 0 {
		return 0, false
	}
	if minor == math.MinInt64 { // it has no opposite: it could be neither reversed nor held against a limit
		return 0, false
	}
	return minor, true
}

// Decimal returns the amount with the currency's digits: "1250.00", "-0.01".
func (m Money) Decimal() string {
	d, err := decimal.New(m.Minor, exponents[m.Currency])
	if err != nil {
		return "?"
	}
	return d.String()
}

// String is the form for people: currency, space, thousands separated by
// commas.
func (m Money) String() string {
	s := m.Decimal()
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, frac, dot := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		whole += "." + frac
	}
	return m.Currency + " " + sign + whole
}

// Add returns m+o. Different currencies or an overflow are Invalid faults.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, Faultf(Invalid, "currency-mismatch", "%s and %s cannot be added.", m.Currency, o.Currency)
	}
	s := m.Minor + o.Minor
	if (s > m.Minor) != (o.Minor > 0) && o.Minor != 0 || s == math.MinInt64 {
		return Money{}, NewFault(Invalid, "amount-too-large", "The sum is too large to be held.")
	}
	return Money{s, m.Currency}, nil
}

// Neg returns -m. The smallest int64 has no negative and panics: no posted
// amount can be that, since ParseMoney and Add refuse it symmetrically.
func (m Money) Neg() Money {
	if m.Minor == math.MinInt64 {
		panic("core: money out of range")
	}
	return Money{-m.Minor, m.Currency}
}

// Convert multiplies by a decimal rate (units of currency "to" per unit of
// m's currency) and rounds half to even at the target's minor unit.
func (m Money) Convert(to, rate string) (Money, error) {
	exp, ok := exponents[to]
	if !ok {
		return Money{}, InvalidField("currency", "Unknown currency "+to+".")
	}
	r, err := decimal.Parse(rate)
	if err != nil || !r.IsPos() {
		return Money{}, InvalidField("rate", "The exchange rate must be a positive decimal.")
	}
	d, err := decimal.New(m.Minor, exponents[m.Currency])
	if err != nil {
		return Money{}, err
	}
	if d, err = d.Mul(r); err != nil {
		return Money{}, NewFault(Invalid, "amount-too-large", "The converted amount is too large to be held.").Because(err)
	}
	minor, ok := scaled(d.Round(exp), exp)
	if !ok {
		return Money{}, NewFault(Invalid, "amount-too-large", "The converted amount is too large to be held.")
	}
	return Money{minor, to}, nil
}
