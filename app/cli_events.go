package app

import (
	"context"
	"fmt"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
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
