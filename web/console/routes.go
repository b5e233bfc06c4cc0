package console

import (
	"net/http"

	"vouchsafe/command"
	"vouchsafe/core"
)

// page is one page or act. An error it returns becomes the page that fail
// draws; a fault that belongs into a form is handed to run instead.
type page func(*Server, http.ResponseWriter, *http.Request) error

// The kinds of routes.
const (
	signedIn = iota // the default: only with a session
	open            // also for strangers
	upload          // signed in, with a file in the body
)

// route is one line of the console's table of contents.
type route struct {
	pattern string
	serve   page
	kind    int
}

// routes is every page, one line each.
var routes = []route{
	{"GET /{$}", (*Server).home, signedIn},
	{"POST /theme", (*Server).theme, open},

	{"GET /sign-in", (*Server).signIn, open},
	{"POST /sign-in", (*Server).signInPassword, open},
	{"POST /sign-in/persona", (*Server).signInPersona, open},
	{"POST /sign-out", (*Server).signOut, signedIn},
	{"POST /step-up", (*Server).stepUp, signedIn},
	{"GET /assets/{file}", (*Server).passkeyAsset, open},
}

// navItem is one place in the sidebar, shown to those whom policy would allow
// its list at all. An item without Action is for everybody.
type navItem struct {
	group, text, href, icon string
	command.Offer
}

// navigation is the sidebar, in order.
var navigation = []navItem{
	{"Work", "Approvals", "/approvals", "inbox", command.Offer{}},
	{"Oversight", "Evidence log", "/evidence", "activity", command.Offer{Action: "evidence.event.search", Kind: "ev"}},
	{"Oversight", "Staff", "/staff", "users", command.Offer{Action: "access.staff.list", Kind: core.KindStaff}},
}

// pagesOf says where the records of each kind have their pages; references to
// these kinds become links.
var pagesOf = map[core.Kind]string{
	core.KindProposal: "/approvals/",
	core.KindStaff:    "/staff/",
}
