package access

import (
	"context"
	"slices"

	"vouchsafe/core"
	"vouchsafe/store"
)

// Function is what a person does for the firm. It gives no right; roles do.
type Function string

// Functions lists the functions in the order of forms.
var Functions = []Function{
	"compliance", "payments", "support", "dealing", "partners", "technology", "finance", "risk", "legal", "audit", "management",
}

// deepestLine bounds how far up a chain of managers is followed: a longer one
// is a mistake in the records.
const deepestLine = 32

// ManagersOf reads the managers of a person, the direct one first, up to the
// one who has none. Those who left are in it: they are gaps that somebody has to
// close, and whoever stands above them is still above.
func ManagersOf(ctx context.Context, r store.Reader, staff core.Ref) ([]Staff, error) {
	var out []Staff
	s, err := StaffByID(ctx, r, staff)
	for err == nil && s != nil && s.Manager != "" && len(out) < deepestLine {
		if s, err = StaffByID(ctx, r, s.Manager); s != nil {
			out = append(out, *s)
		}
	}
	return out, err
}

// ReportsOf reads those whose direct manager a person is, by reference.
func ReportsOf(ctx context.Context, r store.Reader, manager core.Ref) ([]Staff, error) {
	return staffs.Select(ctx, r, "WHERE manager = $1 ORDER BY id", manager)
}

// inLine reports whether one of two people manages the other, however far up.
func inLine(ctx context.Context, r store.Reader, a, b core.Ref) (bool, error) {
	for _, pair := range [][2]core.Ref{{a, b}, {b, a}} {
		up, err := ManagersOf(ctx, r, pair[0])
		if err != nil || slices.ContainsFunc(up, func(s Staff) bool { return s.ID == pair[1] }) {
			return err == nil, err
		}
	}
	return false, nil
}

// DueLeavers names the people whose employment has ended and whose accounts
// have not, for the schedule that deactivates them.
func DueLeavers(ctx context.Context, r store.Reader, now core.Instant) ([]core.Ref, error) {
	rows, err := staffs.Select(ctx, r, "WHERE status = 'active' AND employed_until <= $1 ORDER BY employed_until, id LIMIT 100", now)
	out := make([]core.Ref, 0, len(rows))
	for _, s := range rows {
		out = append(out, s.ID)
	}
	return out, err
}
