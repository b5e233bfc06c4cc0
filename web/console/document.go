package console

import (
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/onboarding"
	"vouchsafe/web/ui"
)

func documentField(f onboarding.Field) ui.Value { return seen(f.Text, f.Masked) }

func documentPath(id core.Ref) string { return "/documents/" + string(id) }

func documentState(st onboarding.DocumentState, valid bool) ui.StatusView {
	switch {
	case st == onboarding.Accepted && !valid:
		return ui.StatusView{Text: "accepted, no longer valid", Tone: ui.Warn}
	case st == onboarding.Accepted:
		return ui.StatusView{Text: string(st), Tone: ui.Good}
	case st == onboarding.Rejected:
		return ui.StatusView{Text: string(st), Tone: ui.Bad}
	case st == onboarding.Pending:
		return ui.StatusView{Text: "to be reviewed", Tone: ui.Note, Icon: "hourglass"}
	}
	return ui.StatusView{Text: string(st)}
}

// reading says how far a document has been read, and what came of it.
func reading(d onboarding.DocumentRow) ui.StatusView {
	switch {
	case !d.Read:
		return ui.StatusView{Text: "not read yet"}
	case len(d.Mismatches) > 0:
		return ui.StatusView{Text: "differs: " + fieldList(d.Mismatches), Tone: ui.Warn}
	}
	return ui.StatusView{Text: "agrees", Tone: ui.Good}
}

func fieldList(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += words(n)
	}
	return out
}

func documentTable(rows []onboarding.DocumentRow, now core.Instant, withClient bool) ui.TableView {
	t := ui.TableView{Caption: "Documents, oldest first", Columns: []ui.Column{{Title: "Document", Primary: true}, {Title: "Reference"}}}
	if withClient {
		t.Columns = append(t.Columns, ui.Column{Title: "Client"})
	}
	t.Columns = append(t.Columns, ui.Column{Title: "State"}, ui.Column{Title: "Reading"}, ui.Column{Title: "Valid until"}, ui.Column{Title: "Received"})
	for _, d := range rows {
		row := ui.Row{ID: string(d.ID), Href: documentPath(d.ID), Cells: []templ.Component{ui.Text(d.Kind.Title()), ui.Ref(ui.RefView{Ref: string(d.ID), Text: d.ID.Short()})}}
		if withClient {
			row.Cells = append(row.Cells, clientCell(d.Client, d.Name))
		}
		until := templ.Component(ui.Val(ui.Value{}))
		if d.Lapses != 0 {
			until = ui.Time(ui.TimeView{At: d.Lapses, Now: now})
		}
		row.Cells = append(row.Cells, ui.Status(documentState(d.State, d.Valid)), ui.Status(reading(d)), until, ui.Time(ui.TimeView{At: d.Received, Now: now}))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// documentQueue is the list of documents in a state; those to be reviewed
// unless another one is asked for.
func (s *Server) documentQueue(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	q := r.URL.Query()
	st := onboarding.DocumentState(q.Get("state"))
	if st == "" {
		st = onboarding.Pending
	}
	in := onboarding.ListDocuments{State: st, Page: core.PageRequest{After: core.Cursor(q.Get("after"))}}
	found, err := command.Ask(r.Context(), s.Road, a, onboarding.DocumentList{Domain: s.Onboarding}, in)
	if err != nil {
		return err
	}
	t := documentTable(found.Rows, s.Road.Clock.Now(), true)
	t.Pager = pagerOf("/documents", url.Values{"state": {q.Get("state")}}, in.Page.After, found.Next)
	t.Empty = ui.EmptyView{Icon: "file-text", Title: "Nothing here", Text: "Documents arrive from the portal, from colleagues and by e-mail."}
	var bar ui.QueryBarView
	for _, x := range []onboarding.DocumentState{onboarding.Pending, onboarding.Accepted, onboarding.Rejected, onboarding.Superseded} {
		bar.Segments = append(bar.Segments, ui.ChipView{Text: documentState(x, true).Text, Href: "/documents?state=" + string(x), On: x == st})
	}
	return s.render(w, r, s.page(r, ui.HeadView{Title: "Documents"}), listBody(bar, t))
}

// clientDocuments is the documents' tab of a client.
func (s *Server) clientDocuments(w http.ResponseWriter, r *http.Request) error {
	v, err := s.clientOf(r, false)
	if err != nil {
		return err
	}
	a, _ := s.actor(r)
	docs, err := command.Ask(r.Context(), s.Road, a, onboarding.DocumentList{Domain: s.Onboarding},
		onboarding.ListDocuments{Client: v.ID, Page: core.PageRequest{Limit: core.MaxPage, After: core.Cursor(r.URL.Query().Get("after"))}})
	if err != nil {
		return err
	}
	apps, err := command.Ask(r.Context(), s.Road, a, onboarding.ApplicationList{Domain: s.Onboarding}, onboarding.ListApplications{Client: v.ID})
	if err != nil {
		return err
	}
	now := s.Road.Clock.Now()
	p := clientDocumentsParts{
		View: v, Documents: documentTable(docs.Rows, now, false), Applications: applicationTable(apps.Rows, now, false),
		Open: ui.FormView{ID: "application", Action: clientPath(v.ID) + "/applications", Key: s.key()},
	}
	p.Documents.Pager = pagerOf(clientPath(v.ID)+"/documents", nil, core.Cursor(r.URL.Query().Get("after")), docs.Next)
	p.Documents.Empty = ui.EmptyView{Icon: "file-text", Title: "No document yet", Text: "An identity document and a proof of address are needed to approve a client."}
	p.Applications.Empty = ui.EmptyView{Icon: "user-check", Title: "No application", Text: "Open one to begin the onboarding of this client."}
	p.Opens = true
	for _, x := range apps.Rows {
		p.Opens = p.Opens && x.State == onboarding.Refused
	}
	head := clientHead(v, "/documents")
	head.Actions = []ui.ButtonView{{Text: "Upload a document", Icon: "upload", Href: clientPath(v.ID) + "/documents/new"}}
	return s.render(w, r, s.page(r, head), clientDocumentsBody(p))
}

// clientDocumentsParts is the documents' tab of a client.
type clientDocumentsParts struct {
	View                    clients.ClientView
	Documents, Applications ui.TableView
	Opens                   bool // offer to open an application
	Open                    ui.FormView
}

func (s *Server) documentNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawDocumentNew(w, r, onboarding.UploadDocument{Source: "staff"}, nil)
}

func (s *Server) drawDocumentNew(w http.ResponseWriter, r *http.Request, in onboarding.UploadDocument, f *core.Fault) error {
	p, err := formFor(s, r, "/documents/new", in, f, false)
	if err != nil {
		return err
	}
	p.Multipart, p.Back = true, clientPath(p.View.ID)+"/documents"
	return s.render(w, r, s.page(r, clientSubHead(p.View, "Upload a document")), documentNewBody(p))
}

// documentUpload receives the file and then records it. The two are apart: a
// file that inspection refuses still goes down the road, so that its refusal
// is evidence.
func (s *Server) documentUpload(w http.ResponseWriter, r *http.Request) error {
	var in onboarding.UploadDocument
	again := func(f *core.Fault) error { return s.drawDocumentNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Client = core.Ref(r.PathValue("id"))
	file, _, err := r.FormFile("file")
	if err != nil {
		return s.mend(w, r, core.InvalidField("file", "Choose the file."), again)
	}
	defer file.Close()
	a, _ := s.actor(r)
	if in.Content, err = s.Onboarding.Take(r.Context(), s.Road, s.Intake, a, in.Client, file); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, "/documents/{subject}", again)
}

func (s *Server) documentPage(w http.ResponseWriter, r *http.Request) error {
	return s.drawDocument(w, r, documentForms{})
}

// documentForms is what was written into the forms of a document's page.
type documentForms struct {
	Extract *onboarding.ExtractDocument
	Review  onboarding.ReviewDocument
	Fault   *core.Fault
}

// documentParts is the page of one document.
type documentParts struct {
	onboarding.DocumentView
	documentForms
	Now                     core.Instant
	Names                   func(core.Ref) string
	ExtractForm, ReviewForm ui.FormView
}

func (s *Server) drawDocument(w http.ResponseWriter, r *http.Request, f documentForms) error {
	a, _ := s.actor(r)
	v, err := command.Ask(r.Context(), s.Road, a, onboarding.DocumentPage{Domain: s.Onboarding}, onboarding.ViewDocument{Document: core.Ref(r.PathValue("id"))})
	if err != nil {
		return err
	}
	p := documentParts{DocumentView: v, documentForms: f, Now: s.Road.Clock.Now(), Names: s.names(r, v.UploadedBy, v.ReadBy, v.ReviewedBy)}
	p.ExtractForm = ui.FormView{ID: "extract", Action: documentPath(v.ID) + "/extract", Key: s.key()}
	p.ReviewForm = ui.FormView{ID: "review", Action: documentPath(v.ID) + "/review", Key: s.key()}
	switch {
	case f.Fault != nil && f.Extract != nil:
		p.ExtractForm.Problem = s.problem(f.Fault)
	case f.Fault != nil:
		p.ReviewForm.Problem = s.problem(f.Fault)
	}
	if p.Extract == nil {
		p.Extract = &onboarding.ExtractDocument{}
	}
	head := ui.HeadView{
		Title:  v.Kind.Title() + " " + v.ID.Short(),
		Crumbs: []ui.Link{{Text: "Documents", Href: "/documents"}, {Text: v.ID.Short()}},
		Sub:    []ui.MetaView{{Label: "client", Text: v.Client.Short(), Href: clientPath(v.Client) + "/documents"}, {Text: string(v.ID), Mono: true}},
		Facts: []ui.FactView{
			{Label: "State", Value: ui.V(documentState(v.State, v.Valid).Text), Tone: documentState(v.State, v.Valid).Tone},
			{Label: "Reading", Value: ui.V(reading(v.DocumentRow).Text), Tone: reading(v.DocumentRow).Tone},
		},
	}
	if v.May["onboarding.document.open"] {
		head.Actions = []ui.ButtonView{{Text: "Download", Icon: "download", Href: documentPath(v.ID) + "/content"}}
	}
	return s.render(w, r, s.page(r, head), documentBody(p))
}

func (s *Server) documentExtract(w http.ResponseWriter, r *http.Request) error {
	var in onboarding.ExtractDocument
	again := func(f *core.Fault) error { return s.drawDocument(w, r, documentForms{Extract: &in, Fault: f}) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Document = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, documentPath(in.Document), again)
}

func (s *Server) documentReview(w http.ResponseWriter, r *http.Request) error {
	var in onboarding.ReviewDocument
	again := func(f *core.Fault) error { return s.drawDocument(w, r, documentForms{Review: in, Fault: f}) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Document = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, documentPath(in.Document), again)
}

// documentContent gives a document out as a file to be saved, never as a page:
// what strangers sent must not run in our name.
func (s *Server) documentContent(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	c, err := command.Ask(r.Context(), s.Road, a, onboarding.DocumentContent{Domain: s.Onboarding}, onboarding.OpenDocument{Document: core.Ref(r.PathValue("id"))})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", c.Media)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": c.FileName}))
	h.Set("Content-Length", strconv.Itoa(len(c.Bytes)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, err = w.Write(c.Bytes)
	if err != nil {
		s.report(err) // the reader went away
	}
	return nil
}

// about is the definition list of a document.
func (p documentParts) about() []ui.Def {
	defs := []ui.Def{
		ui.DefVal("Client", documentField(p.Name)), ui.DefText("Kind", p.Kind.Title()), ui.DefText("File", p.Media+", "+ui.Count(p.Size)+" bytes"),
		{Term: "Received", Body: ui.Time(ui.TimeView{At: p.Received, Now: p.Now})},
		ui.DefText("By way of", p.Source), ui.DefText("Uploaded by", p.Names(p.UploadedBy)),
	}
	if p.Device.Text != "" {
		defs = append(defs, ui.DefVal("Device", documentField(p.Device)))
	}
	sha := documentField(p.SHA256)
	sha.Mono = true
	defs = append(defs, ui.DefVal("SHA-256", sha))
	if p.Lapses != 0 {
		defs = append(defs, ui.Def{Term: "Valid until", Body: ui.Time(ui.TimeView{At: p.Lapses, Now: p.Now})})
	}
	if p.Reviewed != 0 {
		defs = append(defs, ui.Def{Term: "Reviewed", Body: byAt(p.Names(p.ReviewedBy), p.Reviewed, p.Now)}, ui.DefText("Reason", words(p.Reason)),
			ui.DefVal("In words", documentField(p.Words)))
	}
	if p.SupersededBy != "" {
		defs = append(defs, ui.Def{Term: "Replaced by", Body: ui.Ref(ui.RefOf(p.SupersededBy, documentPath(p.SupersededBy)))})
	}
	return defs
}

// factTable holds what a document says beside what the client declares.
func factTable(facts []onboarding.FactRow) ui.TableView {
	t := ui.TableView{
		Caption: "The document beside what the client declares", Columns: []ui.Column{
			{Title: "Field", Primary: true},
			{Title: "Document"},
			{Title: "Declared"},
			{Title: "Result"},
		},
		Empty: ui.EmptyView{Icon: "eye", Title: "Not read yet", Text: "Enter what the document says; it is then held against what the client declares."},
	}
	for _, f := range facts {
		row := ui.Row{Cells: []templ.Component{ui.Text(words(f.Name)), ui.Val(documentField(f.Document)), ui.Val(documentField(f.Declared)), nil}}
		switch f.Result {
		case onboarding.Match:
			row.Cells[3] = ui.Status(ui.StatusView{Text: "agrees", Tone: ui.Good})
		case onboarding.Mismatch:
			row.Tone, row.Cells[3] = ui.Warn, ui.Status(ui.StatusView{Text: "differs", Tone: ui.Warn})
		default:
			row.Cells[3] = ui.Status(ui.StatusView{Text: "noted"})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
