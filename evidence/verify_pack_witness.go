package evidence

import (
	"fmt"
)

// PackWitnessed is how far witnesses vouch for one log of a pack.
type PackWitnessed struct {
	Log  string        `json:"log"`
	Size int64         `json:"size"` // of the newest checkpoint in the pack that enough of them vouch for
	Of   int64         `json:"of"`   // entries of the log as of the pack
	By   []Cosignature `json:"by"`
}

// witnessed checks the cosignatures under the checkpoints of one log. What
// nobody was asked to trust is not looked at: the manifest's signature covers
// the bytes.
func (v *packCheck) witnessed(l *PackLog) {
	if l.Name == "" || len(v.trust.Witnesses) == 0 {
		return
	}
	under := map[int64][]Cosignature{}
	for _, size := range append([]int64{l.Size}, l.Earlier...) {
		path := notePath(l.Name, size)
		if _, ok := v.open[path]; !ok {
			continue // told already
		}
		found, err := Cosignatures(v.pack.notes[path], v.trust.Witnesses)
		if err != nil {
			v.add(path, "cosignature", err.Error())
		}
		under[size] = found
	}
	w := PackWitnessed{Log: l.Name, Of: l.Size}
	w.Size, w.By = v.trust.agreed(under)
	v.summary.Witnessed = append(v.summary.Witnessed, w)
	switch {
	case w.Size == 0 && v.trust.Demands():
		v.add(notePath(l.Name, l.Size), "not-witnessed", fmt.Sprintf("not enough of the witnesses that you trust cosigned any checkpoint of log %s in this pack", l.Name))
	case w.Size == 0:
		v.note("No witness that you trust cosigned a checkpoint of log %s.", l.Name)
	case w.Size < l.Size:
		late := 0
		for _, e := range v.pack.Events {
			if e.Log == l.Name && e.Index >= w.Size {
				late++
			}
		}
		if late > 0 {
			v.note("%d entries of log %s are newer than what the witnesses cosigned: for these only the firm's own signature speaks.", late, l.Name)
		}
	}
}
