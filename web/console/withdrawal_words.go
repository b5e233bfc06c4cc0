package console

import (
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/web/ui"
)

// payField is a value of payments as its reader may see it.
func payField(f payments.Field, c core.Class) ui.Value {
	if f.Masked {
		return ui.Hidden("", maskWhy(c))
	}
	return ui.V(f.Value)
}

// decisionState is what the firm decided, in words.
func decisionState(d payments.Decision) ui.StatusView {
	switch d {
	case payments.Requested:
		return ui.StatusView{Text: "to be cleared", Tone: ui.Note, Icon: "inbox"}
	case payments.Cleared:
		return ui.StatusView{Text: "cleared, to be released", Tone: ui.Note, Icon: "user-check"}
	case payments.Held:
		return ui.StatusView{Text: "held", Tone: ui.Warn}
	case payments.Approved:
		return ui.StatusView{Text: "approved", Tone: ui.Good}
	case payments.Refused:
		return ui.StatusView{Text: "refused", Tone: ui.Bad}
	}
	return ui.StatusView{Text: string(d)}
}

// executionState is what the payment provider did, in words. A lost answer is
// never told as a failure.
func executionState(e payments.Execution) ui.StatusView {
	switch e {
	case payments.ExecNone:
		return ui.StatusView{Text: "not sent", Icon: "clock"}
	case payments.ExecReady:
		return ui.StatusView{Text: "waits to be sent", Tone: ui.Note, Icon: "clock"}
	case payments.ExecSending:
		return ui.StatusView{Text: "being sent", Tone: ui.Note, Icon: "clock"}
	case payments.ExecSubmitted:
		return ui.StatusView{Text: "with the provider", Tone: ui.Note, Icon: "hourglass"}
	case payments.ExecUncertain:
		return ui.StatusView{Text: "in doubt, being looked up", Tone: ui.Warn}
	case payments.ExecPaid:
		return ui.StatusView{Text: "paid", Tone: ui.Good}
	case payments.ExecFailed:
		return ui.StatusView{Text: "not paid", Tone: ui.Bad}
	case payments.ExecReturned:
		return ui.StatusView{Text: "paid, and came back", Tone: ui.Bad}
	case payments.ExecPerson:
		return ui.StatusView{Text: "in doubt, a person must look", Tone: ui.Bad}
	}
	return ui.StatusView{Text: string(e)}
}

// settlementState says whether the provider's list shows the movement.
func settlementState(s string) ui.StatusView {
	if s == payments.Matched {
		return ui.StatusView{Text: "matched", Tone: ui.Good}
	}
	return ui.StatusView{Text: "not listed yet", Icon: "clock"}
}

// exceptions are the exceptions of a withdrawal in words: what happened, and
// what is to do.
var exceptions = map[string]struct{ title, text string }{
	payments.ExceptRejected:  {"The payment provider refused it", "Nothing was paid, and the money is available to the client again. A new request is needed to pay it."},
	payments.ExceptFailed:    {"The payment provider could not pay it", "Nothing was paid, and the money is available to the client again."},
	payments.ExceptReturned:  {"The payment came back", "The client's wallet has the money again; the journal was reversed."},
	payments.ExceptDiffers:   {"The payment provider shows another payment than was decided", "Compare amount, destination and reference with the provider's own record, and resolve it below."},
	payments.ExceptNoTrace:   {"The answer was lost, and the payout was looked up in vain", "Nothing is sent again. Look at the provider's own record, and resolve it below with what it shows."},
	payments.ExceptNotPaid:   {"Two persons found that nothing was paid", "The money is available to the client again."},
	payments.ExceptLatePayer: {"The payment provider paid what it had called failed", "The money had been set free already. Resolve it below, so that the wallet is debited."},
}

func exceptionTitle(code string) string {
	if x, ok := exceptions[code]; ok {
		return x.title
	}
	return titled(code)
}

// matchState is how two names agree, in words and in the code of the
// Verification of Payee. Before a clearing nobody has
// looked.
func matchState(m payments.Match) ui.StatusView {
	switch m {
	case payments.MatchFull:
		return ui.StatusView{Text: "names agree (MTCH)", Tone: ui.Good}
	case payments.MatchClose:
		return ui.StatusView{Text: "close match (CMTC)", Tone: ui.Warn}
	case payments.MatchNone:
		return ui.StatusView{Text: "names differ (NMTC)", Tone: ui.Bad}
	case payments.MatchUnknown:
		return ui.StatusView{Text: "cannot be compared (NOAP)", Tone: ui.Note}
	}
	return ui.StatusView{Text: "not compared yet", Icon: "clock"}
}

// matchNote is what a class of agreement means for a release.
func matchNote(m payments.Match) string {
	switch m {
	case payments.MatchFull:
		return "Case, accents, titles and the order of words do not count."
	case payments.MatchClose, payments.MatchNone:
		return "A release needs an open case, an explanation, and a senior compliance officer."
	case payments.MatchUnknown:
		return "A name is missing, or they are written in different scripts."
	}
	return "They are compared when the withdrawal is cleared."
}

// ruleWords says in plain words what picked a rule: the entity's own, and what
// its name carries of what made the payment special.
func ruleWords(rule, text, base string) []string {
	_, picked, _ := strings.Cut(rule, "#")
	parts := strings.Split(picked, "+")
	var out []string
	if r, err := command.ParseRule(text); err == nil {
		out = append(out, "“"+r.Name+"”: "+lowerFirst(whenText(r, base))+".")
	}
	for _, flag := range parts[1:] {
		if text := ruleFlags[flag]; text != "" {
			out = append(out, text)
		} else {
			out = append(out, titled(flag)+".")
		}
	}
	return out
}

var ruleFlags = map[string]string{
	"high-risk":     "The risk was stated as high.",
	"name-override": "The names differ, so the release sets a mismatch aside.",
	"name-unknown":  "The names cannot be compared, and the risk is not low.",
}

// reasonTexts are reason codes of payments that need more than their words.
var reasonTexts = map[string]string{
	"client_request":         "The client's request",
	"name_mismatch_override": "A name mismatch was set aside",
	"resolved_by_evidence":   "Resolved by evidence",
}

func payReason(code string) string {
	if t := reasonTexts[code]; t != "" {
		return t
	}
	return titled(code)
}
