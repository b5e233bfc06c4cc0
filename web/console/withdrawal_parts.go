package console

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/ledger"
	"vouchsafe/payments"
	"vouchsafe/web/ui"
)

// steps lists the events of a movement, oldest first, each with what it says
// in plain.
func (p withdrawalParts) steps() ui.TableView {
	t := ui.TableView{Caption: "What happened, oldest first", Columns: []ui.Column{
		{Title: "When", Tight: true},
		{Title: "What", Primary: true, Tight: true},
		{Title: "By"},
		{Title: "It says"},
	}}
	for _, x := range p.Steps {
		by := actorName(x.Actor, p.Names)
		if x.Maker != "" { // what others agreed to is still the maker's doing
			by = actorName(x.Maker, p.Names)
		}
		if x.For != "" {
			by += ", for " + actorName(x.For, p.Names)
		}
		if len(x.Approvers) > 0 {
			var names []string
			for _, ref := range x.Approvers {
				names = append(names, p.Names(ref))
			}
			by += ", agreed by " + enumerated(names, "and")
		}
		row := ui.Row{Tone: stepTone(x), Cells: []templ.Component{
			ui.Text(ui.Stamp(x.At)), ui.Text(typeTitle(x.Type)), ui.Text(by), stepFacts(saidBy(x)),
		}}
		if p.Reads {
			row.Href = "/events/" + x.Event
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func stepTone(x payments.Step) ui.Tone {
	switch x.Type {
	case payments.EventFailed.Name, payments.EventReturned.Name, payments.EventDiffers.Name, payments.EventRefused.Name:
		return ui.Bad
	}
	for _, d := range x.Details {
		if d.Name == "outcome" && (d.Value == "uncertain" || d.Value == "person") {
			return ui.Warn
		}
	}
	return ui.Neutral
}

// saidBy are the facts of a step; the amount, which never changes, is left out.
func saidBy(x payments.Step) (out []payments.StepDetail) {
	for _, d := range x.Details {
		if d.Name != "amount" && d.Value != "" {
			out = append(out, d)
		}
	}
	return out
}

// detailNames are names of facts that need more than their words.
var detailNames = map[string]string{"answer_sha256": "answer SHA-256", "name_match": ""}

func detailName(name string) string {
	if t, ok := detailNames[name]; ok {
		return t
	}
	return words(name)
}

// isDigest reports whether a fact is a digest or an id, to be shown short and
// copied whole.
func isDigest(d payments.StepDetail) bool {
	return d.Name == "answer_sha256" || d.Name == "tag" || d.Name == "transaction"
}

func digestRef(d payments.StepDetail) ui.RefView {
	v := ui.RefView{Ref: d.Value}
	if d.Name == "answer_sha256" {
		v.Text = ui.Short(d.Value)
	}
	return v
}

func detailValue(d payments.StepDetail) string {
	if d.Name == "name_match" {
		return matchState(payments.Match(d.Value)).Text
	}
	return words(d.Value)
}

// bookTables are the journals of a movement, each a table whose lines sum to
// zero.
func bookTables(books []payments.Book) (out []ui.TableView) {
	for _, b := range books {
		t := ui.TableView{
			Caption: bookTitle(b),
			Columns: []ui.Column{{Title: "Account", Primary: true}, {Title: "Whose"}, {Title: "Amount", Number: true}},
		}
		for _, l := range b.Lines {
			t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{ui.Text(accountTitle(l.Kind)), ownerCell(l), ui.Money(l.Amount)}})
		}
		out = append(out, t)
	}
	return out
}

func bookTitle(b payments.Book) string {
	title := titled(b.Kind)
	if b.Reverses != "" {
		title += ", which reverses " + b.Reverses.Short()
	}
	return title
}

var accountTitles = map[ledger.Kind]string{
	ledger.ClientWallet: "Client wallet", ledger.PSPClearing: "Clearing with the payment provider", ledger.PlatformClearing: "Clearing with the trading platform",
}

func accountTitle(k ledger.Kind) string {
	if t := accountTitles[k]; t != "" {
		return t
	}
	return titled(string(k))
}

func ownerCell(l payments.BookLine) templ.Component {
	if ref := core.Ref(l.Owner); ref.Kind() == core.KindClient {
		return ui.Val(ui.Value{Text: ref.Short(), Href: hrefOf(ref), Mono: true})
	}
	return ui.Val(ui.Code(l.Owner))
}

func exceptionTone(v payments.WithdrawalStory) ui.Tone {
	if v.Execution == payments.ExecPerson || v.Exception == payments.ExceptLatePayer {
		return ui.Bad
	}
	return ui.Warn
}

func clearTitle(v payments.WithdrawalStory) string {
	if v.Cleared == 0 {
		return "Clear it"
	}
	return "Clear it again"
}

func resolutions() []ui.OptionView {
	return []ui.OptionView{
		{Value: string(payments.ExecPaid), Text: "It was paid", Hint: "The wallet is debited."},
		{Value: string(payments.ExecSubmitted), Text: "The provider has it", Hint: "It goes on from there: its status is followed."},
		{Value: string(payments.ExecFailed), Text: "Nothing was paid", Hint: "The money is available to the client again."},
	}
}

// resolveTransaction offers the id that is known, until somebody wrote one.
func resolveTransaction(p withdrawalParts) string {
	if p.In.Acted == "resolve" {
		return p.In.Resolve.Transaction
	}
	return p.Transaction
}

// releaseFormView is the form of a release. It carries the amount as it stands
// on the page: that is what is frozen and approved.
func releaseFormView(p withdrawalParts) ui.FormView {
	f := p.forms("release")
	f.Hidden = []ui.HiddenView{{Name: "minor", Value: strconv.FormatInt(p.Minor, 10)}, {Name: "currency", Value: p.Currency}}
	return f
}

func seatRows(seats []command.Seat) []command.SeatRow {
	out := make([]command.SeatRow, len(seats))
	for i, x := range seats {
		out[i].Roles, out[i].Stage = x.Roles, x.Stage
	}
	return out
}

func waitingTitle(x command.InboxRow) string {
	return ui.Count(x.Filled()) + " of " + ui.Plural(len(x.Seats), "approval", "approvals") + " given"
}

func waitingText(x command.InboxRow, name func(core.Ref) string, now core.Instant) string {
	text := actorName(x.Maker, name) + " asked on " + ui.Stamp(x.Created) + "."
	var missing, given []string
	for _, s := range x.Seats {
		if s.By != "" {
			given = append(given, name(s.By)+" ("+roleTitle(s.Role)+")")
		} else {
			missing = append(missing, "a "+rolesText(s.Roles))
		}
	}
	if r, err := command.ParseRule(x.Text); err == nil {
		text += " The rule “" + r.Name + "”: " + lowerFirst(whenText(r, "")) + "."
	}
	if len(given) > 0 {
		text += " Agreed: " + strings.Join(given, ", ") + "."
	}
	text += " Still needed: " + enumerated(missing, "and") + "."
	if sequential(x.Seats) {
		text += " One after the other; next a " + turnOf(x) + "."
	}
	if x.NotBefore > now {
		text += " Nobody can agree before " + ui.Stamp(x.NotBefore) + "."
	}
	return text
}

func waitingLink(x command.InboxRow) string {
	if x.MayDecide {
		return "Decide on " + x.ID.Short()
	}
	return "Open " + x.ID.Short()
}

// waitingLinks lead to a proposal and to the rule that demanded it.
func waitingLinks(x command.InboxRow) []ui.Link {
	out := []ui.Link{{Text: waitingLink(x), Href: hrefOf(x.ID)}}
	if x.Text != "" {
		out = append(out, ui.Link{Text: "The rule", Href: ruleLink(x.Rule, x.Entity, x.Action)})
	}
	return out
}

// acts reports whether there is anything to do with it, whoever may.
func (p withdrawalParts) acts() bool {
	return p.Clear.Offered || p.Release.Offered || p.Refuse.Offered || p.Resolve.Offered
}
