package evidence

import (
	"vouchsafe/core"
	"vouchsafe/store"
)

type eventRow struct {
	ID, Log       string
	At            core.Instant
	Type          string
	Actor, Entity core.Ref
	Outcome       string
	Case          core.Ref
	Refs          string
	Leaf, Changes string
}

func pub[R any](name string, field func(*R) any) store.Column[R] {
	return store.Column[R]{Name: name, Class: core.Public, Field: field}
}

var eventTable = store.Declare(store.Table[eventRow]{
	Name: "event", Kind: store.Evidence,
	Columns: []store.Column[eventRow]{
		pub("id", func(r *eventRow) any { return &r.ID }),
		pub("log", func(r *eventRow) any { return &r.Log }),
		pub("at", func(r *eventRow) any { return &r.At }),
		pub("type", func(r *eventRow) any { return &r.Type }),
		pub("actor", func(r *eventRow) any { return &r.Actor }),
		pub("entity", func(r *eventRow) any { return &r.Entity }),
		pub("outcome", func(r *eventRow) any { return &r.Outcome }),
		pub("case_ref", func(r *eventRow) any { return &r.Case }),
		pub("refs", func(r *eventRow) any { return &r.Refs }),
		pub("leaf", func(r *eventRow) any { return &r.Leaf }),
		pub("changes", func(r *eventRow) any { return &r.Changes }),
	},
})

type refRow struct{ Ref, Event string }

var refTable = store.Declare(store.Table[refRow]{
	Name: "event_ref", Kind: store.Evidence,
	Columns: []store.Column[refRow]{
		pub("ref", func(r *refRow) any { return &r.Ref }),
		pub("event", func(r *refRow) any { return &r.Event }),
	},
})

type termRow struct {
	Term, Event, Class string
	Subject            core.Ref
}

var termTable = store.Declare(store.Table[termRow]{
	Name: "event_term", Kind: store.Operational,
	Columns: []store.Column[termRow]{
		pub("term", func(r *termRow) any { return &r.Term }),
		pub("event", func(r *termRow) any { return &r.Event }),
		pub("class", func(r *termRow) any { return &r.Class }),
		pub("subject", func(r *termRow) any { return &r.Subject }),
	},
})

type disclosureRow struct {
	Event   string
	Subject core.Ref
	Sealed  []byte
}

var disclosureTable = store.Declare(store.Table[disclosureRow]{
	Name: "disclosure", Kind: store.Operational,
	Columns: []store.Column[disclosureRow]{
		pub("event", func(r *disclosureRow) any { return &r.Event }),
		pub("subject", func(r *disclosureRow) any { return &r.Subject }),
		pub("sealed", func(r *disclosureRow) any { return &r.Sealed }),
	},
})

type unsealedRow struct{ Event, Log string }

var unsealedTable = store.Declare(store.Table[unsealedRow]{
	Name: "unsealed", Kind: store.Operational,
	Columns: []store.Column[unsealedRow]{
		pub("event", func(r *unsealedRow) any { return &r.Event }),
		pub("log", func(r *unsealedRow) any { return &r.Log }),
	},
})

type leafRow struct {
	Log   string
	Index int64
	Event string
	Hash  []byte
}

var leafTable = store.Declare(store.Table[leafRow]{
	Name: "leaf", Kind: store.Evidence,
	Columns: []store.Column[leafRow]{
		pub("log", func(r *leafRow) any { return &r.Log }),
		pub("idx", func(r *leafRow) any { return &r.Index }),
		pub("event", func(r *leafRow) any { return &r.Event }),
		pub("hash", func(r *leafRow) any { return &r.Hash }),
	},
})

type tileRow struct {
	Log          string
	Level, N     int64
	Root, Hashes []byte
}

var tileTable = store.Declare(store.Table[tileRow]{
	Name: "tile", Kind: store.Evidence,
	Columns: []store.Column[tileRow]{
		pub("log", func(r *tileRow) any { return &r.Log }),
		pub("level", func(r *tileRow) any { return &r.Level }),
		pub("n", func(r *tileRow) any { return &r.N }),
		pub("root", func(r *tileRow) any { return &r.Root }),
		pub("hashes", func(r *tileRow) any { return &r.Hashes }),
	},
})

type checkpointRow struct {
	Log  string
	Size int64
	At   core.Instant
	Root []byte
	Note string
}

var checkpointTable = store.Declare(store.Table[checkpointRow]{
	Name: "checkpoint", Kind: store.Evidence,
	Columns: []store.Column[checkpointRow]{
		pub("log", func(r *checkpointRow) any { return &r.Log }),
		pub("size", func(r *checkpointRow) any { return &r.Size }),
		pub("at", func(r *checkpointRow) any { return &r.At }),
		pub("root", func(r *checkpointRow) any { return &r.Root }),
		pub("note", func(r *checkpointRow) any { return &r.Note }),
	},
})
