package v1

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/oversight"
)

// event asks for one event.
type event struct {
	Event string `json:"event"`
}

// Action is that of the query behind it.
func (event) Action() command.Action { return oversight.ViewEvent{}.Action() }

// Subject is nothing in particular.
func (event) Subject() core.Ref { return "" }

func (s *Server) evidenceRoutes() []endpoint {
	return []endpoint{
		asked("POST /events/search", "Search the evidence", searchEvents,
			noting("query is the text of the console's query bar: client: staff: entity: action: case: account: before: after: reason: changed: old: new: and free words. of asks for the story of one record; count also for how many there are in all, up to 10,000.")),
		asked("GET /events/{event}", "See an event with its changes and its proof", func(ctx context.Context, c *call, in event) (oversight.EventView, error) {
			return c.event(ctx, in, "")
		}),
		eventFile("GET /events/{event}/leaf", "An event's leaf, exactly as hashed", "leaf", "application/json", ".leaf.json", func(v oversight.EventView) string { return v.Leaf }),
		eventFile("GET /events/{event}/changes", "An event's change document, exactly as hashed", "changes", "application/jsonl", ".changes.jsonl", func(v oversight.EventView) string { return v.Document }),
		eventFile("GET /events/{event}/proof", "An event's proof of inclusion (C2SP tlog-proof)", "proof", "text/plain; charset=utf-8", ".tlog-proof", func(v oversight.EventView) string { return v.Proof.Text }),
	}
}

// Found is one page of events, and how far the logs reached.
type Found struct {
	List[oversight.EventLine]
	Logs  []oversight.LogRead `json:"logs"`
	Total *oversight.Total    `json:"total,omitempty"` // where count asked for it
}

func searchEvents(ctx context.Context, c *call, in oversight.SearchEvents) (Found, error) {
	v, err := command.Ask(ctx, c.s.Road, c.actor, oversight.SearchEventsQuery(c.s.Road, c.s.Records), in)
	return Found{listOf(v.Rows, v.Next, func(e oversight.EventLine) oversight.EventLine { return e }), v.Logs, v.Total}, err
}

func (c *call) event(ctx context.Context, in event, form string) (oversight.EventView, error) {
	return oversight.FindEvent(ctx, c.s.Road, c.s.Records, c.actor, oversight.ViewEvent{Event: in.Event, File: form})
}

var errNotSealed = core.NewFault(core.Conflict, "not-sealed", "This entry is recorded but not yet sealed. Sealing takes about a second; try again.")

// eventFile gives out one of an event's files. Leaving as a file is recorded,
// though none of them holds a personal value.
func eventFile(route, summary, form, media, ending string, text func(oversight.EventView) string) endpoint {
	return file(route, summary, media, func(ctx context.Context, c *call, in event) (download, error) {
		v, err := c.event(ctx, in, form)
		if err == nil && text(v) == "" {
			err = errNotSealed
		}
		return download{v.ID + ending, media, []byte(text(v))}, err
	}, named("evidence.event."+form))
}
