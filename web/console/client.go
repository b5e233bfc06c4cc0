package console

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/onboarding"
	"vouchsafe/web/ui"
)

// clientTabs are the parts of a client's page, in order. A domain adds its
// line here and its route under /clients/{id}.
var clientTabs = []struct{ text, path string }{
	{"Overview", ""},
	{"Timeline", "/timeline"},
	{"Documents", "/documents"},
	{"Payments", "/payments"},
	{"Platform", "/platform"},
}

const whyMasked = "your roles do not include seeing this"

// seen is a value that a domain rendered for this reader.
func seen(text string, masked bool) ui.Value {
	if masked {
		return ui.Hidden(text, whyMasked)
	}
	return ui.V(text)
}

func clientField(f clients.Field) ui.Value { return seen(f.Text, f.Masked) }

func clientPath(id core.Ref) string { return "/clients/" + string(id) }

// clientTitle is the client's name where the reader may see it, and otherwise
// what the record is called.
func clientTitle(v clients.ClientView) string {
	if v.Name.Masked || v.Name.Text == "" {
		return "Client " + v.ID.Short()
	}
	return v.Name.Text
}

// clientOf reads the client that the path names.
func (s *Server) clientOf(r *http.Request, accounts bool) (clients.ClientView, error) {
	a, _ := s.actor(r)
	return command.Ask(r.Context(), s.Road, a, clients.ClientPage{}, clients.ViewClient{Client: core.Ref(r.PathValue("id")), Account: accounts})
}

// clientHead is the heading that all pages about a client share.
func clientHead(v clients.ClientView, path string) ui.HeadView {
	h := ui.HeadView{
		Crumbs: []ui.Link{{Text: "Clients", Href: "/clients"}, {Text: v.ID.Short()}}, Title: clientTitle(v),
		Sub: []ui.MetaView{{Text: string(v.ID), Mono: true}, {Label: "entity", Text: string(v.Entity), Mono: true}},
		Facts: []ui.FactView{
			{Label: "Status", Value: ui.V(string(v.Status)), Tone: clientTone(v.Status)},
			{Label: "Category", Value: ui.V(words(string(v.Category)))},
			{Label: "Country", Value: ui.V(v.Country)},
		},
	}
	for _, t := range clientTabs {
		h.Tabs = append(h.Tabs, ui.TabView{Text: t.text, Href: clientPath(v.ID) + t.path, Current: t.path == path})
	}
	return h
}

// clientSubHead is the heading of a form about a client.
func clientSubHead(v clients.ClientView, title string) ui.HeadView {
	return ui.HeadView{Crumbs: []ui.Link{{Text: "Clients", Href: "/clients"}, {Text: clientTitle(v), Href: clientPath(v.ID)}, {Text: title}}, Title: title}
}

func clientTone(st clients.Status) ui.Tone {
	switch st {
	case clients.Open:
		return ui.Good
	case clients.Dormant:
		return ui.Warn
	}
	return ui.Neutral
}

func (s *Server) clientPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.clientOf(r, r.URL.Query().Get("show") == "accounts")
	if err != nil {
		return err
	}
	a, _ := s.actor(r)
	blocks, err := command.Ask(r.Context(), s.Road, a, onboarding.ClientBlocks{Domain: s.Onboarding}, onboarding.BlocksOf{Client: v.ID})
	if err != nil {
		return err
	}
	head := clientHead(v, "")
	for _, b := range []struct {
		act        command.Action
		text, path string
	}{
		{"clients.client.change", "Change", "/change"},
		{"clients.bankdetail.add", "Add a bank detail", "/bank-details/new"},
		{"clients.restriction.set", "Restrict", "/restrict"},
	} {
		if v.May[b.act] {
			head.Actions = append(head.Actions, ui.ButtonView{Text: b.text, Href: clientPath(v.ID) + b.path})
		}
	}
	head.Actions = append(head.Actions, s.packButton(r, "client", v.ID, v.Entity)...)
	var refs []core.Ref
	for _, x := range v.Restrictions {
		refs = append(refs, x.SetBy, x.LiftedBy)
	}
	p := clientParts{ClientView: v, Now: s.Road.Clock.Now(), Names: s.names(r, refs...), Blocks: s.blocks(blocks)}
	return s.render(w, r, s.page(r, head), clientBody(p))
}

// clientTimeline is everything that was done to, seen of and refused about the
// client.
func (s *Server) clientTimeline(w http.ResponseWriter, r *http.Request) error {
	v, err := s.clientOf(r, false)
	if err != nil {
		return err
	}
	return s.timeline(w, r, s.page(r, clientHead(v, "/timeline")), timelineOf{Of: v.ID})
}

// clientParts is the overview of a client.
type clientParts struct {
	clients.ClientView
	Now    core.Instant
	Names  func(core.Ref) string
	Blocks ui.BlocksView
}

// blocks draws what a client is blocked from.
func (s *Server) blocks(bs []onboarding.Block) ui.BlocksView {
	v := ui.BlocksView{Now: s.Road.Clock.Now(), Clear: "Nothing keeps this client from trading, funding or withdrawing"}
	for _, b := range bs {
		v.Blocks = append(v.Blocks, ui.BlockView{Title: stopped(b.Stops), Why: b.Text, Since: b.Since, Lifts: b.LiftedBy})
	}
	return v
}

var purposeTitles = map[string]string{
	onboarding.AnyPurpose: "Everything", onboarding.LiveTrading: "Live trading",
	onboarding.Funding: "Funding", onboarding.WithdrawalRelease: "Release of withdrawals",
}

func stopped(purposes []string) string {
	names := make([]string, len(purposes))
	for i, p := range purposes {
		names[i] = words(p)
		if t := purposeTitles[p]; i == 0 && t != "" {
			names[i] = t
		}
	}
	text := enumerated(names, "and")
	if len(purposes) == 1 {
		return text + " is blocked"
	}
	return text + " are blocked"
}

// profile is the definition list of a client's record.
func (p clientParts) profile() []ui.Def {
	defs := []ui.Def{
		ui.DefVal("Name", clientField(p.Name)), ui.DefVal("E-mail", clientField(p.Email)), ui.DefVal("Phone", clientField(p.Phone)),
		ui.DefVal("Address", clientField(p.Address)), ui.DefVal("Country of residence", ui.V(p.Country)),
		ui.DefVal("Date of birth", clientField(p.BirthDate)), ui.DefVal("Nationality", ui.V(p.Nationality)),
		ui.DefVal("Category", ui.V(words(string(p.Category)))),
		{Term: "Recorded", Body: ui.Time(ui.TimeView{At: p.Created, Now: p.Now})},
	}
	if p.IntroducedBy != "" {
		defs = append(defs, ui.Def{Term: "Introduced by", Body: ui.Ref(refLink(p.IntroducedBy))})
	}
	return defs
}

// maskedAccounts reports whether there is an account number that is not shown
// whole.
func (p clientParts) maskedAccounts() bool {
	for _, b := range p.BankDetails {
		if b.Account.Masked {
			return true
		}
	}
	return false
}

func (p clientParts) bankTable() ui.TableView {
	t := ui.TableView{
		Caption: "Bank details", Columns: []ui.Column{
			{Title: "Account", Primary: true},
			{Title: "Holder"},
			{Title: "Bank"},
			{Title: "Currency"},
			{Title: "Changed"},
			{Title: "State"},
			{Title: ""},
		},
		Empty: ui.EmptyView{Icon: "landmark", Title: "No bank detail", Text: "Withdrawals need an account of the client to go to."},
	}
	for _, b := range p.BankDetails {
		state := ui.StatusView{Text: "in use", Tone: ui.Good}
		if !b.Active {
			state = ui.StatusView{Text: "out of use"}
		}
		acts := templ.Component(ui.Text(""))
		if p.May["clients.bankdetail.change"] {
			acts = ui.Anchor(ui.Link{Text: "Change", Href: clientPath(p.ID) + "/bank-details/" + string(b.ID)})
		}
		account := clientField(b.Account)
		account.Mono = true
		t.Rows = append(t.Rows, ui.Row{ID: string(b.ID), Cells: []templ.Component{
			ui.Val(account), ui.Val(clientField(b.Holder)), ui.Val(clientField(b.Bank)),
			ui.Text(b.Currency), ui.Time(ui.TimeView{At: b.ChangedAt, Now: p.Now}), ui.Status(state), acts,
		}})
	}
	return t
}

func (p clientParts) restrictionTable() ui.TableView {
	t := ui.TableView{
		Caption: "Restrictions", Columns: []ui.Column{
			{Title: "From", Primary: true},
			{Title: "Reason"},
			{Title: "In words"},
			{Title: "Set"},
			{Title: "Lifted"},
			{Title: ""},
		},
		Empty: ui.EmptyView{Icon: "ban", Title: "No restriction", Text: "Compliance sets one at once; lifting it takes two persons."},
	}
	for _, x := range p.Restrictions {
		lifted, acts := templ.Component(ui.Val(ui.Value{})), templ.Component(ui.Text(""))
		if x.LiftedAt != 0 {
			lifted = byAt(p.Names(x.LiftedBy), x.LiftedAt, p.Now)
		}
		if x.InForce && p.May["clients.restriction.lift"] {
			acts = ui.Anchor(ui.Link{Text: "Lift", Href: clientPath(p.ID) + "/restrictions/" + string(x.ID)})
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Cells: []templ.Component{
			ui.Text(purposeTitles[string(x.Purpose)]), ui.Text(words(x.Reason)),
			ui.Val(clientField(x.Words)), byAt(p.Names(x.SetBy), x.SetAt, p.Now), lifted, acts,
		}})
	}
	return t
}

func (s *Server) clientList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	in := clients.ListClients{Status: clients.Status(q.Get("status")), Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	found, err := command.Ask(r.Context(), s.Road, a, clients.ClientList{}, in)
	if err != nil {
		return err
	}
	t := s.clientTable(found.Rows)
	t.Pager = pagerOf("/clients", url.Values{"status": {q.Get("status")}}, in.Page.After, found.Next)
	t.Empty = ui.EmptyView{Icon: "users", Title: "No client here", Text: "Clients of the entities in which you hold a role stand here."}
	return s.drawClients(w, r, clientsParts{Table: t, Status: string(in.Status)})
}

// clientSearch answers a search in the page of its form: what was searched for
// is often a name, so it stands in no URL.
func (s *Server) clientSearch(w http.ResponseWriter, r *http.Request) error {
	var in clients.SearchClients
	if err := decodeForm(r, &in); err != nil {
		return err
	}
	a, _ := s.actor(r)
	found, err := command.Ask(r.Context(), s.Road, a, clients.ClientSearch{}, in)
	p := clientsParts{Words: in.Words}
	if err != nil {
		return s.mend(w, r, err, func(f *core.Fault) error {
			p.Problem, p.Fault = s.problem(f), f
			return s.drawClients(w, r, p)
		})
	}
	p.Table = s.clientTable(found)
	p.Table.Empty = ui.EmptyView{Icon: "search", Title: "Nobody found", Text: "Names are searched only among clients whose names you may see. References always work, such as CL-8F3K2Q."}
	return s.drawClients(w, r, p)
}

// clientsParts is the list of clients with its search.
type clientsParts struct {
	Table   ui.TableView
	Status  string
	Words   string
	Problem *ui.ProblemView
	Fault   *core.Fault
}

func (s *Server) drawClients(w http.ResponseWriter, r *http.Request, p clientsParts) error {
	a, _ := s.actor(r)
	head := ui.HeadView{Title: "Clients"}
	may, err := s.Road.Offered(r.Context(), a, []command.Offer{{Action: "clients.client.create", Kind: core.KindClient}})
	if err == nil && may[0] {
		head.Actions = []ui.ButtonView{{Text: "New client", Icon: "plus", Look: ui.Primary, Href: "/clients/new"}}
	}
	return s.render(w, r, s.page(r, head), clientsBody(p))
}

func (s *Server) clientTable(rows []clients.ClientRow) ui.TableView {
	now := s.Road.Clock.Now()
	t := ui.TableView{Caption: "Clients, newest first", Columns: []ui.Column{
		{Title: "Client", Primary: true},
		{Title: "Reference"},
		{Title: "E-mail"},
		{Title: "Country"},
		{Title: "Category"},
		{Title: "Status"},
		{Title: "Recorded"},
	}}
	for _, c := range rows {
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Href: clientPath(c.ID), Cells: []templ.Component{
			ui.Val(clientField(c.Name)), ui.Ref(ui.RefView{Ref: string(c.ID), Text: c.ID.Short()}), ui.Val(clientField(c.Email)), ui.Text(c.Country),
			ui.Text(words(string(c.Category))), ui.Status(ui.StatusView{Text: string(c.Status), Tone: clientTone(c.Status)}),
			ui.Time(ui.TimeView{At: c.Created, Now: now}),
		}})
	}
	return t
}

// statusSegments are the links that narrow the list of clients.
func (p clientsParts) statusSegments() []ui.ChipView {
	out := []ui.ChipView{{Text: "All", Href: "/clients", On: p.Status == "" && p.Words == ""}}
	for _, st := range []clients.Status{clients.Open, clients.Dormant, clients.Closed} {
		out = append(out, ui.ChipView{Text: string(st), Href: "/clients?status=" + string(st), On: p.Status == string(st)})
	}
	return out
}
