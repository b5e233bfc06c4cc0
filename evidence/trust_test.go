package evidence

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouchsafe/core"
)

func cosigner(t *testing.T, name string) Cosigner {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	c, err := NewCosigner(name, seed[:])
	check(t, err)
	return c
}

// A cosignature holds for this text, this time and this key, and for nothing
// else; who did not sign is not counted; a name without the key is nothing.
func TestCosignatures(t *testing.T) {
	signers, err := SeededSigner(rigHost, [32]byte{7})
	check(t, err)
	signer, err := signers.Signer("group")
	check(t, err)
	c := Checkpoint{signer.Name(), 7, sha256.Sum256([]byte("root"))}
	signed, err := signCheckpoint(c, signer)
	check(t, err)
	ana, ben := cosigner(t, "ana.example"), cosigner(t, "ben.example")
	line := ana.Cosign(c.body(), rigStart)
	keys := []WitnessKey{ben.Key(), ana.Key()}
	found, err := Cosignatures(signed+line, keys)
	check(t, err)
	if len(found) != 1 || found[0].Witness != "ana.example" || found[0].At != rigStart || found[0].Line != line {
		t.Fatalf("%+v", found)
	}
	verifiers, err := signers.Verifiers("group")
	check(t, err)
	if got, err := OpenCheckpoint(signed+line, "group", verifiers); err != nil || got != c {
		t.Errorf("the cosigned checkpoint does not open: %+v, %v", got, err)
	}
	for i := range len(line) - 1 {
		bad := []byte(line)
		bad[i] ^= 1
		if found, err := Cosignatures(signed+string(bad), keys); err == nil && len(found) > 0 {
			t.Errorf("byte %d can be flipped: %s", i, bad)
		}
	}
	other, err := signCheckpoint(Checkpoint{signer.Name(), 8, c.Root}, signer)
	check(t, err)
	if found, err := Cosignatures(other+line, keys); err == nil || len(found) > 0 {
		t.Errorf("the cosignature was taken for another checkpoint: %+v", found)
	}
	seed := sha256.Sum256([]byte("impostor"))
	impostor, err := NewCosigner("ana.example", seed[:])
	check(t, err)
	if found, _ := Cosignatures(signed+impostor.Cosign(c.body(), rigStart), keys); len(found) > 0 {
		t.Errorf("another key of the same name was taken: %+v", found)
	}
}

// Keys come back as they were written, in files that nobody else may read, and
// a changed letter is noticed.
func TestWitnessKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "witness.key")
	made, err := GenerateCosigner(path, "ana.example")
	check(t, err)
	loaded, err := LoadCosigner(path)
	if err != nil || loaded.Key().String() != made.Key().String() {
		t.Errorf("%v, %v", loaded.Key(), err)
	}
	if _, err := GenerateCosigner(path, "ana.example"); err == nil {
		t.Error("a key was replaced")
	}
	check(t, os.Chmod(path, 0o440))
	if _, err := LoadCosigner(path); err == nil {
		t.Error("a key that others may read was loaded")
	}
	vkey := made.Key().String()
	again, err := ParseWitnessKey(vkey + "\n")
	if err != nil || again.String() != vkey {
		t.Errorf("%s: %v", again, err)
	}
	for i := range len(vkey) {
		bad := []byte(vkey)
		bad[i] ^= 2
		if got, err := ParseWitnessKey(string(bad)); err == nil && got.String() == vkey {
			t.Errorf("byte %d does not matter: %s", i, bad)
		}
	}
	signers, err := SeededSigner(rigHost, [32]byte{7})
	check(t, err)
	logKey, err := signers.vkey("group")
	check(t, err)
	for bad, want := range map[string]string{
		logKey: "that of a log", "": "NAME+HASH+KEY", "ana.example": "NAME+HASH+KEY", "ana.example+00000000+" + strings.SplitN(vkey, "+", 3)[2]: "hash",
	} {
		if _, err := ParseWitnessKey(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		}
	}
	for _, name := range []string{"", "a b", "a+b", "ä", strings.Repeat("a", 201)} {
		if _, err := NewCosigner(name, bytes.Repeat([]byte{1}, 32)); err == nil {
			t.Errorf("%q names a witness", name)
		}
	}
}

// Trust policies in the words of C2SP tlog-policy: what they mean, and what is
// no such policy.
func TestTrustPolicies(t *testing.T) {
	signers, err := SeededSigner(rigHost, [32]byte{7})
	check(t, err)
	log, err := signers.vkey("group")
	check(t, err)
	w := map[string]Cosigner{}
	text := "# whom we believe\nlog " + log + " https://logs.example/\n\n"
	for _, name := range []string{"x1", "x2", "x3", "y1", "y2"} {
		w[name] = cosigner(t, name+".example")
		text += "witness\t" + name + "  " + w[name].Key().String() + "\n"
	}
	trust, err := ParseTrust(text + "group X 2 x1 x2 x3\ngroup Y any y1 y2\n group both all X Y\nquorum both")
	check(t, err)
	if len(trust.Logs.of("group")) != 1 || len(trust.Witnesses) != 5 || !trust.Demands() {
		t.Fatalf("%+v", trust)
	}
	by := func(names ...string) (out []Cosignature) {
		for _, n := range names {
			out = append(out, Cosignature{Witness: n + ".example", id: w[n].Key().id()})
		}
		return out
	}
	for names, want := range map[string]bool{
		"": false, "x1 x2": false, "x1 x2 x3": false, "x1 y1": false, "y1 y2": false, "x1 x3 y2": true, "x1 x2 x3 y1 y2": true, "x1 x1 y1": false,
	} {
		if trust.Satisfied(by(strings.Fields(names)...)) != want {
			t.Errorf("%q: want %v", names, want)
		}
	}
	none, err := ParseTrust("quorum none")
	if err != nil || none.Demands() || !none.Satisfied(nil) {
		t.Errorf("%+v, %v", none, err)
	}
	for bad, want := range map[string]string{
		"": "missing", text: "missing", "quorum x1": "above", text + "quorum x1\nquorum x2": "above", "quorum none now": "not one of",
		text + "group G 4 x1 x2 x3\nquorum G": "reached", text + "group G 0 x1\nquorum G": "reached", text + "group G any\nquorum G": "not one of",
		text + "group G any x9\nquorum G": "x9", text + "group G any x1\ngroup H any x1\nquorum H": "in a group already", text + "group G all x1 x1\nquorum G": "in a group already",
		text + "group x1 any x2\nquorum x2": "taken", text + "witness z " + w["x1"].Key().String() + "\nquorum z": "twice", text + "group G any none\nquorum G": "none",
		"witness none " + w["x1"].Key().String() + "\nquorum none": "taken", "witness a b\nquorum none": "NAME+HASH+KEY", "log nonsense\nquorum none": "verifier key",
		"quorum\x00none": "character", "quorum none\r\n": "character",
	} {
		if _, err := ParseTrust(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		}
	}
	if _, err := TrustIn(2, w["x1"].Key(), w["x1"].Key()); err == nil {
		t.Error("one witness counts as two")
	}
	if _, err := TrustIn(2, w["x1"].Key()); err == nil {
		t.Error("a quorum that cannot be had")
	}
}

// Who cosigned the larger tree vouches for the smaller, not the other way.
func TestAgreedSize(t *testing.T) {
	a, b := cosigner(t, "a"), cosigner(t, "b")
	trust, err := TrustIn(2, a.Key(), b.Key())
	check(t, err)
	sig := func(c Cosigner, at time.Duration) Cosignature {
		return Cosignature{Witness: c.name, At: rigStart.Add(at), id: c.Key().id()}
	}
	size, by := trust.agreed(map[int64][]Cosignature{5: {sig(a, 1), sig(b, 1)}, 8: {sig(b, 2)}, 9: {sig(a, 3)}})
	if size != 8 || fmt.Sprint(by[0].At, by[1].At) != fmt.Sprint(core.Instant(rigStart.Add(3)), rigStart.Add(2)) {
		t.Errorf("%d by %+v", size, by)
	}
	if size, _ := trust.agreed(map[int64][]Cosignature{9: {sig(a, 3)}}); size != 0 {
		t.Errorf("one of two agreed at %d", size)
	}
}
