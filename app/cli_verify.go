package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
	"vouchsafe/store"
	"vouchsafe/web/ui"
)

// finding is one problem as JSON.
type finding struct {
	Code   string `json:"code"`
	Log    string `json:"log,omitempty"`
	Event  string `json:"event,omitempty"`
	Table  string `json:"table,omitempty"`
	Key    string `json:"key,omitempty"`
	Column string `json:"column,omitempty"`
	Text   string `json:"text"`
}

// report is what verify answers as JSON.
type report struct {
	Sound    bool                  `json:"sound"`
	Findings []finding             `json:"findings"`
	Pack     *evidence.PackSummary `json:"pack,omitempty"`
	Logs     []verifiedLog         `json:"logs,omitempty"`
}

type verifiedLog struct {
	Log        string `json:"log"`
	Events     int64  `json:"events"`
	Checkpoint int64  `json:"checkpoint"`
	Unsealed   int64  `json:"unsealed"`
	// Witnessed is the largest size that enough of the trusted witnesses
	// cosigned, and Witnesses are who did.
	Witnessed int64                  `json:"witnessed,omitempty"`
	Witnesses []evidence.Cosignature `json:"witnesses,omitempty"`
}

func (c *cli) verify(ctx context.Context, args []string) error {
	fs := c.flags("verify")
	var w where
	w.add(fs)
	var t trustFlags
	fs.StringVar(&t.key, "key", "", "file of public keys")
	fs.StringVar(&t.policy, "policy", "", "trust policy (C2SP tlog-policy)")
	fs.Func("witness", "verifier key of a witness; may be named again", func(s string) error {
		t.witnesses = append(t.witnesses, s)
		return nil
	})
	asJSON := fs.Bool("json", false, "answer as JSON")
	leaf, proof := fs.String("leaf", "", "leaf of one entry"), fs.String("proof", "", "its tlog-proof")
	files, err := parse(fs, args, 0, 1)
	switch {
	case err != nil:
		return err
	case *leaf != "" || *proof != "":
		if *leaf == "" || *proof == "" || len(files) > 0 || w.given() || *asJSON {
			return errUsage
		}
		return c.verifyEntry(*leaf, *proof, t)
	case len(files) == 1 && !w.given():
		return c.verifyPack(files[0], t, *asJSON)
	case len(files) == 0 && w.given():
		return c.verifyAll(ctx, &w, t, *asJSON)
	}
	return errUsage
}

func readKeys(path string) (evidence.Verifiers, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return evidence.Verifiers{}, fmt.Errorf("the public keys cannot be read: %w", err)
	}
	return evidence.ParseVerifierKeys(string(text))
}

// errUnknownMaker ends the check of a pack that was sound under its own key:
// nobody knows whose that is.
var errUnknownMaker = errors.New("the pack is whole, but it was checked only by the key inside it: name the firm's keys with --key to know who made it")

func (c *cli) verifyPack(path string, flags trustFlags, asJSON bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	trust, err := flags.read()
	if err != nil {
		return err
	}
	known := !trust.Logs.Empty()
	if !known {
		if trust.Logs, err = evidence.PackKeys(f, info.Size()); err != nil {
			trust.Logs = evidence.Verifiers{} // the check will say what is wrong
		}
	}
	problems, sum, err := evidence.VerifyPackWith(f, info.Size(), trust, oversight.PDFPrinter{})
	if err != nil {
		return err
	}
	if asJSON {
		if err := c.json(report{Sound: len(problems) == 0 && known, Findings: findings(problems), Pack: &sum}); err != nil {
			return err
		}
	} else if len(problems) == 0 {
		c.printPack(sum)
	}
	if err := c.found(problems, asJSON); err != nil {
		return err
	}
	if !known {
		return errUnknownMaker
	}
	return nil
}

// verifyEntry checks one entry by its proof, and how many witnesses vouch for
// the checkpoint in it.
func (c *cli) verifyEntry(leafFile, proofFile string, flags trustFlags) error {
	trust, err := flags.read()
	if err != nil {
		return err
	}
	if trust.Logs.Empty() {
		return errors.New("name the firm's keys with --key, or in the trust policy: without them a proof proves nothing")
	}
	leaf, err := os.ReadFile(leafFile)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	p, err := evidence.ParseInclusionProof(string(text))
	if err == nil {
		err = evidence.VerifyInclusion(leaf, p, trust.Logs)
	}
	var by []evidence.Cosignature
	if err == nil {
		by, err = evidence.Cosignatures(p.Checkpoint, trust.Witnesses)
	}
	if err != nil {
		fmt.Fprintf(c.out, "proof (%s): %s\n", oneLine(proofFile), oneLine(err.Error()))
		return errFound
	}
	fmt.Fprintf(c.out, "sound     entry %d of %d in log %s\n", p.Index, p.Size, oneLine(p.Log))
	if len(trust.Witnesses) > 0 && len(by) > 0 {
		fmt.Fprintf(c.out, "witnessed %s\n", witnessText(p.Size, p.Size, by))
	}
	if !trust.Satisfied(by) {
		fmt.Fprintln(c.out, "not-witnessed: not enough of the witnesses that you trust cosigned the checkpoint of this proof")
		return errFound
	}
	return nil
}

func (c *cli) printPack(s evidence.PackSummary) {
	fmt.Fprintf(c.out, "sound     %s\n", oneLine(s.Title))
	fmt.Fprintf(c.out, "subject   %s, built %s by %s\n", oneLine(string(s.Subject)), oneLine(s.BuiltAt), oneLine(string(s.BuiltBy)))
	fmt.Fprintf(c.out, "holds     %d entries, %d values disclosed, %d withheld, %d documents, %d files\n",
		s.Counts.Events, s.Counts.Disclosed, s.Counts.Withheld, s.Counts.Documents, s.Files)
	for _, l := range s.Logs {
		how := "all entries recounted: none about the subject was left out"
		if !l.Whole {
			how = "not recounted: " + l.Why
		}
		fmt.Fprintf(c.out, "log       %s, %d entries, %d of them here; %s\n", oneLine(l.Name), l.Size, l.Events, oneLine(how))
	}
	for _, w := range s.Witnessed {
		fmt.Fprintf(c.out, "witnessed %s: %s\n", oneLine(w.Log), witnessText(w.Size, w.Of, w.By))
	}
	for _, m := range s.Missing {
		fmt.Fprintf(c.out, "missing   %s: %s\n", oneLine(m.Code), oneLine(m.Text))
	}
	for _, n := range s.Notes {
		fmt.Fprintf(c.out, "note      %s\n", oneLine(n))
	}
	fmt.Fprintf(c.out, "signed    %s\nmanifest  sha256:%s\n", oneLine(s.SignedBy), s.Manifest)
}

// witnessText says how far witnesses vouch.
func witnessText(size, of int64, by []evidence.Cosignature) string {
	if size == 0 {
		return "not enough of the witnesses cosigned any checkpoint"
	}
	var who []string
	for _, c := range by {
		who = append(who, c.Witness+" at "+c.At.Time().Format(time.RFC3339))
	}
	return oneLine(fmt.Sprintf("%d of %d entries, %s: %s", size, of, ui.Plural(len(by), "witness agrees", "witnesses agree"), strings.Join(who, ", ")))
}

// verifyAll checks every log and that the state is the fold of all changes.
func (c *cli) verifyAll(ctx context.Context, w *where, flags trustFlags, asJSON bool) error {
	cfg, err := w.load()
	if err != nil {
		return err
	}
	trust, demanded, err := flags.over(cfg)
	if err != nil {
		return err
	}
	l, err := openToLook(ctx, cfg)
	if err != nil {
		return err
	}
	defer l.Close()
	var problems []evidence.Problem
	var logs []verifiedLog
	err = l.Store.Snapshot(ctx, func(r store.Reader) error {
		if problems, logs, err = l.verify(ctx, r, trust.Logs); err != nil {
			return err
		}
		more, err := verifyWitnessed(ctx, r, logs, trust, demanded)
		problems = append(problems, more...)
		return err
	})
	if err != nil {
		return err
	}
	if asJSON {
		if err := c.json(report{Sound: len(problems) == 0, Findings: findings(problems), Logs: logs}); err != nil {
			return err
		}
	} else if len(problems) == 0 {
		for _, g := range logs {
			fmt.Fprintf(c.out, "sound  log %s: %d entries, %d under a signed checkpoint, %d not yet sealed\n", g.Log, g.Events, g.Checkpoint, g.Unsealed)
			if len(trust.Witnesses) > 0 {
				fmt.Fprintf(c.out, "       log %s: %s\n", g.Log, witnessText(g.Witnessed, g.Events, g.Witnesses))
			}
		}
		fmt.Fprintln(c.out, "sound  every stored row is what the recorded changes make")
	}
	return c.found(problems, asJSON)
}

func (l *look) verify(ctx context.Context, r store.Reader, trusted evidence.Verifiers) ([]evidence.Problem, []verifiedLog, error) {
	states, err := evidence.LogStates(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	var problems []evidence.Problem
	var outside evidence.OutsideStore
	if l.Outside != nil {
		outside = l.Outside
	} else {
		problems = append(problems, evidence.Problem{
			Code: "outside-missing", Table: "outside",
			Text: "there is no folder of checkpoints kept outside the database: a database that was set back would not be noticed",
		})
	}
	names, err := evidence.LogsToVerify(ctx, r, outside)
	if err != nil {
		return nil, nil, err
	}
	for _, log := range names {
		problems = append(problems, evidence.VerifyLog(ctx, r, log, trusted, outside)...)
	}
	logs := []verifiedLog{}
	for _, s := range states {
		logs = append(logs, verifiedLog{Log: s.Log, Events: s.Size, Checkpoint: s.CheckpointSize, Unsealed: s.Unsealed})
	}
	more, err := l.Log.VerifyFold(ctx, r)
	return append(problems, more...), logs, err
}

// found prints each problem on a line; any is the verb's finding.
func (c *cli) found(problems []evidence.Problem, quiet bool) error {
	if len(problems) == 0 {
		return nil
	}
	for _, p := range problems {
		if !quiet {
			fmt.Fprintln(c.out, oneLine(p.String()))
		}
	}
	return errFound
}

func findings(problems []evidence.Problem) []finding {
	out := make([]finding, len(problems))
	for i, p := range problems {
		out[i] = finding{p.Code, p.Log, p.Event, p.Table, p.Key, p.Column, p.Text}
	}
	return out
}

func (c *cli) json(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// jsonLine writes one value on one line.
func (c *cli) jsonLine(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// day reads a flag that is a day or a moment; "" is none.
func dayOf(name, text string) (core.Instant, error) {
	if text == "" {
		return 0, nil
	}
	if at, err := core.ParseInstant(text); err == nil {
		return at, nil
	}
	at, err := core.ParseInstant(text + "T00:00:00Z")
	if err != nil {
		return 0, core.InvalidField(name, "After --"+name+" write a day, such as 2026-11-21, or a moment, such as 2026-11-21T09:00:00Z.")
	}
	return at, nil
}
