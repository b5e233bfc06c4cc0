package app

import (
	"fmt"
	"slices"
	"strings"

	"vouchsafe/access"
)

// permissionsTable is the catalogue of permissions: for each act the roles that
// may do it, with the conditions, and those to which a policy forbids it.
func permissionsTable(rows []access.Permission) string {
	var b strings.Builder
	b.WriteString("\n## Permissions\n\nWho may do what by the policies of the program, in the legal entity where the role is held; *group* is what a role gives in every entity when it is held in the group. Forbidden is what a policy denies by name, whatever else somebody holds. Acts that only parts of the program do are left out.\n\n")
	b.WriteString("| Act | Action | Roles | Forbidden to |\n|---|---|---|---|\n")
	for _, p := range rows {
		var may []string
		for _, x := range p.Held {
			may = append(may, permitted(x, ""))
		}
		for _, x := range p.Group {
			may = append(may, permitted(x, "group "))
		}
		if p.Everybody {
			may = append(may, "everybody about themselves")
		}
		var not []string
		for _, role := range p.Forbidden {
			not = append(not, "`"+string(role)+"`")
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", p.Title, p.Action, orDash(may), orDash(not))
	}
	return b.String()
}

func permitted(p access.Permitted, where string) string {
	text := where + "`" + string(p.Role) + "`"
	if ways := slices.DeleteFunc(slices.Clone(p.Ways), func(w string) bool { return w == "" }); len(ways) > 0 && len(ways) == len(p.Ways) {
		text += " (" + strings.Join(ways, "; or ") + ")"
	}
	return text
}

func orDash(list []string) string {
	if len(list) == 0 {
		return "—"
	}
	return strings.Join(list, ", ")
}
