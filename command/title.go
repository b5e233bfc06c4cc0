package command

import "strings"

// readTitle is a query's title for people, from its action: "clients.client.list"
// is "list clients". Queries are not registered, so that their phrase is all
// that names them.
func readTitle(a Action) string {
	part := strings.Split(string(a), ".")
	if len(part) != 3 {
		return string(a)
	}
	one, many := things(part[1])
	switch part[2] {
	case "list", "search":
		return part[2] + " " + many
	case "view":
		return "see " + one
	}
	return part[2] + " " + one
}

// things is the word for a thing of an action, for one with its article and
// for many.
func things(thing string) (one, many string) {
	if w, ok := irregular[thing]; ok {
		return w[0], w[1]
	}
	article := "a "
	if strings.ContainsRune("aeiou", rune(thing[0])) {
		article = "an "
	}
	return article + thing, thing + "s"
}

var irregular = map[string][2]string{
	"account":    {"an account", "accounts"},
	"rules":      {"approval rules", "approval rules"},
	"bankdetail": {"a bank detail", "bank details"},
	"dead":       {"a dead job", "dead jobs"},
	"entity":     {"a legal entity", "legal entities"},
	"event":      {"an event of the evidence", "the evidence"},
	"grant":      {"a role that was given", "roles that were given"},
	"identity":   {"an identity outside", "identities outside"},
	"log":        {"a whole log", "logs"},
	"pack":       {"an evidence pack", "evidence packs"},
	"policy":     {"the policies", "the policies"},
	"staff":      {"a member of staff", "staff"},
}

// answerTitles are the titles of the verbs by which proposals are answered; they
// are no commands of the registry.
var answerTitles = map[Action]string{ActApprove: "Approve a proposal", ActDecline: "Refuse a proposal"}

// Title is an action's name for people: of a command its own title, of a query
// the phrase that its name makes.
func (r *Registry) Title(a Action) string {
	if e := r.commands[a]; e != nil {
		return e.doc.Title
	}
	if t, ok := answerTitles[a]; ok {
		return t
	}
	t := readTitle(a)
	return strings.ToUpper(t[:1]) + t[1:]
}

// OnlySystem reports whether an action is a command that only parts of the
// program run, whatever policy says about people.
func (r *Registry) OnlySystem(a Action) bool {
	e := r.commands[a]
	return e != nil && e.doc.System
}
