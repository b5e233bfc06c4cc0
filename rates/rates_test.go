package rates_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/command/commandtest"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/rates"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

var source = evidence.Actor{Ref: "sys_rates"}

func desk(t *testing.T, fn func(t *testing.T, r *commandtest.Rig)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		reg := command.NewRegistry()
		command.RegisterOwn(reg)
		rates.Register(reg, rates.Deps{Known: func(_ context.Context, _ store.Reader, e core.Ref) (bool, error) {
			return e == "en_cy" || e == "en_sc", nil
		}})
		fn(t, commandtest.New(t, s, reg))
	})
}

func today(r *commandtest.Rig) string { return r.Clock.Now().Time().Format(time.DateOnly) }

func sheet(r *commandtest.Rig, lines ...string) rates.RecordSheet {
	return rates.RecordSheet{Entity: "en_cy", Base: "EUR", Day: today(r), Source: "European Central Bank", Rates: strings.Join(lines, "\n"), Words: "The source was silent."}
}

// rate asks the book as payments do.
func rate(t *testing.T, r *commandtest.Rig, entity core.Ref, from, to string) (string, string) {
	t.Helper()
	x, who, err := rates.Book{}.Rate(t.Context(), r.Road.Store.Reader(), entity, from, to, r.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return x, who
}

func TestRatesCountForTheirTime(t *testing.T) {
	desk(t, func(t *testing.T, r *commandtest.Rig) {
		if x, who := rate(t, r, "en_cy", "USD", "EUR"); x != "" || who != "" {
			t.Errorf("before any sheet: %q, %q", x, who)
		}
		day := today(r)
		r.Do(source, sheet(r, "usd 1.25", "GBP=0,8", "", "JPY: 160"))
		for pair, want := range map[string]string{"EUR USD": "1.25", "USD EUR": "0.8", "USD GBP": "0.64", "GBP USD": "1.5625", "JPY EUR": "0.00625", "EUR EUR": "1", "CHF EUR": "", "EUR CHF": ""} {
			from, to, _ := strings.Cut(pair, " ")
			if x, _ := rate(t, r, "en_cy", from, to); x != want {
				t.Errorf("one %s is %q %s, want %q", from, x, to, want)
			}
		}
		if _, who := rate(t, r, "en_cy", "USD", "EUR"); who != "European Central Bank, "+day {
			t.Errorf("the source is %q", who)
		}
		if x, _ := rate(t, r, "en_sc", "USD", "EUR"); x != "" {
			t.Error("one entity's rates count in another")
		}
		r.Clock.Advance(rates.MaxAge - 24*time.Hour)
		if x, _ := rate(t, r, "en_cy", "USD", "EUR"); x != "0.8" {
			t.Errorf("within its time a sheet says %q", x)
		}
		r.Clock.Advance(48 * time.Hour)
		if x, _ := rate(t, r, "en_cy", "USD", "EUR"); x != "" {
			t.Errorf("an old sheet still says %q", x)
		}
	})
}

func TestTheSourceIsNotBelievedBlindly(t *testing.T) {
	desk(t, func(t *testing.T, r *commandtest.Rig) {
		ctx := context.Background()
		r.Do(source, sheet(r, "USD 1", "GBP 1"))
		r.Clock.Advance(24 * time.Hour)
		r.Do(source, sheet(r, "USD 1.15", "GBP 0.85")) // as far as a rate may move
		if x, _ := rate(t, r, "en_cy", "EUR", "USD"); x != "1.15" {
			t.Errorf("a usual move counts as %q", x)
		}
		r.Clock.Advance(24 * time.Hour)
		wild := sheet(r, "USD 1.15", "GBP 8.5")
		r.Do(source, wild)
		if x, _ := rate(t, r, "en_cy", "EUR", "GBP"); x != "0.85" {
			t.Errorf("a misplaced point counts: %q", x)
		}
		raised, err := jobs.Waiting(ctx, r.Road.Store.Reader(), "cases.raise")
		if err != nil || len(raised) != 1 || !strings.HasPrefix(raised[0].Args, "rates-moved|en_cy|") {
			t.Errorf("the finding on its way: %v, %v", raised, err)
		}
		before := len(r.Events("en_cy"))
		if err := rates.Import(ctx, r.Road, source, wild); err != nil || len(r.Events("en_cy")) != before {
			t.Errorf("the source says it again, and it is told again: %v", err)
		}
		pay, lead := r.Staff("pia", "payments"), r.Staff("lena", "payments_lead")
		r.Approve(lead, r.Do(pay, wild).Proposal) // somebody looked
		if x, _ := rate(t, r, "en_cy", "EUR", "GBP"); x != "8.5" {
			t.Errorf("what two people confirmed counts as %q", x)
		}
	})
}

func TestRatesByHandNeedTwo(t *testing.T) {
	desk(t, func(t *testing.T, r *commandtest.Rig) {
		lead, other := r.Staff("lena", "payments_lead"), r.Staff("cleo", "senior_compliance")
		r.Do(source, sheet(r, "USD 1.1"))
		out := r.Do(lead, sheet(r, "USD 1.12"))
		if out.Proposal == "" {
			t.Fatal("one person's rates count at once")
		}
		p, err := command.GetProposal(t.Context(), r.Road.Store.Reader(), out.Proposal)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Road.Approve(t.Context(), lead, "", command.Decide{Proposal: p.ID, Hash: p.Hash, Approve: true, Words: "My own, agreed."}); err == nil {
			t.Error("the maker agrees to their own rates")
		}
		r.Approve(other, p.ID)
		if x, _ := rate(t, r, "en_cy", "EUR", "USD"); x != "1.12" {
			t.Errorf("the correction of the day counts as %q", x)
		}
		if ps, err := r.Road.Log.VerifyFold(t.Context(), r.Road.Store.Reader()); err != nil || len(ps) > 0 {
			t.Error(ps, err)
		}
	})
}

func TestBadSheetsAreRefused(t *testing.T) {
	desk(t, func(t *testing.T, r *commandtest.Rig) {
		r.Do(source, sheet(r, "USD 1.1"))
		for name, c := range map[string]struct {
			change func(*rates.RecordSheet)
			say    string
		}{
			"no base":       {func(s *rates.RecordSheet) { s.Base = "EURO" }, "EUR"},
			"no day":        {func(s *rates.RecordSheet) { s.Day = "yesterday" }, "2026-11-20"},
			"a day to come": {func(s *rates.RecordSheet) { s.Day = r.Clock.Now().Add(48 * time.Hour).Time().Format(time.DateOnly) }, "day-to-come"},
			"a day long ago": {func(s *rates.RecordSheet) {
				s.Day = r.Clock.Now().Add(-60 * 24 * time.Hour).Time().Format(time.DateOnly)
			}, "day-too-old"},
			"no source":    {func(s *rates.RecordSheet) { s.Source = " " }, "publishes"},
			"nothing":      {func(s *rates.RecordSheet) { s.Rates = " \n" }, "at least one"},
			"no number":    {func(s *rates.RecordSheet) { s.Rates = "USD much" }, "positive decimal"},
			"zero":         {func(s *rates.RecordSheet) { s.Rates = "USD 0" }, "positive decimal"},
			"below zero":   {func(s *rates.RecordSheet) { s.Rates = "USD -1" }, "positive decimal"},
			"an exponent":  {func(s *rates.RecordSheet) { s.Rates = "USD 1e3" }, "positive decimal"},
			"no currency":  {func(s *rates.RecordSheet) { s.Rates = "XXQ 1" }, "no currency"},
			"twice":        {func(s *rates.RecordSheet) { s.Rates = "USD 1\nUSD 2" }, "twice"},
			"the base":     {func(s *rates.RecordSheet) { s.Rates = "EUR 1" }, "twice, or is the base"},
			"a sentence":   {func(s *rates.RecordSheet) { s.Rates = "one dollar is one euro" }, "write a currency and a number"},
			"no words":     {func(s *rates.RecordSheet) { s.Words = "" }, "words-needed"},
			"known":        {func(s *rates.RecordSheet) { s.Rates = "USD 1.10" }, "nothing-changed"},
			"another firm": {func(s *rates.RecordSheet) { s.Entity = "en_none" }, ""},
		} {
			in := sheet(r, "USD 1.2")
			c.change(&in)
			_, err := r.Road.Run(t.Context(), r.Staff("pia", "payments"), "", in)
			f := core.AsFault(err)
			if f == nil {
				t.Errorf("%s is taken", name)
				continue
			}
			text := f.Code + " " + f.Error()
			for _, x := range f.Fields {
				text += " " + x.Text
			}
			if !strings.Contains(text, c.say) {
				t.Errorf("%s: %s", name, text)
			}
		}
	})
}
