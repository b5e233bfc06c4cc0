package api

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"vouchsafe/core"
)

const matrixFile = "testdata/matrix.txt"

// The matrix: every role asks every endpoint about records of its own entity,
// of the other one, and about records that do not exist. The last two must be
// answered alike, to the byte. Whatever is answered is searched for values
// that the role may not see.
func TestAuthorisationMatrix(t *testing.T) {
	text, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	want, sees := parseMatrix(t, string(text))
	each(t, func(t *testing.T, f *firm) {
		got := map[string][]string{}
		spy := newSpy(f, sees)
		for _, c := range columns {
			f.tokens[c.name] = f.token(c.name, f.actions()...)
		}
		for _, op := range f.operations() {
			s, ok := samples[op.ID]
			if !ok {
				t.Errorf("%s has no sample: say in samples_test.go how it is asked, and in %s who may", op.ID, matrixFile)
				continue
			}
			f.rows(op, s, spy, got)
		}
		for id := range samples {
			if got[id+" own"] == nil {
				t.Errorf("the sample %s is of no endpoint", id)
			}
		}
		spy.check()
		if os.Getenv("VOUCHSAFE_UPDATE") == "matrix" {
			writeMatrix(t, string(text), got)
			return
		}
		compare(t, want, got)
	})
}

// rows asks one operation as everybody.
func (f *firm) rows(op operation, s sample, spy *spy, got map[string][]string) {
	f.t.Helper()
	other := s.ask(f.homes[1])
	nowhere := other
	nowhere.path = elsewhere(other.path)
	if body, ok := other.body.(m); ok {
		nowhere.body = m{}
		for k, v := range body {
			nowhere.body.(m)[k] = v
			if ref, ok := v.(core.Ref); ok {
				nowhere.body.(m)[k] = elsewhere(string(ref))
			}
		}
	}
	for _, c := range columns {
		own := f.send(f.tokens[c.name], api(s.ask(f.homes[0])))
		spy.saw(c.name, op.ID, own)
		got[op.ID+" own"] = append(got[op.ID+" own"], f.cell(s, f.homes[0], own))
		theirs := f.send(f.tokens[c.name], api(other))
		spy.saw(c.name, op.ID, theirs)
		got[op.ID+" other"] = append(got[op.ID+" other"], f.cell(s, f.homes[1], theirs))
		if theirs.status < http.StatusMultipleChoices || s.shows != nil {
			continue // they may there, by a role in the group
		}
		unknown := f.send(f.tokens[c.name], api(nowhere))
		if unknown.status != theirs.status || unknown.body != theirs.body || !sameHeader(unknown.header, theirs.header) {
			f.t.Errorf("%s as %s tells what exists in the other entity:\n%d %s%v\n%d %s%v", op.ID, c.name, theirs.status, theirs.body, theirs.header, unknown.status, unknown.body, unknown.header)
		}
	}
	f.settle()
}

func api(q ask) ask {
	q.path = "/api/v1" + q.path
	return q
}

func sameHeader(a, b http.Header) bool {
	for _, h := range []http.Header{a, b} {
		h.Del("Date")
	}
	return fmt.Sprint(a) == fmt.Sprint(b)
}

var (
	refs   = regexp.MustCompile(`\b([a-z]{2,3}_)([0-9a-hjkmnp-tv-z]{21})\b`)
	events = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
)

// elsewhere turns every reference into one of a record that is nowhere.
func elsewhere(text string) string {
	text = refs.ReplaceAllString(text, "${1}06zzzzzzzzzzzzzzzzzz1")
	text = strings.ReplaceAll(text, "en_other-ltd", "en_nowhere")
	return events.ReplaceAllString(text, "01900000-0000-7000-8000-000000000001")
}

// cell is an answer in a word.
func (f *firm) cell(s sample, h *home, a answer) string {
	switch {
	case a.status >= 500:
		f.t.Errorf("an answer of ours is broken: %d %s", a.status, a.body)
	case a.status == http.StatusUnprocessableEntity || a.status == http.StatusBadRequest:
		f.t.Errorf("a sample is malformed: %d %s", a.status, a.body)
	case a.code() == "step-up-needed":
		return "person"
	case a.status == http.StatusOK && s.shows != nil && !strings.Contains(a.body, s.shows(h)):
		return "none"
	}
	return fmt.Sprint(a.status)
}

// parseMatrix reads the expected answers, and which classes each role sees.
func parseMatrix(t *testing.T, text string) (want map[string][]string, sees map[string][]core.Class) {
	t.Helper()
	want, sees = map[string][]string{}, map[string][]core.Class{}
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case words[0] == "sees":
			sees[words[1]] = []core.Class{}
			for _, c := range words[2:] {
				sees[words[1]] = append(sees[words[1]], core.Class(c))
			}
		case words[0] == "operation":
			if len(words)-2 != len(columns) {
				t.Fatalf("%s has %d roles, the test %d", matrixFile, len(words)-2, len(columns))
			}
			for i, c := range columns {
				if words[i+2] != c.name {
					t.Fatalf("%s has %s where the test has %s", matrixFile, words[i+2], c.name)
				}
			}
		default:
			want[words[0]+" "+words[1]] = words[2:]
		}
	}
	return want, sees
}

func compare(t *testing.T, want, got map[string][]string) {
	t.Helper()
	for row, cells := range got {
		switch {
		case want[row] == nil:
			t.Errorf("%s: no row for %s", matrixFile, row)
		case !slices.Equal(want[row], cells):
			for i, c := range columns {
				if i >= len(want[row]) || want[row][i] != cells[i] {
					t.Errorf("%s as %s: got %s, %s says %v", row, c.name, cells[i], matrixFile, want[row])
				}
			}
		}
	}
	for row := range want {
		if got[row] == nil {
			t.Errorf("%s: the row %s is of no endpoint", matrixFile, row)
		}
	}
}

// writeMatrix writes the table again below its head, for a person to review.
func writeMatrix(t *testing.T, text string, got map[string][]string) {
	t.Helper()
	head, _, _ := strings.Cut(text, "\noperation")
	var b bytes.Buffer
	b.WriteString(strings.TrimRight(head, "\n") + "\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(words ...string) { fmt.Fprintln(w, strings.Join(words, "\t")) }
	names := []string{"operation", "record"}
	for _, c := range columns {
		names = append(names, c.name)
	}
	line(names...)
	var ids []string
	for row := range got {
		if id, own := strings.CutSuffix(row, " own"); own {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		for _, record := range []string{"own", "other"} {
			line(append([]string{id, record}, got[id+" "+record]...)...)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Clean(matrixFile), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
