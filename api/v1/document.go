package v1

import (
	"context"
	"reflect"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/onboarding"
)

func documentContent(ctx context.Context, c *call, in onboarding.OpenDocument) (download, error) {
	d, err := command.Ask(ctx, c.s.Road, c.actor, onboarding.DocumentContent{Domain: c.s.Onboarding}, in)
	return download{d.FileName, d.Media, d.Bytes}, err
}

// aboutDocument is what an address says about a document whose content is the body.
type aboutDocument struct {
	Client   core.Ref                `json:"client"`
	Kind     onboarding.DocumentKind `json:"kind"`
	Source   string                  `json:"source"`
	Received core.Instant            `json:"received"`
	IssuedOn string                  `json:"issued_on"`
	Case     core.Ref                `json:"case"`
}

// upload records a document. The body is the file itself; what is said about
// it stands in the address and is nothing personal.
func upload(route, summary string) endpoint {
	e := line(route, summary, onboarding.UploadDocument{}.Action(), nil)
	e.writes, e.upload = true, true
	e.query, e.answer = reflect.TypeFor[aboutDocument](), reflect.TypeFor[Done]()
	e.serve = func(c *call) error {
		key, err := c.key()
		if err != nil {
			return err
		}
		var a aboutDocument
		if err := c.bind(&a); err != nil {
			return err
		}
		in := onboarding.UploadDocument{Client: a.Client, Kind: a.Kind, Source: a.Source, Device: agent(c.r.UserAgent()), Received: a.Received, IssuedOn: a.IssuedOn, Case: a.Case}
		if err := in.Validate(); err != nil {
			return err
		}
		if in.Content, err = c.s.Onboarding.Take(c.r.Context(), c.s.Road, c.s.Intake, c.actor, in.Client, c.r.Body); err != nil {
			return err
		}
		out, err := c.s.Road.Run(c.r.Context(), c.actor, key, in)
		return c.done(out, err)
	}
	return e
}

// agent is the sending program as it calls itself, cut to what is kept.
func agent(name string) string {
	if !plain(name) {
		return ""
	}
	return name[:min(len(name), 200)]
}
