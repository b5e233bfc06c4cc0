package main

import (
	"github.com/a-h/templ"

	"vouchsafe/web/ui"
)

func approvals(v ui.PageView, own bool) templ.Component {
	v.Wide = true
	v.Head = ui.HeadView{
		Title: "Approvals",
		Sub:   []ui.MetaView{{Text: "What waits for a second person"}, {Text: "EU · Aurum Markets (Cyprus)"}},
		Facts: []ui.FactView{{Label: "Waiting", Value: ui.V("4")}, {Label: "Oldest", Value: ui.V("2h 51m")}, {Label: "Due today", Value: ui.V("3"), Tone: ui.Warn}},
		Seal:  &ui.SealBoxView{State: ui.Sealed, TreeSize: 184_220, Checkpoint: moment("2026-11-20T14:33:19Z"), Witnesses: 3},
		Tabs:  []ui.TabView{{Text: "For me", Href: "/approvals", Count: 4, Current: true}, {Text: "Mine", Href: "/approvals?open=own", Count: 1}, {Text: "Decided", Href: "/empty"}},
	}
	q := ui.QueryBarView{
		Action: "/approvals", Placeholder: "client, case, maker, action",
		Segments: []ui.ChipView{{Text: "All", Href: "/approvals", On: true}, {Text: "Payments", Href: "/approvals?kind=payments"}, {Text: "Platform", Href: "/approvals?kind=platform"}},
	}
	split := ui.SplitView{Label: "Proposal", Back: "/approvals", Panel: ui.ApprovalCard(proposal(own))}
	return approvalsPage(v, split, approvalTable(), q)
}

func approvalTable() ui.TableView {
	row := func(id string, k ui.Kind, what, client, amount, maker, due, at string, on bool) ui.Row {
		return ui.Row{ID: id, Href: "/approvals?open=" + id, Current: on, Cells: []templ.Component{
			ui.TimeOfDay(ui.TimeView{At: moment("2026-11-20T" + at + "Z"), Now: now}), ui.Kinded(k), ui.Text(what), ui.Text(client), ui.Text(amount), ui.Text(maker), ui.Text(due),
		}}
	}
	return ui.TableView{
		Caption: "Proposals that wait for approval", Peek: true,
		Columns: []ui.Column{
			{Title: "Proposed", Sort: "/approvals?sort=at", Dir: ui.Descending},
			{Title: "Part"},
			{Title: "Action", Primary: true},
			{Title: "Subject"},
			{Title: "Amount", Number: true, Sort: "/approvals?sort=amount"},
			{Title: "Maker", Tight: true},
			{Title: "Expires", Sort: "/approvals?sort=due", Tight: true},
		},
		Rows: []ui.Row{
			row("p1", ui.KindPayments, "Release withdrawal", "Zoë Müller", "EUR 48,200.00", "N. Petrou", "in 21h", "13:12:40", true),
			row("p2", ui.KindPlatform, "Post correction", "MT5 7002210", "EUR 92.10", "E. Brandt", "in 22h", "12:50:02", false),
			row("p3", ui.KindClients, "Change bank details", "Ana Sørensen", "—", "M. Rossi", "in 20h", "12:04:19", false),
			row("p4", ui.KindAccess, "Grant role MLRO deputy", "L. Haddad", "—", "H. Weiss", "in 3d", "11:42:55", false),
		},
		Pager: ui.PagerView{Shown: "4 proposals"},
	}
}

func proposal(own bool) ui.ApprovalView {
	amount := eur(4_820_000)
	v := ui.ApprovalView{
		Ref:  ui.RefView{Ref: "pr_06f2k9m3q7x4c5v6b8n1a", Text: "PR-B8N1A0", Href: "/event"},
		Kind: ui.KindPayments, Action: "payments.withdrawal.release", Title: "Release withdrawal WD-20977 to Zoë Müller",
		Amount: &amount, Now: now, Expires: moment("2026-11-21T11:42:40Z"),
		Changes: []ui.Change{change("status", "requested", "released"), {Field: "route", New: ui.V("SEPA Instant")}},
		Facts: []ui.Def{
			ui.DefVal("Account", ui.Hidden("DE44 •••• 7731", bankMask)), ui.DefText("Details since", "14 Mar 2025, used for 6 payouts"),
			ui.DefText("Name match", "exact"), ui.DefText("After this", "EUR 3,118.20 free, no open positions"),
		},
		Warnings: []string{"Since it was proposed, the client's risk score rose from 41 to 55."},
		Rule:     ui.Link{Text: "withdrawals/eu v14, rule above-25000", Href: "/parts"}, RuleText: "Withdrawals above EUR 25,000.00 need two approvals from Payments leads or Compliance.",
		Hash:  hash("proposal"),
		Maker: ui.Approver{Name: "N. Petrou", Role: "Payments", Href: "/parts", At: moment("2026-11-20T13:12:40Z")}, Reason: "Client closes the account; statement and call-back on file",
		Case: &ui.RefView{Ref: "ca_1", Text: "CASE-4480", Href: "/event"}, Needed: 2,
		Given:   []ui.Approver{{Name: "M. Charalambous", Role: "Compliance", Href: "/parts", At: moment("2026-11-20T13:40:11Z")}},
		WhoMay:  "a Payments lead or Compliance officer of EU who is neither the maker nor the first approver",
		Approve: "/approvals", Refuse: "/approvals", Escalate: "/event", Key: "k-1", RefuseKey: "k-2", MinReason: 12, HasNext: true,
		Reasons: []ui.OptionView{{Value: "facts-changed", Text: "Facts changed since it was proposed"}, {Value: "insufficient", Text: "Evidence does not suffice"}},
	}
	if own {
		v.WhyNot = "You made this request; another Payments lead must approve."
	}
	return v
}

func eventPage(v ui.PageView) templ.Component {
	e := panelOf("e-release")
	v.Head = ui.HeadView{
		Crumbs: []ui.Link{{Text: "Evidence", Href: "/evidence"}, {Text: "entity/eu", Href: "/evidence"}, {Text: "leaf 184,213"}},
		Title:  "Withdrawal released",
		Sub:    []ui.MetaView{{Text: "CL-8F3K2Q Łukasz Dąbrowski", Href: "/"}, {Label: "event", Text: "01987c2e-55a1-7f30-9d1e-3b1f0a7c9d21", Mono: true}},
		Seal:   &ui.SealBoxView{State: ui.Sealed, TreeSize: 184_220, Checkpoint: moment("2026-11-20T14:33:19Z"), Witnesses: 3},
		Actions: []ui.ButtonView{
			{Text: "Print", Icon: "printer", Look: ui.Quiet, Print: true},
			{Text: "Earlier", Icon: "arrow-left", Look: ui.Quiet, Href: "/event"},
			{Text: "Download proof", Icon: "download", Href: "/event"},
		},
	}
	v.Print = clientPrint()
	v.Print.What = "event 01987c2e-55a1-7f30-9d1e-3b1f0a7c9d21"
	return eventPageBody(v, e)
}

func empty(v ui.PageView) templ.Component {
	v.Head = ui.HeadView{Title: "Screening"}
	return emptyPage(v, ui.EmptyView{
		Icon: "scan-face", Title: "No hits to decide",
		Text:    "Every client is screened when they apply and again whenever a list changes. Hits that need a person stand here, oldest first. The last run was today at 08:00 UTC over 1,204 clients.",
		Actions: []ui.ButtonView{{Text: "See the last run", Href: "/event"}},
	})
}

func paletteFor(q string) ui.PaletteView {
	if q == "" {
		return ui.PaletteView{Query: q, Groups: []ui.PaletteGroup{{Title: "Go to", Items: []ui.PaletteItem{
			{Text: "Approvals", Href: "/approvals", Icon: "inbox", Note: "4 wait"}, {Text: "Evidence log", Href: "/", Icon: "activity"},
		}}}}
	}
	return ui.PaletteView{Query: q, Groups: []ui.PaletteGroup{
		{Title: "Clients", Items: []ui.PaletteItem{{Text: "Łukasz Dąbrowski", Note: "CL-8F3K2Q · EU · Gdańsk", Href: "/", Icon: "user"}}},
		{Title: "On this page", Items: []ui.PaletteItem{{Text: "Export evidence", Note: "this client, all events", Href: "/event", Icon: "download"}, {Text: "Approve", Href: "/approvals", Icon: "check", Key: "a"}}},
	}}
}
