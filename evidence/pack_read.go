package evidence

import (
	"fmt"
	"strings"
	"unicode"
)

// readPack parses the files of a pack into its content. What cannot be read is
// reported as a problem with the file's name, and reading goes on.
func (v *packCheck) readPack() bool {
	text, ok := v.files.body[fileManifest]
	if !ok {
		v.add(fileManifest, "missing-file", "the pack has no manifest")
		return false
	}
	m := &v.pack.Manifest
	if err := readCanonical(text, m); err != nil {
		v.add(fileManifest, "unreadable-file", "it is not a manifest: "+err.Error())
		return false
	}
	if m.Format != PackFormat {
		v.add(fileManifest, "unknown-format", fmt.Sprintf("the format is %q; this program reads %s", clip(m.Format), PackFormat))
		return false
	}
	if len(m.Events) > MaxPackEvents || len(m.Files) > maxPackFiles {
		v.add(fileManifest, "too-large", "the manifest lists more than a pack may hold")
		return false
	}
	v.known = map[string]bool{
		fileManifest: true, fileSig: true, fileSums: true, fileKeys: true, fileReadme: true,
		fileCSV: true, fileJSONL: true, filePage: true, fileMissing: true,
	}
	v.pack.keys = string(v.take(fileKeys))
	if m.Printer != "" {
		v.pack.print = v.take(filePrint)
	}
	for i, entry := range m.Events {
		v.readEvent(i+1, entry)
	}
	for i := range m.Logs {
		v.readLog(&m.Logs[i])
	}
	for _, path := range m.Policies {
		v.pack.policies[path] = v.take(path)
	}
	for _, d := range m.Documents {
		v.known[d.File] = true
		v.pack.documents[d.File] = nil
	}
	return true
}

// take is the body of a file that belongs to the pack.
func (v *packCheck) take(path string) []byte {
	v.known[path] = true
	return v.files.body[path]
}

func (v *packCheck) readEvent(n int, entry PackEntry) {
	dir := eventDir(n, entry.ID)
	e := PackEvent{
		PackEntry: entry, Leaf: string(v.take(dir + "leaf.json")), Changes: string(v.take(dir + "changes.jsonl")),
		Proof: string(v.take(dir + "proof.tlog-proof")),
	}
	values := v.take(dir + "disclosures.json")
	var d packDisclosures
	if err := readCanonical(values, &d); values != nil && err != nil {
		v.add(dir+"disclosures.json", "unreadable-file", err.Error())
	}
	e.Disclosed, e.Withheld = d.Disclosed, d.Withheld
	v.pack.Events = append(v.pack.Events, e)
}

func (v *packCheck) readLog(l *PackLog) {
	if !validLog(l.Name) || l.Size < 1 {
		v.add(fileManifest, "bad-log", fmt.Sprintf("%q of %d entries is no log", clip(l.Name), l.Size))
		l.Name, l.Whole, l.Earlier = "", false, nil
		return
	}
	path := notePath(l.Name, l.Size)
	v.pack.notes[path] = string(v.take(path))
	for _, size := range l.Earlier {
		note, proof := notePath(l.Name, size), consistencyPath(l.Name, size, l.Size)
		v.pack.notes[note], v.pack.consistency[proof] = string(v.take(note)), string(v.take(proof))
	}
	if !l.Whole {
		return
	}
	for path, body := range v.files.body {
		if strings.HasPrefix(path, wholeDir(l.Name)) {
			v.pack.whole[path] = body // which paths belong there, the recount decides
		}
	}
}

// clip keeps what a hostile file says short enough to print.
func clip(s string) string {
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}

// printable keeps what a hostile file says on one line, and a terminal from
// obeying it.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(s, "?"))
}
