package oversight

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Query is the query bar's text, understood.
type Query struct {
	Refs    []Term           // records that the event must all concern
	By      []Term           // who acted
	Entity  string           // a legal entity, or "group"
	Types   []string         // event types, as prefixes
	Outcome evidence.Outcome // how it ended
	Event   string           // the id of one event
	From    core.Instant     // inclusive
	To      core.Instant     // exclusive
	Changed []string         // fields that were changed: column, or table.column
	Reasons []string         // reason codes
	Old     []string         // words that an update took out of a field; personal
	New     []string         // words that an update put into a field; personal
	Words   []string         // anything else; personal
}

// Term is a reference in full, or its short form for people.
type Term struct {
	Ref  core.Ref  // in full, or empty
	Kind core.Kind // of a short form
	Tail string    // its last characters
}

func (t Term) text() string {
	if t.Ref != "" {
		return string(t.Ref)
	}
	return strings.ToUpper(string(t.Kind) + "-" + t.Tail)
}

// Qualifier is one word before a colon, for the help beside the query bar.
type Qualifier struct{ Name, Example, Meaning string }

// Qualifiers lists what the query bar understands.
var Qualifiers = []Qualifier{
	{"client", "client:CL-8F3K2Q", "everything about a client"},
	{"staff", "staff:me", "what a colleague did, or what concerned them"},
	{"by", "by:st_06f2k9m3q7x4c5v6b8n1a", "only what they did"},
	{"entity", "entity:cy", "one legal entity; entity:group for the group's log"},
	{"action", "action:clients.bankdetail", "by the beginning of the action's name"},
	{"case", "case:CA-44V6B8", "everything under a case"},
	{"account", "account:TA-91XK2M", "a trading account"},
	{"withdrawal", "withdrawal:WD-V6B8N1", "a withdrawal; also deposit:, intervention:, proposal:, document:, finding:"},
	{"outcome", "outcome:denied", "done, proposed, denied, refused, failed or unsure"},
	{"reason", "reason:client_request", "a reason code"},
	{"changed", "changed:client.status", "a field that an update changed; changed:status in any record"},
	{"old", `old:"12 Harbour Road"`, "what stood in a field before an update"},
	{"new", "new:inactive", "what an update put there"},
	{"after", "after:2026-11-01", "from a day or moment on, UTC"},
	{"before", "before:2026-11-20T14:00:00Z", "up to it"},
}

var kindWords = map[string]core.Kind{
	"client": core.KindClient, "staff": core.KindStaff, "case": core.KindCase, "account": core.KindAccount,
	"withdrawal": core.KindWithdrawal, "deposit": core.KindDeposit, "intervention": core.KindIntervention,
	"proposal": core.KindProposal, "document": core.KindDocument, "finding": core.KindFinding, "application": core.KindApplication,
	"partner": core.KindPartner, "grant": core.KindGrant, "bankdetail": core.KindBankDetail, "session": core.KindSession,
	"by": core.KindStaff, "ref": "",
}

var (
	shortForm = regexp.MustCompile(`^([A-Za-z]{2,3})-([0-9A-Za-z]{4,21})$`)
	fullForm  = regexp.MustCompile(`^[a-z]{2,4}_[0-9a-z.-]+$`)
	eventForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	lineForm  = regexp.MustCompile(`[A-Za-z]+:"[^"]*"|"[^"]*"|\S+`)
)

// ParseTerm reads a reference, in full or in its short form.
func ParseTerm(text string) (Term, bool) {
	if fullForm.MatchString(text) && core.Ref(text).Valid() {
		return Term{Ref: core.Ref(text)}, true
	}
	if m := shortForm.FindStringSubmatch(text); m != nil && knownKind(core.Kind(strings.ToLower(m[1]))) {
		return Term{Kind: core.Kind(strings.ToLower(m[1])), Tail: strings.ToLower(m[2])}, true
	}
	return Term{}, false
}

func knownKind(k core.Kind) bool {
	for _, known := range kindWords {
		if k == known && k != "" {
			return true
		}
	}
	return slices.Contains([]core.Kind{core.KindEntity, core.KindSystem, core.KindPack, core.KindJournal, core.KindSetting, core.KindToken}, k)
}

// IsEventID reports whether text is the id of an event.
func IsEventID(text string) bool { return eventForm.MatchString(strings.ToLower(text)) }

// ParseQuery reads the query bar. What it cannot read is an Invalid fault on
// the field q; a word with an unknown name before its colon is one, so that a
// misspelt filter never shows more than was asked for.
func ParseQuery(text string, me core.Ref) (Query, error) {
	var q Query
	if len(text) > maxQuery {
		return q, errLongQuery
	}
	for _, item := range lineForm.FindAllString(strings.ToValidUTF8(text, ""), -1) {
		if err := q.add(item, me); err != nil {
			return Query{}, err
		}
	}
	for _, words := range []*[]string{&q.Changed, &q.Reasons, &q.Old, &q.New, &q.Words} {
		slices.Sort(*words)
		*words = slices.Compact(*words)
	}
	if len(q.looked()) > maxParts || len(q.Refs)+len(q.By)+len(q.Types)+len(q.Changed)+len(q.Reasons) > maxParts {
		return Query{}, errLongQuery
	}
	return q, nil
}

// The limits of one query: each part costs the database a look.
const (
	maxQuery = 1000 // bytes
	maxParts = 16
)

var errLongQuery = core.InvalidField("q", "This is too much for one search: at most sixteen words and as many references.")

func (q *Query) add(item string, me core.Ref) error {
	if quoted, ok := strings.CutPrefix(item, `"`); ok {
		q.Words = append(q.Words, evidence.Words(quoted)...)
		return nil
	}
	name, value, qualified := strings.Cut(item, ":")
	if !qualified {
		q.bare(item)
		return nil
	}
	name = strings.ToLower(name)
	if value == "" {
		return core.InvalidField("q", "Write something after “"+name+":”, or leave it out.")
	}
	switch name {
	case "entity":
		q.Entity = strings.ToLower(value)
	case "action", "type":
		return q.prefix(value)
	case "outcome":
		return q.outcome(value)
	case "before", "after":
		return q.date(name, value)
	case "changed", "reason", "old", "new":
		return q.said(name, strings.Trim(value, `"`))
	default:
		return q.record(name, value, me)
	}
	return nil
}

func (q *Query) bare(item string) {
	if IsEventID(item) {
		q.Event = strings.ToLower(item)
	} else if t, ok := ParseTerm(item); ok {
		q.Refs = append(q.Refs, t)
	} else {
		q.Words = append(q.Words, evidence.Words(item)...)
	}
}

func (q *Query) record(name, value string, me core.Ref) error {
	kind, ok := kindWords[name]
	if !ok {
		return core.InvalidField("q", "“"+name+":” is not something to search by. Put the words in quotes to search for them as they are.")
	}
	t, ok := ParseTerm(value)
	if !ok && kind == core.KindStaff && value == "me" {
		t, ok = Term{Ref: me}, true
	}
	if !ok {
		return core.InvalidField("q", "After “"+name+":” write a reference, such as "+strings.ToUpper(string(kind))+"-V6B8N1. Names are found by writing them alone.")
	}
	if name == "by" {
		q.By = append(q.By, t)
	} else {
		q.Refs = append(q.Refs, t)
	}
	return nil
}

func (q *Query) prefix(value string) error {
	value = strings.TrimSuffix(strings.ToLower(value), "*")
	if len(typesUnder(value)) == 0 && !strings.Contains(value, ".") {
		return core.InvalidField("q", "No action's name begins with “"+value+"”.")
	}
	q.Types = append(q.Types, value)
	return nil
}

// typesUnder lists the registered event types that begin with prefix.
func typesUnder(prefix string) (out []string) {
	for _, t := range evidence.Types() {
		if strings.HasPrefix(t.Name, prefix) {
			out = append(out, t.Name)
		}
	}
	return out
}

func (q *Query) outcome(value string) error {
	switch o := evidence.Outcome(strings.ToLower(value)); o {
	case evidence.Done, evidence.Proposed, evidence.Denied, evidence.Refused, evidence.Failed, evidence.Unsure:
		q.Outcome = o
		return nil
	}
	return core.InvalidField("q", "An outcome is done, proposed, denied, refused, failed or unsure.")
}

func (q *Query) date(name, value string) error {
	at, err := core.ParseInstant(value)
	if day, derr := time.Parse(time.DateOnly, value); derr == nil {
		at, err = core.At(day), nil
	}
	if err != nil || at <= 0 {
		return core.InvalidField("q", "Write a day as 2026-11-20, or a moment as 2026-11-20T14:00:00Z, after “"+name+":”.")
	}
	if name == "after" {
		q.From = at
	} else {
		q.To = at
	}
	return nil
}

// Plain reports whether the query may stand in an address: nothing in it can
// be a personal value.
func (q Query) Plain() bool { return len(q.looked()) == 0 }

// Empty reports whether nothing is asked: the whole log.
func (q Query) Empty() bool { return q.String() == "" }

// String writes the query in one canonical form, words last.
func (q Query) String() string {
	var out []string
	put := func(name, value string) {
		if value != "" {
			out = append(out, name+":"+value)
		}
	}
	for _, t := range q.Refs {
		out = append(out, t.text())
	}
	for _, t := range q.By {
		put("by", t.text())
	}
	put("entity", q.Entity)
	for _, t := range q.Types {
		put("action", t)
	}
	put("outcome", string(q.Outcome))
	for name, values := range q.sides() {
		for _, v := range values {
			put(name, v)
		}
	}
	put("after", written(q.From))
	put("before", written(q.To))
	if q.Event != "" {
		out = append(out, q.Event)
	}
	return strings.Join(append(out, q.Words...), " ")
}

func written(at core.Instant) string {
	if at == 0 {
		return ""
	}
	if t := at.Time(); t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return at.Time().Format(time.RFC3339Nano)
}
