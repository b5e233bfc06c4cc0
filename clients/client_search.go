package clients

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// SearchClients looks clients up by reference, whole or as read aloud
// ("CL-7K2M9X"), or by the beginning of a word of their name.
type SearchClients struct {
	Words string `json:"words"`
}

// Action is clients.client.search.
func (SearchClients) Action() command.Action { return "clients.client.search" }

// Subject is nothing in particular.
func (SearchClients) Subject() core.Ref { return "" }

const (
	searchMin = 2
	searchMax = 50
)

// ClientSearch answers SearchClients with at most fifty rows, newest first.
type ClientSearch struct{}

// Target leaves the choice of rows to policy.
func (ClientSearch) Target(_ context.Context, _ store.Reader, in SearchClients) (command.Resource, error) {
	if len([]rune(strings.TrimSpace(in.Words))) < searchMin {
		return command.Resource{}, core.InvalidField("words", "Write at least two letters of the name, or a client reference.")
	}
	return command.Resource{Kind: core.KindClient}, nil
}

// Read looks by reference first, then by name among the clients whose name the
// reader may see: a name that one may not see cannot be guessed by searching.
func (ClientSearch) Read(ctx context.Context, r store.Reader, in SearchClients, see *command.Sight) ([]ClientRow, error) {
	see.Searched(in.Words)
	see.Note(evidence.Shown{Subject: see.Actor.Ref, Class: core.Public, Field: "search"}) // a search that finds nobody is about who searched
	if end := refEnd(in.Words); end != "" {
		found, err := byRef(ctx, r, see.Where, escape(end), searchMax)
		if err != nil || len(found) > 0 {
			return rows(see, found), err
		}
	}
	found, err := byName(ctx, r, see.Where, escape(nameKey(in.Words)), searchMax)
	seen := found[:0]
	for _, c := range found {
		if see.May(core.Personal, c.Resource()) {
			seen = append(seen, c)
		}
	}
	return rows(see, seen), err
}

// refEnd is the end of the reference that words can mean, or "".
func refEnd(words string) string {
	w := strings.ToLower(strings.TrimSpace(words))
	body, ok := strings.CutPrefix(w, "cl-")
	if !ok {
		body, ok = strings.CutPrefix(w, "cl_")
	}
	if !ok || len(body) < 6 || !core.Ref("cl_"+body).Valid() {
		return ""
	}
	return body
}

// escape makes LIKE take a text by the letter.
func escape(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}
