package oversight

import (
	"context"
	"encoding/hex"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// KindQuery is the kind of stored queries.
const KindQuery core.Kind = "qr"

// savedQuery is a query whose words must not stand in an address.
type savedQuery struct {
	ID, Owner core.Ref
	Text      string // personal: what somebody searched for
	At        core.Instant
}

var savedQueries = store.Declare(store.Table[savedQuery]{
	Name: "saved_query", Kind: store.Operational,
	Subject: func(q *savedQuery) core.Ref { return q.Owner },
	Columns: []store.Column[savedQuery]{
		{Name: "id", Class: core.Public, Field: func(q *savedQuery) any { return &q.ID }},
		{Name: "owner", Class: core.Public, Field: func(q *savedQuery) any { return &q.Owner }},
		{Name: "text", Class: core.Personal, Field: func(q *savedQuery) any { return &q.Text }},
		{Name: "at", Class: core.Public, Field: func(q *savedQuery) any { return &q.At }},
	},
})

// queryLife is how long a stored query can be opened: they are addresses of
// views, not records. What was searched for stays in the evidence.
const queryLife = 30 * 24 * time.Hour

// SaveQuery keeps a query for its owner and returns the id that stands for it
// in addresses. The same text again is the same id while it lives.
func SaveQuery(ctx context.Context, rd *command.Road, owner core.Ref, text string) (core.Ref, error) {
	now := rd.Clock.Now()
	q := savedQuery{ID: core.NewRef(KindQuery, now, rd.Entropy), Owner: owner, Text: text, At: now}
	err := rd.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := savedQueries.DeleteAll(ctx, tx, store.Compare("at", "<", now.Add(-queryLife))); err != nil {
			return err
		}
		mine, err := savedQueries.Select(ctx, tx, "WHERE owner = $1 AND text = $2 ORDER BY id LIMIT 1", owner, text)
		if err != nil {
			return err
		}
		if len(mine) > 0 {
			q.ID = mine[0].ID
			return nil
		}
		return savedQueries.Insert(ctx, tx, &q)
	})
	return q.ID, err
}

// errNoQuery says that a query's address leads nowhere for this reader.
var errNoQuery = core.NewFault(core.Unknown, "no-query",
	"This search is over, or it was somebody else's: what people search for is theirs. Write it again.")

// LoadQuery reads a stored query of its owner.
func LoadQuery(ctx context.Context, rd *command.Road, owner, id core.Ref) (string, error) {
	q, err := savedQueries.Get(ctx, rd.Store.Reader(), string(id))
	if err == nil && (q == nil || q.Owner != owner || rd.Clock.Now().Sub(q.At) > queryLife) {
		err = errNoQuery
	}
	if err != nil {
		return "", err
	}
	return q.Text, nil
}

// place is where an event stands in its log.
type place struct {
	index int64
	hash  string
}

// placesOf reads the places of events that have one.
func placesOf(ctx context.Context, r store.Reader, ids []string) (map[string]place, error) {
	out := map[string]place{}
	if len(ids) == 0 {
		return out, nil
	}
	q, args := store.Slot("SELECT event, idx, hash FROM leaf WHERE {where}", store.In("event", ids))
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var p place
		var hash []byte
		if err := rows.Scan(&id, &p.index, &hash); err != nil {
			return nil, err
		}
		p.hash = hex.EncodeToString(hash)
		out[id] = p
	}
	return out, rows.Err()
}

// maxMatches is how many records a short form may mean.
const maxMatches = 20

// refsEnding finds the references of a kind with a tail, among all that
// evidence knows. It leaps from one reference to the next, so that its work
// grows with records and not with events. What is found says nothing to a
// reader before their own filter has been asked.
func refsEnding(ctx context.Context, r store.Reader, t Term) ([]core.Ref, error) {
	rows, err := r.Query(ctx, `WITH RECURSIVE leap(ref) AS (
			SELECT min(ref) FROM event_ref WHERE ref >= $1 AND ref < $2
			UNION ALL
			SELECT (SELECT min(ref) FROM event_ref WHERE ref > leap.ref AND ref < $2) FROM leap WHERE leap.ref IS NOT NULL)
		SELECT ref FROM leap WHERE ref LIKE $3 LIMIT $4`,
		string(t.Kind)+"_", string(t.Kind)+"`", "%"+t.Tail, maxMatches)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []core.Ref
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return nil, err
		}
		out = append(out, core.Ref(ref))
	}
	return out, rows.Err()
}

// Seals tells how far each log is sealed: numbers that every page may show.
func Seals(ctx context.Context, rd *command.Road) (out []evidence.LogState, err error) {
	err = rd.Store.Snapshot(ctx, func(r store.Reader) error {
		out, err = evidence.LogStates(ctx, r)
		return err
	})
	return out, err
}
