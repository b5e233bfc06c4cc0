package judges

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	cosign "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
)

// program builds the product, as a stranger would run it.
func program(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "vouchsafe")
	if out, err := exec.Command("go", "-C", "..", "build", "-o", bin, "./cmd/vouchsafe").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

func run(t *testing.T, bin string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// exported are the logs of a folder that `export tiles` made, with the keys
// that came along.
func exported(t *testing.T, dir string) map[string]note.Verifier {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "log.pub"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]note.Verifier{}
	for _, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			t.Fatal(err)
		}
		out[v.Name()[strings.LastIndex(v.Name(), "/")+1:]] = v
	}
	return out
}

// The kinds of artefacts of an export.
var artefacts = map[string]*regexp.Regexp{
	"checkpoint":           regexp.MustCompile(`^checkpoint$`),
	"full hash tile":       regexp.MustCompile(`^tile/0/(x\d+/)*\d{3}$`),
	"partial hash tile":    regexp.MustCompile(`^tile/0/.*\.p/\d+$`),
	"hash tile above":      regexp.MustCompile(`^tile/[1-9]/`),
	"full entry bundle":    regexp.MustCompile(`^tile/entries/(x\d+/)*\d{3}$`),
	"partial entry bundle": regexp.MustCompile(`^tile/entries/.*\.p/\d+$`),
}

// The history of the demo, half a year of a broker: fsck accepts every log of
// the export, and finds one flipped byte in every kind of artefact, at its
// beginning, in its middle and at its end. A negative control with the untouched
// files comes after each: it is the byte that was found.
func TestARealHistory(t *testing.T) {
	bin, dir := program(t), t.TempDir()
	data, tiles := filepath.Join(dir, "data"), filepath.Join(dir, "tiles")
	run(t, bin, "demo", "--seed-only", "--data", data)
	run(t, bin, "export", "tiles", "--data", data, "-o", tiles)
	found, logs := map[string]int{}, exported(t, tiles)
	if len(logs) < 3 {
		t.Fatalf("exported: %v", logs)
	}
	for log, v := range logs {
		root := filepath.Join(tiles, log)
		if err := checkWith(v, root); err != nil {
			t.Errorf("fsck refuses log %s: %v", log, err)
			continue
		}
		all := files(t, root)
		for kind, like := range artefacts {
			for _, file := range all {
				if like.MatchString(filepath.ToSlash(file)) {
					found[kind]++
					flip(t, v, root, file)
					break
				}
			}
		}
		if err := checkWith(v, root); err != nil {
			t.Errorf("fsck refuses log %s afterwards: %v", log, err)
		}
	}
	for kind := range artefacts {
		if found[kind] == 0 {
			t.Errorf("no log has a %s: this trial says nothing about them", kind)
		}
	}
}

// flip demands that fsck finds one flipped bit at several places of a file.
func flip(t *testing.T, v note.Verifier, root, file string) {
	t.Helper()
	path := filepath.Join(root, file)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, len(good) / 2, len(good) - 2} {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := checkWith(v, root); err == nil {
			t.Errorf("fsck accepts %s with byte %d flipped", path, at)
		}
	}
	if err := os.WriteFile(path, good, 0o644); err != nil {
		t.Fatal(err)
	}
}

// The witness of this program, over HTTP, against what others wrote: its
// cosignature is read by their verifier, its trust policy by their parser, and
// one flipped byte of the cosigned checkpoint is found by fsck or by them.
func TestForeignersReadOurCosignatures(t *testing.T) {
	bin, dir := program(t), t.TempDir()
	b := newBench(t)
	b.seal("group", 300)
	keys := filepath.Join(dir, "log.pub")
	if err := os.WriteFile(keys, []byte(b.signers.VerifierKeys([]string{"group"})), 0o600); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "witness")
	run(t, bin, "witness", "new", "w.example", "--dir", home)
	run(t, bin, "witness", "trust", keys, "--dir", home)
	signed, err := b.outside.Last("group")
	if err != nil {
		t.Fatal(err)
	}
	line := submit(t, bin, home, "old 0\n\n"+signed)
	pub, err := os.ReadFile(filepath.Join(home, "witness.pub"))
	if err != nil {
		t.Fatal(err)
	}
	vkey := strings.TrimSpace(string(pub))
	theirs, err := cosign.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(signed+line), note.VerifierList(theirs))
	if err != nil || len(n.Sigs) != 1 {
		t.Fatalf("their verifier: %v", err)
	}
	if at, err := cosign.CoSigV1Timestamp(n.Sigs[0]); err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("their clock reads %v, %v", at, err)
	}
	policy, err := witness.ParsePolicy([]byte("witness w " + vkey + " https://w.example/\nquorum w\n"))
	if err != nil || !policy.Satisfied([]byte(signed+line)) || policy.Satisfied([]byte(signed)) {
		t.Fatalf("their policy: %v", err)
	}
	flips(t, b, signed+line, policy)
}

// flips demands that one flipped bit anywhere in a cosigned checkpoint is found.
func flips(t *testing.T, b *bench, cosigned string, policy witness.Group) {
	t.Helper()
	dir := b.export("group")
	v, err := b.signers.Verifier("group")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "checkpoint")
	for at := 0; at < len(cosigned); at++ {
		bad := []byte(cosigned)
		bad[at] ^= 1
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if !policy.Satisfied(bad) {
			continue // the witness's part, and what both sign
		}
		if err := checkWith(v, dir); err == nil {
			t.Errorf("nobody finds byte %d flipped: %q", at, bad)
		}
	}
	if err := os.WriteFile(path, []byte(cosigned), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := checkWith(v, dir); err != nil || !policy.Satisfied([]byte(cosigned)) {
		t.Errorf("the untouched one is refused: %v", err)
	}
}

// submit sends one request to the program's own witness.
func submit(t *testing.T, bin, home, body string) string {
	t.Helper()
	cmd := exec.Command(bin, "witness", "serve", "--dir", home, "--listen", "127.0.0.1:0")
	told, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	said := make([]byte, 1000)
	k, err := told.Read(said)
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`http://\S+`).FindString(string(said[:k]))
	res, err := http.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s, %v", res.StatusCode, text, err)
	}
	return string(text)
}
