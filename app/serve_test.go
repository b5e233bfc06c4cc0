package app

import (
	"bytes"
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/evidence"
)

// A database that contradicts its signed checkpoints is sealed no more, and the
// operator of a program that serves is told, once.
func TestTheOperatorIsToldOfAForkedLog(t *testing.T) {
	f := openFirm(t)
	if _, err := f.Sequencer.Step(f.ctx); err != nil {
		t.Fatal(err)
	}
	f.App.Close()
	db, err := sql.Open("sqlite", filepath.Join(f.Config.Data, "main.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, behind := range []string{"DROP TRIGGER leaf_no_delete", "DELETE FROM leaf WHERE idx = (SELECT max(l.idx) FROM leaf l WHERE l.log = leaf.log)"} {
		if _, err := db.ExecContext(f.ctx, behind); err != nil {
			t.Fatal(err)
		}
	}
	var told bytes.Buffer
	o, done, err := f.Config.Connect(Options{Report: reporter(&told), Wall: f.clock, Clock: f.clock, Holder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	a, err := Open(f.ctx, f.Config, o)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	f.clock.Advance(time.Hour)
	if _, err := a.Road.Run(f.ctx, install, "", access.CreateStaff{Entity: access.Group, Name: "Ann Example", Email: "ann@firm.example", Line: access.FirstLine}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(f.ctx, time.Second)
	defer stop()
	_ = a.Sequencer.Run(ctx, nil, 100*time.Millisecond)
	if n := strings.Count(told.String(), evidence.ErrForked.Error()); n == 0 || n > 2 {
		t.Errorf("told %d times:\n%s", n, told.String())
	}
}
