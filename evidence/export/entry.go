package export

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Format is a form in which events leave.
type Format string

// The formats.
const (
	JSONL Format = "jsonl"
	CSV   Format = "csv"
	OCSF  Format = "ocsf"
	ECS   Format = "ecs"
	CEF   Format = "cef"
)

// Formats are all formats.
var Formats = []Format{CSV, JSONL, OCSF, ECS, CEF}

// Parse reads the name of a format.
func Parse(name string) (Format, error) {
	f := Format(name)
	if !slices.Contains(Formats, f) {
		return "", core.InvalidField("format", "The formats are csv, jsonl, ocsf, ecs and cef.")
	}
	return f, nil
}

// Media is the media type of a file in the format.
func (f Format) Media() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case CEF:
		return "text/plain; charset=utf-8"
	}
	return "application/jsonl; charset=utf-8"
}

// Ext is the extension of such a file.
func (f Format) Ext() string {
	switch f {
	case CSV:
		return ".csv"
	case CEF:
		return ".cef"
	}
	return "." + string(f) + ".jsonl"
}

// Entry is an event as it leaves.
type Entry struct {
	Log     string
	Index   int64 // its place; -1 while it has none
	Leaf    string
	Changes []Change

	leaf leaf
}

// Change is one changed value. Of a sensitive one Old and New are empty and
// Class says why.
type Change struct {
	Table  string     `json:"table"`
	Key    string     `json:"key,omitempty"`
	Kind   string     `json:"kind"`
	Column string     `json:"column"`
	Class  core.Class `json:"withheld,omitempty"`
	Old    *string    `json:"old,omitempty"`
	New    *string    `json:"new,omitempty"`
}

// maxChanges bounds what of an event leaves: the change document of a sweep
// may be long, and receivers take only so much at once. The count in the leaf
// says how many there are.
const maxChanges = 100

// leaf is what the formats read of a leaf.
type leaf struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Time     string   `json:"time"`
	Status   string   `json:"status"`
	Class    int      `json:"class_uid"`
	Case     string   `json:"case_uid"`
	External []string `json:"external_refs"`
	Tags     []string `json:"subject_tags"`
	Actor    struct {
		UID     string   `json:"uid"`
		Kind    string   `json:"kind"`
		Session string   `json:"session_uid"`
		For     string   `json:"for"`
		Roles   []string `json:"roles"`
	} `json:"actor"`
	Approval *struct {
		Proposal  string   `json:"request_uid"`
		Rule      string   `json:"rule"`
		Maker     string   `json:"maker"`
		Approvers []string `json:"approvers"`
	} `json:"approval"`
	Changes struct {
		Count  int    `json:"count"`
		SHA256 string `json:"sha256"`
	} `json:"changes"`
	Metadata struct {
		Action      string `json:"action"`
		Correlation string `json:"correlation_uid"`
		Tenant      string `json:"tenant_uid"`
		Logged      string `json:"logged_time"`
	} `json:"metadata"`
	Policy struct {
		Determining []string `json:"determining"`
		Effect      string   `json:"effect"`
		Set         string   `json:"set_sha256"`
	} `json:"policy"`
	Reason struct {
		Code string `json:"code"`
	} `json:"reason"`
}

// Of makes an entry of a record at its place (-1 while it has none).
func Of(rec *evidence.Record, index int64) (Entry, error) {
	e := Entry{Log: rec.Log, Index: index, Leaf: rec.Leaf}
	if err := json.Unmarshal([]byte(rec.Leaf), &e.leaf); err != nil {
		return e, fmt.Errorf("export: the leaf of %s is not JSON: %w", rec.ID, err)
	}
	lines, err := evidence.ParseChanges(rec.Changes)
	if err != nil {
		return e, err
	}
	for _, l := range lines {
		names := make([]string, 0, len(l.Cells))
		for name := range l.Cells {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if len(e.Changes) == maxChanges {
				return e, nil
			}
			e.Changes = append(e.Changes, changeOf(l, name))
		}
	}
	return e, nil
}

// changeOf tells one cell. A cell that has a class, a digest or an owner is
// sensitive; its values are never taken over, whatever else stands in it.
func changeOf(l evidence.Line, name string) Change {
	cell := l.Cells[name]
	c := Change{Table: l.Table, Key: l.Key, Kind: l.Kind, Column: name}
	if cell.Class != "" && cell.Class != core.Public || cell.NewSD != "" || cell.OldSD != "" || cell.Of != "" {
		if c.Class = cell.Class; c.Class == "" {
			c.Class = core.Personal
		}
		return c
	}
	c.Old, c.New = cell.Old, cell.New
	return c
}

// ID is the event's id.
func (e Entry) ID() string { return e.leaf.ID }

// Type is the event's type.
func (e Entry) Type() string { return e.leaf.Type }

// At is when it happened, at its source.
func (e Entry) At() core.Instant {
	at, _ := core.ParseInstant(e.leaf.Time) // the leaf's own writing
	return at
}

// Good reports whether what was tried was done, or proposed.
func (e Entry) Good() bool {
	return e.leaf.Status == string(evidence.Done) || e.leaf.Status == string(evidence.Proposed)
}

// meaning is the sentence of the event's type.
func (e Entry) meaning() string {
	if t, ok := evidence.LookupType(e.leaf.Type); ok {
		return t.Meaning
	}
	return e.leaf.Type
}

// actor is who acted: the reference, or only the kind of a client.
func (e Entry) actor() string {
	if e.leaf.Actor.UID != "" {
		return e.leaf.Actor.UID
	}
	return e.leaf.Actor.Kind
}

// verb is what was done, by the last word of the type.
func (e Entry) verb() string { return e.leaf.Type[strings.LastIndex(e.leaf.Type, ".")+1:] }
