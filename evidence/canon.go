package evidence

import (
	"strconv"
	"unicode/utf8"
)

// canon writes canonical JSON (RFC 8785) by hand for the few shapes that
// evidence has: objects whose keys the caller gives in order, strings, small
// integers and lists. It is checked against gowebpki/jcs by a fuzz test; that
// library cannot serve here itself, because it parses every number as a
// float64 and is ten times slower.
type canon struct{ b []byte }

func (c *canon) raw(s string) *canon { c.b = append(c.b, s...); return c }

const hexDigits = "0123456789abcdef"

// str writes a JSON string as RFC 8785 section 3.2.2.2 demands.
func (c *canon) str(s string) *canon {
	c.b = append(c.b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			c.b = append(c.b, '\\', byte(r))
		case r == '\b':
			c.b = append(c.b, '\\', 'b')
		case r == '\t':
			c.b = append(c.b, '\\', 't')
		case r == '\n':
			c.b = append(c.b, '\\', 'n')
		case r == '\f':
			c.b = append(c.b, '\\', 'f')
		case r == '\r':
			c.b = append(c.b, '\\', 'r')
		case r < 0x20:
			c.b = append(c.b, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		default:
			c.b = utf8.AppendRune(c.b, r)
		}
	}
	c.b = append(c.b, '"')
	return c
}

func (c *canon) int(n int) *canon { c.b = strconv.AppendInt(c.b, int64(n), 10); return c }

// object is an open JSON object that skips empty members.
type object struct {
	c     *canon
	first bool
	last  string
}

func (c *canon) open() *object { c.raw("{"); return &object{c: c, first: true} }

// key writes the member's name. Names must come in code-point order; a wrong
// order is a mistake in this package and panics.
func (o *object) key(name string) *canon {
	if !o.first {
		o.c.raw(",")
		if name <= o.last {
			panic("evidence: canonical members out of order: " + name)
		}
	}
	o.first, o.last = false, name
	return o.c.str(name).raw(":")
}

func (o *object) text(name, v string) *object {
	if v != "" {
		o.key(name).str(v)
	}
	return o
}

func (o *object) number(name string, n int) *object { o.key(name).int(n); return o }

func (o *object) list(name string, vs []string) *object {
	if len(vs) == 0 {
		return o
	}
	o.key(name).raw("[")
	for i, v := range vs {
		if i > 0 {
			o.c.raw(",")
		}
		o.c.str(v)
	}
	o.c.raw("]")
	return o
}

func (o *object) close() *canon { return o.c.raw("}") }
