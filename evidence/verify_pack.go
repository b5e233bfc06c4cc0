package evidence

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"vouchsafe/core"
)

// PackSummary is what a checked pack says about itself. It is to be believed
// only as far as there was no problem.
type PackSummary struct {
	Host     string     `json:"host"`
	Kind     string     `json:"kind"`
	Title    string     `json:"title"`
	Subject  core.Ref   `json:"subject"`
	BuiltAt  string     `json:"built_at"`
	BuiltBy  core.Ref   `json:"built_by"`
	SignedBy string     `json:"signed_by"` // name of the trusted key
	Manifest string     `json:"manifest"`  // SHA-256 of manifest.json, hex
	Files    int        `json:"files"`
	Counts   PackCounts `json:"counts"`
	Logs     []PackLog  `json:"logs"`
	Missing  []Missing  `json:"missing"`
	// Witnessed tells, where the reader named witnesses, how far they vouch.
	Witnessed []PackWitnessed `json:"witnessed,omitempty"`
	// Notes are what the check could not look at, or what a reader should know.
	Notes []string `json:"notes"`
}

// VerifyPack checks a pack with nothing but the pack and the keys that the
// reader trusts: the container, the list of files and its signature, every
// event's proof, changes and disclosed values, the checkpoints and what
// connects them, the recount of logs that are included whole, and that the
// readable files say what the events say; the PDF, where one of the printers
// made it. It goes on after a problem; every problem names the file concerned
// in Key. An empty result means that the
// whole pack was checked and is sound. The error is for not being able to
// read.
func VerifyPack(r io.ReaderAt, size int64, trusted Verifiers, printers ...PackPrinter) ([]Problem, PackSummary, error) {
	return VerifyPackWith(r, size, Trust{Logs: trusted}, printers...)
}

// VerifyPackWith is VerifyPack for a reader who trusts witnesses too: it says
// how far they vouch for each log, and finds it a problem where they do not at
// all although the reader demands it.
func VerifyPackWith(r io.ReaderAt, size int64, trust Trust, printers ...PackPrinter) ([]Problem, PackSummary, error) {
	v := &packCheck{trusted: trust.Logs, trust: trust, printers: printers, pack: newPack(), open: map[string]Checkpoint{}}
	files, err := readZip(r, size)
	if bad, ok := errors.AsType[*badZip](err); ok {
		v.add(bad.path, "bad-container", bad.text)
		return v.problems, v.summary, nil
	}
	if err != nil {
		return nil, v.summary, err
	}
	v.files = files
	v.run()
	slices.SortStableFunc(v.problems, func(a, b Problem) int { return strings.Compare(a.Key, b.Key) })
	return v.problems, v.summary, nil
}

// PackKeys are the keys that a pack brings along. They show that a pack is
// whole, and nothing about who made it.
func PackKeys(r io.ReaderAt, size int64) (Verifiers, error) {
	files, err := readZip(r, size)
	if err != nil {
		return Verifiers{}, err
	}
	return ParseVerifierKeys(string(files.body[fileKeys]))
}

// packCheck is one run of VerifyPack.
type packCheck struct {
	trusted  Verifiers
	trust    Trust
	printers []PackPrinter
	files    *packFiles
	pack     *Pack
	known    map[string]bool // files that the manifest's content accounts for
	open     map[string]Checkpoint
	logs     map[string]*PackLog
	problems []Problem
	summary  PackSummary
}

// maxProblems bounds the report on a hostile pack.
const maxProblems = 1000

func (v *packCheck) add(path, code, text string) {
	if len(v.problems) < maxProblems {
		v.problems = append(v.problems, Problem{Code: code, Table: "file", Key: printable(clip(path)), Text: printable(text)})
	}
}

func (v *packCheck) note(format string, args ...any) {
	v.summary.Notes = append(v.summary.Notes, fmt.Sprintf(format, args...))
}

func (v *packCheck) run() {
	if !v.readPack() {
		return
	}
	m := &v.pack.Manifest
	v.signature()
	v.listed()
	v.names()
	for i := range m.Logs {
		v.checkpoints(&m.Logs[i])
		v.witnessed(&m.Logs[i])
	}
	for i := range v.pack.Events {
		v.event(i)
	}
	for i := range m.Logs {
		v.recount(&m.Logs[i])
	}
	v.extras()
	v.counts()
	v.readable()
	v.printed()
	for _, path := range slices.Sorted(maps.Keys(v.files.size)) {
		if !v.known[path] {
			v.add(path, "foreign-file", "nothing in the pack accounts for this file")
		}
	}
	v.summary.Host, v.summary.Kind, v.summary.Title, v.summary.Subject = m.Host, m.Kind, m.Title, m.Subject
	v.summary.BuiltAt, v.summary.BuiltBy, v.summary.Counts, v.summary.Logs, v.summary.Missing = m.BuiltAt, m.BuiltBy, m.Counts, m.Logs, m.Missing
	v.summary.Files, v.summary.Manifest = len(v.files.size), v.files.digest[fileManifest]
}

// all are all keys, whatever their log.
func (v Verifiers) all() []note.Verifier {
	var out []note.Verifier
	for _, log := range slices.Sorted(maps.Keys(v.byLog)) {
		out = append(out, v.byLog[log]...)
	}
	return out
}

// signature demands that a trusted key of the same host signed this manifest.
func (v *packCheck) signature() {
	m := &v.pack.Manifest
	signed, ok := v.files.body[fileSig]
	if !ok {
		v.add(fileSig, "missing-file", "the manifest has no signature")
		return
	}
	n, err := note.Open(signed, note.VerifierList(v.trusted.all()...))
	switch {
	case err != nil:
		v.add(fileSig, "signature", "no trusted key signed this pack: "+err.Error())
		return
	case n.Text != packStatement(m, v.files.body[fileManifest]):
		v.add(fileManifest, "signature", "the signature is over another manifest")
		return
	case !strings.HasPrefix(n.Sigs[0].Name, m.Host+originPath):
		v.add(fileSig, "signature", fmt.Sprintf("a pack of %s is signed by %s", clip(m.Host), n.Sigs[0].Name))
		return
	}
	again, err := note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs})
	if err != nil || string(again) != string(signed) || len(n.Sigs) != 1 {
		v.add(fileSig, "signature", "it holds more than one signature of a trusted key")
		return
	}
	v.summary.SignedBy = n.Sigs[0].Name
}

// listed compares the manifest's list with the files that are there.
func (v *packCheck) listed() {
	m := &v.pack.Manifest
	last, names := "", map[string]bool{}
	for _, f := range m.Files {
		if f.Path <= last || unlisted(f.Path) || !safePath(f.Path) {
			v.add(fileManifest, "bad-list", fmt.Sprintf("the list of files is out of order at %q", clip(f.Path)))
		}
		last, names[f.Path] = f.Path, true
		switch digest, ok := v.files.digest[f.Path]; {
		case !ok:
			v.add(f.Path, "missing-file", "the manifest lists this file and it is not there")
		case digest != f.SHA256 || v.files.size[f.Path] != f.Size:
			v.add(f.Path, "changed-file", "it is not the file that the manifest lists")
		}
	}
	for _, path := range slices.Sorted(maps.Keys(v.files.size)) {
		if !names[path] && !unlisted(path) {
			v.add(path, "foreign-file", "the manifest does not list this file")
		}
	}
	if string(v.files.body[fileSums]) != string(sums(m.Files)) {
		v.add(fileSums, "differs", "it is not the list of the manifest")
	}
	built, err := core.ParseInstant(m.BuiltAt)
	if err != nil || built.String() != m.BuiltAt || built.Time().Unix() != v.files.at.Unix() {
		v.add(fileManifest, "bad-time", "the files do not have the time at which the pack was built")
	}
}

// names checks that the logs are named once and as the host names them, and
// that the keys brought along are trusted ones.
func (v *packCheck) names() {
	v.logs = map[string]*PackLog{}
	m := &v.pack.Manifest
	for i := range m.Logs {
		l := &m.Logs[i]
		if l.Name == "" {
			continue // named by readLog
		}
		if v.logs[l.Name] != nil || i > 0 && m.Logs[i-1].Name >= l.Name || l.Origin != Origin(m.Host, l.Name) {
			v.add(fileManifest, "bad-log", fmt.Sprintf("log %s is named twice, out of order or by another origin", l.Name))
		}
		v.logs[l.Name] = l
	}
	brought, err := ParseVerifierKeys(v.pack.keys)
	if err != nil || v.pack.keys != v.keyFile() {
		v.add(fileKeys, "unreadable-file", "it is not one key for each log")
		return
	}
	for _, key := range brought.all() {
		if !slices.ContainsFunc(v.trusted.all(), func(t note.Verifier) bool {
			return t.Name() == key.Name() && t.KeyHash() == key.KeyHash()
		}) {
			v.add(fileKeys, "foreign-key", fmt.Sprintf("the pack brings a key for %s that is not among the trusted ones", key.Name()))
		}
	}
}

// keyFile is the file of keys as VerifierKeys writes it, around the keys that
// are there.
func (v *packCheck) keyFile() string {
	text := keyFileHead(v.pack.Manifest.Host)
	lines := strings.Split(v.pack.keys, "\n")
	for i, l := range v.pack.Manifest.Logs {
		if key := 2 + 2*i; key < len(lines) {
			text += "# log " + l.Name + "\n" + lines[key] + "\n"
		}
	}
	return text
}

func keyFileHead(host string) string { return Signers{host: host}.VerifierKeys(nil) }

// extras checks policies and documents against the hashes in their names.
func (v *packCheck) extras() {
	m := &v.pack.Manifest
	for _, path := range m.Policies {
		if h := policyPath.FindStringSubmatch(path); h == nil || v.files.digest[path] != h[1] {
			v.add(path, "changed-file", "it does not have the hash that it is named by")
		}
	}
	for _, d := range m.Documents {
		if h := documentPath.FindStringSubmatch(d.File); h == nil || v.files.digest[d.File] != h[1] {
			v.add(d.File, "changed-file", "it does not have the hash that it is named by")
		}
	}
}

// counts checks the manifest's sums, and that what can be counted as missing
// is said to be.
func (v *packCheck) counts() {
	m := &v.pack.Manifest
	if m.Counts != countsOf(v.pack) {
		v.add(fileManifest, "counts", "its counts are not those of the pack")
	}
	events := map[string]int{}
	for _, e := range v.pack.Events {
		events[e.Log]++
	}
	for _, l := range m.Logs {
		if l.Events != events[l.Name] {
			v.add(fileManifest, "counts", fmt.Sprintf("it says %d entries of log %s, there are %d", l.Events, l.Name, events[l.Name]))
		}
	}
	for _, w := range m.Withheld {
		if l := v.logs[w.Log]; l == nil || !l.Whole {
			v.add(fileManifest, "recount", fmt.Sprintf("entry %s is stated as left out of a log that cannot be recounted", clip(w.ID)))
		}
	}
	for _, want := range countedMissing(v.pack) {
		if !slices.Contains(m.Missing, want) {
			v.add(fileMissing, "unstated", "it is not said: "+clip(want.Text))
		}
	}
}

// readable makes the readable files again and compares.
func (v *packCheck) readable() {
	if v.pack.Manifest.Renderer != packRenderer {
		v.note("The readable files were made by another version; that they say what the entries say was not checked.")
		return
	}
	again, err := v.pack.readable()
	if err != nil {
		v.add(filePage, "differs", err.Error())
		return
	}
	for _, path := range slices.Sorted(maps.Keys(again)) {
		if string(v.files.body[path]) != string(again[path]) {
			v.add(path, "differs", "it is not there, or does not say what the entries and the manifest say")
		}
	}
}

// printed prints the pack again and compares, where this program has the
// printer that made it.
func (v *packCheck) printed() {
	name := v.pack.Manifest.Printer
	if name == "" {
		return
	}
	if v.pack.print == nil {
		v.add(filePrint, "missing-file", "the manifest names its printer and it is not there")
		return
	}
	if len(v.pack.Events) > MaxPackPrinted {
		v.add(filePrint, "too-large", "no printer prints so much")
		return
	}
	i := slices.IndexFunc(v.printers, func(p PackPrinter) bool { return p.Name() == name })
	if i < 0 {
		v.note("pack.pdf was made by another version (%s); that it says what the entries say was not checked.", printable(clip(name)))
		return
	}
	again, err := v.printers[i].Print(v.pack)
	if err != nil || string(again) != string(v.pack.print) {
		v.add(filePrint, "differs", "it does not say what the entries and the manifest say")
	}
}

// Among reports whether every key is also one of the others, whatever the log
// that it is for.
func (v Verifiers) Among(others Verifiers) bool {
	for _, key := range v.all() {
		if !slices.ContainsFunc(others.all(), func(o note.Verifier) bool { return o.Name() == key.Name() && o.KeyHash() == key.KeyHash() }) {
			return false
		}
	}
	return true
}
