package evidence

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

func unzip(t testing.TB, zipped []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	check(t, err)
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		check(t, err)
		out[f.Name], err = io.ReadAll(r)
		check(t, err)
	}
	return out
}

// forge is a sound pack, as files that a test may change.
type forge struct {
	*packRig
	files map[string][]byte
	built core.Instant
}

func newForge(t testing.TB) *forge {
	r := newPackRig(t, storetest.Open(t, store.SQLite))
	r.story()
	spec := r.spec()
	return &forge{r, unzip(t, r.build(spec).Zip), spec.Built}
}

func (f *forge) copy() map[string][]byte {
	out := map[string][]byte{}
	for path, body := range f.files {
		out[path] = bytes.Clone(body)
	}
	return out
}

func (f *forge) zip(files map[string][]byte) []byte {
	f.tb.Helper()
	zipped, err := writeZip(files, f.built)
	check(f.tb, err)
	return zipped
}

// resign makes list and signature anew, as a forger does who has the log key
// but cannot change what the log signed before.
func (f *forge) resign(files map[string][]byte, change func(*PackManifest)) []byte {
	f.tb.Helper()
	var m PackManifest
	check(f.tb, json.Unmarshal(files[fileManifest], &m))
	if change != nil {
		change(&m)
	}
	check(f.tb, sealFiles(files, &m, f.signers))
	return f.zip(files)
}

// readableOf makes the readable files follow from the forged ones.
func (f *forge) rerender(files map[string][]byte, change func(*PackManifest)) []byte {
	f.tb.Helper()
	f.resign(files, change)
	v := &packCheck{pack: newPack(), files: &packFiles{body: files}}
	if !v.readPack() {
		f.tb.Fatal(v.problems)
	}
	again, err := v.pack.readable()
	check(f.tb, err)
	maps.Copy(files, again)
	files[filePrint], err = plainPrinter{}.Print(v.pack)
	check(f.tb, err)
	return f.resign(files, change)
}

func (f *forge) blames(what string, zipped []byte, paths ...string) {
	f.tb.Helper()
	problems, _ := f.verify(zipped)
	for _, path := range paths {
		if !blamed(problems, path) {
			f.tb.Errorf("%s: %s is not named among %v", what, path, problems)
		}
	}
}

// One changed byte in any file, a dropped file and a foreign file are each
// named.
func TestPackEveryFileCounts(t *testing.T) {
	f := newForge(t)
	f.sound(f.zip(f.copy()))
	for _, path := range slices.Sorted(maps.Keys(f.files)) {
		for _, at := range []int{0, len(f.files[path]) / 2, len(f.files[path]) - 1} {
			files := f.copy()
			files[path][at] ^= 1
			f.blames("flip a byte", f.zip(files), path)
		}
		files := f.copy()
		files[path] = append(files[path], '\n')
		f.blames("append a byte", f.zip(files), path)
		delete(files, path)
		f.blames("drop", f.zip(files), path)
	}
	for _, path := range []string{"x.txt", "events/00001-x/leaf.json", "documents/x", "logs/en-test/x", "index.htm"} {
		files := f.copy()
		files[path] = []byte("x")
		f.blames("add", f.zip(files), path)
	}
}

// The same by somebody who can sign: only what the readable files, the
// statements and the log themselves bind is left, and it is enough.
func TestPackForgedWithTheKey(t *testing.T) {
	f := newForge(t)
	f.sound(f.resign(f.copy(), nil))
	for _, path := range slices.Sorted(maps.Keys(f.files)) {
		if unlisted(path) || path == fileSums {
			continue
		}
		for _, at := range []int{0, len(f.files[path]) / 2, len(f.files[path]) - 1} {
			files := f.copy()
			files[path][at] ^= 1
			if problems, _ := f.verify(f.resign(files, nil)); len(problems) == 0 {
				t.Errorf("byte %d of %s was changed and signed, and nothing was found", at, path)
			}
		}
		files := f.copy()
		delete(files, path)
		f.blames("drop", f.resign(files, nil), path)
	}
	files := f.copy()
	files["foreign.txt"] = []byte("x")
	f.blames("add", f.resign(files, nil), "foreign.txt")
}

func TestPackSwappedLeaves(t *testing.T) {
	f := newForge(t)
	var dirs []string
	for path := range f.files {
		if dir, ok := strings.CutSuffix(path, "leaf.json"); ok {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	for _, file := range []string{"leaf.json", "changes.jsonl", "proof.tlog-proof"} {
		files := f.copy()
		a, b := dirs[1]+file, dirs[2]+file
		files[a], files[b] = files[b], files[a]
		f.blames("swap", f.zip(files), a, b)
		f.blames("swap and sign", f.resign(files, nil), dirs[1]+strings.Replace(file, "proof.tlog-proof", "proof.tlog-proof", 1), dirs[2]+file)
	}
}

// Leaving an event out is found by the recount, even when everything else is
// made to fit and signed; stating it as left out makes it known instead.
func TestPackWithheldEvent(t *testing.T) {
	f := newForge(t)
	var m PackManifest
	check(t, json.Unmarshal(f.files[fileManifest], &m))
	gone := m.Events[len(m.Events)-1]
	drop := func(m *PackManifest) {
		if m.Events[len(m.Events)-1] != gone {
			return
		}
		m.Events = m.Events[:len(m.Events)-1]
		m.Counts.Events--
		m.Missing = slices.DeleteFunc(m.Missing, func(x Missing) bool { return x.Code == "related" })
		for i := range m.Logs {
			if m.Logs[i].Name == gone.Log {
				m.Logs[i].Events--
			}
		}
	}
	files := f.copy()
	dir := eventDir(len(m.Events), gone.ID)
	var d packDisclosures
	check(t, json.Unmarshal(files[dir+"disclosures.json"], &d))
	for path := range files {
		if strings.HasPrefix(path, dir) {
			delete(files, path)
		}
	}
	forged := f.rerender(files, func(m *PackManifest) {
		if m.Events[len(m.Events)-1] == gone {
			m.Counts.Disclosed -= len(d.Disclosed)
			m.Counts.Withheld -= len(d.Withheld)
		}
		drop(m)
	})
	problems, _ := f.verify(forged)
	if len(problems) != 1 || problems[0].Code != "withheld-event" || !strings.Contains(problems[0].Text, gone.ID) {
		t.Errorf("found %v", problems)
	}
}

// A recount by another key, a shorter log, a false statement: each is found.
func TestPackFalseStatements(t *testing.T) {
	f := newForge(t)
	for what, change := range map[string]func(*PackManifest){
		"another tag key":    func(m *PackManifest) { m.TagKey = tagKeyText(bytes.Repeat([]byte{1}, 32)) },
		"no tag key":         func(m *PackManifest) { m.TagKey = "" },
		"another count":      func(m *PackManifest) { m.Counts.Events++ },
		"another log count":  func(m *PackManifest) { m.Logs[0].Events++ },
		"not whole":          func(m *PackManifest) { m.Logs[0].Whole = false },
		"another size":       func(m *PackManifest) { m.Logs[0].Size-- },
		"another origin":     func(m *PackManifest) { m.Logs[0].Origin = "x/evidence/group" },
		"another index":      func(m *PackManifest) { m.Events[0].Index++ },
		"another log":        func(m *PackManifest) { m.Events[0].Log = "mlro" },
		"no printer":         func(m *PackManifest) { m.Printer = "" },
		"another title":      func(m *PackManifest) { m.Title = "x" },
		"another label":      func(m *PackManifest) { m.Labels["st_maker"] = "x" },
		"another period":     func(m *PackManifest) { m.From = f.built.String() },
		"less missing":       func(m *PackManifest) { m.Missing = m.Missing[:1] },
		"another format":     func(m *PackManifest) { m.Format = "vouchsafe-pack/2" },
		"another time":       func(m *PackManifest) { m.BuiltAt = rigStart.String() },
		"a false withheld":   func(m *PackManifest) { m.Withheld = append(m.Withheld, PackEntry{ID: "x", Log: "group", Index: 0}) },
		"withheld elsewhere": func(m *PackManifest) { m.Withheld = append(m.Withheld, PackEntry{ID: "x", Log: "mlro", Index: 0}) },
		"events reversed":    func(m *PackManifest) { slices.Reverse(m.Events) },
		"logs reversed":      func(m *PackManifest) { slices.Reverse(m.Logs) },
		"a second log":       func(m *PackManifest) { m.Logs = append(m.Logs, m.Logs[0]) },
		"negative sizes":     func(m *PackManifest) { m.Logs[0].Size, m.Logs[0].Earlier = -1, []int64{-5} },
		"an escape":          func(m *PackManifest) { m.Events[0].ID = "../\x1b[2J" },
	} {
		problems, _ := f.verify(f.resign(f.copy(), change))
		if len(problems) == 0 {
			t.Errorf("%s was not found", what)
		}
		for _, p := range problems {
			if strings.ContainsAny(p.String(), "\x1b\n") {
				t.Errorf("%s: a terminal would obey %q", what, p.String())
			}
		}
	}
}

func TestPackOfAnotherKey(t *testing.T) {
	f := newForge(t)
	other, err := SeededSigner(rigHost, [32]byte{9})
	check(t, err)
	stranger, err := other.Verifiers("group", "en_test")
	check(t, err)
	zipped := f.zip(f.copy())
	for what, keys := range map[string]Verifiers{"no key": {}, "another key": stranger} {
		problems, _, err := VerifyPack(bytes.NewReader(zipped), int64(len(zipped)), keys)
		check(t, err)
		if !blamed(problems, fileSig) || !blamed(problems, fileKeys) {
			t.Errorf("%s: found %v", what, problems)
		}
	}
	if _, sum, err := VerifyPack(bytes.NewReader(zipped), int64(len(zipped)), f.keys()); err != nil || len(sum.Notes) != 1 {
		t.Errorf("without its printer: %v, %v", sum.Notes, err)
	}
	brought, err := PackKeys(bytes.NewReader(zipped), int64(len(zipped)))
	check(t, err)
	if problems, _, _ := VerifyPack(bytes.NewReader(zipped), int64(len(zipped)), brought); len(problems) > 0 {
		t.Errorf("with its own key: %v", problems)
	}
}

// The container may hold nothing that another tool would read otherwise.
func TestPackContainer(t *testing.T) {
	f := newForge(t)
	good := f.zip(f.copy())
	raw := func(change func(*zip.FileHeader), paths ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, path := range append(paths, slices.Sorted(maps.Keys(f.files))...) {
			h := &zip.FileHeader{Name: path, Method: zip.Deflate, Modified: f.built.Time().Truncate(time.Second)}
			change(h)
			out, err := w.CreateHeader(h)
			check(t, err)
			_, _ = out.Write(f.files[path])
		}
		check(t, w.Close())
		return b.Bytes()
	}
	local := bytes.Clone(good)
	copy(local[30:], "XEADME.txt") // the name in the local header of the first file
	for what, zipped := range map[string][]byte{
		"nothing": {}, "text": []byte("hello"), "bytes before": append([]byte("MZ"), good...), "bytes after": append(bytes.Clone(good), 0),
		"cut":           good[:len(good)-30],
		"local header":  local,
		"a comment":     raw(func(h *zip.FileHeader) { h.Comment = "x" }),
		"stored":        raw(func(h *zip.FileHeader) { h.Method = zip.Store }),
		"another time":  raw(func(h *zip.FileHeader) { h.Modified = h.Modified.Add(time.Hour) }),
		"a mode":        raw(func(h *zip.FileHeader) { h.SetMode(0o777) }),
		"a hidden part": raw(func(h *zip.FileHeader) { h.Extra = []byte{1, 2, 3, 4} }),
		"up":            raw(func(*zip.FileHeader) {}, "../x"), "absolute": raw(func(*zip.FileHeader) {}, "/etc/x"),
		"backslash": raw(func(*zip.FileHeader) {}, `a\..\b`), "folder": raw(func(*zip.FileHeader) {}, "A/"),
		"twice": raw(func(*zip.FileHeader) {}, "README.txt"), "folded": raw(func(*zip.FileHeader) {}, "README.TXT"),
	} {
		problems, _ := f.verify(zipped)
		if len(problems) == 0 {
			t.Errorf("%s was not found", what)
		}
	}
	bomb := map[string][]byte{"README.txt": make([]byte, 64<<20)}
	if problems, _ := f.verify(f.zip(bomb)); len(problems) == 0 || problems[0].Code != "bad-container" {
		t.Errorf("a bomb: %v", problems)
	}
}

func FuzzVerifyPack(f *testing.F) {
	forged := newForge(f)
	paths := slices.Sorted(maps.Keys(forged.files))
	keys := forged.keys()
	f.Add([]byte("PK"), 0, 0, byte(0))
	f.Add(forged.zip(forged.copy()), 3, 40, byte(7))
	for i := range paths {
		f.Add([]byte(nil), i, 17, byte('"'))
	}
	f.Fuzz(func(t *testing.T, zipped []byte, file, at int, b byte) {
		try := func(zipped []byte) []Problem {
			problems, _, err := VerifyPack(bytes.NewReader(zipped), int64(len(zipped)), keys, plainPrinter{})
			if err != nil {
				t.Fatal(err)
			}
			return problems
		}
		try(zipped)
		path := paths[uint(file)%uint(len(paths))]
		files := forged.copy()
		body := files[path]
		if body[uint(at)%uint(len(body))] == b {
			return
		}
		body[uint(at)%uint(len(body))] = b
		if !unlisted(path) && path != fileSums {
			var m PackManifest
			_ = json.Unmarshal(forged.files[fileManifest], &m)
			if err := sealFiles(files, &m, forged.signers); err != nil {
				t.Fatal(err)
			}
		}
		again, err := writeZip(files, forged.built)
		if err != nil {
			t.Fatal(err)
		}
		if len(try(again)) == 0 {
			t.Errorf("byte %d of %s became %q unseen", at, path, b)
		}
	})
}
