package wire

import (
	"errors"
	"strconv"
	"strings"
)

// CommentLimit is how many characters of a deal comment the server keeps; the
// rest is cut without a word.
const CommentLimit = 31

// MaxDigits bounds the digits of an account currency that this code handles.
const MaxDigits = 8

// ErrAmount says that a text is not an amount in the given digits.
var ErrAmount = errors.New("not an amount in the currency's digits")

// Decimal writes minor units with a dot and exactly the given digits:
// Decimal(-50, 2) is "-0.50". It never passes through a float.
func Decimal(minor int64, digits int) string {
	text := strconv.FormatInt(minor, 10)
	sign := ""
	if minor < 0 {
		sign, text = "-", text[1:]
	}
	if digits == 0 {
		return sign + text
	}
	if pad := digits + 1 - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	dot := len(text) - digits
	return sign + text[:dot] + "." + text[dot:]
}

// Minor reads a decimal as minor units. Decimals beyond the digits must be
// zeros (the server prints "3000.000000"); anything else is ErrAmount, because
// a rounded amount would be compared as if it were exact.
func Minor(text string, digits int) (int64, error) {
	whole, frac, _ := strings.Cut(text, ".")
	if strings.TrimLeft(whole, "+-") == "" || strings.ContainsAny(frac, "+-") {
		return 0, ErrAmount
	}
	if len(frac) > digits {
		if strings.Trim(frac[digits:], "0") != "" {
			return 0, ErrAmount
		}
		frac = frac[:digits]
	}
	frac += strings.Repeat("0", digits-len(frac))
	minor, err := strconv.ParseInt(whole+frac, 10, 64)
	if err != nil {
		return 0, ErrAmount
	}
	return minor, nil
}
