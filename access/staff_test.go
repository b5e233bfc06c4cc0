package access

import (
	"context"
	"testing"

	"vouchsafe/command"
	"vouchsafe/core"
)

func TestEntitiesAreEnteredOnceAndChangedWithAReason(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		good := CreateEntity{Code: "mu", Name: "Example (MU) Ltd", Jurisdiction: "MU", Regulator: "FSC", Currency: "USD"}
		f.Do(f.root, good)
		f.refused(f.root, good, "entity-exists")
		f.refused(f.senior, CreateEntity{Code: "zz", Name: "No", Jurisdiction: "ZZ", Regulator: "None", Currency: "USD"}, command404)
		for _, code := range []string{"group", "mlro", "M", "a_b", "9a", ""} {
			bad := good
			bad.Code = code
			f.refused(f.root, bad, "invalid-input")
		}
		bad := good
		bad.Code, bad.Currency = "bb", "XXX"
		f.refused(f.root, bad, "invalid-input")

		f.Do(f.root, ChangeEntity{Entity: "en_mu", PrivilegedDays: 10, Words: "Board decision 7."})
		e, err := EntityByID(context.Background(), f.Road.Store.Reader(), "en_mu")
		if err != nil || e.PrivilegedDays != 10 || e.Name != good.Name {
			t.Fatalf("%+v, %v", e, err)
		}
		f.refused(f.root, ChangeEntity{Entity: "en_mu", PrivilegedDays: 10, Words: "Board decision 7."}, "nothing-changed")
		out := f.Do(f.root, ChangeEntity{Entity: "en_mu", PrivilegedDays: 11, Words: "Board decision 8."})
		if out.State != command.StateProposed || out.Need.Seats[0].Roles[0] != string(SeniorCompliance) {
			t.Errorf("privileged roles may last longer at once: %+v", out)
		}
		f.refused(f.root, ChangeEntity{Entity: "en_mu", PrivilegedDays: 999, Words: "Board decision 7."}, "bad-particulars")
		f.refused(f.root, ChangeEntity{Entity: "en_atlantis", Name: "Sunk Ltd", Words: "Board decision 7."}, command404)
		if got := f.types("en_mu"); len(got) < 2 || got[0] != "access.entity.created" {
			t.Errorf("events %v", got)
		}
	})
}

const command404 = "no-such-record"

func TestStaffAreEnteredUnderOneAddressEach(t *testing.T) {
	eachFirm(t, func(t *testing.T, f *firm) {
		f.refused(f.root, CreateStaff{Entity: "en_cy", Name: "Ana Twin", Email: " ANA@example.com ", Line: SecondLine}, "email-taken")
		f.refused(f.root, CreateStaff{Entity: "en_cy", Name: "Nobody", Email: "not an address", Line: SecondLine}, "invalid-input")
		f.refused(f.root, CreateStaff{Entity: "en_cy", Name: "Nobody", Email: "Ana <a@example.com>", Line: SecondLine}, "invalid-input")
		f.refused(f.root, CreateStaff{Entity: "en_cy", Name: "Nobody", Email: "n@example.com", Line: "fourth"}, "invalid-input")
		f.refused(f.root, CreateStaff{Entity: "en_atlantis", Name: "Nobody", Email: "n@example.com", Line: FirstLine}, command404)
		f.refused(f.ana, CreateStaff{Entity: "en_cy", Name: "Nobody", Email: "n@example.com", Line: FirstLine}, command404)

		r, ctx := f.Road.Store.Reader(), context.Background()
		s, err := StaffByEmail(ctx, r, "Ana@EXAMPLE.com")
		if err != nil || s == nil || s.ID != f.ana.Ref || s.Status != Active {
			t.Fatalf("%+v, %v", s, err)
		}
		if s, err := StaffByEmail(ctx, r, ""); s != nil || err != nil {
			t.Fatalf("an empty address found %+v, %v", s, err)
		}
		names, err := StaffNames(ctx, r, []core.Ref{f.ana.Ref, f.ben.Ref, "st_nobody", "cl_x"})
		if err != nil || len(names) != 2 || names[f.ben.Ref] != "ben Example" {
			t.Fatalf("%v, %v", names, err)
		}
	})
}
