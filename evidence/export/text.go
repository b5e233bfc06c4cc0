package export

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"vouchsafe/evidence"
)

// csvHeader names the columns of a CSV export.
var csvHeader = []string{
	"log", "index", "event", "time", "type", "outcome", "actor", "on_behalf_of", "roles", "action", "entity", "case", "reason",
	"maker", "approvers", "policies", "external_refs", "changes",
}

func (e Entry) csv() ([]byte, error) {
	l := &e.leaf
	maker, approvers := "", ""
	if a := l.Approval; a != nil {
		maker, approvers = a.Maker, strings.Join(a.Approvers, " ")
	}
	place := ""
	if e.Index >= 0 {
		place = strconv.FormatInt(e.Index, 10)
	}
	return csvLine([]string{
		e.Log, place, l.ID, l.Time, l.Type, l.Status, e.actor(), l.Actor.For, strings.Join(l.Actor.Roles, " "), l.Metadata.Action,
		l.Metadata.Tenant, l.Case, l.Reason.Code, maker, approvers, strings.Join(l.Policy.Determining, " "), strings.Join(l.External, " "), e.told(),
	})
}

// csvLine is one line. A spreadsheet runs none of its cells.
func csvLine(cells []string) ([]byte, error) {
	for i := range cells {
		cells[i] = evidence.HarmlessCell(cells[i])
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(cells); err != nil {
		return nil, err
	}
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), w.Error()
}

// told is the changes in one line: table.column: old → new.
func (e Entry) told() string {
	var out []string
	for _, c := range e.Changes {
		line := c.Table + "." + c.Column + ": "
		switch {
		case c.Class != "":
			line += "[withheld: " + string(c.Class) + "]"
		case c.Old != nil && c.New != nil:
			line += *c.Old + " → " + *c.New
		case c.New != nil:
			line += *c.New
		case c.Old != nil:
			line += *c.Old + " → "
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

// cef writes ArcSight's Common Event Format.
func (e Entry) cef() ([]byte, error) {
	l := &e.leaf
	severity := "3"
	if !e.Good() {
		severity = "6"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CEF:0|Vouchsafe|Vouchsafe|1|%s|%s|%s|", cefHead(l.Type), cefHead(e.meaning()), severity)
	add := func(key, value string) {
		if value == "" {
			return
		}
		if !strings.HasSuffix(b.String(), "|") {
			b.WriteByte(' ')
		}
		b.WriteString(key + "=" + cefValue(value))
	}
	custom := func(n int, label, value string) {
		if value != "" {
			add(fmt.Sprintf("cs%dLabel", n), label)
			add(fmt.Sprintf("cs%d", n), value)
		}
	}
	add("rt", strconv.FormatInt(int64(e.At())/1000, 10))
	add("externalId", l.ID)
	add("act", l.Metadata.Action)
	add("outcome", l.Status)
	add("suid", e.actor())
	add("spriv", strings.Join(l.Actor.Roles, " "))
	add("reason", l.Reason.Code)
	custom(1, "log", e.Log)
	custom(2, "entity", l.Metadata.Tenant)
	custom(3, "case", l.Case)
	custom(4, "policies", strings.Join(l.Policy.Determining, " "))
	custom(5, "correlation", l.Metadata.Correlation)
	custom(6, "changes", clip(e.told(), 4000))
	if e.Index >= 0 {
		add("cn1Label", "index")
		add("cn1", strconv.FormatInt(e.Index, 10))
	}
	return []byte(b.String()), nil
}

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// cefHead escapes a field before the extension: it is one line.
func cefHead(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`).Replace(oneLine(s))
}

// cefValue escapes a value of the extension.
func cefValue(s string) string {
	return oneLine(strings.NewReplacer(`\`, `\\`, "=", `\=`, "\r", "", "\n", `\n`).Replace(s))
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// Render writes one entry, without the end of its line.
func (e Entry) Render(f Format) ([]byte, error) {
	switch f {
	case JSONL:
		return e.jsonl()
	case CSV:
		return e.csv()
	case OCSF:
		return e.ocsf()
	case ECS:
		return e.ecs()
	case CEF:
		return e.cef()
	}
	return nil, fmt.Errorf("export: there is no format %q", f)
}

// Write writes a file of entries.
func Write(w io.Writer, f Format, entries []Entry) error {
	if f == CSV {
		head, err := csvLine(append([]string(nil), csvHeader...))
		if err != nil {
			return err
		}
		if _, err := w.Write(append(head, '\n')); err != nil {
			return err
		}
	}
	for _, e := range entries {
		line, err := e.Render(f)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}
