package store

import (
	"errors"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Only a server that says what went wrong with a COMMIT says that it failed.
func TestALostCommitIsNotAFailedOne(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		lost bool
	}{
		"the line broke":           {io.ErrUnexpectedEOF, true},
		"an administrator stopped": {&pgconn.PgError{Code: "57P01"}, true},
		"a neighbour crashed":      {&pgconn.PgError{Code: "57P02"}, true},
		"the connection failed":    {&pgconn.PgError{Code: "08006"}, true},
		"a collision":              {&pgconn.PgError{Code: pgSerialization}, false},
		"a broken key":             {errors.Join(errors.New("insert"), &pgconn.PgError{Code: pgUnique}), false},
	} {
		if wordless(c.err) != c.lost {
			t.Errorf("%s: lost %v, want %v", name, !c.lost, c.lost)
		}
	}
}
