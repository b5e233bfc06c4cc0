package evidence

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"text/template"

	"golang.org/x/mod/sumdb/note"
)

// csvHeader is the first row of events.csv: one row per changed value, and one
// for an event that changed none.
var csvHeader = []string{
	"n", "id", "time", "log", "index", "type", "outcome", "actor", "on_behalf_of", "roles", "action", "case",
	"reason", "rule", "maker", "approvers", "policies", "outside_references", "observed", "table", "key", "revision", "column",
	"class", "old", "new",
}

func (p *Pack) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(csvHeader) // the buffer cannot fail; Flush reports what can
	for i := range p.Events {
		e := &p.Events[i]
		head := csvHead(i+1, e)
		cells := e.cells()
		if len(cells) == 0 {
			cells = []StoryCell{{}}
		}
		for _, c := range cells {
			if c.Table == EventTable {
				c.Table = "entry"
			}
			row := append(append([]string(nil), head...), c.Table, c.Key, c.Rev, c.Column, string(c.Class), c.Old.csv(), c.New.csv())
			for j := range row {
				row[j] = HarmlessCell(row[j])
			}
			_ = w.Write(row)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func csvHead(n int, e *PackEvent) []string {
	v := viewLeaf(e.Leaf)
	rule, maker, approvers := "", "", ""
	if v.Approval != nil {
		rule, maker, approvers = v.Approval.Rule, v.Approval.Maker, strings.Join(v.Approval.Approvers, " ")
	}
	actor := v.Actor.UID
	if actor == "" {
		actor = v.Actor.Kind
	}
	return []string{
		strconv.Itoa(n), e.ID, v.Time, e.Log, strconv.FormatInt(e.Index, 10), v.Type, v.Status, actor, v.Actor.For,
		strings.Join(v.Actor.Roles, " "), v.Metadata.Action, string(v.Case), v.Reason.Code, rule, maker, approvers,
		strings.Join(v.Policy.Determining, " "), strings.Join(v.External, " "), v.Metadata.Observed,
	}
}

func (t StoryText) csv() string {
	if t.Why != "" {
		return "[withheld: " + t.Why + "]"
	}
	return t.Text
}

// HarmlessCell keeps a spreadsheet from running a value as a formula: an
// apostrophe goes before it, unless it is a plain negative number.
func HarmlessCell(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && s[0] == '-' && !strings.ContainsAny(s, "xXnNiI") {
		return s
	}
	return "'" + s
}

// packLine is one line of events.jsonl.
type packLine struct {
	N         int         `json:"n"`
	Log       string      `json:"log"`
	Index     int64       `json:"index"`
	Leaf      string      `json:"leaf"`
	Changes   string      `json:"changes"`
	Disclosed []PackValue `json:"disclosed"`
	Withheld  []PackValue `json:"withheld"`
}

func (p *Pack) jsonl() ([]byte, error) {
	var b bytes.Buffer
	for i, e := range p.Events {
		line, err := canonical(packLine{i + 1, e.Log, e.Index, e.Leaf, e.Changes, nonNil(e.Disclosed), nonNil(e.Withheld)})
		if err != nil {
			return nil, err
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// EntriesDigest is the SHA-256 of events.jsonl, hex: it stands for all that a
// pack says, where the manifest's own digest cannot stand.
func (p *Pack) EntriesDigest() (string, error) {
	lines, err := p.jsonl()
	return sumHex(lines), err
}

func missingText(missing []Missing) string {
	if len(missing) == 0 {
		return "Nothing is known to be missing.\n"
	}
	var b strings.Builder
	for _, m := range missing {
		fmt.Fprintf(&b, "%-16s %s\n", m.Code, m.Text)
	}
	return b.String()
}

//go:embed pack_readme.txt
var readmeText string

var readmeTemplate = template.Must(template.New("readme").Parse(readmeText))

// readme tells how to check the pack, with this program and without it.
func (p *Pack) readme() string {
	data := struct {
		M     *PackManifest
		Key   string // base64 of the signer's 32-byte key, for the openssl lines
		Event string // folder of the first event
		Log   string // folder of the first whole log
	}{M: &p.Manifest}
	for line := range strings.Lines(p.keys) {
		if v, err := note.NewVerifier(strings.TrimSpace(line)); err == nil && data.Key == "" {
			parts := strings.SplitN(strings.TrimSpace(line), "+", 3)
			if raw, err := base64.StdEncoding.DecodeString(parts[2]); err == nil && len(raw) == 33 && v.Name() != "" {
				data.Key = base64.StdEncoding.EncodeToString(raw[1:])
			}
		}
	}
	if len(p.Events) > 0 {
		data.Event = eventDir(1, p.Events[0].ID)
	}
	for _, l := range p.Manifest.Logs {
		if l.Whole && data.Log == "" {
			data.Log = wholeDir(l.Name)
		}
	}
	var b strings.Builder
	_ = readmeTemplate.Execute(&b, data) // plain fields: cannot fail
	return b.String()
}
