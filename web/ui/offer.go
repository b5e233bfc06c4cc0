package ui

import (
	"context"

	"github.com/a-h/templ"
)

type gateKey struct{}

// Gated has components ask opens about every address before they offer a link
// to it. Where it does not open, a name stays as plain text and a call to
// action is left out. Without a gate, everything is offered.
func Gated(ctx context.Context, opens func(href string) bool) context.Context {
	return context.WithValue(ctx, gateKey{}, opens)
}

// opens says whether a link to the address is offered.
func opens(ctx context.Context, href string) bool {
	gate, ok := ctx.Value(gateKey{}).(func(string) bool)
	return !ok || gate(href)
}

// classed gives a link its class, or none.
func classed(class string) templ.Attributes {
	if class == "" {
		return nil
	}
	return templ.Attributes{"class": class}
}

func monoClass(mono bool) string {
	if mono {
		return "mono"
	}
	return ""
}
