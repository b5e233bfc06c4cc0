package core

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// PageSize limits.
const (
	DefaultPage = 50
	MaxPage     = 200
)

// PageRequest asks for one keyset page: at most Limit rows after the row that
// After names. Offsets do not exist: they skip and repeat rows under writes.
type PageRequest struct {
	Limit int    `json:"limit,omitempty"`
	After Cursor `json:"after,omitempty"`
}

// Size returns the limit within its bounds; zero means DefaultPage.
func (p PageRequest) Size() int {
	if p.Limit <= 0 {
		return DefaultPage
	}
	return min(p.Limit, MaxPage)
}

// Cursor is the opaque key of the last row of a page; empty is the start.
type Cursor string

// MakeCursor packs the key columns of a row.
func MakeCursor(keys ...string) Cursor {
	return Cursor(base64.RawURLEncoding.EncodeToString([]byte(strings.Join(keys, "\x1f"))))
}

// Keys unpacks a cursor made from n keys. A cursor that a client invented or
// cut is an Invalid fault.
func (c Cursor) Keys(n int) ([]string, error) {
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	keys := strings.Split(string(b), "\x1f")
	if err != nil || len(keys) != n || !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
		return nil, NewFault(Invalid, "bad-cursor", "This page link is damaged. Start again from the first page.")
	}
	return keys, nil
}

// Page is one page of rows and the cursor of the next, empty at the end.
type Page[R any] struct {
	Rows []R    `json:"rows"`
	Next Cursor `json:"next,omitempty"`
}
