package main

import (
	"github.com/a-h/templ"

	"vouchsafe/core"
	"vouchsafe/web/ui"
)

type partsView struct {
	stats    []ui.StatView
	table    ui.TableView
	blocks   ui.BlocksView
	notices  []ui.NoticeView
	problem  ui.ProblemView
	options  []ui.OptionView
	routes   []ui.OptionView
	defs     []ui.Def
	bars     ui.BarsView
	strip    ui.StripView
	badges   []ui.BadgeView
	statuses []ui.StatusView
	pending  ui.SealView
	changes  []ui.Change
}

func parts(v ui.PageView) templ.Component {
	v.Head = ui.HeadView{Title: "Every part", Sub: []ui.MetaView{{Text: "The components with mock data"}}}
	v.Flash = &ui.NoticeView{Tone: ui.Good, Title: "Withdrawal released", Text: "The bank has been asked to pay.", Actions: []ui.Link{{Text: "See the evidence", Href: "/event"}}}
	p := partsView{strip: *activity(), changes: story[len(story)-1].changes, pending: ui.SealView{State: ui.Pending, Hash: hash("pending"), Permalink: "/event"}}
	partsLists(&p)
	partsValues(&p)
	return partsPage(v, p)
}

func partsLists(p *partsView) {
	p.stats = []ui.StatView{
		{Label: "Withdrawals waiting", Value: "17", Note: "EUR 212,480.10", Href: "/approvals", Spark: []int{3, 5, 4, 8, 9, 12, 17}},
		{Label: "Blocked", Value: "5", Note: "oldest 2d", Tone: ui.Warn, Href: "/approvals"},
		{Label: "Unmatched settlements", Value: "1", Note: "PSP says paid, we did not decide", Tone: ui.Bad},
		{Label: "Events today", Value: "1,904", Note: "all sealed", Tone: ui.Good},
	}
	row := func(ref core.Ref, name string, m core.Money, s ui.StatusView, tone ui.Tone) ui.Row {
		return ui.Row{ID: string(ref), Href: "/event", Tone: tone, Cells: []templ.Component{
			ui.Text(name), ui.Ref(ui.RefOf(ref, "/event")), ui.Money(m), ui.Masked(ui.MaskedView{Text: "DE44 •••• 7731", Why: bankMask}), ui.Status(s),
			ui.Time(ui.TimeView{At: moment("2026-11-20T09:12:33Z"), Now: now}), ui.SealBadge(ui.SealBadgeView{State: ui.Sealed, Hash: hash(name), Href: "/event"}),
		}}
	}
	p.table = ui.TableView{
		Caption: "Withdrawals", Pager: ui.PagerView{Shown: "3 withdrawals", First: "/parts", Next: "/parts?after=x"},
		Columns: []ui.Column{{Title: "Client", Primary: true, Sort: "/parts?s=c", Dir: ui.Ascending}, {Title: "Withdrawal"}, {Title: "Amount", Number: true, Sort: "/parts?s=a"}, {Title: "Account"}, {Title: "State"}, {Title: "Requested"}, {Title: "Seal"}},
		Rows: []ui.Row{
			row("wd_06f2k9m3q7x4c5v6b8n1a", "Ana Sørensen", eur(125_000), ui.StatusView{Text: "Settled", Tone: ui.Good}, ""),
			row("wd_06f2k9m3q7x4c5v6b8n2b", "Łukasz Dąbrowski", eur(1_240_000), ui.StatusView{Text: "Waiting", Icon: "hourglass"}, ""),
			row("wd_06f2k9m3q7x4c5v6b8n3c", "Zoë Müller", eur(-4_820_000), ui.StatusView{Text: "Rejected by bank", Tone: ui.Bad}, ui.Bad),
		},
	}
	p.blocks = ui.BlocksView{Now: now, Blocks: []ui.BlockView{{
		Title: "Withdrawals are blocked", Why: "The proof of address ran out on 19 November 2026.", Since: moment("2026-11-19T00:00:00Z"),
		Lifts: "A KYC analyst accepts a new proof of address.", Rule: ui.Link{Text: "onboarding/documents v9", Href: "/event"}, Do: []ui.Link{{Text: "Ask the client for one", Href: "/event"}},
	}}}
	p.notices = []ui.NoticeView{
		{Tone: ui.Note, Text: "You see the last four characters of bank details. Reading more is recorded."},
		{Tone: ui.Warn, Title: "The log has not been witnessed for 4 minutes", Text: "Events are sealed; outside witnesses have not confirmed the last 12."},
	}
	p.problem = ui.ProblemOf(core.NewFault(core.Refused, "approvals-same-actor", "You made this request, so somebody else must approve it."))
	p.problem.Event, p.problem.Ask = "/event", "req_01J9"
	p.problem.Fields = []ui.FieldProblem{{Field: "fee", Text: "Write the fee as digits with a dot."}}
}

func partsValues(p *partsView) {
	p.options = []ui.OptionView{{Value: "client", Text: "Client asked"}, {Value: "error", Text: "Our mistake"}}
	p.routes = []ui.OptionView{{Value: "sepa", Text: "SEPA Instant", Hint: "seconds, up to EUR 100,000"}, {Value: "swift", Text: "SWIFT", Hint: "1–3 days"}}
	p.defs = []ui.Def{
		{Term: "Reference", Body: ui.Ref(ui.RefOf("wd_06f2k9m3q7x4c5v6b8n1a", "/event"))},
		{Term: "Amount", Body: ui.Money(eur(123_456_789))},
		{Term: "When", Body: ui.Time(ui.TimeView{At: moment("2026-10-01T08:00:00Z"), Now: now})},
		ui.DefVal("IBAN", ui.Hidden("PL27 •••• 0193", bankMask)),
		ui.DefVal("Passport", ui.Hidden("", "identity documents are for KYC analysts")), ui.DefVal("Phone", ui.V("")), ui.DefVal("Address", ui.Code("10.4.18.31")),
	}
	p.bars = ui.BarsView{Title: "Onboarding, last 30 days", Bars: []ui.BarView{
		{Label: "Started", N: 412}, {Label: "Documents in", N: 318}, {Label: "Approved", N: 260, Tone: ui.Good}, {Label: "In review", N: 31, Tone: ui.Warn}, {Label: "Refused", N: 27, Tone: ui.Bad},
	}}
	p.badges = []ui.BadgeView{ui.OverrideBadge, ui.BlockedBadge, ui.DeniedBadge, ui.ManualBadge, ui.ErasedBadge, {Text: "verified", Tone: ui.Good, Icon: "check"}, {Text: "draft"}}
	p.statuses = []ui.StatusView{{Text: "Settled", Tone: ui.Good}, {Text: "Review due", Tone: ui.Warn}, {Text: "Rejected", Tone: ui.Bad}, {Text: "Proposed", Tone: ui.Note}, {Text: "Open"}}
}
