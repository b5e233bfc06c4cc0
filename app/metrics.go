package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// Metrics answers GET /metrics in the text form of Prometheus: the measures of
// the log itself, the sizes of the logs and the stored jobs. Nothing in it is
// about anybody; it is served on an address of its own all the same, since
// whoever reads it learns how busy the firm is.
func (a *App) Metrics() http.Handler {
	gauge := a.gauge()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		err := a.Store.Snapshot(r.Context(), func(rd store.Reader) error { return writeMetrics(r.Context(), &b, rd, gauge) })
		if err != nil {
			a.report(fmt.Errorf("the metrics could not be read: %w", err))
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = io.WriteString(w, b.String()) // who hung up asks again
	})
	return mux
}

// series begins a metric.
func series(b *strings.Builder, name, help string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

func writeMetrics(ctx context.Context, b *strings.Builder, r store.Reader, gauge oversight.Gauge) error {
	measures, err := gauge(ctx, r)
	if err != nil {
		return err
	}
	series(b, "vouchsafe_log_measure_seconds", "How late the log is, or how far off its clock.")
	for _, m := range measures {
		fmt.Fprintf(b, "vouchsafe_log_measure_seconds{measure=%q,of=%q} %g\n", m.Name, m.Of, m.Value.Seconds())
	}
	series(b, "vouchsafe_log_measure_out", "1 where a measure is out of its bounds.")
	for _, m := range measures {
		fmt.Fprintf(b, "vouchsafe_log_measure_out{measure=%q,of=%q} %d\n", m.Name, m.Of, map[bool]int{true: 1}[m.Out()])
	}
	series(b, "vouchsafe_log_waiting", "Entries that wait for what is measured.")
	for _, m := range measures {
		fmt.Fprintf(b, "vouchsafe_log_waiting{measure=%q,of=%q} %d\n", m.Name, m.Of, m.Waiting)
	}
	states, err := evidence.LogStates(ctx, r)
	if err != nil {
		return err
	}
	series(b, "vouchsafe_log_entries", "Entries of a log by how far they are proven.")
	for _, s := range states {
		for _, x := range []struct {
			state string
			n     int64
		}{{"unsealed", s.Unsealed}, {"sealed", s.Size}, {"signed", s.CheckpointSize}, {"witnessed", s.Witnessed}} {
			fmt.Fprintf(b, "vouchsafe_log_entries{log=%q,state=%q} %d\n", s.Log, x.state, x.n)
		}
	}
	counts, err := jobs.Counts(ctx, r)
	series(b, "vouchsafe_jobs", "Stored jobs by kind and state.")
	for _, c := range counts {
		fmt.Fprintf(b, "vouchsafe_jobs{kind=%q,state=%q} %d\n", c.Kind, c.State, c.N)
	}
	return err
}

// serveMetrics serves them on their own address until ctx ends.
func (a *App) serveMetrics(ctx context.Context) {
	if a.Config.MetricsListen == "" {
		return
	}
	l, err := net.Listen("tcp", a.Config.MetricsListen)
	if err == nil {
		err = serveUntil(ctx, l, a.Metrics())
	}
	if err != nil {
		a.report(core.Faultf(core.Unavailable, "no-metrics", "The metrics are not served on %s.", a.Config.MetricsListen).Because(err))
	}
}
