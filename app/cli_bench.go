package app

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"vouchsafe/bench"
)

// bench measures the program against what the machine can do at best. A missed
// aim is printed as such and is no failure: the machine may be busy.
func (c *cli) bench(ctx context.Context, args []string) (err error) {
	fs := c.flags("bench")
	events := fs.Int("events", 100_000, "length of the history")
	engine := fs.String("engine", "sqlite", "sqlite or postgres")
	dsn := fs.String("dsn", "", "an empty PostgreSQL database")
	dir := fs.String("dir", "", "folder to keep the history in, for another run; a temporary one otherwise")
	asJSON := fs.Bool("json", false, "print the figures as JSON")
	if _, err := parse(fs, args, 0, 0); err != nil {
		return err
	}
	switch {
	case *events < 2000:
		return errors.New("a history of less than 2000 events says nothing: choose --events")
	case *engine != "sqlite" && *engine != "postgres":
		return errUsage
	case (*engine == "postgres") != (*dsn != ""):
		return errors.New("--engine postgres needs --dsn with the address of an empty database, and only that does")
	}
	if *dir == "" {
		if *dir, err = os.MkdirTemp("", "vouchsafe-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(*dir)) }()
	}
	site, done, err := BenchSite(ctx, *dir, *dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	o := bench.Full(*events)
	o.Progress = c.err
	report, err := bench.Run(ctx, site, o)
	if err != nil {
		return err
	}
	if !*asJSON {
		report.Print(c.out)
		return nil
	}
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}
