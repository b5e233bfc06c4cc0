// Package ui is the design system: templ components that take plain view
// structs and render HTML. It decides nothing, knows no store and masks
// nothing; what a viewer may not see never reaches it.
//
// # Rules
//
//   - Component X takes one XView (or, where the thing is that simple, a slice
//     or a core value). Zero fields mean "not shown".
//   - Nothing inline: no style, script or handler attributes, no hx-on, no js:
//     values. Every page runs under CSP. Tests scan for it.
//   - Every filter, tab, selection and row is a link; every act is a form.
//     JavaScript only makes it quicker (web/static/js).
//   - Colour never stands alone: a Tone comes with its icon and its word.
//   - Texts are sentences for the reader; reasons and masks say why.
//   - In .templ files put component calls on lines of their own: text right
//     after a call is read as Go.
//
// Look at everything with `go run ./web/ui/gallery`. After changing a .templ
// file: `go run github.com/a-h/templ/cmd/templ@v0.3.1020 generate -path web/ui`.
//
// # Shells
//
// Page is every signed-in page: sidebar, heading, content, paper's cover.
//
//	@ui.Page(ui.PageView{Theme: ui.ThemeFrom(r), Now: now, Here: r.URL.RequestURI(), Nav: nav,
//		Entity: entity, Person: person, Palette: "/palette", Head: head}) { …content… }
//
// HeadView (inside PageView) holds crumbs, serif title, facts, seal, tabs, actions.
//
//	ui.HeadView{Crumbs: []ui.Link{{"Clients", "/clients"}, {Text: "CL-8F3K2Q"}}, Title: name,
//		Facts: []ui.FactView{{Label: "Risk", Value: ui.V("52 · medium"), Tone: ui.Warn}}, Tabs: tabs}
//
// SignInPage is the centred card for people who are not signed in.
//
//	@ui.SignInPage(ui.SignInView{Title: "Sign in", Theme: t, Here: "/signin"}) {
//		@ui.Form(…) { … } }
//
// Split puts content beside a side panel, which on a phone becomes the page;
// its PageView is Wide. Answer htmx with PanelFragment.
//
//	if ui.WantsFragment(r, "panel") { return ui.PanelFragment(split) } // and Vary: HX-Request
//	@ui.Split(ui.SplitView{Panel: ui.EventPanel(e), Back: listURL, Hint: "Choose an event."}) { @ui.Timeline(t) }
//
// # Evidence
//
// Timeline is events in days with its query bar; TimelineRow is one of them.
//
//	@ui.Timeline(ui.TimelineView{Now: now, Query: bar, Days: days, Empty: ui.EmptyView{Title: "No event matches"}})
//	ui.EventRow{ID: id, Href: url, At: at, Kind: ui.KindOf(typ), Sentence: []ui.Span{ui.B("A. Okonjo"), ui.T(" released "), ui.B("WD-20931")}}
//
// EventPanel is one event in full, with its SealCard.
//
//	@ui.EventPanel(ui.EventPanelView{Type: typ, Title: ui.Say(spans), At: at, Now: now, Changes: ch,
//		Who: ui.V(name), Role: role, Why: ui.V(reason), From: ui.Code(ip), Seal: seal})
//
// SealCard, SealBox and SealBadge show the seal: as a card with its proof
// (ProofPath draws it), in a heading, on a record.
//
//	@ui.SealBadge(ui.SealBadgeView{State: ui.Sealed, Hash: leafHash, Href: permalink})
//	ui.SealView{State: ui.Sealed, Leaf: 184213, TreeSize: 184220, Hash: h, Root: root, Path: steps, Permalink: "/e/…"}
//
// Diff and DiffTable show changes on one line, and as a table.
//
//	@ui.Diff([]ui.Change{{Field: "status", Old: ui.V("held"), New: ui.V("released")},
//		{Field: "iban", Old: ui.Hidden("PL61 •••• 2874", why), New: ui.Hidden("PL27 •••• 0193", why)}})
//
// # Values
//
// Val renders a Value: plain, linked, monospaced, masked, or absent. Masked is
// the masked form by itself.
//
//	@ui.Val(ui.Hidden("DE44 •••• 7731", "your role sees the last four characters"))
//	@ui.Masked(ui.MaskedView{Text: "DE44 •••• 7731", Why: "…"})
//
// DefList is terms and values; a body is any component.
//
//	@ui.DefList([]ui.Def{ui.DefText("Name match", "exact"), ui.DefVal("IBAN", ui.Hidden(…)),
//		{Term: "Amount", Body: ui.Money(m)}})
//
// Money, Time, TimeOfDay, Ref, CaseChip, Badge, Status, Kinded, Icon, Text,
// Anchor and CopyIcon are the small parts.
//
//	@ui.Money(m)
//	@ui.Time(ui.TimeView{At: at, Now: now})
//	@ui.Ref(ui.RefOf(ref, "/withdrawals/"+string(ref)))
//	@ui.Badge(ui.OverrideBadge)
//	@ui.Status(ui.StatusView{Text: "Settled", Tone: ui.Good})
//
// Steps is the road of a record: what is done, where it waits, what is ahead.
//
//	@ui.Steps("The road of this intervention", []ui.StepView{{Title: "Approved", Who: name, At: at, State: ui.StepDone}})
//
// # Lists
//
// Table is dense, sortable by links, whole rows lead somewhere; on a phone rows
// are cards. Peek opens rows in the Split's panel. Empty teaches.
//
//	@ui.Table(ui.TableView{Caption: "Withdrawals", Columns: []ui.Column{{Title: "Client", Primary: true}, {Title: "Amount", Number: true}},
//		Rows: []ui.Row{{Href: url, Cells: []templ.Component{ui.Text(name), ui.Money(m)}}}, Pager: ui.PagerView{Next: next}, Empty: empty})
//
// QueryBar is a search field with segments, filter chips, syntax help, strip.
//
//	@ui.QueryBar(ui.QueryBarView{Action: "/clients", Value: q, Placeholder: "name, id, case",
//		Chips: []ui.ChipView{{Text: "Payments", Href: url, On: true, Kind: ui.KindPayments}}})
//
// Filters is a line of fields above a list, sent together.
//
//	@ui.Filters(ui.FiltersView{Action: "/interventions", Clear: "/interventions"}) { @ui.SelectField(…) }
//
// Pager and EmptyState stand alone too; a keyset list has no page numbers.
//
//	@ui.Pager(ui.PagerView{Shown: "50 events", Next: "?after=…", Size: "read at 184,220 leaves"})
//	@ui.EmptyState(ui.EmptyView{Icon: "inbox", Title: "Nothing waits", Text: "Proposals that need you stand here."})
//
// # Acting
//
// Form carries the idempotency key; fields are Field, MoneyField, SelectField,
// TextareaField, FileField, CheckField, RadioField; Fieldset groups them.
//
//	@ui.Form(ui.FormView{Action: "/withdrawals", Key: key, Problem: problem}) {
//		@ui.MoneyField(ui.MoneyView{Name: "amount", Label: "Amount", Currency: "EUR", Error: ui.FieldError(fault, "amount")})
//		@ui.TextareaField(ui.TextareaView{Name: "reason", Label: "Reason", MinLength: 20, Required: true})
//		@ui.FormActions([]ui.ButtonView{{Text: "Propose", Look: ui.Primary}, {Text: "Cancel", Look: ui.Quiet, Href: back}}) }
//
// Button is a button or a link; with Why it is disabled and says why.
//
//	@ui.Button(ui.ButtonView{Text: "Release", Why: "You made this request; another Payments lead must approve."})
//	@ui.Button(ui.ButtonView{Text: "Export evidence", Icon: "download", Href: url})
//
// ApprovalCard shows a proposal and its approve and refuse forms, which send
// payload_hash, reason, reason_code and then=next (the Approval…Field names).
//
//	@ui.ApprovalCard(ui.ApprovalView{Ref: ref, Action: typ, Title: title, Hash: hash, Maker: maker, Needed: 2,
//		Given: given, Rule: rule, WhoMay: who, WhyNot: whyNot, Approve: url, Refuse: url2, Key: k1, RefuseKey: k2})
//
// Notice, Problem and Blocks say what happened, what is wrong, what stands in
// the way and what lifts it.
//
//	@ui.Notice(ui.NoticeView{Tone: ui.Good, Title: "Withdrawal released", Actions: []ui.Link{{"See the evidence", url}}})
//	@ui.Problem(ui.ProblemOf(fault))
//	@ui.Blocks(ui.BlocksView{Now: now, Blocks: blocks, Clear: "Nothing stands in the way of withdrawals"})
//
// # Numbers and dialogs
//
// StatTiles, Strip and Bars draw numbers, as SVG with attributes only.
//
//	@ui.StatTiles([]ui.StatView{{Label: "Waiting", Value: "17", Note: "oldest 2h", Href: url, Tone: ui.Warn}})
//	@ui.Bars(ui.BarsView{Title: "Onboarding", Bars: []ui.BarView{{Label: "Started", N: 412}}})
//
// Dialog is a modal; a link with data-dialog="its id" opens it. Palette is the
// palette's page and PaletteResults the fragment that its dialog fetches.
//
//	@ui.Dialog("help", "How to ask") { … }
//	if r.Header.Get("HX-Request") == "true" { return ui.PaletteResults(v) } else { return page(ui.Palette(v)) }
//
// Classes for arranging a page's content: stack (a column), columns (two where
// there is room), cluster (a line that wraps), measure and prose (readable
// widths), section (a serif heading).
package ui
