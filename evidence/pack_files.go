package evidence

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
)

func sumHex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// packDisclosures is disclosures.json of one event.
type packDisclosures struct {
	Disclosed []PackValue `json:"disclosed"`
	Withheld  []PackValue `json:"withheld"`
}

// files makes every file of the pack but the manifest and its signature.
func (p *Pack) files() (map[string][]byte, error) {
	out := map[string][]byte{fileKeys: []byte(p.keys)}
	for i, e := range p.Events {
		dir := eventDir(i+1, e.ID)
		values, err := canonical(packDisclosures{nonNil(e.Disclosed), nonNil(e.Withheld)})
		if err != nil {
			return nil, err
		}
		out[dir+"leaf.json"] = []byte(e.Leaf)
		out[dir+"changes.jsonl"] = []byte(e.Changes)
		out[dir+"proof.tlog-proof"] = []byte(e.Proof)
		out[dir+"disclosures.json"] = values
	}
	for _, texts := range []map[string]string{p.notes, p.consistency} {
		for path, text := range texts {
			out[path] = []byte(text)
		}
	}
	for _, bodies := range []map[string][]byte{p.whole, p.documents, p.policies} {
		maps.Copy(out, bodies)
	}
	if p.print != nil {
		out[filePrint] = p.print
	}
	readable, err := p.readable()
	if err != nil {
		return nil, err
	}
	maps.Copy(out, readable)
	return out, nil
}

// readable makes the files that say again, for people and spreadsheets, what
// the events and the manifest say.
func (p *Pack) readable() (map[string][]byte, error) {
	page, err := p.page()
	if err != nil {
		return nil, err
	}
	table, err := p.csv()
	if err != nil {
		return nil, err
	}
	lines, err := p.jsonl()
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		filePage: page, fileCSV: table, fileJSONL: lines,
		fileMissing: []byte(missingText(p.Manifest.Missing)), fileReadme: []byte(p.readme()),
	}, nil
}

// sums is SHA256SUMS: what sha256sum -c reads.
func sums(files []PackFile) []byte {
	var b strings.Builder
	for _, f := range files {
		if f.Path != fileSums {
			b.WriteString(f.SHA256 + "  " + f.Path + "\n")
		}
	}
	return []byte(b.String())
}

func listFiles(files map[string][]byte) []PackFile {
	out := make([]PackFile, 0, len(files))
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if !unlisted(path) {
			out = append(out, PackFile{path, sumHex(files[path]), int64(len(files[path]))})
		}
	}
	return out
}

// finishPack writes the manifest over all files, signs it and zips. It returns
// the zip and the manifest's SHA-256.
func finishPack(p *Pack, signers Signers) ([]byte, string, error) {
	files, err := p.files()
	if err != nil {
		return nil, "", err
	}
	if err := sealFiles(files, &p.Manifest, signers); err != nil {
		return nil, "", err
	}
	built, err := core.ParseInstant(p.Manifest.BuiltAt)
	if err != nil {
		return nil, "", fmt.Errorf("evidence: a pack needs the time it is built: %w", err)
	}
	zipped, err := writeZip(files, built)
	return zipped, sumHex(files[fileManifest]), err
}

// sealFiles adds the sums, the manifest and its signature to the other files.
func sealFiles(files map[string][]byte, m *PackManifest, signers Signers) error {
	delete(files, fileSums)
	files[fileSums] = sums(listFiles(files))
	m.Files = listFiles(files)
	text, err := canonical(m)
	if err != nil {
		return err
	}
	files[fileManifest] = text
	log := GroupLog
	if len(m.Logs) > 0 {
		log = m.Logs[0].Name
	}
	signer, err := signers.Signer(log)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: packStatement(m, text)}, signer)
	files[fileSig] = signed
	return err
}

// packStatement is what the log key signs. Its four lines can never be taken
// for the three of a checkpoint.
func packStatement(m *PackManifest, manifest []byte) string {
	return fmt.Sprintf("%s/pack\n%s\nsha256:%s\n%s\n", m.Host, PackFormat, sumHex(manifest), m.BuiltAt)
}

const consistencyHeader = "vouchsafe/consistency@v1"

// marshalConsistency writes a consistency proof as text; C2SP has no file
// format for it.
func marshalConsistency(p ConsistencyProof, origin string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\nfrom %d\nto %d\n", consistencyHeader, origin, p.From, p.To)
	for _, h := range p.Hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	return b.String()
}

// parseConsistency reads what marshalConsistency wrote, strictly.
func parseConsistency(text string) (ConsistencyProof, error) {
	bad := fmt.Errorf("evidence: this is not a consistency proof")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 4 || lines[0] != consistencyHeader {
		return ConsistencyProof{}, bad
	}
	from, err1 := strconv.ParseInt(strings.TrimPrefix(lines[2], "from "), 10, 64)
	to, err2 := strconv.ParseInt(strings.TrimPrefix(lines[3], "to "), 10, 64)
	if err1 != nil || err2 != nil || from < 1 || to < from {
		return ConsistencyProof{}, bad
	}
	p := ConsistencyProof{Log: logOf(lines[1]), From: from, To: to}
	for _, line := range lines[4:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return ConsistencyProof{}, bad
		}
		p.Hashes = append(p.Hashes, tlog.Hash(h))
	}
	if marshalConsistency(p, lines[1]) != text {
		return ConsistencyProof{}, bad
	}
	return p, nil
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func countsOf(p *Pack) PackCounts {
	c := PackCounts{Events: len(p.Events), Documents: len(p.Manifest.Documents)}
	for _, e := range p.Events {
		c.Disclosed += len(e.Disclosed)
		c.Withheld += len(e.Withheld)
	}
	return c
}
