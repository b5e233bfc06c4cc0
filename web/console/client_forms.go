package console

import (
	"net/http"

	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/web/ui"

	"vouchsafe/access"
)

// clientForm is a form about a client: what was written, and what was wrong
// with it.
type clientForm[I any] struct {
	ui.FormView
	In    I
	Fault *core.Fault
	View  clients.ClientView
	Back  string
}

// err is the text for one field.
func (f clientForm[I]) err(field string) string { return ui.FieldError(f.Fault, field) }

func (s *Server) clientNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawClientNew(w, r, clients.CreateClient{Category: clients.Retail}, nil)
}

func (s *Server) drawClientNew(w http.ResponseWriter, r *http.Request, in clients.CreateClient, f *core.Fault) error {
	a, _ := s.actor(r)
	p := clientNewParts{clientForm: clientForm[clients.CreateClient]{
		In: in, Fault: f, Back: "/clients",
		FormView: ui.FormView{ID: "client", Action: "/clients", Key: s.key(), Problem: s.problem(f)},
	}}
	rows, err := command.Ask(r.Context(), s.Road, a, access.ListEntitiesQuery, access.ListEntities{})
	if err != nil {
		return err
	}
	for _, e := range rows {
		if len(e.Roles) > 0 {
			p.Entities = append(p.Entities, ui.OptionView{Value: string(e.ID), Text: e.Name})
		}
	}
	return s.render(w, r, s.page(r, ui.HeadView{Crumbs: []ui.Link{{Text: "Clients", Href: "/clients"}, {Text: "New"}}, Title: "New client"}), clientNewBody(p))
}

// clientNewParts is the form of a new client.
type clientNewParts struct {
	clientForm[clients.CreateClient]
	Entities []ui.OptionView
}

func (s *Server) clientCreate(w http.ResponseWriter, r *http.Request) error {
	var in clients.CreateClient
	again := func(f *core.Fault) error { return s.drawClientNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	return s.run(w, r, in, "/clients/{subject}", again)
}

func (s *Server) clientChange(w http.ResponseWriter, r *http.Request) error {
	return s.drawClientChange(w, r, clients.ChangeClient{}, nil)
}

// formFor makes the form of an act on the client of the path.
func formFor[I any](s *Server, r *http.Request, path string, in I, f *core.Fault, accounts bool) (clientForm[I], error) {
	v, err := s.clientOf(r, accounts)
	return clientForm[I]{
		In: in, Fault: f, View: v, Back: clientPath(v.ID),
		FormView: ui.FormView{ID: "client", Action: clientPath(v.ID) + path, Key: s.key(), Problem: s.problem(f)},
	}, err
}

func (s *Server) drawClientChange(w http.ResponseWriter, r *http.Request, in clients.ChangeClient, f *core.Fault) error {
	p, err := formFor(s, r, "/change", in, f, false)
	if err != nil {
		return err
	}
	return s.render(w, r, s.page(r, clientSubHead(p.View, "Change the record")), clientChangeBody(p))
}

func (s *Server) clientChanged(w http.ResponseWriter, r *http.Request) error {
	var in clients.ChangeClient
	again := func(f *core.Fault) error { return s.drawClientChange(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Client = core.Ref(r.PathValue("id"))
	in.Category, in.Status = chosen[clients.Category](r, "category"), chosen[clients.Status](r, "status")
	return s.run(w, r, in, "/clients/{subject}", again)
}

// chosen reads a choice that may be absent from the form.
func chosen[S ~string](r *http.Request, name string) *S {
	v := S(r.PostFormValue(name))
	if v == "" {
		return nil
	}
	return &v
}

func (s *Server) clientBankNew(w http.ResponseWriter, r *http.Request) error {
	return s.drawClientBankNew(w, r, clients.AddBankDetail{Scheme: clients.IBAN}, nil)
}

func (s *Server) drawClientBankNew(w http.ResponseWriter, r *http.Request, in clients.AddBankDetail, f *core.Fault) error {
	p, err := formFor(s, r, "/bank-details", in, f, false)
	if err != nil {
		return err
	}
	return s.render(w, r, s.page(r, clientSubHead(p.View, "Add a bank detail")), clientBankNewBody(p))
}

func (s *Server) clientBankAdd(w http.ResponseWriter, r *http.Request) error {
	var in clients.AddBankDetail
	again := func(f *core.Fault) error { return s.drawClientBankNew(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Client = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, clientPath(in.Client), again)
}

// clientBankParts is the form that changes one bank detail.
type clientBankParts struct {
	clientForm[clients.ChangeBankDetail]
	Detail clients.BankDetailView
	Use    string // what the form said of the account's use
}

func (s *Server) clientBank(w http.ResponseWriter, r *http.Request) error {
	return s.drawClientBank(w, r, clients.ChangeBankDetail{}, nil)
}

func (s *Server) drawClientBank(w http.ResponseWriter, r *http.Request, in clients.ChangeBankDetail, f *core.Fault) error {
	detail := r.PathValue("detail")
	p := clientBankParts{Use: r.PostFormValue("use")}
	var err error
	if p.clientForm, err = formFor(s, r, "/bank-details/"+detail, in, f, false); err != nil {
		return err
	}
	for _, b := range p.View.BankDetails {
		if string(b.ID) == detail {
			p.Detail = b
			return s.render(w, r, s.page(r, clientSubHead(p.View, "Change a bank detail")), clientBankBody(p))
		}
	}
	return command.ErrHidden
}

func (s *Server) clientBankChange(w http.ResponseWriter, r *http.Request) error {
	var in clients.ChangeBankDetail
	again := func(f *core.Fault) error { return s.drawClientBank(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Client, in.Detail = core.Ref(r.PathValue("id")), core.Ref(r.PathValue("detail"))
	keepBlank(&in.Holder, &in.Account, &in.Bank, &in.Currency)
	if use := r.PostFormValue("use"); use != "" {
		on := use == "on"
		in.Active = &on
	}
	return s.run(w, r, in, clientPath(in.Client), again)
}

func (s *Server) clientRestrict(w http.ResponseWriter, r *http.Request) error {
	return s.drawClientRestrict(w, r, clients.SetRestriction{}, nil)
}

func (s *Server) drawClientRestrict(w http.ResponseWriter, r *http.Request, in clients.SetRestriction, f *core.Fault) error {
	p, err := formFor(s, r, "/restrict", in, f, false)
	if err != nil {
		return err
	}
	return s.render(w, r, s.page(r, clientSubHead(p.View, "Restrict")), clientRestrictBody(p))
}

func (s *Server) clientRestricted(w http.ResponseWriter, r *http.Request) error {
	var in clients.SetRestriction
	again := func(f *core.Fault) error { return s.drawClientRestrict(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Client = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, clientPath(in.Client), again)
}

// clientLiftParts is the form that lifts one restriction.
type clientLiftParts struct {
	clientForm[clients.LiftRestriction]
	Restriction clients.RestrictionView
}

func (s *Server) clientLift(w http.ResponseWriter, r *http.Request) error {
	return s.drawClientLift(w, r, clients.LiftRestriction{}, nil)
}

func (s *Server) drawClientLift(w http.ResponseWriter, r *http.Request, in clients.LiftRestriction, f *core.Fault) error {
	id := r.PathValue("restriction")
	var p clientLiftParts
	var err error
	if p.clientForm, err = formFor(s, r, "/restrictions/"+id, in, f, false); err != nil {
		return err
	}
	for _, x := range p.View.Restrictions {
		if string(x.ID) == id {
			p.Restriction = x
			return s.render(w, r, s.page(r, clientSubHead(p.View, "Lift a restriction")), clientLiftBody(p))
		}
	}
	return command.ErrHidden
}

func (s *Server) clientLifted(w http.ResponseWriter, r *http.Request) error {
	var in clients.LiftRestriction
	again := func(f *core.Fault) error { return s.drawClientLift(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Client, in.Restriction = core.Ref(r.PathValue("id")), core.Ref(r.PathValue("restriction"))
	return s.run(w, r, in, clientPath(in.Client), again)
}
