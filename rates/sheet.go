package rates

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// MaxAge is how long after its day a sheet is used: the source publishes on
// working days, and Easter takes four.
const MaxAge = 7 * 24 * time.Hour

// State says whether a sheet counts.
type State string

// The states.
const (
	InForce State = "in_force"
	Held    State = "held" // it moved too far from the last one; nobody has confirmed it
)

// Sheet is what one unit of a base currency was worth in others on a day.
type Sheet struct {
	ID       core.Ref     `json:"id"`
	Entity   core.Ref     `json:"entity"` // whose rates these are
	Base     string       `json:"base"`
	Day      string       `json:"day"`    // YYYY-MM-DD
	Source   string       `json:"source"` // who says so
	Rates    string       `json:"rates"`  // one a line: currency, space, units for one of Base
	State    State        `json:"state"`
	Recorded core.Instant `json:"recorded"`
	Maker    core.Ref     `json:"maker"`
	Proposal core.Ref     `json:"proposal,omitempty"`
	Words    string       `json:"words,omitempty"`

	rev int64
}

func public(name string, field func(*Sheet) any) store.Column[Sheet] {
	return store.Column[Sheet]{Name: name, Class: core.Public, Field: field}
}

var sheets = store.Declare(store.Table[Sheet]{
	Name: "rate_sheet", Kind: store.Recorded,
	Rev: func(s *Sheet) *int64 { return &s.rev },
	Columns: []store.Column[Sheet]{
		public("id", func(s *Sheet) any { return &s.ID }),
		public("entity", func(s *Sheet) any { return &s.Entity }),
		public("base", func(s *Sheet) any { return &s.Base }),
		public("day", func(s *Sheet) any { return &s.Day }),
		public("source", func(s *Sheet) any { return &s.Source }),
		public("rates", func(s *Sheet) any { return &s.Rates }),
		public("state", func(s *Sheet) any { return (*string)(&s.State) }),
		public("recorded", func(s *Sheet) any { return &s.Recorded }),
		public("maker", func(s *Sheet) any { return &s.Maker }),
		public("proposal", func(s *Sheet) any { return &s.Proposal }),
		public("words", func(s *Sheet) any { return &s.Words }),
	},
})

// Of is what is asked about when the exchange rates of an entity are read as a
// whole.
func Of(entity core.Ref) command.Resource { return resource("fx_rates", entity) }

func resource(id, entity core.Ref) command.Resource {
	return command.Resource{Kind: core.KindRates, Ref: id, Entity: entity}
}

// newest reads the sheet of an entity that counts on the day of an instant, of
// those on record now; nil when there is none that is young enough.
func newest(ctx context.Context, r store.Reader, entity core.Ref, at core.Instant) (*Sheet, error) {
	return sheets.One(ctx, r, `WHERE entity = $1 AND state = 'in_force' AND day <= $2 AND day > $3
		ORDER BY day DESC, recorded DESC, id DESC LIMIT 1`, entity, dayOf(at), dayOf(at.Add(-MaxAge)))
}

func dayOf(at core.Instant) string { return at.Time().Format(time.DateOnly) }

// Book answers from the sheets on record.
type Book struct{}

// Rate is what one unit of a currency is worth in another in the books of an
// entity, at a moment, and who says so. It is empty where nobody says.
func (Book) Rate(ctx context.Context, r store.Reader, entity core.Ref, from, to string, at core.Instant) (rate, source string, err error) {
	if from == to {
		return "1", "the same currency", nil
	}
	s, err := newest(ctx, r, entity, at)
	if err != nil || s == nil {
		return "", "", err
	}
	if rate = s.cross(from, to); rate == "" {
		return "", "", nil
	}
	return rate, s.Source + ", " + s.Day, nil
}

// rateDigits is how exactly a rate that no source names is worked out.
const rateDigits = 10

// cross is what one unit of from is worth in to, by way of the sheet's base.
func (s *Sheet) cross(from, to string) string {
	a, b := s.units(from), s.units(to)
	if from == s.Base && b.IsPos() {
		return b.String()
	}
	if !a.IsPos() || !b.IsPos() {
		return ""
	}
	q, err := b.Quo(a)
	if q = q.Round(rateDigits).Trim(0); err != nil || !q.IsPos() {
		return ""
	}
	return q.String()
}

// units is how much of a currency one unit of the base is; zero when the sheet
// does not say.
func (s *Sheet) units(currency string) decimal.Decimal {
	if currency == s.Base {
		return decimal.One
	}
	for line := range strings.Lines(s.Rates) {
		if name, rate, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name == currency {
			d, err := decimal.Parse(rate)
			if err == nil {
				return d
			}
		}
	}
	return decimal.Decimal{}
}

// maxLines bounds a sheet.
const maxLines = 60

// tidy reads rates as people write them and gives them the one form in which
// they are kept: sorted, one a line. What cannot be read is an Invalid fault
// that names the line.
func tidy(base, text string) (string, error) {
	var lines []string
	seen := map[string]bool{base: true}
	for raw := range strings.Lines(text) {
		f := strings.Fields(strings.NewReplacer(",", ".", "=", " ", ":", " ").Replace(raw))
		if len(f) == 0 {
			continue
		}
		say := func(what string) (string, error) {
			return "", core.InvalidField("rates", "“"+strings.TrimSpace(raw)+"”: "+what)
		}
		if len(f) != 2 {
			return say("write a currency and a number, such as USD 1.0834.")
		}
		name := strings.ToUpper(f[0])
		_, known := core.Exponent(name)
		d, err := decimal.Parse(f[1])
		switch {
		case !known:
			return say(name + " is no currency that this firm handles.")
		case seen[name]:
			return say(name + " stands there twice, or is the base itself.")
		case err != nil || strings.ContainsAny(f[1], "eE+") || !d.IsPos():
			return say("the rate must be a positive decimal, such as 1.0834.")
		}
		seen[name] = true
		lines = append(lines, name+" "+d.Trim(0).String())
	}
	switch {
	case len(lines) == 0:
		return "", core.InvalidField("rates", "Write at least one rate: a currency and what one "+base+" is in it, such as USD 1.0834.")
	case len(lines) > maxLines:
		return "", core.InvalidField("rates", "These are more rates than there are currencies.")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), nil
}
