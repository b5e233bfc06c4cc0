package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/keys"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// migrate brings the databases to this program's shape. Only where there is
// neither a log key nor a key-encryption key it makes new ones: a lost key
// must not be replaced in silence.
func (c *cli) migrate(ctx context.Context, args []string) error {
	fs := c.flags("migrate")
	var w where
	w.add(fs)
	if _, err := parse(fs, args, 0, 0); err != nil {
		return err
	}
	cfg, err := w.load()
	if err != nil {
		return err
	}
	kek := exists(cfg.file("kek.json")) || os.Getenv(keys.KEKVariable) != ""
	log := exists(cfg.file("log.key"))
	switch {
	case kek && log:
		return Migrate(ctx, cfg, c.out)
	case log, exists(cfg.file("kek.json")), exists(cfg.file("main.db")):
		return fmt.Errorf("%s has been used, and a key is missing: put kek.json and log.key back from where you keep them", cfg.Data)
	}
	if err := Create(ctx, cfg, c.out); err != nil {
		return err
	}
	if err := firstOpening(ctx, &w); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "made a new installation in %s: keep kek.json and log.key safe, apart from the databases\n", cfg.Data)
	return nil
}

// firstOpening draws the installation's secret, records the policies that it
// begins with, and writes its public keys.
func firstOpening(ctx context.Context, w *where) error {
	a, err := openToAct(ctx, w)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.settled(ctx); err != nil {
		return err
	}
	return a.keepKeys(ctx)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// checkup prints what doctor looks at.
type checkup struct {
	c     *cli
	found bool
}

func (d *checkup) good(what, format string, args ...any) {
	fmt.Fprintf(d.c.out, "good  %-12s %s\n", what, oneLine(fmt.Sprintf(format, args...)))
}

func (d *checkup) bad(what, format string, args ...any) {
	d.found = true
	fmt.Fprintf(d.c.out, "bad   %-12s %s\n", what, oneLine(fmt.Sprintf(format, args...)))
}

// ok is bad with the error, or good with the text.
func (d *checkup) ok(what string, err error, format string, args ...any) {
	if err != nil {
		d.bad(what, "%s", err)
		return
	}
	d.good(what, format, args...)
}

// doctor looks at an installation without changing it.
func (c *cli) doctor(ctx context.Context, args []string) error {
	fs := c.flags("doctor")
	var w where
	w.add(fs)
	if _, err := parse(fs, args, 0, 0); err != nil {
		return err
	}
	cfg, err := w.load()
	if err != nil {
		return err
	}
	d := &checkup{c: c}
	d.files(cfg)
	l, err := openToLook(ctx, cfg)
	if l.Store != nil { // opening refuses settings that break the store's promises
		d.good("store", "%s, with the settings that make commits durable", l.Store.Engine())
	}
	d.ok("keys", err, "the key-encryption key opens the subject keys")
	defer l.Close()
	if err == nil {
		err = l.Store.Snapshot(ctx, func(r store.Reader) error {
			return errors.Join(d.logs(ctx, r, l), d.witnesses(ctx, r, cfg), d.jobs(ctx, r))
		})
		if err != nil {
			d.bad("store", "%s", err)
		}
	}
	if d.found {
		return errFound
	}
	return nil
}

func (d *checkup) files(cfg Config) {
	if info, err := os.Stat(cfg.Data); err != nil || info.Mode().Perm()&0o077 != 0 {
		d.bad("folder", "%s must be there, and be readable by its owner alone", cfg.Data)
	} else {
		d.good("folder", "%s", cfg.Data)
	}
	signers, err := evidence.LoadSigner(cfg.file("log.key"), cfg.Host)
	d.ok("log key", err, "signs for %s", cfg.Host)
	trusted, kerr := readKeys(cfg.KeyFile())
	if d.ok("public keys", kerr, "%s", cfg.KeyFile()); err != nil || kerr != nil {
		return
	}
	mine, err := signers.Verifiers(evidence.GroupLog)
	if err == nil && !mine.Among(trusted) {
		d.bad("public keys", "%s does not hold the key that signs now; copies of it are useless to who verifies", cfg.KeyFile())
	}
	if filepath.Dir(cfg.Outside) == filepath.Clean(cfg.Data) {
		d.good("outside", "checkpoints are kept in %s; another machine's disk would protect more", cfg.Outside)
	}
	d.mail(cfg)
	d.clock(cfg)
}

// clock compares this machine's clock with the configured source.
func (d *checkup) clock(cfg Config) {
	if cfg.ClockSource == "" {
		d.good("clock", "no clock_source is configured: nobody tells when this machine's clock is wrong")
		return
	}
	c := &clockSource{source: cfg.ClockSource, wall: core.SystemClock{}}
	c.ask()
	switch bound := cfg.Bounds.Clock.or(time.Second); {
	case c.err != nil:
		d.bad("clock", "%s does not answer: %s", cfg.ClockSource, c.err)
	case c.offset.Abs() > bound:
		d.bad("clock", "this machine's clock is off by %s, allowed are %s: set it by %s", c.offset.Abs().Round(time.Millisecond), bound, cfg.ClockSource)
	default:
		d.good("clock", "within %s of %s", c.offset.Abs().Round(time.Millisecond), cfg.ClockSource)
	}
}

// mail looks whether what was left for the machine's mailer leaves.
func (d *checkup) mail(cfg Config) {
	waiting, err := cfg.unsent(time.Now().Add(-time.Hour))
	switch {
	case cfg.MailOutbox == "":
		d.good("mail", "no mail_outbox is configured: nobody can be invited to set a password")
	case err != nil:
		d.bad("mail", "the mail_outbox %s: %s", cfg.inData(cfg.MailOutbox), err)
	case waiting > 0:
		d.bad("mail", "%d messages wait in %s for more than an hour: is the mailer running?", waiting, cfg.inData(cfg.MailOutbox))
	default:
		d.good("mail", "no message waits in %s", cfg.inData(cfg.MailOutbox))
	}
}

func (d *checkup) logs(ctx context.Context, r store.Reader, l *look) error {
	states, err := evidence.LogStates(ctx, r)
	if err != nil {
		return err
	}
	if l.Outside == nil {
		d.bad("outside", "%s is missing: a database that was set back would not be noticed", l.Config.Outside)
	}
	now := core.SystemClock{}.Now()
	for _, s := range states {
		text := fmt.Sprintf("%s: %d entries, %d without a checkpoint, %d not yet sealed", s.Log, s.Size, s.Unsigned(), s.Unsealed)
		if s.Unsealed > 0 && now.Sub(s.OldestUnsealed) > 10*time.Minute {
			d.bad("log", "%s, the oldest since %s: nothing seals", text, s.OldestUnsealed)
			continue
		}
		d.good("log", "%s", text)
		if l.Outside == nil {
			continue
		}
		if note, err := l.Outside.Last(s.Log); err != nil || note == "" && s.CheckpointSize > 0 {
			d.bad("outside", "no checkpoint of log %s is kept outside the database (%v)", s.Log, err)
		}
	}
	return nil
}

// witnesses looks how far outsiders vouch.
func (d *checkup) witnesses(ctx context.Context, r store.Reader, cfg Config) error {
	trust, err := cfg.trust()
	if err != nil {
		return err
	}
	if len(trust.Witnesses) == 0 {
		d.good("witnesses", "none are configured: only this installation's own key signs its logs")
		return nil
	}
	logs, err := evidence.WitnessedLogs(ctx, r, trust.Witnesses, cfg.quorum())
	now := core.SystemClock{}.Now()
	for _, l := range logs {
		text := fmt.Sprintf("%s: %d entries are cosigned by %d of %d", l.Log, l.Size, l.Quorum, len(trust.Witnesses))
		if l.Waiting != 0 && now.Sub(l.Waiting) > cfg.Bounds.Witness.or(10*time.Minute) {
			d.bad("witnesses", "%s, and a checkpoint waits since %s", text, l.Waiting)
		} else {
			d.good("witnesses", "%s", text)
		}
	}
	return err
}

func (d *checkup) jobs(ctx context.Context, r store.Reader) error {
	counts, err := jobs.Counts(ctx, r)
	if err != nil {
		return err
	}
	waiting := int64(0)
	for _, n := range counts {
		if n.State == jobs.StateDead {
			d.bad("jobs", "%d of kind %s are dead and wait for a person", n.N, n.Kind)
		} else {
			waiting += n.N
		}
	}
	d.good("jobs", "%d waiting or running", waiting)
	return nil
}

// exportLog asks for one log as tiles. Leaves name nobody, but a log tells who
// worked when: that it left is recorded.
type exportLog struct {
	Log string `json:"log"`
}

// Action is evidence.log.view.
func (exportLog) Action() command.Action { return "evidence.log.view" }

// Subject is the log's legal entity, if it has one.
func (in exportLog) Subject() core.Ref {
	if strings.HasPrefix(in.Log, "en_") {
		return core.Ref(in.Log)
	}
	return ""
}

// tileExport answers exportLog into a folder.
type tileExport struct{ dir string }

// Target is the legal entity, or the log that is no entity's.
func (tileExport) Target(_ context.Context, _ store.Reader, in exportLog) (command.Resource, error) {
	if entity := in.Subject(); entity != "" {
		return command.Resource{Kind: core.KindEntity, Ref: entity, Entity: entity}, nil
	}
	return command.Resource{Kind: "lg", Ref: core.Ref(in.Log)}, nil
}

// Read writes the tiles.
func (t tileExport) Read(ctx context.Context, r store.Reader, in exportLog, see *command.Sight) (string, error) {
	dir := filepath.Join(t.dir, strings.ReplaceAll(in.Log, "_", "-"))
	see.Exported("tlog-tiles " + in.Log)
	return dir, evidence.ExportTiles(ctx, r, in.Log, dir)
}

func (c *cli) export(ctx context.Context, args []string) error {
	fs := c.flags("export")
	var w where
	w.add(fs)
	to := fs.String("o", "", "folder to make")
	as := fs.String("as", "", "member of staff in whose name to act")
	only := fs.String("log", "", "one log; all without it")
	rest, err := parse(fs, args, 1, 1)
	if err != nil {
		return err
	}
	if rest[0] != "tiles" || *to == "" {
		return errUsage
	}
	who, err := operator(&w, *as)
	if err != nil {
		return err
	}
	if exists(*to) {
		return fmt.Errorf("%s is there already: name a folder to be made", *to)
	}
	a, err := openToAct(ctx, &w)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.settledAndSeen(ctx); err != nil {
		return err
	}
	logs := []string{*only}
	if *only == "" {
		if logs, err = a.Logs(ctx); err != nil {
			return err
		}
	}
	return c.writeTiles(ctx, a, who, logs, *to)
}

// writeTiles writes into a hidden folder and shows it only when every export
// is on record.
func (c *cli) writeTiles(ctx context.Context, a *App, who evidence.Actor, logs []string, to string) error {
	tmp, err := os.MkdirTemp(filepath.Dir(to), ".tiles-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	for _, log := range logs {
		if _, err := command.Ask(ctx, a.Road, who, tileExport{tmp}, exportLog{log}); err != nil {
			return err
		}
		fmt.Fprintf(c.out, "wrote  log %s\n", oneLine(log))
	}
	if err := os.WriteFile(filepath.Join(tmp, "log.pub"), []byte(a.Signers.VerifierKeys(logs)), 0o644); err != nil {
		return err
	}
	if err := os.Rename(tmp, to); err != nil {
		return err
	}
	return a.settled(ctx)
}
