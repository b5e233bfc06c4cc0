package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// canonical is the canonical JSON (RFC 8785) of a value whose names are ASCII
// and whose numbers are integers below 2^53, as all of ours are.
func canonical(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	var c canon
	c.tree(tree)
	return c.b, nil
}

func (c *canon) tree(v any) {
	switch v := v.(type) {
	case map[string]any:
		o := c.open()
		for _, name := range slices.Sorted(maps.Keys(v)) {
			o.key(name).tree(v[name])
		}
		o.close()
	case []any:
		c.raw("[")
		for i, one := range v {
			if i > 0 {
				c.raw(",")
			}
			c.tree(one)
		}
		c.raw("]")
	case string:
		c.str(v)
	case nil:
		c.raw("null")
	default: // json.Number or bool
		c.raw(fmt.Sprint(v))
	}
}

var errNotCanonical = errors.New("it is not in the one canonical form")

// readCanonical reads canonical JSON and nothing else: no unknown or repeated
// member, no space, nothing after the end. Whatever it accepts has one
// meaning, to every reader.
func readCanonical(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errNotCanonical
	}
	again, err := canonical(into)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, text) {
		return errNotCanonical
	}
	return nil
}
