package oversight

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// ViewLog asks how the log itself is: how far sealed, witnessed and delivered,
// and how right its clock.
type ViewLog struct{}

// Action is oversight.log.view.
func (ViewLog) Action() command.Action { return "oversight.log.view" }

// Subject is nothing in particular.
func (ViewLog) Subject() core.Ref { return "" }

// LogHealth is how the log is.
type LogHealth struct {
	Logs      []evidence.LogState  `json:"logs"`
	Witnessed []evidence.Witnessed `json:"witnessed"`
	Measures  []Measure            `json:"measures"`
	Contests  []ContestRow         `json:"contests"`
	LastBeat  core.Instant         `json:"last_beat,omitempty"`
}

// ContestRow is a witness that holds another history than ours.
type ContestRow struct {
	Of     string       `json:"of"` // log and witness
	Size   int64        `json:"size"`
	Theirs int64        `json:"theirs"`
	At     core.Instant `json:"at"`
}

// LogWatch answers ViewLog. It is what the installation is configured with.
type LogWatch struct {
	Witnesses []evidence.WitnessKey
	Quorum    int
	Gauge     Gauge // may be nil
}

// Target is the group's log: how all logs are is one answer.
func (LogWatch) Target(context.Context, store.Reader, ViewLog) (command.Resource, error) {
	return command.Resource{Kind: packLog, Ref: core.Ref(evidence.GroupLog)}, nil
}

// Read reads it.
func (w LogWatch) Read(ctx context.Context, r store.Reader, _ ViewLog, _ *command.Sight) (LogHealth, error) {
	var v LogHealth
	var err error
	if v.Logs, err = evidence.LogStates(ctx, r); err != nil {
		return v, err
	}
	if v.Witnessed, err = evidence.WitnessedLogs(ctx, r, w.Witnesses, w.Quorum); err != nil {
		return v, err
	}
	if w.Gauge != nil {
		if v.Measures, err = w.Gauge(ctx, r); err != nil {
			return v, err
		}
	}
	rows, err := contestTable.Select(ctx, r, "ORDER BY at DESC")
	if err != nil {
		return v, err
	}
	for _, c := range rows {
		v.Contests = append(v.Contests, ContestRow{c.ID, c.Size, c.Theirs, c.At})
	}
	last, err := beats.Get(ctx, r, theBeat)
	if err == nil && last != nil {
		v.LastBeat = last.At
	}
	return v, err
}

// SealingGauge measures how far sealing is behind, per log, by the business
// clock, which stamps entries.
func SealingGauge(clock core.Clock, bound time.Duration) Gauge {
	return func(ctx context.Context, r store.Reader) ([]Measure, error) {
		states, err := evidence.LogStates(ctx, r)
		var out []Measure
		for _, s := range states {
			m := Measure{Name: MeasureSealing, Of: s.Log, Bound: bound, Waiting: s.Unsealed + s.Unsigned()}
			if s.OldestUnsealed != 0 {
				m.Value = max(0, clock.Now().Sub(s.OldestUnsealed))
			}
			out = append(out, m)
		}
		return out, err
	}
}

// WitnessGauge measures how far the witnesses are behind, per log, by the wall
// clock, which stamps checkpoints.
func WitnessGauge(wall core.Clock, witnesses []evidence.WitnessKey, quorum int, bound time.Duration) Gauge {
	return func(ctx context.Context, r store.Reader) ([]Measure, error) {
		logs, err := evidence.WitnessedLogs(ctx, r, witnesses, quorum)
		if err != nil || len(logs) == 0 {
			return nil, err
		}
		states, err := evidence.LogStates(ctx, r)
		sizes := map[string]int64{}
		for _, s := range states {
			sizes[s.Log] = s.Size
		}
		var out []Measure
		for _, l := range logs {
			m := Measure{Name: MeasureWitness, Of: l.Log, Bound: bound, Waiting: max(0, sizes[l.Log]-l.Size)}
			if l.Waiting != 0 {
				m.Value = max(0, wall.Now().Sub(l.Waiting))
			}
			for _, w := range l.Witnesses {
				if w.Error != "" && m.Trouble == "" {
					m.Trouble = w.Witness + ": " + w.Error
				}
			}
			out = append(out, m)
		}
		return out, err
	}
}

// Gauges takes the measures of several.
func Gauges(all ...Gauge) Gauge {
	return func(ctx context.Context, r store.Reader) (out []Measure, err error) {
		for _, g := range all {
			more, err := g(ctx, r)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	}
}
