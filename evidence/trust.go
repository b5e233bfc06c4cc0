package evidence

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Trust is whom a reader believes: which keys of logs, which witnesses, and
// how many of them must agree before a checkpoint counts (C2SP tlog-policy).
type Trust struct {
	Logs      Verifiers
	Witnesses []WitnessKey // each once, as they were named

	quorum *quorum // nil when none is demanded
}

// quorum is a witness (no members) or a group of which at least k must agree.
type quorum struct {
	witness string // key name and hash
	k       int
	members []*quorum
}

// TrustIn believes the given witnesses and demands that at least k of them
// cosigned. The logs are known from elsewhere.
func TrustIn(k int, witnesses ...WitnessKey) (Trust, error) {
	t := Trust{}
	g := &quorum{k: k}
	for _, w := range witnesses {
		if err := t.addWitness(w); err != nil {
			return t, err
		}
		g.members = append(g.members, &quorum{witness: w.id()})
	}
	if k < 0 || k > len(witnesses) {
		return t, fmt.Errorf("a quorum of %d cannot be had from %d witnesses", k, len(witnesses))
	}
	if k > 0 {
		t.quorum = g
	}
	return t, nil
}

func (w WitnessKey) id() string { return fmt.Sprintf("%s+%08x", w.name, w.hash) }

func (t *Trust) addWitness(w WitnessKey) error {
	for _, had := range t.Witnesses {
		if string(had.key) == string(w.key) {
			return fmt.Errorf("the key of witness %s is there twice: one witness would count as two", w.name)
		}
	}
	t.Witnesses = append(t.Witnesses, w)
	return nil
}

// Demands reports whether any cosignature is demanded at all.
func (t Trust) Demands() bool { return t.quorum != nil }

// Satisfied reports whether the witnesses who cosigned are enough.
func (t Trust) Satisfied(by []Cosignature) bool {
	return t.quorum == nil || t.quorum.reached(func(id string) bool {
		return slices.ContainsFunc(by, func(c Cosignature) bool { return c.id == id })
	})
}

func (q *quorum) reached(has func(string) bool) bool {
	if q.witness != "" {
		return has(q.witness)
	}
	n := 0
	for _, m := range q.members {
		if m.reached(has) {
			n++
		}
	}
	return n >= q.k
}

// ParseTrust reads a trust policy file (C2SP tlog-policy): lines of log,
// witness, group and quorum. Key names of logs must be origins of ours.
func ParseTrust(text string) (Trust, error) {
	p := trustParser{named: map[string]*quorum{"none": nil}, used: map[string]bool{}}
	for i, line := range strings.Split(text, "\n") {
		if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return Trust{}, fmt.Errorf("trust policy, line %d: it holds a character that no such file may hold", i+1)
		}
		f := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		if err := p.line(f); err != nil {
			return Trust{}, fmt.Errorf("trust policy, line %d: %w", i+1, err)
		}
	}
	if !p.done {
		return Trust{}, fmt.Errorf("trust policy: a line such as \"quorum none\" or \"quorum NAME\" is missing")
	}
	return p.trust, nil
}

type trustParser struct {
	trust Trust
	named map[string]*quorum
	used  map[string]bool // members of groups: each name stands in one group only
	done  bool
}

func (p *trustParser) line(f []string) error {
	switch {
	case f[0] == "log" && (len(f) == 2 || len(f) == 3):
		keys, err := ParseVerifierKeys(f[1])
		p.trust.Logs = p.trust.Logs.Join(keys)
		return err
	case f[0] == "witness" && (len(f) == 3 || len(f) == 4):
		w, err := ParseWitnessKey(f[2])
		if err != nil {
			return err
		}
		if err := p.name(f[1], &quorum{witness: w.id()}); err != nil {
			return err
		}
		return p.trust.addWitness(w)
	case f[0] == "group" && len(f) >= 4:
		return p.group(f[1], f[2], f[3:])
	case f[0] == "quorum" && len(f) == 2:
		q, ok := p.named[f[1]]
		if p.done || !ok {
			return fmt.Errorf("the quorum must be one name that stands above it")
		}
		p.trust.quorum, p.done = q, true
		return nil
	}
	return fmt.Errorf("it is not one of: log KEY [URL], witness NAME KEY [URL], group NAME any|all|N MEMBER…, quorum NAME")
}

func (p *trustParser) name(name string, q *quorum) error {
	if _, ok := p.named[name]; ok {
		return fmt.Errorf("the name %q is taken", name)
	}
	p.named[name] = q
	return nil
}

func (p *trustParser) group(name, how string, members []string) error {
	g := &quorum{}
	for _, m := range members {
		q := p.named[m]
		if q == nil || p.used[m] {
			return fmt.Errorf("the member %q stands nowhere above, or in a group already", m)
		}
		p.used[m] = true
		g.members = append(g.members, q)
	}
	switch k, err := strconv.Atoi(how); {
	case how == "any":
		g.k = 1
	case how == "all":
		g.k = len(members)
	case err != nil || k < 1 || k > len(members):
		return fmt.Errorf("%q of %d members is no number that can be reached: write any, all or a number", how, len(members))
	default:
		g.k = k
	}
	return p.name(name, g)
}
