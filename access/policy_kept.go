package access

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"

	"vouchsafe/store"
)

// kept loads a set of policies that decided once, so that it can be asked what
// it would have said. why says for people why today's program cannot ask it:
// nothing is guessed from other policies.
func (a *Authorizer) kept(ctx context.Context, r store.Reader, hash, decidedBy string) (then *Authorizer, why string, err error) {
	if decidedBy != "" && decidedBy != engine {
		return nil, otherEngine(decidedBy), nil
	}
	if hash == a.set.hash {
		return a, "", nil
	}
	p, err := policySets.Get(ctx, r, hash)
	if err != nil {
		return nil, "", err
	}
	if p == nil {
		return nil, "The text of these policies is not kept here.", nil
	}
	if decidedBy == "" && p.Engine != engine {
		return nil, otherEngine(p.Engine), nil
	}
	set, fault := loadPolicies(filesOf([]byte(p.Text)))
	if fault != nil {
		return nil, "These policies do not load in this program, whose schema or rules on policies are others: " + fault.Error(), nil
	}
	if set.hash != hash {
		return nil, "The text that is kept under that name has another digest: it is not the policies that decided.", nil
	}
	return &Authorizer{set: set, toxic: a.toxic}, "", nil
}

func otherEngine(name string) string {
	return fmt.Sprintf("These policies were evaluated by %s, and this program has %s: it could read them otherwise. Their text is kept; read it, or ask a program of that time.", name, engine)
}

// textFiles are the files of a set's text, by name.
type textFiles map[string][]byte

// filesOf takes the text of a set apart into the files that it was made of;
// setText is the other way round.
func filesOf(text []byte) textFiles {
	out := textFiles{}
	for part := range bytes.SplitSeq(append([]byte("\n"), text...), []byte("\n"+fileMark)) {
		if name, body, ok := bytes.Cut(part, []byte("\n")); ok && len(name) > 0 {
			out[string(name)] = append(bytes.TrimSpace(body), '\n')
		}
	}
	return out
}

// Open is not needed: whole files are read.
func (f textFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadFile returns a file's text.
func (f textFiles) ReadFile(name string) ([]byte, error) {
	text, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return slices.Clone(text), nil
}

// Glob lists the names that match, in order.
func (f textFiles) Glob(pattern string) (out []string, err error) {
	for name := range f {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out, nil
}
