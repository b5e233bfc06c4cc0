package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/export"
	"vouchsafe/oversight"
)

// events searches the evidence as the console's query bar does. The search is
// itself recorded.
func (c *cli) events(ctx context.Context, args []string) error {
	fs := c.flags("events")
	var w where
	w.add(fs)
	as := fs.String("as", "", "member of staff in whose name to act")
	limit := fs.Int("limit", core.DefaultPage, "most entries to print")
	asJSON := fs.Bool("json", false, "answer one entry per line as JSON")
	format := fs.String("format", "", "write a file for other systems: csv, jsonl, ocsf, ecs or cef")
	to := fs.String("o", "", "file to write; the standard output without it")
	words, err := parse(fs, args, 0, 100)
	if err != nil {
		return err
	}
	if *limit < 1 {
		return errUsage
	}
	who, err := operator(&w, *as)
	if err != nil {
		return err
	}
	a, err := openToAct(ctx, &w)
	if err != nil {
		return err
	}
	defer a.Close()
	if *format != "" {
		most := 0 // as many as an export holds, unless the call names a number
		fs.Visit(func(f *flag.Flag) {
			if f.Name == "limit" {
				most = *limit
			}
		})
		return c.exportEvents(ctx, a, who, oversight.ExportEvents{Query: strings.Join(words, " "), Format: export.Format(*format), Limit: most}, *to)
	}
	if *to != "" {
		return errUsage
	}
	in := oversight.SearchEvents{Query: strings.Join(words, " ")}
	for left := *limit; left > 0; {
		in.Page.Limit = min(left, core.MaxPage)
		found, err := command.Ask(ctx, a.Road, who, oversight.SearchEventsQuery(a.Road, subjects{}), in)
		if err != nil {
			return err
		}
		for _, e := range found.Rows {
			if err := c.printEvent(e, *asJSON); err != nil {
				return err
			}
		}
		if left -= len(found.Rows); found.Next == "" {
			break
		}
		in.Page.After = found.Next
	}
	return a.settled(ctx) // the record of this search
}

// exportEvents writes what a search finds as other systems read it. The file
// is there only when the export is on record.
func (c *cli) exportEvents(ctx context.Context, a *App, who evidence.Actor, in oversight.ExportEvents, to string) error {
	if err := in.Validate(); err != nil {
		return err
	}
	file, err := command.Ask(ctx, a.Road, who, oversight.ExportEventsQuery(a.Road, subjects{}), in)
	if err != nil {
		return err
	}
	if err := a.settled(ctx); err != nil {
		return err
	}
	if to == "" {
		_, err = c.out.Write(file.Body)
	} else {
		err = writeNew(to, file.Body)
		fmt.Fprintf(c.out, "wrote  %s: %d entries\n", oneLine(to), file.Events)
	}
	if file.More {
		fmt.Fprintf(c.err, "vouchsafe events: there are more than %d entries; narrow the search by before: and after:\n", file.Events)
	}
	return err
}

// writeNew writes a new file that only its owner may read.
func writeNew(path string, body []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return errors.Join(err, f.Sync(), f.Close())
}

// eventLine is one found entry as JSON.
type eventLine struct {
	ID       string     `json:"id"`
	At       string     `json:"at"`
	Log      string     `json:"log"`
	Index    *int64     `json:"index"` // null while it has no place
	Signed   bool       `json:"signed"`
	Type     string     `json:"type"`
	Outcome  string     `json:"outcome"`
	Actor    core.Ref   `json:"actor"`
	Entity   core.Ref   `json:"entity,omitempty"`
	Case     core.Ref   `json:"case,omitempty"`
	Subjects []core.Ref `json:"subjects"`
	Says     string     `json:"says"`
}

func (c *cli) printEvent(e oversight.EventLine, asJSON bool) error {
	var says strings.Builder
	for _, p := range e.Sentence {
		says.WriteString(p.Text)
	}
	if !asJSON {
		_, err := fmt.Fprintf(c.out, "%s  %s  %-8s  %-34s  %s  %s\n", e.At, e.ID, e.Outcome, e.Type, e.Actor, oneLine(says.String()))
		return err
	}
	line := eventLine{
		ID: e.ID, At: e.At.String(), Log: e.Log, Signed: e.Signed, Type: e.Type, Outcome: string(e.Outcome), Actor: e.Actor,
		Entity: e.Entity, Case: e.Case, Subjects: e.Subjects, Says: says.String(),
	}
	if e.Hash != "" {
		line.Index = &e.Index
	}
	return c.jsonLine(line)
}
