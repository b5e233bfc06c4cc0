package access

import (
	"context"
	"errors"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// seen reads the events that asking left about a subject.
func (f *firm) seen(subject core.Ref) int {
	n := 0
	for _, e := range f.Events(subject) {
		if e.Type == "command.data.shown" {
			n++
		}
	}
	return n
}

func ask[I command.Input, V any](f *firm, a evidence.Actor, q command.Query[I, V], in I) V {
	f.t.Helper()
	v, err := command.Ask(context.Background(), f.Road, a, q, in)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func TestStaffListsEndAtTheWall(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		all := ask(f, f.root, ListStaffQuery, ListStaff{})
		if len(all.Rows) != 5 {
			t.Fatalf("the group's administrator sees %d people, want 5", len(all.Rows))
		}
		local := ask(f, f.senior, ListStaffQuery, ListStaff{})
		if len(local.Rows) != 2 { // senior and ana: ben works elsewhere, root for the group
			t.Fatalf("the entity's compliance sees %+v", local.Rows)
		}
		for _, row := range local.Rows {
			if row.Name.Masked || row.Name.Text == "" {
				t.Errorf("a colleague's name is masked: %+v", row)
			}
			if f.seen(row.ID) == 0 {
				t.Errorf("seeing %s left no evidence", row.ID)
			}
		}
		if got, err := command.Ask(context.Background(), f.Road, f.ana, ListStaffQuery, ListStaff{}); err == nil {
			t.Errorf("somebody without a role lists staff: %+v", got)
		}
	})
}

func TestStaffPagesFollowEachOther(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		seen := map[core.Ref]bool{}
		page := core.PageRequest{Limit: 2}
		for range 5 {
			got := ask(f, f.root, ListStaffQuery, ListStaff{Page: page})
			for _, row := range got.Rows {
				if seen[row.ID] {
					t.Fatalf("%s came twice", row.ID)
				}
				seen[row.ID] = true
			}
			if page.After = got.Next; got.Next == "" {
				break
			}
		}
		if len(seen) != 5 {
			t.Errorf("paging showed %d of 5", len(seen))
		}
		_, err := command.Ask(context.Background(), f.Road, f.root, ListStaffQuery, ListStaff{Page: core.PageRequest{After: "x"}})
		if !core.IsFault(err, "bad-cursor") {
			t.Errorf("a damaged cursor: %v", err)
		}
	})
}

func TestOnePersonsRolesOverTime(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		g := f.grant(f.ana, Support, "en_cy", 10*day)
		f.grant(f.ana, Dealing, "en_uk", 10*day)
		early := f.Clock.Now()
		f.tick()
		f.Do(f.senior, RevokeGrant{Grant: g.ID, Reason: "mover", Words: "Changes teams."})
		f.tick()

		v := ask(f, f.senior, ViewStaffQuery, ViewStaff{Staff: f.ana.Ref})
		if len(v.Grants) != 1 || v.Elsewhere != 1 || v.Grants[0].ID != g.ID || v.Grants[0].Live {
			t.Fatalf("the entity's view of ana: %+v", v)
		}
		if v.Grants[0].Words.Text != "Joins the team today." || v.May["access.staff.deactivate"] {
			t.Errorf("view %+v", v)
		}
		own := ask(f, f.ana, ViewStaffQuery, ViewStaff{Staff: f.ana.Ref})
		if len(own.Grants) != 2 || own.Name.Text != "ana Example" || own.Email.Text != "ana@example.com" {
			t.Fatalf("ana's own view: %+v", own)
		}
		whole := ask(f, f.root, ViewStaffQuery, ViewStaff{Staff: f.ana.Ref})
		if len(whole.Grants) != 2 || !whole.May["access.staff.deactivate"] {
			t.Fatalf("the group's view: %+v", whole)
		}
		_, err := command.Ask(context.Background(), f.Road, f.ben, ViewStaffQuery, ViewStaff{Staff: f.ana.Ref})
		if !errors.Is(err, command.ErrHidden) && !core.IsFault(err, command.ErrHidden.Code) {
			t.Errorf("a stranger's view: %v", err)
		}

		past := ask(f, f.root, ListGrantsQuery, ListGrants{Holder: f.ana.Ref, At: early})
		now := ask(f, f.root, ListGrantsQuery, ListGrants{Holder: f.ana.Ref, At: f.Clock.Now()})
		if len(past.Rows) != 2 || len(now.Rows) != 1 || !past.Rows[0].Live || !past.Rows[1].Live {
			t.Fatalf("before the change %+v, after it %+v", past.Rows, now.Rows)
		}
		mine := ask(f, f.ana, ListGrantsQuery, ListGrants{})
		if len(mine.Rows) != 2 || mine.Rows[0].HolderName.Masked {
			t.Fatalf("ana's own grants: %+v", mine.Rows)
		}
		walled := ask(f, f.senior, ListGrantsQuery, ListGrants{Holder: f.ana.Ref})
		if len(walled.Rows) != 1 || walled.Rows[0].Entity != "en_cy" {
			t.Fatalf("the list crossed the wall: %+v", walled.Rows)
		}
	})
}

func TestEverybodyListsTheEntities(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.grant(f.ana, Support, "en_uk", day)
		rows := ask(f, f.ana, ListEntitiesQuery, ListEntities{})
		if len(rows) != 2 || rows[0].ID != "en_cy" || len(rows[1].Roles) != 1 || rows[1].MayChange {
			t.Fatalf("rows %+v", rows)
		}
		if rows := ask(f, f.root, ListEntitiesQuery, ListEntities{}); !rows[0].MayChange {
			t.Fatalf("the group's administrator may not change an entity: %+v", rows)
		}
	})
}
