package ui

import (
	"github.com/a-h/templ"

	"vouchsafe/core"
)

// PageView is everything around a page's content.
type PageView struct {
	Title   string // of the browser's tab; the heading's title when empty
	Area    string // under the brand: "Client portal"; empty for the console
	Home    string // where the brand leads; "/" when empty
	Theme   Theme
	Now     core.Instant // the server's business clock, for relative times
	Here    string       // this page's path and query: where forms come back to
	Entity  EntityView
	Nav     []NavGroup
	Person  PersonView
	Palette string // where "Jump to" leads: "/palette"; empty for none
	SetTo   string // where the theme form posts: "/theme" when empty
	Head    HeadView
	Flash   *NoticeView // what the last form did
	Print   PrintView
	Wide    bool // the content brings its own columns (Split): no padding
}

// EntityView is the legal entity that the person acts in; always on the page.
type EntityView struct {
	Code      string // "EU"
	Name      string // "Aurum Markets (Cyprus)"
	Regulator string // "CySEC 412/22"
	Switch    string // where another entity is chosen; empty for none
}

// NavGroup is a titled part of the sidebar.
type NavGroup struct {
	Title string
	Items []NavItem
}

// NavItem is one place in the sidebar; Count zero shows nothing.
type NavItem struct {
	Text    string
	Href    string
	Icon    string
	Count   int
	Current bool
}

// PersonView is who is signed in. SignOut is where the form posts.
type PersonView struct {
	Name    string
	Role    string
	Href    string
	SignOut string
}

// HeadView is the page's heading: where it is, its title, what it is about, the
// few facts that matter, how far it is sealed, its tabs and actions.
type HeadView struct {
	Crumbs  []Link
	Title   string
	Sub     []MetaView
	Facts   []FactView
	Seal    *SealBoxView
	Tabs    []TabView
	Actions []ButtonView
}

// MetaView is one piece of the line under the title.
type MetaView struct {
	Label string // muted text before: "MT5"
	Text  string
	Href  string
	Mono  bool
}

// FactView is one labelled fact in the heading.
type FactView struct {
	Label string
	Value Value
	Tone  Tone
}

// TabView is one tab; each is a URL.
type TabView struct {
	Text    string
	Href    string
	Count   int
	Current bool
}

// PrintView is what only paper shows: a cover block, and a foot on every page.
type PrintView struct {
	What       string // what was asked: "client:CL-118204, all events"
	Log        string // "entity/eu"
	TreeSize   int64  // the log's size when the page was made
	Checkpoint string // root hash, or empty
	At         core.Instant
	By         string // who printed it
}

// SignInView is the centred card for people who are not signed in.
type SignInView struct {
	Title string
	Lead  string
	Area  string
	Theme Theme
	Here  string
	SetTo string
	Flash *NoticeView
	Foot  []Link
}

// ButtonLook is how loud a button is; each view has at most one Primary.
type ButtonLook string

// The looks of buttons.
const (
	Secondary ButtonLook = ""
	Primary   ButtonLook = "primary"
	Danger    ButtonLook = "danger"
	Quiet     ButtonLook = "quiet"
)

// ButtonView is a button or, with Href, a link that looks like one. A button
// with a Why is disabled and says why beside itself.
type ButtonView struct {
	Text   string
	Icon   string
	Look   ButtonLook
	Href   string // a link; otherwise it submits its form
	Post   string // posts to this address by a form of its own, which carries nothing
	To     string // sends its form there instead, whatever is still missing in it
	Name   string // what the form sends
	Value  string
	Key    string // one letter that presses it: "a"
	Why    string // disabled, because
	Copy   string // copies this text instead of submitting
	Print  bool   // prints the page instead of submitting
	Dialog string // opens the dialog of this id; with Href as its page
}

func (v ButtonView) kind() string {
	if v.Copy != "" || v.Print {
		return "button"
	}
	return "submit"
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (v PageView) title() string { return or(v.Title, v.Head.Title) }

func current(is bool) string {
	if is {
		return "page"
	}
	return "false"
}

func pressed(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

// SplitView is a list with a side panel. Back is the list's URL without the
// open record; Hint stands in the empty panel.
type SplitView struct {
	Label string
	Panel templ.Component
	Back  string
	Hint  string
}

// htmxConfig turns off what the policy forbids or the design does not want:
// injected styles; and going back reloads the page, so that it is never stale.
const htmxConfig = `{"includeIndicatorCSS":false,"history":"reload","defaultTimeout":15000}`

func schemeOf(t Theme) string {
	if t == Auto {
		return "light dark"
	}
	return string(t)
}

func millisOrNone(at core.Instant) string {
	if at == 0 {
		return ""
	}
	return millis(at)
}

func buttonAttributes(v ButtonView) templ.Attributes {
	a := templ.Attributes{}
	put := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	put("name", v.Name)
	put("formaction", v.To)
	if v.To != "" {
		a["formnovalidate"] = true
	}
	put("value", v.Value)
	put("data-key", v.Key)
	put("data-copy", v.Copy)
	put("data-dialog", v.Dialog)
	if v.Print {
		a["data-print"] = true
	}
	if v.Copy != "" || v.Print {
		a["hidden"] = true
	}
	return a
}

// idAttribute gives an element its id, or none: an empty id is not valid.
func idAttribute(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}
