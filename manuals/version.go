package manuals

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// EventAdopted is the event of a version that was adopted.
var EventAdopted = evidence.Register("manuals.manual.adopted", evidence.EntityManagement, "A version of one of the firm's manuals was adopted; its text is in the change.")

// Version is one version of a manual.
type Version struct {
	ID       core.Ref     `json:"id"`
	Manual   core.Ref     `json:"manual"`
	Entity   core.Ref     `json:"entity"`
	Title    string       `json:"title"`
	Number   int          `json:"version"`
	Text     string       `json:"text"`
	Hash     string       `json:"hash"` // SHA-256 of Text, hex
	Starts   core.Instant `json:"starts"`
	Maker    core.Ref     `json:"maker"`
	Proposal core.Ref     `json:"proposal"`
	Reason   string       `json:"reason"`
	Words    string       `json:"words"`
	Created  core.Instant `json:"created"`

	rev int64
}

func public(name string, field func(*Version) any) store.Column[Version] {
	return store.Column[Version]{Name: name, Class: core.Public, Field: field}
}

var versions = store.Declare(store.Table[Version]{
	Name: "manual_version", Kind: store.Recorded,
	Rev: func(v *Version) *int64 { return &v.rev },
	Columns: []store.Column[Version]{
		public("id", func(v *Version) any { return &v.ID }),
		public("manual", func(v *Version) any { return &v.Manual }),
		public("entity", func(v *Version) any { return &v.Entity }),
		public("title", func(v *Version) any { return &v.Title }),
		public("version", func(v *Version) any { return &v.Number }),
		public("text", func(v *Version) any { return &v.Text }),
		public("hash", func(v *Version) any { return &v.Hash }),
		public("starts", func(v *Version) any { return &v.Starts }),
		public("maker", func(v *Version) any { return &v.Maker }),
		public("proposal", func(v *Version) any { return &v.Proposal }),
		public("reason", func(v *Version) any { return &v.Reason }),
		public("words", func(v *Version) any { return &v.Words }),
		public("created", func(v *Version) any { return &v.Created }),
	},
})

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// resource is a manual as policy sees it.
func resource(id, entity core.Ref) command.Resource {
	return command.Resource{Kind: core.KindManual, Ref: id, Entity: entity}
}

// history is every version of a manual, oldest first.
func history(ctx context.Context, r store.Reader, manual core.Ref) ([]Version, error) {
	return versions.Select(ctx, r, "WHERE manual = $1 ORDER BY version", manual)
}

// Book finds the clauses that acts rest on. It keeps versions that were read
// once: a version never changes.
type Book struct {
	mu sync.Mutex
	by map[core.Ref]read
}

// read is a version taken apart.
type read struct {
	title   string
	number  int
	clauses []Clause
}

// Basis is the command.BasisBook of this package: the clauses in force in an
// entity that apply to one of the named acts, policies or rules.
func (b *Book) Basis(ctx context.Context, r store.Reader, entity core.Ref, by []string, at core.Instant) (out []string, err error) {
	ids, err := inForce(ctx, r, entity, at)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		v, err := b.version(ctx, r, id)
		if err != nil {
			return nil, err
		}
		for _, c := range v.clauses {
			if slices.ContainsFunc(c.Applies, func(to string) bool { return rests(to, by) }) {
				out = append(out, basis(v.title, v.number, c.Number))
			}
		}
	}
	return out, nil
}

// rests reports whether one of the names is the act, policy or rule; a rule
// may be named without its number and its line.
func rests(to string, by []string) bool {
	return slices.ContainsFunc(by, func(x string) bool {
		return x == to || strings.HasPrefix(x, to+"/") || strings.HasPrefix(x, to+"#")
	})
}

// inForce names the version of each manual of an entity that is in force.
func inForce(ctx context.Context, r store.Reader, entity core.Ref, at core.Instant) ([]core.Ref, error) {
	rows, err := r.Query(ctx, "SELECT id, manual FROM manual_version WHERE entity = $1 AND starts <= $2 ORDER BY title, version", entity, at)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out, of []core.Ref
	for rows.Next() {
		var id, manual core.Ref
		if err := rows.Scan(store.Scan(&id, &manual)...); err != nil {
			return nil, err
		}
		if n := len(of); n > 0 && of[n-1] == manual {
			out[n-1] = id
			continue
		}
		out, of = append(out, id), append(of, manual)
	}
	return out, rows.Err()
}

func (b *Book) version(ctx context.Context, r store.Reader, id core.Ref) (read, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if v, known := b.by[id]; known {
		return v, nil
	}
	v, err := versions.Get(ctx, r, string(id))
	if err != nil || v == nil {
		return read{}, err
	}
	clauses, err := Clauses(v.Text)
	if err != nil {
		return read{}, err
	}
	if b.by == nil {
		b.by = map[core.Ref]read{}
	}
	b.by[id] = read{v.Title, v.Number, clauses}
	return b.by[id], nil
}
