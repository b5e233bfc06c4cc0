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
	Chips      []kindChip
	Help       []ui.SyntaxView
	Note       string
}

// kindChip is a filter by the part of the firm.
type kindChip struct {
	Kind  ui.Kind
	Title string
	Icon  string
	Href  string
	On    bool
}

// shown are the coarse choices, as segments.
var shown = []struct {
	show oversight.Show
	text string
}{{oversight.ShowAll, "All"}, {oversight.ShowChanges, "Changes"}, {oversight.ShowRefusals, "Refusals"}, {oversight.ShowReads, "Reads"}}

// barKinds are the parts that event types begin with today.
var barKinds = []kindChip{
	{Kind: ui.KindPayments, Icon: "landmark"},
	{Kind: ui.KindOnboarding, Icon: "user-check"},
	{Kind: ui.KindPlatform, Icon: "chart-candlestick"},
	{Kind: ui.KindClients, Icon: "git-compare-arrows"},
	{Kind: ui.KindCases, Icon: "archive"},
	{Kind: ui.KindAccess, Icon: "key-round"},
}

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
	for _, c := range barKinds {
		c.Title, c.On = c.Kind.Title(), v.Kind == string(c.Kind)
		c.Href = v.href(func(v *view) {
			v.Kind, v.After, v.Event = string(c.Kind), "", ""
			if c.On {
				v.Kind = ""
			}
		})
		b.Chips = append(b.Chips, c)
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
