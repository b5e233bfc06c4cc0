package evidence

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// WitnessState is how far one witness has cosigned one log.
type WitnessState struct {
	Witness string
	Size    int64        // of the newest checkpoint that it cosigned
	At      core.Instant // when, by its own clock
	Tried   core.Instant // when it was last asked, by our wall clock
	Error   string       // what was wrong then, empty when nothing
}

// Witnessed is how far a log is witnessed.
type Witnessed struct {
	Log       string
	Quorum    int            // how many must have cosigned
	Size      int64          // of the newest checkpoint that so many cosigned, or one that extends it
	Waiting   core.Instant   // when the oldest checkpoint beyond Size was signed; zero when there is none
	Witnesses []WitnessState // in the order that was asked for
}

// WitnessedLogs tells of every log how far a quorum of the given witnesses
// has cosigned it, by name. A witness that cosigned a larger tree vouches for
// the smaller: it checked that the one extends the other.
func WitnessedLogs(ctx context.Context, r store.Reader, witnesses []WitnessKey, quorum int) ([]Witnessed, error) {
	sizes, err := sealedLogs(ctx, r)
	if err != nil || len(witnesses) == 0 {
		return nil, err
	}
	var out []Witnessed
	for _, log := range slices.Sorted(maps.Keys(sizes)) {
		one := Witnessed{Log: log, Quorum: max(1, min(quorum, len(witnesses)))}
		var reached []int64
		for _, key := range witnesses {
			s, err := witnessState(ctx, r, log, key.id())
			if err != nil {
				return nil, err
			}
			one.Witnesses, reached = append(one.Witnesses, s), append(reached, s.Size)
		}
		slices.Sort(reached)
		one.Size = reached[len(reached)-one.Quorum]
		next, err := checkpointTable.One(ctx, r, "WHERE log = $1 AND size > $2 ORDER BY size LIMIT 1", log, one.Size)
		if err != nil {
			return nil, err
		}
		if next != nil {
			one.Waiting = next.At
		}
		out = append(out, one)
	}
	return out, nil
}

func witnessState(ctx context.Context, r store.Reader, log, witness string) (WitnessState, error) {
	s := WitnessState{Witness: witness}
	row, err := cosignatureTable.One(ctx, r, "WHERE witness = $1 AND log = $2 ORDER BY size DESC LIMIT 1", witness, log)
	if err != nil {
		return s, err
	}
	if row != nil {
		s.Size, s.At = row.Size, row.At
	}
	tried, err := witnessTable.Get(ctx, r, log+" "+witness)
	if err == nil && tried != nil {
		s.Tried, s.Error = tried.Tried, tried.Error
	}
	return s, err
}

// VerifyWitnessed checks the cosignatures that are stored for a log: each
// stands under a checkpoint that is there, and, where its witness is one whom
// the reader trusts, is that witness's. It returns the largest size that as many
// of the trusted cosigned as the reader demands (one where they demand none),
// and who cosigned it. r should be a snapshot; that the checkpoints themselves
// are sound is what VerifyLog says.
func VerifyWitnessed(ctx context.Context, r store.Reader, log string, trust Trust) (problems []Problem, size int64, by []Cosignature, err error) {
	rows, err := r.Query(ctx, `SELECT c.size, c.witness, c.line, coalesce(p.note, '') FROM cosignature c
		LEFT JOIN checkpoint p ON p.log = c.log AND p.size = c.size WHERE c.log = $1 ORDER BY c.size, c.witness`, log)
	if err != nil {
		return nil, 0, nil, err
	}
	defer rows.Close()
	add := func(at int64, witness, code, text string) {
		problems = append(problems, Problem{Code: code, Log: log, Table: "cosignature", Key: fmt.Sprintf("%s/%d/%s", log, at, witness), Text: text})
	}
	under := map[int64][]Cosignature{}
	for rows.Next() {
		var at int64
		var witness, line, note string
		if err := rows.Scan(&at, &witness, &line, &note); err != nil {
			return nil, 0, nil, err
		}
		if note == "" {
			add(at, witness, "checkpoint-missing", "A witness cosigned a checkpoint that is not there any more.")
			continue
		}
		i := slices.IndexFunc(trust.Witnesses, func(w WitnessKey) bool { return w.id() == witness })
		if i < 0 {
			continue
		}
		found, cerr := Cosignatures(note+line, trust.Witnesses[i:i+1])
		if cerr != nil || len(found) != 1 {
			add(at, witness, "cosignature", "It is not the witness's signature under this checkpoint.")
			continue
		}
		under[at] = append(under[at], found[0])
	}
	size, by = trust.agreed(under)
	return problems, size, by, rows.Err()
}

// agreed is the largest size that as many of the trusted witnesses vouch for
// as are demanded (one where none are), and who does. A witness that cosigned a
// larger tree of the same log vouches for the smaller, since it checked that the
// one extends the other.
func (t Trust) agreed(under map[int64][]Cosignature) (int64, []Cosignature) {
	vouch := map[string]Cosignature{}
	for _, size := range slices.Backward(slices.Sorted(maps.Keys(under))) {
		for _, c := range under[size] {
			if _, ok := vouch[c.id]; !ok {
				vouch[c.id] = c
			}
		}
		by := slices.Collect(maps.Values(vouch))
		slices.SortFunc(by, func(a, b Cosignature) int { return strings.Compare(a.id, b.id) })
		if len(by) > 0 && t.Satisfied(by) {
			return size, by
		}
	}
	return 0, nil
}
