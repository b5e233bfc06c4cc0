package console

import (
	"vouchsafe/cases"
	"vouchsafe/core"
	"vouchsafe/web/ui"
)

// caseTypes are the types of cases as choices.
func caseTypes() []ui.OptionView {
	out := make([]ui.OptionView, len(cases.Types))
	for i, t := range cases.Types {
		out[i] = ui.OptionView{Value: string(t), Text: t.Title()}
		if len(t.Permits()) == 0 {
			out[i].Text += " (permits no sensitive act)"
		}
	}
	return out
}

// originTitles are the ways in which a case reaches the firm, for forms.
var originTitles = map[string]string{"email": "E-mail", "letter": "Letter", "ticket": "Ticket", "call": "Call", "internal": "Found by ourselves"}

func originOptions() []ui.OptionView {
	out := make([]ui.OptionView, len(cases.Origins))
	for i, o := range cases.Origins {
		out[i] = ui.OptionView{Value: o, Text: originTitles[o]}
	}
	return out
}

func outcomeOptions() []ui.OptionView {
	hints := map[string]string{
		"resolved":  "What was asked for, or what was wrong, is settled.",
		"rejected":  "It was looked into and is not so.",
		"no-action": "Nothing had to be done.",
		"referred":  "Somebody else goes on with it.",
	}
	out := make([]ui.OptionView, len(cases.Outcomes))
	for i, o := range cases.Outcomes {
		out[i] = ui.OptionView{Value: o, Text: titled(o), Hint: hints[o]}
	}
	return out
}

// facts are the case as it was opened, and how it ended.
func (p caseParts) facts() []ui.Def {
	defs := []ui.Def{
		ui.DefVal("In words", seen(p.Title, p.TitleMasked)), ui.DefVal("Concerns", p.About), ui.DefText("Type", p.Type.Title()),
		ui.DefVal("Opened by", p.Person(p.OpenedBy)),
		{Term: "Opened", Body: ui.Time(ui.TimeView{At: p.Opened, Now: p.Now})},
		ui.DefVal("Owner", p.Person(p.Owner)),
	}
	if p.Closed != 0 {
		defs = append(defs, ui.DefText("Outcome", titled(p.Outcome)), ui.Def{Term: "Closed", Body: ui.Time(ui.TimeView{At: p.Closed, Now: p.Now})})
	}
	return defs
}

// origin is how the case reached the firm, and the digest of what did.
func (p caseParts) origin() []ui.Def {
	sum := ui.Code(p.OriginSum)
	if p.OriginMasked {
		sum = ui.Hidden("", whyMasked)
	}
	ref := seen(p.OriginRef, p.OriginMasked)
	ref.Mono = true
	return []ui.Def{ui.DefText("By", originTitles[p.Origin]), ui.DefVal("Reference", ref), ui.DefVal("SHA-256", sum)}
}

// under reports whether the reader may see anything of what was done under the
// case.
func (p caseParts) under() bool {
	return p.Story || p.Interventions != nil || p.Withdrawals != nil && len(p.Withdrawals.Rows) > 0 || p.Explained != nil && len(p.Explained.Rows) > 0
}

// requests is where an intervention under this case is asked for: on the
// account that it is about, or on one of the client's.
func (p caseParts) requests() string {
	if p.State != cases.StateOpen {
		return ""
	}
	permits := false
	for _, act := range p.Type.Permits() {
		permits = permits || act == "platform.intervention.request"
	}
	switch {
	case permits && p.Subject.Kind() == core.KindAccount:
		return accountPath(p.Subject) + "/intervene?case=" + string(p.ID)
	case permits && p.Subject.Kind() == core.KindClient:
		return clientPath(p.Subject) + "/platform"
	}
	return ""
}

// caseTypeNames are the types by which the list can be narrowed.
func caseTypeNames() []ui.OptionView {
	out := make([]ui.OptionView, len(cases.Types))
	for i, t := range cases.Types {
		out[i] = ui.OptionView{Value: string(t), Text: t.Title()}
	}
	return out
}
