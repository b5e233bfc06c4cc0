package core

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestParseMoney(t *testing.T) {
	for _, c := range []struct {
		in, cur string
		minor   int64
		ok      bool
	}{
		{"1250", "EUR", 125000, true},
		{"1250.5", "EUR", 125050, true},
		{"0.01", "EUR", 1, true},
		{"-0.01", "EUR", -1, true},
		{"1250.50", "EUR", 125050, true},
		{"1", "JPY", 1, true},
		{"1.5", "JPY", 0, false},
		{"1.234", "KWD", 1234, true},
		{"1.0000", "EUR", 100, true},
		{"1.001", "EUR", 0, false},
		{"92233720368547758.07", "EUR", math.MaxInt64, true},
		{"92233720368547758.08", "EUR", 0, false},
		{"-92233720368547758.07", "EUR", -math.MaxInt64, true},
		{"-92233720368547758.08", "EUR", 0, false}, // it has no opposite
		{"-9223372036854775808", "JPY", 0, false},
		{"99999999999999999999", "EUR", 0, false},
		{"1e3", "EUR", 0, false},
		{"1,000", "EUR", 0, false},
		{"+1", "EUR", 0, false},
		{"", "EUR", 0, false},
		{"ten", "EUR", 0, false},
		{"1", "XXX", 0, false},
		{"NaN", "EUR", 0, false},
		{"Inf", "EUR", 0, false},
	} {
		m, err := ParseMoney(c.in, c.cur)
		if (err == nil) != c.ok || c.ok && m.Minor != c.minor {
			t.Errorf("%q %s gave %d %v", c.in, c.cur, m.Minor, err)
		}
	}
}

func TestMoneyTextRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Money{rapid.Int64Range(-1e17, 1e17).Draw(t, "minor"), rapid.SampledFrom([]string{"EUR", "JPY", "KWD"}).Draw(t, "currency")}
		back, err := ParseMoney(m.Decimal(), m.Currency)
		if err != nil || back != m {
			t.Fatalf("%v became %v, %v", m, back, err)
		}
	})
}

func TestMoneyForPeople(t *testing.T) {
	for m, want := range map[Money]string{{4820000, "EUR"}: "EUR 48,200.00", {-5, "EUR"}: "EUR −0.05", {1234567, "JPY"}: "JPY 1,234,567", {100, "EUR"}: "EUR 1.00"} {
		if got := m.String(); got != want {
			t.Errorf("%d %s reads %q, want %q", m.Minor, m.Currency, got, want)
		}
	}
}

func TestAddRefusesOverflowAndMixtures(t *testing.T) {
	if _, err := (Money{math.MaxInt64, "EUR"}).Add(Money{1, "EUR"}); err == nil {
		t.Error("overflow was added")
	}
	if _, err := (Money{math.MinInt64 + 1, "EUR"}).Add(Money{-5, "EUR"}); err == nil {
		t.Error("underflow was added")
	}
	if _, err := (Money{math.MinInt64 + 1, "EUR"}).Add(Money{-1, "EUR"}); err == nil {
		t.Error("a sum without an opposite was made")
	}
	if _, err := (Money{1, "EUR"}).Add(Money{1, "USD"}); err == nil {
		t.Error("currencies were mixed")
	}
	if s, err := (Money{5, "EUR"}).Add(Money{-5, "EUR"}); err != nil || s.Minor != 0 {
		t.Error(s, err)
	}
}

func TestConvertRoundsHalfToEven(t *testing.T) {
	m, err := Money{1000, "EUR"}.Convert("USD", "1.234")
	if err != nil || m.Minor != 1234 {
		t.Errorf("EUR 10.00 at 1.234 is %v, %v", m, err)
	}
	for in, want := range map[int64]int64{5: 2, 15: 8, 25: 12} {
		if m, _ := (Money{in, "EUR"}).Convert("USD", "0.5"); m.Minor != want {
			t.Errorf("%d halved is %d, want %d", in, m.Minor, want)
		}
	}
}
