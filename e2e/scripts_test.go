// Package e2e tries the whole product from outside: its command line by
// scripts.
package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"

	"vouchsafe/app"
	"vouchsafe/repotest/need"
)

// The scripts run the program itself: the test binary calls its Main when it
// is started under the name vouchsafe.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"vouchsafe": func() { os.Exit(app.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// seeded is one demo installation for all scripts; each gets a copy.
type seeded struct {
	once    sync.Once
	dir     string
	stories app.Stories
	staff   map[string]string
	err     error
}

func (s *seeded) make() {
	if s.dir, s.err = os.MkdirTemp("", "vouchsafe-scripts-"); s.err != nil {
		return
	}
	ctx := context.Background()
	if s.stories, s.err = app.SeedDemo(ctx, s.dir, io.Discard); s.err != nil {
		return
	}
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "main.db"))
	if s.err = err; err != nil {
		return
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT email, id FROM staff")
	if s.err = err; err != nil {
		return
	}
	defer rows.Close()
	s.staff = map[string]string{}
	for rows.Next() {
		var email, id string
		if s.err = rows.Scan(&email, &id); s.err != nil {
			return
		}
		name, _, _ := strings.Cut(email, "@")
		s.staff[name] = id
	}
	s.err = rows.Err()
}

func TestScripts(t *testing.T) {
	for _, program := range []string{"openssl", "unzip", "sha256sum", "sh", "basenc"} {
		need.Program(t, "tools", program)
	}
	demo := &seeded{}
	t.Cleanup(func() { _ = os.RemoveAll(demo.dir) })
	testscript.Run(t, testscript.Params{
		Dir:                 "scripts",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"installation": demo.installation,
			"status":       status,
			"tamper":       tamper,
			"behind":       behind,
			"address":      address,
			"token":        token,
			"api":          api,
		},
	})
}

// installation DIR copies a demo installation and sets the names of its people
// (MARIA, JAMES, …) and of its stories (CLIENT, STAFF, INTERVENTION).
func (s *seeded) installation(ts *testscript.TestScript, _ bool, args []string) {
	if s.once.Do(s.make); s.err != nil {
		ts.Fatalf("no installation: %v", s.err)
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[0]), os.DirFS(s.dir)))
	own(ts, ts.MkAbs(args[0]))
	stories, err := json.Marshal(s.stories) // for a demo that goes on from here
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[0]), "stories.json"), stories, 0o600))
	for name, id := range s.staff {
		ts.Setenv(strings.ToUpper(name), id)
	}
	ts.Setenv("CLIENT", string(s.stories.WithdrawalOverride.Client))
	ts.Setenv("STAFF", string(s.stories.StaffHistory.Staff))
	ts.Setenv("INTERVENTION", string(s.stories.MT5Correction.Intervention))
}

// own makes a copy stand for itself: its configuration names its own files,
// and nobody else may read its keys.
func own(ts *testscript.TestScript, dir string) {
	ts.Check(os.Chmod(dir, 0o700))
	for _, key := range []string{"log.key", "kek.json"} {
		ts.Check(os.Chmod(filepath.Join(dir, key), 0o400))
	}
	path := filepath.Join(dir, "vouchsafe.json")
	text, err := os.ReadFile(path)
	ts.Check(err)
	cfg := map[string]any{}
	ts.Check(json.Unmarshal(text, &cfg))
	for _, place := range []string{"database", "key_database", "outside"} {
		delete(cfg, place)
	}
	cfg["data"] = dir
	text, err = json.Marshal(cfg)
	ts.Check(err)
	ts.Check(os.WriteFile(path, text, 0o600))
}

// status CODE ARGS… runs the program and demands the exit code. Output is
// matched by stdout and stderr as after exec.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("vouchsafe", args[1:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("vouchsafe %s ended with %d, not %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// tamper ZIP PATH changes one byte in the middle of a packed file; a PATH that
// ends in * is the first that begins so. NAMED is set to the file's path.
func tamper(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	old, err := zip.OpenReader(path)
	ts.Check(err)
	defer old.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	hit := ""
	for _, f := range old.File {
		r, err := f.Open()
		ts.Check(err)
		body, err := io.ReadAll(r)
		ts.Check(err)
		prefix, wild := strings.CutSuffix(args[1], "*")
		if hit == "" && (f.Name == args[1] || wild && strings.HasPrefix(f.Name, prefix)) {
			hit = f.Name
			body[len(body)/2] ^= 1
		}
		to, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: f.Method, Modified: f.Modified})
		ts.Check(err)
		_, err = to.Write(body)
		ts.Check(err)
	}
	ts.Check(w.Close())
	if hit == "" {
		ts.Fatalf("%s is not in %s", args[1], args[0])
	}
	ts.Setenv("NAMED", hit)
	ts.Check(os.WriteFile(path, out.Bytes(), 0o600))
}

// behind DIR STATEMENT… changes the database behind the program's back, as who owns
// the disk can.
func behind(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", filepath.Join(ts.MkAbs(args[0]), "main.db"))
	ts.Check(err)
	defer db.Close()
	for _, statement := range args[1:] {
		_, err := db.Exec(statement)
		ts.Check(err)
	}
}
