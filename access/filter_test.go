package access

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// The domains' tables are declared by the program; here every kind that is not
// declared yet keeps each attribute in a column of the same name.
func init() {
	a, err := loaded()
	if err != nil {
		panic(err)
	}
	for kind, typ := range kinds {
		if _, ok := columns[kind]; ok {
			continue
		}
		attrs := map[string]string{}
		for name := range a.set.schema.Entities[typ].Shape {
			attrs[string(name)] = string(name)
		}
		Columns(kind, "entity", attrs)
	}
}

// vocabulary holds few values of each attribute, so that they meet. An empty
// text is NULL in the table and no attribute to the policies.
var vocabulary = map[string][]string{
	"entity": {"en_a", "en_b", "en_c", string(Group), ""},
	"owner":  {string(me), "cl_me", string(other), ""},
	"client": {"cl_me", "cl_other", ""},
	"maker":  {string(me), "cl_me", string(other), ""},
	"holder": {string(me), string(other), ""},
	"role":   {"support", ""},
	"type":   {"reactivation", "credit", ""},
	"kind":   {"unmatched", ""},
	"action": {
		"payments.withdrawal.release", "access.grant.request", "clients.bankdetail.add", "platform.intervention.request",
		"system.setting.change", "onboarding.application.override", "",
	},
}

// row is one record, by attribute.
type row map[string]string

func randomRow(rnd *rand.Rand, kind core.Kind, m mapping) row {
	out := row{}
	for attr := range m.attrs {
		if vs := vocabulary[attr]; vs != nil {
			out[attr] = vs[rnd.IntN(len(vs))]
		}
	}
	out["id"] = []string{string(kind) + "_me", string(kind) + "_other"}[rnd.IntN(2)]
	for attr, col := range m.attrs {
		if col == m.attrs["id"] { // two attributes of one column
			out[attr] = out["id"]
		}
	}
	if m.entity != "" {
		vs := vocabulary["entity"]
		out["entity"] = vs[rnd.IntN(len(vs))]
	}
	if kind == core.KindEntity {
		out["id"] = out["entity"]
		if out["id"] == "" {
			out["id"], out["entity"] = "en_a", "en_a"
		}
	}
	return out
}

func (w row) resource(kind core.Kind) command.Resource {
	res := command.Resource{Kind: kind, Ref: core.Ref(w["id"]), Entity: core.Ref(w["entity"]), Attrs: map[string]any{}}
	for k, v := range w {
		if k != "id" && k != "entity" {
			res.Attrs[k] = v
		}
	}
	return res
}

func randomPrincipal(rnd *rand.Rand) *principal {
	switch rnd.IntN(12) {
	case 0:
		return client("cl_me")
	case 1:
		return part([]core.Ref{SysClock, SysPayments, SysSignin, SysInstall}[rnd.IntN(4)])
	}
	roles := map[core.Ref][]Role{}
	for _, entity := range []core.Ref{"en_a", "en_b", "en_d", Group} {
		for range rnd.IntN(4) - 1 {
			if r := Roles[rnd.IntN(len(Roles))]; !slices.Contains(roles[entity], r) {
				roles[entity] = append(roles[entity], r)
			}
		}
	}
	return person(roles)
}

// selected asks the database which of the rows a condition selects. The rows
// are written into the statement, so no table is needed.
func selected(t *testing.T, r store.Reader, m mapping, rows []row, where store.Where) []int {
	t.Helper()
	cols := map[string]string{} // column to attribute
	for attr, col := range m.attrs {
		cols[col] = attr
	}
	if m.entity != "" && cols[m.entity] == "" {
		cols[m.entity] = "entity"
	}
	names := slices.Sorted(maps.Keys(cols))
	var args []any
	var values []string
	for i, w := range rows {
		marks := []string{fmt.Sprint(i)}
		for _, col := range names {
			var v any
			if text := w[cols[col]]; text != "" {
				v = text
			}
			args = append(args, v)
			marks = append(marks, fmt.Sprintf("CAST($%d AS TEXT)", len(args)))
		}
		values = append(values, "("+strings.Join(marks, ", ")+")")
	}
	q, all := store.Slot("WITH r(n, "+strings.Join(names, ", ")+") AS (VALUES "+strings.Join(values, ", ")+") SELECT n FROM r WHERE {where} ORDER BY n", where, args...)
	res, err := r.Query(context.Background(), q, all...)
	if err != nil {
		t.Fatalf("%v\n%s", err, q)
	}
	defer res.Close()
	var out []int
	for res.Next() {
		var n int
		if err := res.Scan(store.Scan(&n)...); err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	if err := res.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// differ holds filter and decision against each other on random rows for
// every act and kind, and returns how many rows were allowed and how many
// filters selected some rows and not others.
func differ(t *testing.T, r store.Reader, a *Authorizer, rnd *rand.Rand) (allowed, partial int) {
	t.Helper()
	who := randomPrincipal(rnd)
	for _, act := range a.Actions() {
		for _, typ := range a.set.actions[act].types {
			kind := kindOf(t, typ)
			m, err := columnsOf(kind)
			if err != nil {
				t.Fatal(err)
			}
			rows := make([]row, 12)
			var want []int
			for i := range rows {
				rows[i] = randomRow(rnd, kind, m)
				if a.rule(who, act, rows[i].resource(kind)).Allow {
					want = append(want, i)
				}
			}
			where, ruling, err := a.filter(who, act, kind)
			if err != nil {
				t.Fatalf("%s on %s: %v", act, typ, err)
			}
			got := selected(t, r, m, rows, where)
			if !slices.Equal(got, want) {
				frag, args := where.Render(1)
				t.Fatalf("%s may %s on %s: the filter selects %v, decisions allow %v\nroles %v\nrows %v\n%s %v", who.uid, act, typ, got, want, who.roles, rows, frag, args)
			}
			if len(want) > 0 && !ruling.Allow {
				t.Fatalf("%s may %s on some %s, and the list is refused", who.uid, act, typ)
			}
			allowed += len(want)
			if 0 < len(want) && len(want) < len(rows) {
				partial++
			}
		}
	}
	return allowed, partial
}

func TestFilterSelectsWhatDecisionsAllow(t *testing.T) {
	a := authorizer(t)
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		allowed, partial := 0, 0
		for seed := range uint64(8) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			n, p := differ(t, s.Reader(), a, rnd)
			allowed, partial = allowed+n, partial+p
		}
		if allowed < 1000 || partial < 100 {
			t.Errorf("only %d rows allowed and %d partial filters: the test has become weak", allowed, partial)
		}
	})
}

// Policies as nobody should write them, for the corners of the translation.
const crooked = `
@id("c1") permit (principal is Staff, action, resource is Intervention)
when { !(resource has client && resource.client == "cl_other") } unless { resource has type && resource.type == "credit" };
@id("c2") permit (principal is Staff, action, resource is Proposal)
when { (resource.maker == "st_other" || !(resource.action == "access.grant.request")) && !(resource.maker == principal.id && true) };
@id("c3") forbid (principal, action, resource is Proposal)
unless { "st_me" == resource.maker || principal in Role::"support" || !(resource is Proposal) };
@id("c4") permit (principal, action, resource)
when { (resource is Session || resource is Token) && resource has owner && !(resource.owner == "st_other") };
@id("c5") permit (principal, action, resource is Case)
when { (resource has client && resource.client == "cl_me") || (resource has owner && !(resource has client) && resource.owner == "st_me") };
@id("c6") forbid (principal in Role::"dealing", action, resource is Case) when { resource has owner && resource.owner == "cl_me" };
@id("c7") permit (principal, action, resource is Finding) when { resource has kind && !(resource.kind == "x") };
@id("c8") permit (principal in GroupRole::"auditor", action, resource) unless { principal in Role::"payments" };`

func TestFilterTranslatesCrookedPolicies(t *testing.T) {
	set, err := loadPolicies(policyFolder(t, crooked))
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for seed := range uint64(6) {
			differ(t, s.Reader(), &Authorizer{set: set}, rand.New(rand.NewPCG(seed, 11)))
		}
	})
}

func TestFilterRefusesWhatItCannotTranslate(t *testing.T) {
	a := authorizer(t)
	columnsMu.Lock()
	whole := columns[core.KindProposal]
	columns[core.KindProposal] = mapping{entity: "entity", attrs: map[string]string{"id": "id", "action": "action"}}
	columnsMu.Unlock()
	t.Cleanup(func() { columns[core.KindProposal] = whole })
	where, ruling, err := a.filter(holding(Compliance), "command.proposal.list", core.KindProposal)
	if err == nil || ruling.Allow {
		t.Fatalf("a list without a needed column was answered: %+v", ruling)
	}
	if frag, _ := where.Render(1); frag != "1 = 0" {
		t.Errorf("and selects %s", frag)
	}
}

func BenchmarkFilter(b *testing.B) {
	a := authorizer(b)
	who := person(map[core.Ref][]Role{here: {Compliance}, there: {Payments}, Group: {SystemAdmin}})
	b.ReportAllocs()
	for b.Loop() {
		if _, ruling, err := a.filter(who, "clients.client.list", core.KindClient); err != nil || !ruling.Allow {
			b.Fatal(err)
		}
	}
}
