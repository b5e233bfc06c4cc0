package console

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/rates"
	"vouchsafe/web/ui"
)

func ratesPath(entity core.Ref) string { return "/rates/" + string(entity) }

// asksRates asks about the exchange rates of the entity in the address.
func asksRates(s *Server, p *command.Peek, id func(string) core.Ref) bool {
	return s.Rates.Known != nil && command.Opens(p, rates.ListSheetsQuery(s.Rates), rates.ListSheets{Entity: id("entity")})
}

// ratesList is how the reader's entities measure other currencies.
func (s *Server) ratesList(w http.ResponseWriter, r *http.Request) error {
	a, _ := s.actor(r)
	t := ui.TableView{
		Caption: "Legal entities and their exchange rates",
		Columns: []ui.Column{{Title: "Legal entity", Primary: true}, {Title: "Base currency", Tight: true}, {Title: "Measured by"}},
		Empty:   ui.EmptyView{Icon: "landmark", Title: "No legal entity here", Text: "You see the exchange rates of the entities in which you work with payments or oversee them."},
	}
	for _, e := range s.entities(r, a) {
		may, err := s.Road.Permits(r.Context(), a, rates.ListSheets{}.Action(), rates.Of(e.ID))
		if err != nil {
			return err
		}
		if e.ID == access.Group || !may {
			continue
		}
		page, err := command.Ask(r.Context(), s.Road, a, rates.ListSheetsQuery(s.Rates), rates.ListSheets{Entity: e.ID})
		if err != nil {
			return err
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(e.ID), Href: ratesPath(e.ID), Cells: []templ.Component{ui.Text(e.Name), ui.Text(e.Currency), ui.Text(measuredBy(page.Rows))}})
	}
	v := s.page(r, ui.HeadView{Title: "Exchange rates", Sub: []ui.MetaView{{Text: "Thresholds of approval are amounts in an entity’s base currency; these rates measure everything else"}}})
	return s.render(w, r, v, listBody(ui.QueryBarView{}, t))
}

// measuredBy says which sheet counts, and plainly that none does.
func measuredBy(rows []rates.SheetRow) string {
	for _, x := range rows {
		if x.Counts {
			return x.Source + ", " + x.Day
		}
	}
	return "Nothing: amounts in other currencies meet the strictest rule"
}

// ratesParts is the page of one entity's exchange rates.
type ratesParts struct {
	ui.FormView
	Entity access.EntityRow
	Sheets ui.TableView
	Now    string
	In     rates.RecordSheet
	May    bool
	Fault  *core.Fault
}

func (p ratesParts) err(field string) string { return ui.FieldError(p.Fault, field) }

func (s *Server) ratesPage(w http.ResponseWriter, r *http.Request) error {
	return s.drawRates(w, r, rates.RecordSheet{}, nil)
}

func (s *Server) drawRates(w http.ResponseWriter, r *http.Request, in rates.RecordSheet, f *core.Fault) error {
	a, _ := s.actor(r)
	ask := rates.ListSheets{Entity: core.Ref(r.PathValue("entity")), Page: core.PageRequest{After: core.Cursor(r.URL.Query().Get("after"))}}
	page, err := command.Ask(r.Context(), s.Road, a, rates.ListSheetsQuery(s.Rates), ask)
	if err != nil {
		return err
	}
	p := ratesParts{Entity: s.entityRow(r, ask.Entity), In: in, Fault: f, Sheets: s.sheetsTable(r, page.Rows), Now: measuredBy(page.Rows)}
	if p.May, err = s.Road.Permits(r.Context(), a, rates.RecordSheet{}.Action(), rates.Of(ask.Entity)); err != nil {
		return err
	}
	if f == nil {
		p.In.Base, p.In.Day = p.Entity.Currency, s.Road.Clock.Now().Time().Format("2006-01-02")
	}
	p.FormView = ui.FormView{ID: "rates", Action: ratesPath(ask.Entity), Key: s.key(), Problem: s.problem(f)}
	p.Sheets.Pager = pagerOf(ratesPath(ask.Entity), nil, ask.Page.After, page.Next)
	v := s.page(r, ui.HeadView{
		Title: "Exchange rates of " + p.Entity.Name, Crumbs: []ui.Link{{Text: "Exchange rates", Href: "/rates"}, {Text: p.Entity.Name}},
		Sub: []ui.MetaView{{Label: "base currency", Text: p.Entity.Currency}},
	})
	if p.May {
		v.Head.Actions = []ui.ButtonView{{Text: "Enter rates by hand", Icon: "plus", Href: "#enter"}}
	}
	return s.render(w, r, v, ratesBody(p))
}

func (s *Server) sheetsTable(r *http.Request, rows []rates.SheetRow) ui.TableView {
	t := ui.TableView{
		Caption: "Sheets of exchange rates, newest first",
		Columns: []ui.Column{{Title: "Day", Primary: true, Tight: true}, {Title: "Counts"}, {Title: "Says who"}, {Title: "Rates"}, {Title: "Recorded", Tight: true}},
		Empty:   ui.EmptyView{Icon: "scale", Title: "No exchange rates yet", Text: "Until there are some, amounts in other currencies meet the strictest rule."},
	}
	var people []core.Ref
	for _, x := range rows {
		people = append(people, x.Maker)
	}
	name := s.names(r, people...)
	for _, x := range rows {
		row := ui.Row{ID: string(x.ID), Cells: []templ.Component{
			ui.Text(x.Day), ui.Text(sheetState(x)), together(twoLines(x.Source, enteredBy(x, name))),
			textLines(sheetLines(x)), ui.Text(day(x.Recorded)),
		}}
		if x.State == rates.Held {
			row.Tone = ui.Bad
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func sheetState(x rates.SheetRow) string {
	switch {
	case x.Counts:
		return "now"
	case x.State == rates.Held:
		return "held: it moved too far"
	}
	return "past"
}

// enteredBy says who entered a sheet by hand.
func enteredBy(x rates.SheetRow, name func(core.Ref) string) string {
	if x.Proposal == "" {
		return "read from the source"
	}
	return "entered by " + name(x.Maker) + ": " + x.Words
}

// sheetLines are the rates of a sheet, a few a line.
func sheetLines(x rates.SheetRow) (out []string) {
	const each = 3
	all := strings.Split(x.Rates, "\n")
	for i := 0; i < len(all); i += each {
		out = append(out, strings.Join(all[i:min(i+each, len(all))], " · "))
	}
	if len(out) > 0 {
		out[0] = "1 " + x.Base + " = " + out[0]
	}
	return out
}

func (s *Server) ratesRecord(w http.ResponseWriter, r *http.Request) error {
	var in rates.RecordSheet
	again := func(f *core.Fault) error { return s.drawRates(w, r, in, f) }
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Entity = core.Ref(r.PathValue("entity"))
	return s.run(w, r, in, ratesPath(in.Entity), again)
}
