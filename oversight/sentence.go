package oversight

import (
	"slices"
	"strings"
	"unicode"

	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Phrase is a piece of the sentence that tells an event; strong ones say what
// it is about.
type Phrase struct {
	Text   string   `json:"text"`
	Strong bool     `json:"strong,omitempty"`
	Ref    core.Ref `json:"ref,omitempty"` // the record that Text is the short form of
}

// verbs tell event types whose names do not read as a sentence by themselves.
// {thing} is the record, {act} the title of the command that it is about,
// {amount} and other braces the event's public details.
var verbs = map[string]string{
	"access.session.started":            "signed in",
	"access.session.failed":             "refused a sign-in that did not prove who it was",
	"access.session.ended":              "signed out",
	"access.session.expired":            "ended a session that was idle or over",
	"access.session.revoked":            "revoked session {thing}",
	"access.session.stepped-up":         "confirmed with a second factor",
	"access.password.changed":           "changed their password",
	"access.password.invited":           "invited {thing} to set a password",
	"access.totp.enrolled":              "set up a code generator",
	"access.passkey.registered":         "registered a passkey",
	"access.passkey.revoked":            "revoked a passkey",
	"access.credential.enrolled":        "gave first credentials to {thing}",
	"access.grant.bootstrapped":         "gave {thing} a first role: {role}",
	"access.grant.granted":              "gave {thing} a role: {role}",
	"access.grant.revoked":              "took a role from {thing}: {role}",
	"access.grant.expired":              "recorded that a role of {thing} ended: {role}",
	"access.entity.created":             "entered legal entity {thing}",
	"access.entity.changed":             "changed legal entity {thing}",
	"clients.client.created":            "entered client {thing}",
	"clients.client.changed":            "changed the profile of {thing}",
	"clients.bankdetail.added":          "added bank details of {thing}",
	"clients.bankdetail.changed":        "changed bank details of {thing}",
	"clients.restriction.set":           "restricted {thing}",
	"clients.restriction.lifted":        "lifted a restriction of {thing}",
	"command.proposal.opened":           "proposed: {act}, for {thing}",
	"command.proposal.approved":         "approved: {act}, for {thing}",
	"command.proposal.refused":          "refused the proposal: {act}, for {thing}",
	"command.proposal.closed":           "closed without executing it: {act}, for {thing}",
	"command.proposal.withdrawn":        "took back: {act}, for {thing}",
	"command.proposal.expired":          "let expire: {act}, for {thing}",
	"command.run.denied":                "was denied: {act}",
	"command.run.flooded":               "was denied {count} more times: {act}",
	"command.run.refused":               "was refused: {act}",
	"command.data.shown":                "saw personal data of {thing}",
	"command.data.searched":             "searched {query}",
	"command.data.exported":             "took out a {form} file",
	"platform.intervention.approved":    "asked for intervention {thing}",
	"platform.attempt.begun":            "sent {thing} to the platform",
	"platform.attempt.recorded":         "recorded the platform's answer for {thing}",
	"platform.attempt.looked":           "looked {thing} up on the platform",
	"platform.sweep.recorded":           "read the deals of the platform",
	"platform.account.drifted":          "found {thing} different on the platform",
	"onboarding.document.uploaded":      "uploaded document {thing}",
	"onboarding.document.extracted":     "read the values of document {thing}",
	"onboarding.application.overridden": "decided application {thing} against a rule",
	"payments.attempt.begun":            "sent {thing} to the payment provider",
	"payments.attempt.recorded":         "recorded the provider's answer for {thing}",
	"payments.attempt.looked":           "looked {thing} up at the payment provider",
	"payments.status.synced":            "read the provider's state of {thing}",
	"payments.settlement.recorded":      "compared {thing} with the provider's list",
	"payments.withdrawal.requested":     "asked for withdrawal {thing}",
	"payments.withdrawal.paid":          "recorded that {thing} was paid",
	"payments.withdrawal.failed":        "recorded that {thing} was not paid",
	"payments.withdrawal.returned":      "recorded that {thing} came back",
	"payments.withdrawal.differed":      "found {thing} different at the payment provider",
	"oversight.log.beaten":              "gave the log's sign of life",
	"oversight.log.silent":              "told of a silence of the log",
	"oversight.log.exceeded":            "measured that {measure} of {of} is out of bounds",
	"oversight.log.recovered":           "measured that {measure} of {of} is within bounds again",
	"oversight.connection.configured":   "put on record that {connection} is {state}",
	"oversight.log.contested":           "was told by {witness} that it holds another history of {of}",
	"access.token.created":              "made an API token for {thing}",
	"access.token.revoked":              "revoked an API token of {thing}",
	"access.policy.adopted":             "adopted a policy set",
}

// sentence tells an event after its actor's name.
func sentence(rec *evidence.Record, details map[string]evidence.Cell, titles map[string]string) []Phrase {
	pattern := verbs[rec.Type]
	if pattern == "" {
		pattern = plainVerb(rec.Type)
	}
	var out []Phrase
	for pattern != "" {
		before, rest, found := strings.Cut(pattern, "{")
		if before != "" {
			out = append(out, Phrase{Text: before})
		}
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		if ref := thing(rec); name == "thing" && ref != "" {
			out = append(out, Phrase{Text: ref.Short(), Strong: true, Ref: ref})
		} else if text := fill(name, details, titles); text != "" {
			out = append(out, Phrase{Text: text, Strong: true})
		}
		pattern = after
	}
	if amount := public(details, "amount"); amount != "" {
		out = append(out, Phrase{Text: " · " + amount, Strong: true})
	}
	return out
}

func fill(name string, details map[string]evidence.Cell, titles map[string]string) string {
	switch name {
	case "thing":
		return "nothing in particular"
	case "act":
		return actTitle(public(details, "action"), titles)
	case "query":
		return queryTitle(public(details, "query"))
	case "role":
		return strings.ReplaceAll(public(details, name), "_", " ")
	}
	return public(details, name)
}

// plainVerb makes a sentence from a type's own words: payments.withdrawal.released
// is "released withdrawal {thing}".
func plainVerb(typ string) string {
	parts := strings.Split(typ, ".")
	if len(parts) < 3 {
		return typ
	}
	return strings.ReplaceAll(parts[len(parts)-1], "-", " ") + " " + parts[len(parts)-2] + " {thing}"
}

// thing is the record that the sentence is about: the person where the event
// is about one, or the first record that is not the proposal or session that
// led there.
func thing(rec *evidence.Record) core.Ref {
	pick := core.Ref("")
	for _, ref := range rec.Subjects {
		switch k := ref.Kind(); {
		case ref == rec.Actor:
		case aboutPeople(rec.Type) && slices.Contains(people, k):
			return ref
		case pick == "" && k != core.KindProposal && k != core.KindSession:
			pick = ref
		}
	}
	if pick == "" && len(rec.Subjects) > 0 {
		pick = rec.Subjects[0]
	}
	return pick
}

// aboutPeople are the types whose first subject is a paper about somebody.
func aboutPeople(typ string) bool {
	for _, prefix := range []string{"clients.", "access.grant.", "command.data."} {
		if strings.HasPrefix(typ, prefix) {
			return true
		}
	}
	return false
}

func public(details map[string]evidence.Cell, name string) string {
	if c, ok := details["detail."+name]; ok && c.New != nil && c.Class == "" {
		return *c.New
	}
	return ""
}

// actTitle is the title of an action: "Release a withdrawal".
func actTitle(action string, titles map[string]string) string {
	switch {
	case action == "":
		return "something"
	case titles[action] != "":
		return lowerFirst(titles[action])
	}
	return action
}

// queryTitle says what a query reads: clients.client.search is "clients".
func queryTitle(action string) string {
	if action == "evidence.event.search" {
		return "the evidence"
	}
	if parts := strings.Split(action, "."); len(parts) == 3 {
		return "the " + parts[1] + "s"
	}
	return "the records"
}

func lowerFirst(s string) string {
	for i, r := range s {
		if i == 0 {
			return string(unicode.ToLower(r)) + s[len(string(r)):]
		}
	}
	return s
}
