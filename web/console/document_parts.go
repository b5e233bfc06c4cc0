package console

import (
	"slices"

	"vouchsafe/onboarding"
	"vouchsafe/web/ui"
)

func kindOptions() []ui.OptionView {
	var out []ui.OptionView
	for _, k := range onboarding.DocumentKinds {
		out = append(out, ui.OptionView{Value: string(k), Text: k.Title()})
	}
	return out
}

// acceptOptions are the decisions that a document's state leaves open.
func acceptOptions(st onboarding.DocumentState) []ui.OptionView {
	reject := ui.OptionView{Value: "false", Text: "Reject", Hint: "It does not count; the client may send another one."}
	if st != onboarding.Pending {
		return []ui.OptionView{reject}
	}
	return []ui.OptionView{{Value: "true", Text: "Accept", Hint: "It counts from now on, in place of older ones of its kind."}, reject}
}

// acceptValue is what the form said, once it was sent.
func acceptValue(p documentParts) string {
	switch {
	case p.Review.Accept:
		return "true"
	case p.Review.Document != "":
		return "false"
	}
	return ""
}

func reviewReasons(st onboarding.DocumentState) []string {
	if st != onboarding.Pending {
		return onboarding.RejectReasons
	}
	return slices.Concat(onboarding.AcceptReasons, onboarding.RejectReasons)
}
