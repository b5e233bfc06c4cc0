package access

import (
	"fmt"
	"maps"
	"sync"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/core"
)

// mapping says which columns of a kind's table hold what policy sees.
type mapping struct {
	entity string // empty: every row belongs to the group
	attrs  map[string]string
}

var (
	columnsMu sync.RWMutex
	columns   = map[core.Kind]mapping{}
)

// Columns declares where the table of a kind keeps what the policies see of a
// record: the column of its legal entity (empty when every row is a group
// matter) and the column of each attribute. The attribute id is the key column
// "id" unless declared otherwise. The program calls it once for each kind that
// has lists, where it introduces the domains to each other. It panics on a
// second, different declaration and on a kind that the policies do not know:
// both are mistakes in the program.
func Columns(kind core.Kind, entityColumn string, attrs map[string]string) {
	columnsMu.Lock()
	defer columnsMu.Unlock()
	if _, ok := kinds[kind]; !ok {
		panic("access: the policies do not know kind " + string(kind))
	}
	m := mapping{entity: entityColumn, attrs: map[string]string{"id": "id"}}
	maps.Copy(m.attrs, attrs)
	if old, ok := columns[kind]; ok && (old.entity != m.entity || !maps.Equal(old.attrs, m.attrs)) {
		panic("access: the columns of kind " + string(kind) + " are declared twice")
	}
	columns[kind] = m
}

func columnsOf(kind core.Kind) (mapping, error) {
	columnsMu.RLock()
	defer columnsMu.RUnlock()
	m, ok := columns[kind]
	if !ok {
		return m, fmt.Errorf("no columns are declared for kind %q", kind)
	}
	return m, nil
}

// required lists the columns that must not be NULL for a row to be a valid
// record of its type: a decision about one that lacks them is a deny.
func (s *policySet) required(typ types.EntityType, m mapping) ([]string, error) {
	var out []string
	for name, attr := range s.schema.Entities[typ].Shape {
		if attr.Optional || name == "id" {
			continue
		}
		col, ok := m.attrs[string(name)]
		if !ok {
			return nil, fmt.Errorf("no column is declared for %s.%s", typ, name)
		}
		out = append(out, col)
	}
	return out, nil
}

// The tables that access itself, and the road below it, keep.
func init() {
	Columns(core.KindEntity, "id", nil)
	Columns(core.KindStaff, "entity", map[string]string{"owner": "id"})
	Columns(KindReview, "entity", nil)
	Columns(KindException, "home", map[string]string{"holder": "holder"})
	Columns(core.KindGrant, "entity", map[string]string{"holder": "holder", "role": "role"})
	Columns(core.KindProposal, "entity", map[string]string{"action": "action", "maker": "maker"})
}
