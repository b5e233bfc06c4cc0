package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/store"
	"vouchsafe/store/bare"
)

// Recording measures the recorded command against a bare insert of the same
// rows.
type Recording struct {
	site    *Site
	firm    *Firm
	twin    *bare.Twin
	senders int
	next    int
}

// Round is one turn of a pair.
type Round struct {
	Commands  int
	Road      time.Duration // until the last command was acknowledged
	Drain     time.Duration // from there until the log had sealed and signed all
	Bare      time.Duration // the same rows, inserted bare
	Unsealed  int64         // events without a place when the last command was acknowledged
	Latencies []time.Duration
}

// Ratio is the speed of the road, sealing included, as a share of the bare
// insert's.
func (r Round) Ratio() float64 { return r.Bare.Seconds() / (r.Road + r.Drain).Seconds() }

// NewRecording makes the twin. Commands come from so many senders at a time.
func NewRecording(ctx context.Context, s *Site, f *Firm, senders int) (*Recording, error) {
	twin, err := bare.Open(ctx, s.Store, fmt.Sprintf("%s/bare-%d.db", s.Dir, senders), s.DSN, senders)
	if err != nil {
		return nil, err
	}
	return &Recording{site: s, firm: f, twin: twin, senders: senders}, nil
}

// Twin is where the bare rows are.
func (m *Recording) Twin() *bare.Twin { return m.twin }

// Close drops the twin.
func (m *Recording) Close() error { return m.twin.Close() }

// command is the nth command: a compliance officer keeps a client from
// something, for a reason and in words of their own, under an idempotency key.
// It reads the client, the restrictions so far and the officer's roles, and
// leaves a recorded row with personal values, an event with a change document
// of two lines, index entries, search terms, disclosures, and the key.
func (m *Recording) command(n int) clients.SetRestriction {
	c := len(m.firm.Clients)
	kinds := len(clients.Purposes) * len(clients.ReasonCodes)
	k := n / c % kinds
	return clients.SetRestriction{
		Client: m.firm.Clients[n*7919%c], Purpose: clients.Purposes[k%len(clients.Purposes)], Reason: clients.ReasonCodes[k/len(clients.Purposes)],
		Words: fmt.Sprintf("Source of funds for deposit %d was asked for twice and not shown.", n),
	}
}

// Capacity is how many different commands there are.
func (m *Recording) Capacity() int {
	return len(m.firm.Clients) * len(clients.Purposes) * len(clients.ReasonCodes)
}

// Round sends commands down the road while the sequencer runs beside it, and
// then inserts the rows that they left into the twin.
func (m *Recording) Round(ctx context.Context, commands int) (Round, error) {
	out := Round{Commands: commands, Latencies: make([]time.Duration, commands)}
	if m.next+commands > m.Capacity() {
		return out, fmt.Errorf("bench: %d clients are too few for so many commands", len(m.firm.Clients))
	}
	done := make([]command.Outcome, commands)
	if err := m.road(ctx, done, &out); err != nil {
		return out, err
	}
	groups, err := m.rows(ctx, done)
	if err != nil {
		return out, err
	}
	m.next += commands
	start := time.Now()
	err = each(commands, m.senders, func(i int) error { return m.twin.Insert(ctx, groups[i]) })
	out.Bare = time.Since(start)
	return out, err
}

func (m *Recording) road(ctx context.Context, done []command.Outcome, out *Round) error {
	sealing, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		m.site.Seal(sealing)
	}()
	defer func() {
		stop()
		<-stopped
	}()
	start := time.Now()
	err := each(len(done), m.senders, func(i int) (err error) {
		from := time.Now()
		n := m.next + i
		done[i], err = m.site.Road.Run(ctx, m.firm.Officer, key(n), m.command(n))
		out.Latencies[i] = time.Since(from)
		return err
	})
	out.Road = time.Since(start)
	if err != nil {
		return err
	}
	if err := m.site.Store.Reader().QueryRow(ctx, "SELECT count(*) FROM unsealed").Scan(&out.Unsealed); err != nil {
		return err
	}
	start = time.Now()
	_, err = m.site.Sequencer.Step(ctx)
	out.Drain = time.Since(start)
	return err
}

// key is the nth idempotency key: as scattered as those of real callers.
func key(n int) command.Key {
	sum := sha256.Sum256([]byte(strconv.Itoa(n)))
	return command.Key(hex.EncodeToString(sum[:16]))
}

// rows reads back what each command's transaction left.
func (m *Recording) rows(ctx context.Context, done []command.Outcome) ([][]bare.Rows, error) {
	at, places := map[string]int{}, make([]string, 0, len(done)) // by what names the command in a table
	least, most := done[0].Event, done[0].Event
	for i, d := range done {
		at[d.Event], at[string(d.Subject)] = i, i
		least, most = min(least, d.Event), max(most, d.Event)
		places = append(places, string(d.Subject))
	}
	groups := make([][]bare.Rows, len(done))
	between := func(column string) store.Where {
		return store.And(store.Compare(column, ">=", least), store.Compare(column, "<=", most))
	}
	for _, t := range []struct {
		table, column string
		where         store.Where
	}{
		{"restriction", "id", store.In("id", places)},
		{"event", "id", between("id")},
		{"event_ref", "event", between("event")},
		{"event_term", "event", between("event")},
		{"disclosure", "event", between("event")},
		{"command_key", "event", between("event")},
	} {
		q, args := store.Slot("SELECT * FROM "+t.table+" WHERE {where}", t.where)
		rows, err := bare.Read(ctx, m.site.Store.Reader(), t.table, q, args...)
		if err != nil {
			return nil, err
		}
		parts := rows.Split(t.column)
		for name, part := range parts {
			if i, ok := at[name]; ok {
				groups[i] = append(groups[i], part)
			}
		}
		if len(parts) < len(done) {
			return nil, fmt.Errorf("bench: %d commands left rows of %d in %s", len(done), len(parts), t.table)
		}
	}
	for i, d := range done {
		groups[i] = append(groups[i], bare.Rows{Table: "unsealed", Columns: []string{"event", "log"}, Values: [][]any{{d.Event, string(m.firm.Entity)}}})
	}
	return groups, nil
}

// percentile is a quantile of durations; it sorts them.
func percentile(ds []time.Duration, q float64) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return ds[min(len(ds)-1, int(q*float64(len(ds))))]
}
