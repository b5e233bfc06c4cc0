package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// The mock story: a proof of address runs out, so a withdrawal is blocked when
// the client asks for it; a new document is accepted, one person proposes the
// release and another approves it. The bank details were changed weeks before
// and their cooling-off time is over.

var now = moment("2026-11-20T14:33:20Z")

func moment(s string) core.Instant {
	t, err := core.ParseInstant(s)
	if err != nil {
		panic(err)
	}
	return t
}

func eur(minor int64) core.Money { return core.Money{Minor: minor, Currency: "EUR"} }

func hash(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

const bankMask = "your role sees the last four characters of bank details"

func clientHead() ui.HeadView {
	return ui.HeadView{
		Crumbs: []ui.Link{{Text: "Clients", Href: "/clients"}, {Text: "CL-8F3K2Q"}},
		Title:  "Łukasz Dąbrowski",
		Sub: []ui.MetaView{
			{Text: "EU · Aurum Markets (Cyprus)", Href: "/parts"},
			{Label: "MT5", Text: "7001842", Mono: true},
			{Text: "IB-0417 Meridian", Href: "/partners"},
			{Text: "Gdańsk, PL"},
		},
		Facts: []ui.FactView{
			{Label: "KYC", Value: ui.V("Verified"), Tone: ui.Good},
			{Label: "Risk", Value: ui.V("52 · medium"), Tone: ui.Warn},
			{Label: "Balance", Value: ui.V("€31,207.44")},
			{Label: "On hold", Value: ui.V("")},
		},
		Seal: &ui.SealBoxView{State: ui.Sealed, TreeSize: 184_220, Checkpoint: moment("2026-11-20T14:33:19Z"), Witnesses: 3, Href: "/event"},
		Tabs: []ui.TabView{
			{Text: "Overview", Href: "/parts"},
			{Text: "Onboarding", Href: "/empty"},
			{Text: "Payments", Href: "/approvals"},
			{Text: "Platform", Href: "/parts"},
			{Text: "Evidence", Href: "/", Count: 50, Current: true},
			{Text: "Notes", Href: "/empty"},
		},
		Actions: []ui.ButtonView{
			{Text: "Print file", Icon: "printer", Look: ui.Quiet, Print: true},
			{Text: "Export evidence", Icon: "download", Href: "/event"},
		},
	}
}

func clientPrint() ui.PrintView {
	return ui.PrintView{
		What: "client:CL-8F3K2Q, all events", Log: "entity/eu", TreeSize: 184_220,
		Checkpoint: hash("root"), At: now, By: "A. Okonjo, Payments lead",
	}
}

type mock struct {
	id, at, typ string
	say         []ui.Span
	changes     []ui.Change
	badges      []ui.BadgeView
	cas         string
	who, role   string
	why, from   string
	policy      string
	approvers   []ui.Approver
}

func (m mock) row(open string) ui.EventRow {
	r := ui.EventRow{
		ID: m.id, Href: "/?event=" + m.id, At: moment(m.at), Kind: ui.KindOf(m.typ), Sentence: m.say, Changes: m.changes,
		Badges: m.badges, Current: m.id == open, Seal: ui.SealBadgeView{State: ui.Sealed, Hash: hash(m.id)},
	}
	if m.cas != "" {
		r.Case = &ui.RefView{Ref: strings.ToLower(m.cas), Text: m.cas, Href: "/event"}
	}
	return r
}

func change(field, old, now string) ui.Change {
	return ui.Change{Field: field, Old: ui.V(old), New: ui.V(now)}
}

func timeline(open string) ui.TimelineView {
	v := ui.TimelineView{
		Now: now, Query: timelineQuery(), Empty: ui.EmptyView{Title: "No event matches"},
		Pager: ui.PagerView{Shown: "18 of 50 events", Size: "read at 184,220 leaves", Next: "/?after=x"},
	}
	for _, m := range story {
		day := m.at[:10]
		if n := len(v.Days); n == 0 || v.Days[n-1].Day.String()[:10] != day {
			v.Days = append(v.Days, ui.DayView{Day: moment(m.at)})
		}
		d := &v.Days[len(v.Days)-1]
		d.Rows = append(d.Rows, m.row(open))
		d.Count++
	}
	return v
}

func timelineQuery() ui.QueryBarView {
	q := ui.QueryBarView{
		Action: "/", Placeholder: "actor, case, type, reason",
		Segments: []ui.ChipView{{Text: "All", Href: "/", On: true}, {Text: "Changes", Href: "/?show=changes"}, {Text: "Overrides", Href: "/?show=overrides"}},
		Help: []ui.SyntaxView{
			{Example: "actor:okonjo", Text: "what this person did"},
			{Example: "case:CASE-4471", Text: "everything under a case"},
			{Example: "type:payments.*", Text: "events by type"},
			{Example: "before:2026-11-01", Text: "up to a day"},
		},
		Strip: activity(),
	}
	for _, k := range ui.Kinds[:8] {
		q.Chips = append(q.Chips, ui.ChipView{Text: k.Title(), Href: "/?kind=" + string(k), Kind: k})
	}
	return q
}

func activity() *ui.StripView {
	s := &ui.StripView{Label: "Events a day, 24 October to 20 November"}
	counts := []int{0, 1, 0, 0, 2, 1, 0, 0, 0, 1, 3, 1, 0, 0, 1, 0, 2, 1, 0, 1, 0, 0, 1, 2, 1, 3, 4, 9}
	for i, n := range counts {
		day := moment("2026-10-24T00:00:00Z").Add(time.Duration(i) * 24 * time.Hour)
		s.Points = append(s.Points, ui.StripPoint{
			Label: fmt.Sprintf("%s: %s", day.Time().Format("2 Jan"), ui.Plural(n, "event", "events")), N: n,
			Href: "/?day=" + day.Time().Format("2006-01-02"), On: i >= len(counts)-2,
		})
	}
	return s
}

// panelOf is the event that the side panel shows.
func panelOf(id string) ui.EventPanelView {
	m := story[0]
	for _, x := range story {
		if x.id == id {
			m = x
		}
	}
	v := ui.EventPanelView{
		Type: m.typ, Title: ui.Say(m.say), At: moment(m.at), Now: now, Badges: m.badges, Changes: m.changes,
		Who: ui.Value{Text: m.who, Href: "/parts"}, Role: m.role, Why: ui.V(m.why), From: ui.Code(m.from), Approvers: m.approvers,
		Seal: sealOf(m.id),
	}
	if m.cas != "" {
		v.Case = &ui.RefView{Ref: strings.ToLower(m.cas), Text: m.cas, Href: "/event"}
	}
	if m.policy != "" {
		v.Policy = []ui.Link{{Text: m.policy, Href: "/parts"}}
	}
	return v
}

func sealOf(id string) ui.SealView {
	v := ui.SealView{
		State: ui.Sealed, Log: "entity/eu", Leaf: 184_213, TreeSize: 184_220, Hash: hash(id), Root: hash("root"),
		Checkpoint: moment("2026-11-20T14:33:19Z"), Witnesses: 3, Permalink: "/event", RawHref: "/event",
		Verify: "vouchsafe verify --proof " + id + ".proof --key vouchsafe.pub",
	}
	for i := range 18 {
		v.Path = append(v.Path, ui.PathStep{Hash: hash(fmt.Sprint(id, i)), Left: i == 0 || i == 2 || i > 8})
	}
	return v
}
