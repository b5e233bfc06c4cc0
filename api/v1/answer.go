package v1

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Done is the answer to a write.
type Done struct {
	State    string   `json:"state" enum:"done,proposed" doc:"done, or proposed: it waits for the people in needs"`
	Subject  core.Ref `json:"subject,omitempty" doc:"what was made or changed"`
	Event    string   `json:"event" doc:"the first event"`
	Events   []string `json:"events" nullable:"false" doc:"all events of this request; of a repeated one only the first"`
	Evidence string   `json:"evidence" doc:"permalink of the first event"`
	Proposal core.Ref `json:"proposal,omitempty"`
	Needs    *Needs   `json:"needs,omitempty"`
	Replayed bool     `json:"replayed,omitempty" doc:"the same key came before; this is its answer"`
}

// Needs is what a proposal waits for.
type Needs struct {
	Rule  string         `json:"rule"`
	Seats []command.Seat `json:"seats" nullable:"false" doc:"one approval each, by different people"`
}

// done answers for a command: 200 when it is done, 202 when it waits for
// others.
func (c *call) done(out command.Outcome, err error) error {
	if err != nil {
		return err
	}
	d := Done{
		State: string(out.State), Subject: out.Subject, Event: out.Event, Events: out.Events,
		Evidence: Prefix + "/events/" + out.Event, Proposal: out.Proposal, Replayed: out.Replayed,
	}
	d.Needs = needsOf(out.Need)
	h := c.w.Header()
	h.Set("Evidence-Event", d.Evidence)
	if out.Replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	if out.State == command.StateProposed {
		h.Set("Location", Prefix+"/proposals/"+string(out.Proposal))
		return c.answer(http.StatusAccepted, d)
	}
	return c.answer(http.StatusOK, d)
}

// answer writes a view. A page that has a next one links to it.
func (c *call) answer(code int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if p, ok := v.(interface{ nextPage() core.Cursor }); ok && p.nextPage() != "" && c.r.Method != http.MethodPost {
		q := c.r.URL.Query()
		q.Set("after", string(p.nextPage()))
		c.w.Header().Set("Link", "<"+c.r.URL.Path+"?"+q.Encode()+`>; rel="next"`)
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(code)
	_, _ = c.w.Write(append(b, '\n')) // the reader may be gone
	return nil
}

// download is a file on its way out.
type download struct {
	name, media string
	bytes       []byte
}

// send gives a file out to be saved, never to be shown: what strangers sent
// must not run in our name.
func (c *call) send(f download) error {
	h := c.w.Header()
	h.Set("Content-Type", f.media)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	h.Set("Content-Length", strconv.Itoa(len(f.bytes)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = c.w.Write(f.bytes)
	return nil
}
