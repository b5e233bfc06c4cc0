package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Options say how much to measure.
type Options struct {
	Events   int // length of the history
	Clients  int
	Turns    int       // turns of each pair
	Commands int       // commands in one turn of a recording
	Senders  []int     // recordings, by how many send at a time
	Progress io.Writer // what is being done; may be nil
}

// Full are the options for so many events.
func Full(events int) Options {
	return Options{Events: events, Clients: max(200, min(5000, events/100)), Turns: 20, Commands: 100, Senders: []int{1, 8}}
}

// Figure is one measured number: the median of its turns, and the quartiles.
type Figure struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
	Low   float64 `json:"low,omitempty"`
	High  float64 `json:"high,omitempty"`
	Aim   string  `json:"aim,omitempty"`
	Met   *bool   `json:"met,omitempty"`
}

// Report is what one run found.
type Report struct {
	Engine  string   `json:"engine"`
	Events  int      `json:"events"`
	Clients int      `json:"clients"`
	Figures []Figure `json:"figures"`

	progress io.Writer
	began    time.Time
}

func (r *Report) say(format string, args ...any) {
	if r.progress != nil {
		fmt.Fprintf(r.progress, "%5.0fs  %s\n", time.Since(r.began).Seconds(), fmt.Sprintf(format, args...))
	}
}

// add takes the values of all turns.
func (r *Report) add(name, unit string, values ...float64) *Figure {
	slices.Sort(values)
	at := func(q float64) float64 { return values[min(len(values)-1, int(q*float64(len(values))))] }
	f := Figure{Name: name, Unit: unit, Value: at(0.5)}
	if len(values) > 1 {
		f.Low, f.High = at(0.25), at(0.75)
	}
	r.Figures = append(r.Figures, f)
	return &r.Figures[len(r.Figures)-1]
}

// atLeast and atMost hold a figure against its aim.
func (f *Figure) atLeast(aim float64) {
	met := f.Value >= aim
	f.Aim, f.Met = fmt.Sprintf("≥ %g", aim), &met
}

func (f *Figure) atMost(aim float64) {
	met := f.Value <= aim
	f.Aim, f.Met = fmt.Sprintf("≤ %g", aim), &met
}

// state is what a folder keeps of a history, so that it can be measured again.
type state struct {
	Firm    *Firm
	History *History
}

// Run measures an installation. One whose folder keeps a history already is
// measured with it, except for recording, which needs an empty one.
func Run(ctx context.Context, s *Site, o Options) (*Report, error) {
	r := &Report{Engine: string(s.Store.Engine()), progress: o.Progress, began: time.Now()}
	st, err := s.kept()
	if err != nil {
		return nil, err
	}
	if st == nil {
		r.say("founding a firm with %d clients, by commands", o.Clients)
		if st, err = s.make(ctx, r, o); err != nil {
			return nil, err
		}
	}
	r.Events, r.Clients = st.History.Events, len(st.Firm.Clients)
	steps := []func(context.Context, *Site, *state, Options) error{r.timeline, r.searches, r.checking, r.packing, r.hashing}
	for _, step := range steps {
		if err := step(ctx, s, st, o); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (s *Site) kept() (*state, error) {
	text, err := os.ReadFile(filepath.Join(s.Dir, "bench.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var st state
	if err == nil {
		err = json.Unmarshal(text, &st)
	}
	return &st, err
}

// make founds the firm, measures recording while the log is short, and builds
// the history.
func (s *Site) make(ctx context.Context, r *Report, o Options) (st *state, err error) {
	st = &state{}
	if st.Firm, err = s.Found(ctx, o.Clients); err != nil {
		return nil, err
	}
	if err := r.recording(ctx, s, st.Firm, o); err != nil {
		return nil, err
	}
	r.say("building a history of %d events", o.Events)
	start := time.Now()
	if st.History, err = s.Build(ctx, st.Firm, o.Events); err != nil {
		return nil, err
	}
	r.add("history: built and sealed", "events/s", float64(o.Events-st.History.Founding)/time.Since(start).Seconds())
	text, err := json.Marshal(st)
	if err != nil {
		return nil, err
	}
	return st, os.WriteFile(filepath.Join(s.Dir, "bench.json"), text, 0o600)
}

func (r *Report) recording(ctx context.Context, s *Site, f *Firm, o Options) error {
	from := 0
	for _, senders := range o.Senders {
		r.say("recording commands, %d at a time, and the same rows bare", senders)
		m, err := NewRecording(ctx, s, f, senders)
		if err != nil {
			return err
		}
		m.next = from
		err = r.rounds(ctx, m, o)
		from = m.next
		if err = errors.Join(err, m.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) rounds(ctx context.Context, m *Recording, o Options) error {
	if _, err := m.Round(ctx, o.Commands); err != nil { // warms statements, caches and empty tables
		return err
	}
	var ratios, rates, bare, left, drain []float64
	var latencies []time.Duration
	before, commands := m.site.Store.Retries(), 0
	for range o.Turns {
		one, err := m.Round(ctx, o.Commands)
		if err != nil {
			return err
		}
		commands += one.Commands
		ratios = append(ratios, one.Ratio())
		rates, bare = append(rates, float64(one.Commands)/(one.Road+one.Drain).Seconds()), append(bare, float64(one.Commands)/one.Bare.Seconds())
		left, drain = append(left, float64(one.Unsealed)), append(drain, ms(one.Drain))
		latencies = append(latencies, one.Latencies...)
	}
	name := fmt.Sprintf("record, %d at a time: ", m.senders)
	r.add(name+"share of a bare insert of the same rows", "ratio", ratios...).atLeast(0.5)
	r.add(name+"recorded, sealed and signed", "commands/s", rates...)
	r.add(name+"bare insert", "commands/s", bare...)
	r.add(name+"a command, p50", "ms", ms(percentile(latencies, 0.5)))
	r.add(name+"a command, p99", "ms", ms(percentile(latencies, 0.99)))
	r.add(name+"not sealed yet at the last acknowledgement", "events", left...)
	r.add(name+"until these were sealed and signed", "ms", drain...)
	r.add(name+"transactions tried again", "per 1,000", 1000*float64(m.site.Store.Retries()-before)/float64(commands))
	return nil
}

func (r *Report) timeline(ctx context.Context, s *Site, st *state, o Options) error {
	r.say("reading timelines out of %d events", st.History.Events)
	if _, err := s.Timeline(ctx, st.Firm, 3); err != nil {
		return err
	}
	t, err := s.Timeline(ctx, st.Firm, 10*o.Turns)
	if err != nil {
		return err
	}
	r.add("timeline: time against the bare indexed query", "ratio", t.Ratios...).atMost(2)
	for _, part := range []struct {
		name string
		of   []time.Duration
	}{{"timeline", t.Road}, {"timeline, bare", t.Bare}, {"timeline, as a person gets it", t.Whole}} {
		r.add(part.name+", p50", "ms", ms(percentile(part.of, 0.5)))
		r.add(part.name+", p99", "ms", ms(percentile(part.of, 0.99)))
	}
	return nil
}

func (r *Report) searches(ctx context.Context, s *Site, st *state, o Options) error {
	r.say("searching")
	list, err := s.Searches(ctx, st.Firm, st.History, o.Turns)
	for _, x := range list {
		r.add("search, "+x.Name+", p50", "ms", ms(percentile(x.Whole, 0.5)))
		r.add("search, "+x.Name+", slowest", "ms", ms(percentile(x.Whole, 1)))
	}
	return err
}

func (r *Report) checking(ctx context.Context, s *Site, st *state, o Options) error {
	r.say("verifying the whole log")
	var ratios, rates []float64
	for i := range max(2, o.Turns/4) {
		c, err := s.Check(ctx, st.Firm, i)
		if err != nil {
			return err
		}
		ratios, rates = append(ratios, c.Ratio()), append(rates, float64(c.Events)/c.Road.Seconds())
	}
	r.add("verify the log: share of a bare read with the tree rebuilt", "ratio", ratios...).atLeast(0.5)
	r.add("verify the log", "events/s", rates...)
	r.say("folding all changes")
	took, err := s.Fold(ctx)
	if err == nil {
		r.add("verify the fold", "events/s", float64(st.History.Events)/took.Seconds())
	}
	return err
}

func (r *Report) packing(ctx context.Context, s *Site, st *state, o Options) error {
	r.say("building and verifying packs")
	var build, check, size []float64
	for range max(2, o.Turns/4) {
		p, err := s.Pack(ctx, st.Firm, st.History)
		if err != nil {
			return err
		}
		build, check, size = append(build, ms(p.Build)), append(check, ms(p.Verify)), append(size, float64(p.Events))
	}
	r.add("pack: events", "events", size...)
	r.add("pack: built", "ms", build...)
	r.add("pack: verified", "ms", check...)
	return nil
}

func (r *Report) hashing(_ context.Context, _ *Site, _ *state, o Options) error {
	h := Hash(time.Duration(o.Turns) * 50 * time.Millisecond)
	r.add("SHA-256, long blocks, one processor", "GB/s", h.Long/1e9)
	r.add("SHA-256, blocks like a leaf, one processor", "GB/s", h.Leaf/1e9)
	r.add("SHA-256, blocks like a leaf, all processors", "GB/s", h.LeafAll/1e9)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Print writes the report for people.
func (r *Report) Print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d events, %d clients\n", r.Engine, r.Events, r.Clients)
	for _, f := range r.Figures {
		line := fmt.Sprintf("%-70s %12.2f %-10s", f.Name, f.Value, f.Unit)
		if f.Low != f.High {
			line += fmt.Sprintf(" (%.2f to %.2f)", f.Low, f.High)
		}
		if f.Met != nil {
			line += " aim " + f.Aim + map[bool]string{true: ", met", false: ", MISSED"}[*f.Met]
		}
		fmt.Fprintln(w, line)
	}
}
