package store

import (
	"strconv"
	"strings"
)

// Where is a condition that only this package's constructors can make, so that
// no text from outside ever becomes SQL. The policy filter, the query bar and
// the pager make them; a list statement has one slot for one.
type Where struct {
	frag string // with ? for each argument
	args []any
}

// True selects every row, False none.
var (
	True  = Where{frag: "1 = 1"}
	False = Where{frag: "1 = 0"}
)

// column panics unless name is a plain or table-qualified identifier: columns
// come from declarations, never from input.
func column(name string) string {
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c == '_' || c == '.' || c >= '0' && c <= '9') {
			panic("store: not a column: " + name)
		}
	}
	return name
}

// Compare makes "col op value"; op is one of = <> < <= > >=.
func Compare(col, op string, v any) Where {
	switch op {
	case "=", "<>", "<", "<=", ">", ">=":
		return Where{column(col) + " " + op + " ?", []any{v}}
	}
	panic("store: not an operator: " + op)
}

// Eq makes "col = value".
func Eq(col string, v any) Where { return Compare(col, "=", v) }

// In makes "col IN (...)"; an empty list selects nothing.
func In[V any](col string, vs []V) Where {
	if len(vs) == 0 {
		return False
	}
	args := make([]any, len(vs))
	for i, v := range vs {
		args[i] = v
	}
	return Where{column(col) + " IN (" + strings.TrimSuffix(strings.Repeat("?, ", len(vs)), ", ") + ")", args}
}

// NotNull makes "col IS NOT NULL".
func NotNull(col string) Where { return Where{frag: column(col) + " IS NOT NULL"} }

// InTable makes "col IN (SELECT sel FROM table WHERE w)", for closure tables
// and indexes of subjects and terms.
func InTable(col, table, sel string, w Where) Where {
	return Where{column(col) + " IN (SELECT " + column(sel) + " FROM " + column(table) + " WHERE " + w.frag + ")", w.args}
}

// Exists makes "EXISTS (SELECT 1 FROM table AS alias WHERE w)": a look-up for
// each row that the rest of the statement has found already.
func Exists(table, alias string, w Where) Where {
	return Where{"EXISTS (SELECT 1 FROM " + column(table) + " AS " + column(alias) + " WHERE " + w.frag + ")", w.args}
}

// Same makes "a = b" for two columns.
func Same(a, b string) Where { return Where{frag: column(a) + " = " + column(b)} }

// After makes the keyset condition (cols...) < (vals...) for a descending
// order, or > for an ascending one.
func After(descending bool, cols []string, vals []any) Where {
	op := " > "
	if descending {
		op = " < "
	}
	for _, c := range cols {
		column(c)
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(vals)), ", ")
	return Where{"(" + strings.Join(cols, ", ") + ")" + op + "(" + marks + ")", vals}
}

// And joins conditions; none is True.
func And(ws ...Where) Where { return join(" AND ", True, ws) }

// Or joins conditions; none is False.
func Or(ws ...Where) Where { return join(" OR ", False, ws) }

// Not negates a condition. A comparison with NULL stays unknown and selects
// nothing, on both engines.
func Not(w Where) Where { return Where{"NOT (" + w.frag + ")", w.args} }

func join(sep string, none Where, ws []Where) Where {
	if len(ws) == 0 {
		return none
	}
	if len(ws) == 1 {
		return ws[0]
	}
	var out Where
	parts := make([]string, len(ws))
	for i, w := range ws {
		if w.frag == "" {
			w = False // as in Render
		}
		parts[i] = "(" + w.frag + ")"
		out.args = append(out.args, w.args...)
	}
	out.frag = strings.Join(parts, sep)
	return out
}

// Render writes the condition with placeholders numbered from first.
func (w Where) Render(first int) (string, []any) {
	if w.frag == "" {
		return "1 = 0", nil // the zero Where selects nothing: forgetting a filter must not open a list
	}
	var b strings.Builder
	for _, c := range []byte(w.frag) {
		if c == '?' {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(first))
			first++
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), append([]any(nil), w.args...)
}

// Slot puts where into the statement's {where} slot, numbering its arguments
// after args.
func Slot(q string, where Where, args ...any) (string, []any) {
	frag, more := where.Render(len(args) + 1)
	if strings.Count(q, "{where}") != 1 {
		panic("store: the statement needs one {where} slot")
	}
	return strings.Replace(q, "{where}", "("+frag+")", 1), append(args, more...)
}
