package console

import (
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

// bar is the query bar of evidence. It posts: words that are searched for are
// personal and must not stand in an address. Everything else on it is a link.
type bar struct {
	At, Text   string
	Kind, Show string
	Segments   []ui.ChipView
	Chips      []ui.ChipView
	Help       []ui.SyntaxView
	Note       string
}

// shown are the coarse choices, as segments.
var shown = []struct {
	show oversight.Show
	text string
}{{oversight.ShowAll, "All"}, {oversight.ShowChanges, "Changes"}, {oversight.ShowRefusals, "Refusals"}, {oversight.ShowReads, "Reads"}}

// barKinds are the kinds that event types begin with today.
var barKinds = []ui.Kind{ui.KindPayments, ui.KindOnboarding, ui.KindPlatform, ui.KindClients, ui.KindCases, ui.KindAccess}

func barOf(v view, found oversight.Found) bar {
	b := bar{At: v.path, Text: v.text, Kind: v.Kind, Show: string(v.Show)}
	for _, x := range shown {
		if v.fixedShow {
			break
		}
		b.Segments = append(b.Segments, ui.ChipView{
			Text: x.text, On: v.Show == x.show,
			Href: v.href(func(v *view) { v.Show, v.After, v.Event = x.show, "", "" }),
		})
	}
	for _, k := range barKinds {
		on := v.Kind == string(k)
		b.Chips = append(b.Chips, ui.ChipView{Text: k.Title(), Kind: k, On: on, Href: v.href(func(v *view) {
			v.Kind, v.After, v.Event = string(k), "", ""
			if on {
				v.Kind = ""
			}
		})})
	}
	for _, q := range oversight.Qualifiers {
		b.Help = append(b.Help, ui.SyntaxView{Example: q.Example, Text: q.Meaning})
	}
	b.Help = append(b.Help, ui.SyntaxView{Example: "okonjo letter", Text: "any other words, in what you may see"})
	if v.words && len(found.Words) == 0 {
		b.Note = "Your roles show you no personal values here, so words are looked for in public ones only."
	}
	return b
}
