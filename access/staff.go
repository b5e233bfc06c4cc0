package access

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// Line is a line of defence: the first runs the business, the second watches
// it, the third audits both.
type Line string

// The three lines.
const (
	FirstLine  Line = "first"
	SecondLine Line = "second"
	ThirdLine  Line = "third"
)

// StaffStatus says whether somebody works here. An inactive person holds no
// role, whatever their grants say.
type StaffStatus string

// The states of a staff member. There is no way back: who returns is a new
// record, so that no old grant or session comes alive again.
const (
	Active   StaffStatus = "active"
	Inactive StaffStatus = "inactive"
)

// Staff is one person who works for the firm.
type Staff struct {
	ID       core.Ref
	Entity   core.Ref // the employer: a legal entity, or Group for group functions
	Name     string   // personal
	Email    string   // personal, lower case; the sign-in name
	Line     Line
	Status   StaffStatus
	Created  core.Instant
	Left     core.Instant
	ErasedBy string // the certificate of erasure
	Manager  core.Ref
	Function Function
	// From and Until are the dates of employment; zero Until is open-ended. With
	// Until the account ends by itself.
	From, Until core.Instant

	rev int64
}

// Resource is the person's record as policy sees it.
func (s *Staff) Resource() command.Resource {
	return command.Resource{
		Kind: core.KindStaff, Ref: s.ID, Entity: within(s.Entity),
		Attrs: map[string]any{"owner": string(s.ID)},
	}
}

// StaffByID reads one person; nil when there is none.
func StaffByID(ctx context.Context, r store.Reader, id core.Ref) (*Staff, error) {
	return staffs.Get(ctx, r, string(id))
}

// StaffByEmail finds a person by sign-in name, whatever its case; nil when
// there is none.
func StaffByEmail(ctx context.Context, r store.Reader, email string) (*Staff, error) {
	e := normalEmail(email)
	if e == "" {
		return nil, nil
	}
	return staffs.One(ctx, r, "WHERE email = $1", e)
}

// StaffNames reads the names of people who acted, for pages that say who did
// something. References that name no staff are left out.
func StaffNames(ctx context.Context, r store.Reader, refs []core.Ref) (map[core.Ref]string, error) {
	rows, err := staffs.Filter(ctx, r, "WHERE {where} ORDER BY id", store.In("id", refs))
	out := make(map[core.Ref]string, len(rows))
	for _, s := range rows {
		out[s.ID] = s.Name
	}
	return out, err
}

func normalEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
