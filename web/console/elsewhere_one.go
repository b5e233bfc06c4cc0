package console

import (
	"net/http"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/web/ui"
)

// systemParts is the page of one system.
type systemParts struct {
	elsewhere.SystemView
	Owner    string
	Accounts ui.TableView
	Change   systemForm[elsewhere.ChangeSystem]
	Record   systemForm[elsewhere.RecordAccount]
}

func (s *Server) systemElsewhere(w http.ResponseWriter, r *http.Request) error {
	return s.drawSystem(w, r, elsewhere.ChangeSystem{}, elsewhere.RecordAccount{}, "", nil)
}

// drawSystem draws the page; which names the form that f is about.
func (s *Server) drawSystem(w http.ResponseWriter, r *http.Request, change elsewhere.ChangeSystem, record elsewhere.RecordAccount, which string, f *core.Fault) error {
	rows, err := s.elsewhereSystems(r)
	if err != nil {
		return err
	}
	for _, x := range rows {
		if string(x.ID) != r.PathValue("id") {
			continue
		}
		at := elsewhereHome + "/systems/" + string(x.ID)
		p := systemParts{SystemView: x, Owner: actorName(x.Owner, s.names(r, x.Owner))}
		p.Change = systemForm[elsewhere.ChangeSystem]{In: change, FormView: ui.FormView{ID: "change", Action: at, Key: s.key()}}
		p.Record = systemForm[elsewhere.RecordAccount]{In: record, FormView: ui.FormView{ID: "account", Action: at + "/accounts", Key: s.key()}}
		if which == "change" {
			p.Change.Fault, p.Change.Problem = f, s.problem(f)
		} else {
			p.Record.Fault, p.Record.Problem = f, s.problem(f)
		}
		if x.MayChange || x.MayRecord {
			if p.Record.People, err = s.colleagues(r, ""); err != nil {
				return err
			}
			p.Change.People = p.Record.People
		}
		page, err := s.elsewhereAccounts(r, elsewhere.ListAccounts{System: x.ID, Page: core.PageRequest{Limit: 200}})
		if err != nil {
			return err
		}
		p.Accounts = s.accountsElsewhere(r, page.Rows)
		return s.render(w, r, s.page(r, ui.HeadView{
			Title: x.Name, Crumbs: []ui.Link{{Text: "Access elsewhere", Href: elsewhereHome}, {Text: x.ID.Short()}},
			Sub: []ui.MetaView{{Text: titled(x.Kind)}, {Label: "of", Text: s.entityName(r)(placed(x.Entity))}, {Label: "answers for it:", Text: p.Owner}},
		}), systemBody(p))
	}
	return command.ErrHidden
}

func (s *Server) systemChanged(w http.ResponseWriter, r *http.Request) error {
	var in elsewhere.ChangeSystem
	again := func(f *core.Fault) error { return s.drawSystem(w, r, in, elsewhere.RecordAccount{}, "change", f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.System = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, elsewhereHome+"/systems/"+string(in.System), again)
}

func (s *Server) accountElsewhereRecorded(w http.ResponseWriter, r *http.Request) error {
	var in elsewhere.RecordAccount
	again := func(f *core.Fault) error { return s.drawSystem(w, r, elsewhere.ChangeSystem{}, in, "record", f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.System = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, elsewhereHome+"/systems/"+string(in.System), again)
}

// accountElsewhereParts is the page of one account.
type accountElsewhereParts struct {
	elsewhere.AccountView
	Holder, GivenBy, ClosedBy string
	Change                    systemForm[elsewhere.ChangeAccount]
	Close                     systemForm[elsewhere.CloseAccount]
}

func (p accountElsewhereParts) defs() []ui.Def {
	out := []ui.Def{
		ui.DefVal("Whose", ui.Value{Text: p.Holder, Href: "/staff/" + string(p.AccountView.Holder)}),
		ui.DefVal("System", ui.Value{Text: p.SystemName, Href: elsewhereHome + "/systems/" + string(p.System)}),
		ui.DefVal("Login", seen(p.Login, p.Masked)), ui.DefVal("What it may do", seen(p.Rights, p.Masked)),
		ui.DefText("Since", day(p.Since)), ui.DefText("Put on record by", p.GivenBy),
	}
	if p.Ticket != "" {
		out = append(out, ui.DefText("Asked for in", p.Ticket))
	}
	if p.Closed != 0 {
		out = append(out, ui.DefText("Closed", day(p.Closed)+", by "+p.ClosedBy), ui.DefVal("How it is known", seen(p.Proof, p.Masked)))
	}
	if p.ProofSum != "" {
		out = append(out, ui.DefVal("Document, SHA-256", ui.Code(p.ProofSum)))
	}
	return out
}

func (s *Server) accountElsewhere(w http.ResponseWriter, r *http.Request) error {
	return s.drawAccountElsewhere(w, r, nil, elsewhere.CloseAccount{}, nil)
}

func (s *Server) drawAccountElsewhere(w http.ResponseWriter, r *http.Request, change *elsewhere.ChangeAccount, closing elsewhere.CloseAccount, f *core.Fault) error {
	page, err := s.elsewhereAccounts(r, elsewhere.ListAccounts{Account: core.Ref(r.PathValue("id"))})
	if err != nil {
		return err
	}
	if len(page.Rows) != 1 {
		return command.ErrHidden
	}
	x := page.Rows[0]
	name := s.names(r, x.Holder, x.GivenBy, x.ClosedBy)
	at := elsewhereHome + "/accounts/" + string(x.ID)
	p := accountElsewhereParts{AccountView: x, Holder: actorName(x.Holder, name), GivenBy: actorName(x.GivenBy, name), ClosedBy: actorName(x.ClosedBy, name)}
	p.Change = systemForm[elsewhere.ChangeAccount]{In: elsewhere.ChangeAccount{Rights: x.Rights, Ticket: x.Ticket}, FormView: ui.FormView{ID: "change", Action: at + "/change", Key: s.key()}}
	p.Close = systemForm[elsewhere.CloseAccount]{In: closing, FormView: ui.FormView{ID: "close", Action: at + "/close", Key: s.key()}}
	if change != nil {
		p.Change.In, p.Change.Fault, p.Change.Problem = *change, f, s.problem(f)
	} else {
		p.Close.Fault, p.Close.Problem = f, s.problem(f)
	}
	state := elsewhereState(x)
	v := s.page(r, ui.HeadView{
		Title: p.Holder + ", " + x.SystemName, Crumbs: []ui.Link{{Text: "Access elsewhere", Href: elsewhereHome}, {Text: x.ID.Short()}},
		Facts: []ui.FactView{{Label: "State", Value: ui.V(state.Text), Tone: state.Tone}},
	})
	return s.render(w, r, v, accountElsewhereBody(p))
}

func (s *Server) accountElsewhereChanged(w http.ResponseWriter, r *http.Request) error {
	var in elsewhere.ChangeAccount
	again := func(f *core.Fault) error {
		return s.drawAccountElsewhere(w, r, &in, elsewhere.CloseAccount{}, f)
	}
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Account = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, elsewhereHome+"/accounts/"+string(in.Account), again)
}

func (s *Server) accountElsewhereClosed(w http.ResponseWriter, r *http.Request) error {
	var in elsewhere.CloseAccount
	again := func(f *core.Fault) error { return s.drawAccountElsewhere(w, r, nil, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Account = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, elsewhereHome+"/accounts/"+string(in.Account), again)
}
