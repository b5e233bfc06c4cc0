package evidence

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// A pack is the whole story of one subject in one file: every event with its
// proof, what of it the builder might see, and what is missing. A stranger
// checks it with VerifyPack, or by hand as its README tells, without our
// database and without trusting us beyond the log key.
//
// Everything in a pack follows from two things: the events, which the log
// proves, and the manifest, which the log key signs. The readable files are
// pure functions of these two, so verification makes them again and compares:
// the page cannot tell another story than the events.
//
// What a pack does not prove: what SECURITY.md says about the log, and
// whatever the manifest only states: the labels, the meanings of types, the
// reasons for withholding, and what is missing beyond what can be counted.

// PackFormat names the layout; VerifyPack refuses another.
const PackFormat = "vouchsafe-pack/1"

// packRenderer names how the readable files are made. Change it with any
// change of their text: older packs then stay valid, and verification says
// that it did not make the readable files again.
const packRenderer = "2"

// The limits of packs. A larger story is cut by time.
const (
	MaxPackEvents = 20_000 // events of one pack
	MaxPackLog    = 20_000 // entries of a log that is included whole
	// MaxPackPrinted bounds the events of a PDF: beyond some hundreds of pages
	// nobody prints.
	MaxPackPrinted = 2_000
)

// PackSpec says what to gather and for whom.
type PackSpec struct {
	Kind    string   // client, staff, withdrawal, intervention, or record
	Subject core.Ref // whose story it is
	Title   string   // for the cover
	Entity  core.Ref // the subject's legal entity, whose log is recounted
	Builder core.Ref // who builds it
	Tool    string   // name and version of the program
	Built   core.Instant
	From    core.Instant // inclusive; zero is the beginning
	To      core.Instant // exclusive; zero is the end

	// Follow are the kinds of records (proposals, cases) whose entries go along
	// when the subject's entries name them: who asked and who agreed often stands
	// there, from before the subject had a reference.
	Follow []core.Kind

	// Scope is the policy's filter over event columns; zero selects nothing.
	Scope store.Where
	// May answers which values the builder may see and hand over.
	May May
	// Whole answers whether the builder may hand over a whole log, which
	// proves that no event of the subject was left out.
	Whole func(log string) bool
	// Label names a record for readers, "" when it has no name or the builder
	// may not see it. May be nil.
	Label func(core.Ref) string
	// Policy returns the text whose SHA-256 is the hash of a policy set, nil
	// when it is not kept. May be nil.
	Policy func(set string) ([]byte, error)

	Documents []PackDocument
	Missing   []Missing // what the firm knows to be missing

	// Printer makes pack.pdf of packs of at most MaxPackPrinted events. May be
	// nil.
	Printer PackPrinter
}

// PackPrinter makes the PDF of a pack from its content alone: the same content
// gives the same bytes.
type PackPrinter interface {
	// Name changes with whatever changes the bytes.
	Name() string
	Print(p *Pack) ([]byte, error)
}

// PackDocument is an original document that goes with a pack.
type PackDocument struct {
	Ref   core.Ref `json:"ref"`
	Title string   `json:"title"`
	Media string   `json:"media_type"`
	File  string   `json:"file"` // its place in the pack; BuildPack decides it
	Body  []byte   `json:"-"`
}

// Missing is one thing that a reader might expect and that is not there.
type Missing struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Pack is the content of a pack.
type Pack struct {
	Manifest PackManifest
	Events   []PackEvent

	notes       map[string]string // checkpoint notes by path
	consistency map[string]string // proofs by path
	whole       map[string][]byte // files of the logs included whole, by path
	documents   map[string][]byte // by path; nil bodies when only their digests were read
	policies    map[string][]byte // by path
	keys        string            // log.pub
	print       []byte            // pack.pdf
}

// PackManifest is manifest.json.
type PackManifest struct {
	Format   string   `json:"format"`
	Renderer string   `json:"renderer"`
	Printer  string   `json:"printer,omitempty"` // of pack.pdf; without one there is none
	Tool     string   `json:"tool"`
	Host     string   `json:"host"`
	Kind     string   `json:"kind"`
	Subject  core.Ref `json:"subject"`
	Title    string   `json:"title"`
	Entity   core.Ref `json:"entity,omitempty"`
	BuiltAt  string   `json:"built_at"`
	BuiltBy  core.Ref `json:"built_by"`
	From     string   `json:"from,omitempty"`
	To       string   `json:"to,omitempty"`
	// TagKey marks the subject's events in every log; present when a log is
	// included whole. It opens nothing.
	TagKey string `json:"tag_key,omitempty"`
	// Followed are the proposals and cases behind the subject's entries, whose
	// own entries are in the pack too.
	Followed  []PackFollowed    `json:"followed"`
	Logs      []PackLog         `json:"logs"`
	Events    []PackEntry       `json:"events"`
	Withheld  []PackEntry       `json:"withheld_events"`
	Labels    map[string]string `json:"labels"`
	Types     map[string]string `json:"types"`
	Documents []PackDocument    `json:"documents"`
	Policies  []string          `json:"policies"`
	Missing   []Missing         `json:"missing"`
	Counts    PackCounts        `json:"counts"`
	Files     []PackFile        `json:"files"`
}

// PackFollowed is a record whose entries are in a pack because the subject's
// entries name it. TagKey marks them, as the manifest's own marks the subject's.
type PackFollowed struct {
	Ref    core.Ref `json:"ref"`
	TagKey string   `json:"tag_key,omitempty"`
}

// PackLog is one log that the pack's events are in, or that was recounted.
type PackLog struct {
	Name     string  `json:"name"`
	Origin   string  `json:"origin"`
	Size     int64   `json:"size"`      // of the newest checkpoint: the pack is as of here
	SignedAt string  `json:"signed_at"` // as stored; no signature covers it
	Earlier  []int64 `json:"earlier"`   // sizes of earlier checkpoints, around the first event
	Events   int     `json:"events"`    // of this pack in this log
	Whole    bool    `json:"whole"`     // all entries are included and recounted
	Why      string  `json:"why,omitempty"`
}

// PackEntry names one event.
type PackEntry struct {
	ID    string `json:"id"`
	Log   string `json:"log"`
	Index int64  `json:"index"`
	Why   string `json:"why,omitempty"` // of a withheld one
}

// PackCounts are the sums that a reader checks first.
type PackCounts struct {
	Events    int `json:"events"`
	Disclosed int `json:"disclosed"`
	Withheld  int `json:"withheld"`
	Documents int `json:"documents"`
}

// PackFile is one file of the pack.
type PackFile struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// PackEvent is one event with its proof and what of it is disclosed.
type PackEvent struct {
	PackEntry
	Leaf      string
	Changes   string
	Proof     string // tlog-proof
	Disclosed []PackValue
	Withheld  []PackValue
}

// PackValue is one sensitive value of a change document: disclosed with its
// salt, or withheld with the reason. The digest proves either.
type PackValue struct {
	Table  string     `json:"table"`
	Key    string     `json:"key"`
	Column string     `json:"column"`
	Side   string     `json:"side"`
	Class  core.Class `json:"class"`
	Digest string     `json:"digest"`
	Salt   string     `json:"salt,omitempty"`
	Value  *string    `json:"value,omitempty"`
	Why    string     `json:"why,omitempty"`
}

func (v *PackValue) place() string { return place(v.Table, v.Key, v.Column, v.Side) }

// The reasons for withholding.
const (
	WhyNotPermitted = "not-permitted" // policy does not let the builder see it
	WhyErased       = "erased"        // the person's key was destroyed
	WhySecret       = "secret"        // shown to nobody, ever
	WhyScope        = "out-of-scope"  // an event outside of what the builder may read
)

// BuiltPack is a finished pack.
type BuiltPack struct {
	Zip      []byte
	Manifest string // SHA-256 of manifest.json, hex: what the export's event records
	Content  *Pack
	Shown    []Shown // what left in the clear, for the read event
}

// BuildPack gathers, signs and zips a pack. r must be a snapshot. The caller
// has authorised the act and records the export, with the manifest's digest,
// before the pack leaves. The same content at the same instant gives the same
// bytes. The pack is held in memory.
func (l *Log) BuildPack(ctx context.Context, r store.Reader, signers Signers, spec PackSpec) (*BuiltPack, error) {
	g := &gatherer{log: l, r: r, spec: spec, signers: signers, pack: newPack(), trees: map[string]*packTree{}}
	err := g.run(ctx)
	if err != nil {
		return nil, err
	}
	if g.pack.Manifest.Printer != "" {
		if g.pack.print, err = spec.Printer.Print(g.pack); err != nil {
			return nil, fmt.Errorf("evidence: the pack cannot be printed: %w", err)
		}
	}
	zipped, digest, err := finishPack(g.pack, signers)
	if err != nil {
		return nil, err
	}
	return &BuiltPack{Zip: zipped, Manifest: digest, Content: g.pack, Shown: g.shown}, nil
}

func newPack() *Pack {
	return &Pack{
		notes: map[string]string{}, consistency: map[string]string{}, whole: map[string][]byte{},
		documents: map[string][]byte{}, policies: map[string][]byte{},
	}
}

// The files of a pack that are not of an event, log, document or policy.
const (
	fileReadme   = "README.txt"
	fileSums     = "SHA256SUMS"
	fileCSV      = "events.csv"
	fileJSONL    = "events.jsonl"
	filePage     = "index.html"
	filePrint    = "pack.pdf"
	fileKeys     = "log.pub"
	fileManifest = "manifest.json"
	fileSig      = "manifest.sig"
	fileMissing  = "missing.txt"
)

// unlisted are the files that the manifest cannot name, since they follow from
// it.
func unlisted(path string) bool { return path == fileManifest || path == fileSig }

func eventDir(n int, id string) string { return fmt.Sprintf("events/%05d-%s/", n, id) }

func notePath(log string, size int64) string {
	return fmt.Sprintf("checkpoints/%s/%d.txt", logOf(Origin("", log)), size)
}

func consistencyPath(log string, from, to int64) string {
	return fmt.Sprintf("checkpoints/%s/%d-%d.consistency", logOf(Origin("", log)), from, to)
}

func wholeDir(log string) string { return "logs/" + logOf(Origin("", log)) + "/" }

var (
	packPath     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$`)
	documentPath = regexp.MustCompile(`^documents/([0-9a-f]{64})(\.[a-z0-9]{1,8})?$`)
	policyPath   = regexp.MustCompile(`^policies/([0-9a-f]{64})\.txt$`)
	hexDigest    = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// safePath reports whether a path can be unpacked anywhere without surprise.
func safePath(path string) bool {
	return len(path) <= 200 && packPath.MatchString(path) && !strings.Contains(path, "..")
}

// within reports whether an event of this id is in the pack's window. The
// times of events are those in their ids, as in Find.
func (m *PackManifest) within(id string) bool {
	from, _ := core.ParseInstant(m.From)
	to, _ := core.ParseInstant(m.To)
	return (m.From == "" || id >= core.EventIDFloor(from)) && (m.To == "" || id < core.EventIDFloor(to))
}
