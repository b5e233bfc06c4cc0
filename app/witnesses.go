package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"vouchsafe/evidence"
	"vouchsafe/evidence/witness"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// WitnessConfig is somebody outside who cosigns the checkpoints of our logs.
type WitnessConfig struct {
	// URL is where the witness answers, https. Without it the witness is
	// believed where its signatures are, and not asked.
	URL string `json:"url,omitempty"`
	Key string `json:"key"` // its verifier key, as the witness gave it
}

// BoundsConfig says how far the measures of the log itself may go before it
// is an event; empty is what stands behind each.
type BoundsConfig struct {
	Sealing  Duration `json:"sealing,omitempty"`  // 1m
	Witness  Duration `json:"witness,omitempty"`  // 10m
	Delivery Duration `json:"delivery,omitempty"` // 10m
	Clock    Duration `json:"clock,omitempty"`    // 1s
}

// Duration is a time.Duration that configurations write as "90s" or "10m".
type Duration time.Duration

// MarshalText writes it as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no span of time: write it as 90s, 10m or 2h", text)
	}
	*d = Duration(v)
	return nil
}

func (d Duration) or(other time.Duration) time.Duration {
	if d > 0 {
		return time.Duration(d)
	}
	return other
}

// trust is whom the configuration believes: all its witnesses have to agree,
// unless it names a quorum.
func (c Config) trust() (evidence.Trust, error) {
	var keys []evidence.WitnessKey
	for i, w := range c.Witnesses {
		key, err := evidence.ParseWitnessKey(w.Key)
		if err != nil {
			return evidence.Trust{}, fmt.Errorf(`"witnesses", number %d: %w`, i+1, err)
		}
		keys = append(keys, key)
	}
	t, err := evidence.TrustIn(c.quorum(), keys...)
	if err != nil {
		return t, fmt.Errorf(`"witnesses": %w`, err)
	}
	return t, nil
}

func (c Config) quorum() int {
	if c.WitnessQuorum > 0 {
		return c.WitnessQuorum
	}
	return len(c.Witnesses)
}

// remotes are the witnesses that are asked.
func (c Config) remotes() (out []evidence.Witness, err error) {
	trust, err := c.trust()
	if err != nil {
		return nil, err
	}
	for i, w := range c.Witnesses {
		if w.URL == "" {
			continue
		}
		r, err := witness.NewRemote(w.URL, trust.Witnesses[i])
		if err != nil {
			return nil, fmt.Errorf(`"witnesses", number %d: %w`, i+1, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// witnessEvery is how often witnesses are asked while there is news.
const witnessEvery = 10 * time.Second

// wireWitnesses has the witnesses asked by one node at a time. Sealing does
// not wait for them.
func (a *App) wireWitnesses() error {
	remotes, err := a.Config.remotes()
	if err != nil {
		return err
	}
	a.witnessing = &evidence.Witnessing{Store: a.Store, Witnesses: remotes, Wall: a.Wall, Contested: func(ctx context.Context, c evidence.Contest) error {
		return oversight.Contest(ctx, a.Road, oversight.ContestLog{Log: c.Log, Witness: c.Witness, Size: c.Size, Theirs: c.Theirs})
	}}
	if len(remotes) > 0 {
		a.Queue.Every("witnesses", witnessEvery, a.witnessing.Step)
	}
	return nil
}

// witnessed asks the witnesses about what is sealed, for what is handed over
// now. One that does not answer in time keeps nobody waiting: what it did not
// cosign is said to be so.
func (a *App) witnessed(ctx context.Context) {
	if len(a.witnessing.Witnesses) == 0 {
		return
	}
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_ = a.witnessing.Step(short) // kept with each witness, and asked again
}

// settledAndSeen seals what is recorded and asks the witnesses about it, for
// what is handed over now.
func (a *App) settledAndSeen(ctx context.Context) error {
	err := a.settled(ctx)
	if err == nil {
		a.witnessed(ctx)
	}
	return err
}

// LogWatch is the query that tells how the log itself is.
func (a *App) LogWatch() oversight.LogWatch {
	trust, _ := a.Config.trust() // checked as the configuration was read
	return oversight.LogWatch{Witnesses: trust.Witnesses, Quorum: a.Config.quorum(), Gauge: a.gauge()}
}

// gauge takes every measure of the log itself.
func (a *App) gauge() oversight.Gauge {
	trust, _ := a.Config.trust()
	b := a.Config.Bounds
	all := []oversight.Gauge{
		oversight.SealingGauge(a.Clock, b.Sealing.or(time.Minute)),
		oversight.WitnessGauge(a.Wall, trust.Witnesses, a.Config.quorum(), b.Witness.or(10*time.Minute)),
		a.delivery.Gauge(a.Clock, b.Delivery.or(10*time.Minute)),
	}
	if a.clockwork != nil {
		all = append(all, a.clockwork.gauge(b.Clock.or(time.Second)))
	}
	return oversight.Gauges(all...)
}

// watchEvery is how often the log looks at itself.
const watchEvery = 30 * time.Second

// watch has the log look at itself for as long as the program runs. It is no
// schedule of the queue, for the reason that beat gives.
func (a *App) watch(ctx context.Context) {
	gauge := a.gauge()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		if err := oversight.Watch(ctx, a.Road, gauge); err != nil && ctx.Err() == nil {
			a.report(fmt.Errorf("the log cannot look at itself: %w", err))
		}
	}
}

// trustFlags are the flags by which a reader says whom to believe.
type trustFlags struct {
	key, policy string
	witnesses   []string
}

// read makes a trust of the flags: all the witnesses that are named have to
// agree, or as many as the policy says.
func (f trustFlags) read() (t evidence.Trust, err error) {
	if f.policy != "" {
		if len(f.witnesses) > 0 {
			return t, errors.New("name the witnesses by --witness or by --policy, not by both")
		}
		text, err := os.ReadFile(f.policy)
		if err != nil {
			return t, fmt.Errorf("the trust policy cannot be read: %w", err)
		}
		if t, err = evidence.ParseTrust(string(text)); err != nil {
			return t, err
		}
	} else {
		var keys []evidence.WitnessKey
		for _, w := range f.witnesses {
			key, err := evidence.ParseWitnessKey(w)
			if err != nil {
				return t, err
			}
			keys = append(keys, key)
		}
		if t, err = evidence.TrustIn(len(keys), keys...); err != nil {
			return t, err
		}
	}
	if f.key == "" {
		return t, nil
	}
	keys, err := readKeys(f.key)
	t.Logs = t.Logs.Join(keys)
	return t, err
}

// over is what the flags say, and what the configuration says where they are
// silent. demanded is whether the reader themselves asked for witnesses.
func (f trustFlags) over(cfg Config) (t evidence.Trust, demanded bool, err error) {
	if t, err = f.read(); err != nil {
		return t, false, err
	}
	demanded = len(t.Witnesses) > 0
	if !demanded && f.policy == "" {
		mine, err := cfg.trust()
		if err != nil {
			return t, false, err
		}
		mine.Logs, t = t.Logs, mine
	}
	if t.Logs.Empty() {
		t.Logs, err = readKeys(cfg.KeyFile())
	}
	return t, demanded, err
}

// verifyWitnessed checks the cosignatures of every log.
func verifyWitnessed(ctx context.Context, r store.Reader, logs []verifiedLog, trust evidence.Trust, demanded bool) (problems []evidence.Problem, err error) {
	for i := range logs {
		more, size, by, err := evidence.VerifyWitnessed(ctx, r, logs[i].Log, trust)
		if err != nil {
			return nil, err
		}
		problems = append(problems, more...)
		logs[i].Witnessed, logs[i].Witnesses = size, by
		if demanded && size == 0 && trust.Demands() && logs[i].Checkpoint > 0 {
			problems = append(problems, evidence.Problem{
				Code: "not-witnessed", Log: logs[i].Log, Table: "cosignature", Key: logs[i].Log,
				Text: "not enough of the witnesses that you trust cosigned any checkpoint of this log",
			})
		}
	}
	return problems, nil
}
