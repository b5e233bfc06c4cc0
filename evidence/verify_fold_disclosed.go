package evidence

import (
	"context"
	"encoding/json"
	"slices"

	"vouchsafe/core"
)

// open decrypts the event's disclosures and checks each against its digest.
func (v *foldVerifier) open(ctx context.Context, row *eventRow, lines []Line, sealed []disclosureRow) (opened, error) {
	out := opened{values: map[string]string{}, owners: map[string]core.Ref{}}
	bad := func(subject core.Ref, text string) {
		v.found(Problem{Code: "disclosure-differs", Log: row.Log, Event: row.ID, Table: "disclosure", Key: row.ID + "/" + string(subject), Text: text})
	}
	for _, d := range sealed {
		k, err := v.log.Keys.Lookup(ctx, d.Subject)
		if err != nil {
			return out, err
		}
		if k == nil {
			continue
		}
		var ds []disclosed
		plain, err := k.Open(row.ID, d.Sealed)
		if err != nil || json.Unmarshal(plain, &ds) != nil {
			bad(d.Subject, "the disclosure does not open under its subject's key")
			continue
		}
		digests := map[string]string{}
		for _, x := range ds {
			p := place(x.Table, x.Key, x.Column, x.Side)
			out.values[p], out.owners[p] = x.Value, d.Subject
			digests[p] = Digest(k.Salt(row.ID, p), x.Column, x.Value)
		}
		if !digestsStand(lines, digests) {
			bad(d.Subject, "a disclosed value does not have the digest that the change document states")
		}
	}
	missing, err := v.undisclosed(ctx, row, lines, sealed, out)
	for _, ref := range missing {
		v.found(Problem{
			Code: "disclosure-missing", Log: row.Log, Event: row.ID, Table: "disclosure", Key: row.ID + "/" + string(ref),
			Text: "the change document has digests of values whose disclosure is gone, and the key of its subject is not: it was taken away",
		})
	}
	return out, err
}

// undisclosed names the subjects of the event who have digests in its change
// document, still have a key, and no disclosure. Who was erased has no key.
func (v *foldVerifier) undisclosed(ctx context.Context, row *eventRow, lines []Line, sealed []disclosureRow, open opened) ([]core.Ref, error) {
	tags := map[string]bool{}
	for _, l := range lines {
		for col, c := range l.Cells {
			for side, sd := range map[string]string{"new": c.NewSD, "old": c.OldSD} {
				if _, ok := open.values[place(l.Table, l.Key, col, side)]; sd != "" && !ok {
					tags[c.Of] = true
				}
			}
		}
	}
	if len(tags) == 0 {
		return nil, nil
	}
	var out []core.Ref
	for _, ref := range append(recordOf(*row).Subjects, row.Actor) {
		k, err := v.log.Keys.Lookup(ctx, ref)
		if err != nil {
			return nil, err
		}
		there := slices.ContainsFunc(sealed, func(d disclosureRow) bool { return d.Subject == ref })
		if k != nil && !there && tags[k.Tag(row.ID)] && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out, nil
}

func digestsStand(lines []Line, digests map[string]string) bool {
	for _, l := range lines {
		for col, c := range l.Cells {
			for side, sd := range map[string]string{"new": c.NewSD, "old": c.OldSD} {
				if d, ok := digests[place(l.Table, l.Key, col, side)]; ok {
					if d != sd {
						return false
					}
					delete(digests, place(l.Table, l.Key, col, side))
				}
			}
		}
	}
	return len(digests) == 0
}
