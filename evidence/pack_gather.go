package evidence

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/core"
	"vouchsafe/store"
)

// gatherer collects one pack from a snapshot.
type gatherer struct {
	log     *Log
	r       store.Reader
	spec    PackSpec
	signers Signers
	pack    *Pack
	shown   []Shown
	trees   map[string]*packTree
	records []Record
}

// packTree is a log as of its newest checkpoint.
type packTree struct {
	newest *checkpointRow
	tiles  *tileReader
	events []PackEntry // of this pack, in order of index
}

func (g *gatherer) run(ctx context.Context) error {
	g.head()
	if err := g.find(ctx); err != nil {
		return err
	}
	steps := []func(context.Context) error{g.place, g.prove, g.disclose, g.logs, g.policies}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	g.documents()
	if p := g.spec.Printer; p != nil && len(g.pack.Events) <= MaxPackPrinted {
		g.pack.Manifest.Printer = p.Name()
	}
	g.words()
	g.missing()
	return nil
}

func (g *gatherer) head() {
	s := g.spec
	g.pack.Manifest = PackManifest{
		Format: PackFormat, Renderer: packRenderer, Tool: s.Tool, Host: g.log.Host, Kind: s.Kind,
		Subject: s.Subject, Title: s.Title, Entity: s.Entity, BuiltAt: s.Built.String(), BuiltBy: s.Builder,
		From: s.From.String(), To: s.To.String(), Logs: []PackLog{}, Events: []PackEntry{}, Withheld: []PackEntry{},
		Followed: []PackFollowed{}, Labels: map[string]string{}, Types: map[string]string{}, Documents: []PackDocument{}, Policies: []string{},
		Missing: []Missing{}, Files: []PackFile{},
	}
}

// find reads the entries of the subject and of what is followed, oldest first.
func (g *gatherer) find(ctx context.Context) error {
	if err := g.findOf(ctx, g.spec.Subject); err != nil {
		return err
	}
	for _, ref := range g.follow() {
		if err := g.findOf(ctx, ref); err != nil {
			return err
		}
		g.pack.Manifest.Followed = append(g.pack.Manifest.Followed, PackFollowed{Ref: ref})
	}
	slices.SortFunc(g.records, func(a, b Record) int { return cmp.Compare(a.ID, b.ID) })
	g.records = slices.CompactFunc(g.records, func(a, b Record) bool { return a.ID == b.ID })
	return nil
}

// follow lists the records that the subject's entries name and that go along.
func (g *gatherer) follow() []core.Ref {
	var out []core.Ref
	for i := range g.records {
		v := viewLeaf(g.records[i].Leaf)
		named := []core.Ref{core.Ref(v.Case)}
		if v.Approval != nil {
			named = append(named, core.Ref(v.Approval.Proposal))
		}
		for _, ref := range named {
			if ref != g.spec.Subject && slices.Contains(g.spec.Follow, ref.Kind()) {
				out = append(out, ref)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (g *gatherer) findOf(ctx context.Context, ref core.Ref) error {
	f := Filter{Refs: []core.Ref{ref}, From: g.spec.From, To: g.spec.To, Scope: g.spec.Scope, Oldest: true}
	for page := (core.PageRequest{Limit: core.MaxPage}); ; {
		rows, err := g.log.Find(ctx, g.r, f, page)
		if err != nil {
			return err
		}
		g.records = append(g.records, rows.Rows...)
		if len(g.records) > MaxPackEvents {
			return core.Faultf(core.Invalid, "pack-too-large", "This story has more than %d entries. Choose a shorter time.", MaxPackEvents)
		}
		if rows.Next == "" {
			return nil
		}
		page.After = rows.Next
	}
}

// chunked calls fn with the ids of at most 500 records at a time.
func (g *gatherer) chunked(fn func(ids []string) error) error {
	for part := range slices.Chunk(g.records, 500) {
		ids := make([]string, len(part))
		for i := range part {
			ids[i] = part[i].ID
		}
		if err := fn(ids); err != nil {
			return err
		}
	}
	return nil
}

// place finds each event's place under its log's newest checkpoint. What has
// none yet cannot be proven and stays out; missing.txt says so.
func (g *gatherer) place(ctx context.Context) error {
	places := map[string]leafRow{}
	err := g.chunked(func(ids []string) error {
		rows, err := leafTable.Filter(ctx, g.r, "WHERE {where}", store.In("event", ids))
		for _, row := range rows {
			places[row.Event] = row
		}
		return err
	})
	if err != nil {
		return err
	}
	proven := g.records[:0]
	unsealed := 0
	for _, rec := range g.records {
		leaf, ok := places[rec.ID]
		tree, err := g.tree(ctx, rec.Log)
		if err != nil {
			return err
		}
		if !ok || tree == nil || leaf.Index >= tree.newest.Size {
			unsealed++
			continue
		}
		entry := PackEntry{ID: rec.ID, Log: rec.Log, Index: leaf.Index}
		tree.events = append(tree.events, entry)
		g.pack.Events = append(g.pack.Events, PackEvent{PackEntry: entry, Leaf: rec.Leaf, Changes: rec.Changes})
		g.pack.Manifest.Events = append(g.pack.Manifest.Events, entry)
		proven = append(proven, rec)
	}
	g.records = proven
	if unsealed > 0 {
		g.miss("unsealed", "%d entries were recorded but not yet sealed when this pack was built, and are not in it. Build it again to have them.", unsealed)
	}
	return nil
}

// tree opens a log at its newest checkpoint; nil when it has none.
func (g *gatherer) tree(ctx context.Context, log string) (*packTree, error) {
	if t, ok := g.trees[log]; ok {
		return t, nil
	}
	row, err := lastCheckpoint(ctx, g.r, log)
	if err != nil {
		return nil, err
	}
	if row == nil || row.Size < 1 {
		g.trees[log] = nil
		return nil, nil
	}
	if len(row.Root) != tlog.HashSize {
		return nil, fmt.Errorf("evidence: checkpoint %d of log %s has no root", row.Size, log)
	}
	if row.Note, err = cosignedNote(ctx, g.r, row); err != nil {
		return nil, err
	}
	g.trees[log] = &packTree{newest: row, tiles: newTileReader(ctx, g.r, log, row.Size)}
	return g.trees[log], nil
}

// prove makes every event's proof, and checks it: a pack with a wrong proof
// is never built.
func (g *gatherer) prove(context.Context) error {
	for i := range g.pack.Events {
		e := &g.pack.Events[i]
		t := g.trees[e.Log]
		hashes, err := tlog.ProveRecord(t.newest.Size, e.Index, t.tiles)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(hashes, t.newest.Size, tlog.Hash(t.newest.Root), e.Index, tlog.RecordHash([]byte(e.Leaf))); err != nil {
			return fmt.Errorf("evidence: the stored tree of log %s does not prove event %s: %w", e.Log, e.ID, err)
		}
		e.Proof = InclusionProof{logOf(Origin("", e.Log)), e.Index, t.newest.Size, t.newest.Note, hashes}.Marshal()
	}
	return nil
}

// disclose sorts every sensitive value into shown and withheld.
func (g *gatherer) disclose(ctx context.Context) error {
	sealed := map[string][]disclosureRow{}
	err := g.chunked(func(ids []string) error {
		rows, err := disclosureTable.Filter(ctx, g.r, "WHERE {where} ORDER BY event, subject", store.In("event", ids))
		for _, row := range rows {
			sealed[row.Event] = append(sealed[row.Event], row)
		}
		return err
	})
	if err != nil {
		return err
	}
	for i := range g.pack.Events {
		if err := g.values(ctx, &g.pack.Events[i], sealed[g.pack.Events[i].ID]); err != nil {
			return err
		}
	}
	return nil
}

// opening is a decrypted value, who it is about, and its salt.
type opening struct {
	value, salt string
	subject     core.Ref
}

func (g *gatherer) open(ctx context.Context, event string, rows []disclosureRow) (map[string]opening, error) {
	out := map[string]opening{}
	for _, row := range rows {
		k, err := g.log.Keys.Lookup(ctx, row.Subject)
		if err != nil {
			return nil, err
		}
		if k == nil {
			continue // erased
		}
		plain, err := k.Open(event, row.Sealed)
		if err != nil {
			return nil, fmt.Errorf("evidence: a disclosure of %s does not open: %w", event, err)
		}
		var ds []disclosed
		if err := json.Unmarshal(plain, &ds); err != nil {
			return nil, err
		}
		for _, d := range ds {
			p := place(d.Table, d.Key, d.Column, d.Side)
			out[p] = opening{d.Value, k.Salt(event, p), row.Subject}
		}
	}
	return out, nil
}

func (g *gatherer) values(ctx context.Context, e *PackEvent, rows []disclosureRow) error {
	open, err := g.open(ctx, e.ID, rows)
	if err != nil {
		return err
	}
	digests, err := digestsOf(e.Changes)
	if err != nil {
		return err
	}
	for _, v := range digests {
		o, ok := open[v.place()]
		switch {
		case v.Class == core.Secret:
			v.Why = WhySecret
		case !ok:
			v.Why = WhyErased
		case g.spec.May == nil || !g.spec.May(v.Class, o.subject):
			v.Why = WhyNotPermitted
		case Digest(o.salt, v.Column, o.value) != v.Digest:
			return fmt.Errorf("evidence: a disclosure of %s does not have the digest that was recorded", e.ID)
		default:
			v.Salt, v.Value = o.salt, &o.value
			e.Disclosed = append(e.Disclosed, v)
			g.shown = append(g.shown, Shown{o.subject, v.Class, v.Table + "." + v.Column})
			continue
		}
		e.Withheld = append(e.Withheld, v)
	}
	return nil
}

// digestsOf lists every digest of a change document, by place.
func digestsOf(doc string) ([]PackValue, error) {
	lines, err := ParseChanges(doc)
	if err != nil {
		return nil, err
	}
	var out []PackValue
	for _, l := range lines {
		for _, col := range slices.Sorted(maps.Keys(l.Cells)) {
			c := l.Cells[col]
			for _, side := range [2][2]string{{"new", c.NewSD}, {"old", c.OldSD}} {
				if side[1] != "" {
					out = append(out, PackValue{Table: l.Table, Key: l.Key, Column: col, Side: side[0], Class: c.Class, Digest: side[1]})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b PackValue) int { return cmp.Compare(a.place(), b.place()) })
	return out, nil
}

// policies adds the text of every policy set that the events name.
func (g *gatherer) policies(context.Context) error {
	if g.spec.Policy == nil {
		return nil
	}
	for _, set := range policySets(g.pack.Events) {
		if !hexDigest.MatchString(set) {
			continue
		}
		text, err := g.spec.Policy(set)
		if err != nil {
			return err
		}
		if text == nil {
			continue
		}
		if sumHex(text) != set {
			return fmt.Errorf("evidence: the kept text of policy set %s has another hash", set)
		}
		path := "policies/" + set + ".txt"
		g.pack.policies[path] = text
		g.pack.Manifest.Policies = append(g.pack.Manifest.Policies, path)
	}
	return nil
}

func (g *gatherer) documents() {
	for _, d := range g.spec.Documents {
		d.File = "documents/" + sumHex(d.Body) + extension(d.Media)
		if _, twice := g.pack.documents[d.File]; twice {
			continue
		}
		g.pack.documents[d.File] = d.Body
		g.pack.Manifest.Documents = append(g.pack.Manifest.Documents, d)
	}
	slices.SortFunc(g.pack.Manifest.Documents, func(a, b PackDocument) int { return cmp.Compare(a.File, b.File) })
}

var extensions = map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "text/plain": ".txt"}

func extension(media string) string { return extensions[media] }

// words takes over what helps readers and proves nothing: names and meanings.
func (g *gatherer) words() {
	m := &g.pack.Manifest
	name := func(ref core.Ref) {
		if g.spec.Label == nil || ref == "" || m.Labels[string(ref)] != "" {
			return
		}
		if label := g.spec.Label(ref); label != "" {
			m.Labels[string(ref)] = label
		}
	}
	name(m.Subject)
	name(m.BuiltBy)
	for _, e := range g.pack.Events {
		v := viewLeaf(e.Leaf)
		if t, ok := types[v.Type]; ok {
			m.Types[t.Name] = t.Meaning
		}
		for _, ref := range refsIn(&e, v) {
			name(ref)
		}
	}
	m.Counts = countsOf(g.pack)
}

func (g *gatherer) miss(code, format string, args ...any) {
	g.pack.Manifest.Missing = append(g.pack.Manifest.Missing, Missing{code, fmt.Sprintf(format, args...)})
}

// missing adds what can be counted to what was said so far, and to what the
// firm says.
func (g *gatherer) missing() {
	m := &g.pack.Manifest
	m.Missing = append(append(m.Missing, g.spec.Missing...), countedMissing(g.pack)...)
}

func tagKeyText(key []byte) string { return base64.StdEncoding.EncodeToString(key) }
