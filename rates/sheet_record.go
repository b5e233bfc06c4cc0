package rates

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// RecordSheet records a day's exchange rates of an entity.
type RecordSheet struct {
	Entity core.Ref `json:"entity"`
	Base   string   `json:"base"`
	Day    string   `json:"day"`
	Source string   `json:"source"`
	Rates  string   `json:"rates"` // one a line: currency, units for one of Base
	Words  string   `json:"words"` // why a person enters them
}

// Action is rates.sheet.record.
func (RecordSheet) Action() command.Action { return "rates.sheet.record" }

// Subject is the entity.
func (in RecordSheet) Subject() core.Ref { return in.Entity }

// Reasons are the maker's own words; there are no codes for why rates are
// entered.
func (in RecordSheet) Reasons() (code, words string) { return "", in.Words }

// Facts are among those of the need, with the rates as they were.
func (RecordSheet) Facts() []evidence.Detail { return nil }

// Validate reads the sheet.
func (in RecordSheet) Validate() error {
	_, known := core.Exponent(in.Base)
	_, err := time.Parse(time.DateOnly, in.Day)
	switch {
	case !known:
		return core.InvalidField("base", "Write the currency that the rates are for one of, such as EUR.")
	case err != nil:
		return core.InvalidField("day", "Write the day as 2026-11-20.")
	case len(strings.TrimSpace(in.Source)) < 3 || len(in.Source) > 100:
		return core.InvalidField("source", "Say who publishes these rates, such as European Central Bank.")
	case len(in.Rates) > 4000:
		return core.InvalidField("rates", "These are more rates than there are currencies.")
	}
	_, err = tidy(in.Base, in.Rates)
	return err
}

// sheetFacts is what a sheet is judged on.
type sheetFacts struct {
	known bool     // the entity
	last  *Sheet   // that counts, of the last month
	moves []string // rates that moved further than mostMoved
	text  string   // the rates, tidy
}

// mostMoved is how far a rate may move between two sheets before the source
// alone is not believed, in per cent: further than a currency moves in a day
// when nobody mistyped.
const mostMoved = 15

// lookBack is how far back the last sheet is looked for.
const lookBack = 31 * 24 * time.Hour

type recordSheet struct{ d Deps }

// Load reads the last sheet.
func (h recordSheet) Load(ctx context.Context, r store.Reader, in RecordSheet) (f sheetFacts, res command.Resource, err error) {
	res = resource("", in.Entity)
	if f.known, err = h.d.Known(ctx, r, in.Entity); err != nil {
		return f, res, err
	}
	if !f.known {
		return f, res, command.ErrHidden
	}
	if f.text, err = tidy(in.Base, in.Rates); err != nil {
		return f, res, err
	}
	f.last, err = sheets.One(ctx, r, "WHERE entity = $1 AND state = 'in_force' ORDER BY day DESC, recorded DESC, id DESC LIMIT 1", in.Entity)
	if f.last != nil {
		f.moves = moved(f.last, &Sheet{Base: in.Base, Rates: f.text})
	}
	return f, res, err
}

// moved tells which rates of the new sheet are far from those of the last.
func moved(was, now *Sheet) (out []string) {
	far := decimal.MustNew(mostMoved, 2)
	for line := range strings.Lines(now.Rates) {
		name, _, _ := strings.Cut(line, " ")
		before, err := decimal.Parse(was.cross(now.Base, name))
		if err != nil {
			continue
		}
		share, err := now.units(name).Quo(before)
		if err == nil {
			share, err = share.Sub(decimal.One)
		}
		if err != nil || share.CmpAbs(far) > 0 {
			percent, _ := share.Mul(decimal.Hundred)
			out = append(out, name+" by "+percent.Round(1).String()+" %")
		}
	}
	return out
}

// Check lets the source speak for itself, and has a person's sheet agreed to by
// somebody else.
func (recordSheet) Check(in RecordSheet, f sheetFacts, m command.Moment) command.Verdict {
	day, _ := time.Parse(time.DateOnly, in.Day)
	switch {
	case core.At(day) > m.Now:
		return command.Refuse(command.Refusal{Code: "day-to-come", Text: "Nobody knows the rates of " + in.Day + " yet."})
	case m.Now.Sub(core.At(day)) > lookBack:
		return command.Refuse(command.Refusal{Code: "day-too-old", Text: "Rates of more than a month ago would decide nothing any more."})
	case f.last != nil && f.last.Day == in.Day && f.last.Rates == f.text && f.last.Base == in.Base:
		return command.Refuse(command.Refusal{Code: "nothing-changed", Text: "These rates are on record already."})
	case m.Actor.Ref.Kind() == core.KindSystem:
		return command.Proceed()
	case len(strings.TrimSpace(in.Words)) < 10:
		return command.Refuse(command.Refusal{Code: "words-needed", Text: "Say in your own words, in at least ten characters, why rates are entered by hand."})
	}
	facts := []evidence.Detail{{Name: "day", Value: in.Day}, {Name: "source", Value: in.Source, Search: true}, {Name: "one", Value: in.Base}, {Name: "becomes", Value: f.text}}
	if f.last != nil {
		facts = append(facts, evidence.Detail{Name: "was", Value: f.last.Rates})
	}
	if len(f.moves) > 0 {
		facts = append(facts, evidence.Detail{Name: "moves", Value: strings.Join(f.moves, ", ")})
	}
	return command.Needs(command.Need{Rule: "rates-by-hand/1", Seats: []command.Seat{seat}, Days: 2, Facts: facts})
}

// seat is who agrees to rates that a person entered.
var seat = command.Seat{Roles: []string{"payments_lead", "senior_compliance"}}

// Apply records the sheet: in force, or held where the source moved too far.
func (recordSheet) Apply(ctx context.Context, tx *command.Tx, in RecordSheet, f sheetFacts) ([]evidence.Event, error) {
	s := &Sheet{
		ID: tx.NewRef(core.KindRates), Entity: in.Entity, Base: in.Base, Day: in.Day, Source: strings.TrimSpace(in.Source), Rates: f.text,
		State: InForce, Recorded: tx.Now, Maker: tx.Actor.Ref, Words: strings.TrimSpace(in.Words),
	}
	ev := evidence.Event{Type: EventRecorded, Entity: in.Entity, Subjects: []core.Ref{s.ID, in.Entity}, Text: s.Words, Details: []evidence.Detail{
		{Name: "day", Value: s.Day, Search: true},
		{Name: "source", Value: s.Source, Search: true},
		{Name: "one", Value: s.Base},
		{Name: "currencies", Value: strconv.Itoa(strings.Count(s.Rates, "\n") + 1)},
	}}
	if len(f.moves) > 0 {
		ev.Details = append(ev.Details, evidence.Detail{Name: "moves", Value: strings.Join(f.moves, ", ")})
	}
	switch {
	case tx.Approval != nil:
		s.Maker, s.Proposal = tx.Approval.Maker, tx.Approval.Proposal
	case tx.Actor.Ref.Kind() != core.KindSystem:
		return nil, core.NewFault(core.Refused, "not-approved", "Rates that a person enters count only after somebody else has agreed.")
	case len(f.moves) > 0:
		s.State, ev.Type, ev.Outcome = Held, EventHeld, evidence.Refused
		args := "rates-moved|" + string(in.Entity) + "||" + in.Day
		if err := tx.Enqueue(ctx, jobs.New{Kind: "cases.raise", Args: args, Unique: args}); err != nil {
			return nil, err
		}
	}
	return []evidence.Event{ev}, sheets.Insert(ctx, tx.Tx, s)
}

// Import records what a source says, unless a sheet of that day with the same
// rates, in force or held, is on record already.
func Import(ctx context.Context, rd *command.Road, source evidence.Actor, in RecordSheet) error {
	text, err := tidy(in.Base, in.Rates)
	if err != nil {
		return err
	}
	known, err := sheets.Select(ctx, rd.Store.Reader(), "WHERE entity = $1 AND day = $2 AND rates = $3 LIMIT 1", in.Entity, in.Day, text)
	if err != nil || len(known) > 0 {
		return err
	}
	_, err = rd.Run(ctx, source, "", in)
	return err
}
