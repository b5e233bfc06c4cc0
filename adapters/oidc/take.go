package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"vouchsafe/access"
	"vouchsafe/core"
)

// The distance between two clocks that is forgiven, and how old a token may be
// that was made for this very try.
const (
	leeway   = 2 * time.Minute
	tokenAge = 10 * time.Minute
)

func doubt(reason string, cause error) error {
	return &access.IdentityDoubt{Reason: reason, Cause: cause}
}

// Take exchanges the code for a token and checks it.
func (c *Client) Take(ctx context.Context, q access.IdentityAsk, back access.IdentityAnswer) (access.Proven, error) {
	var none access.Proven
	f, err := c.discover(ctx)
	if err != nil {
		return none, err
	}
	if back.Issuer == "" && f.namesIss || back.Issuer != "" && back.Issuer != c.cfg.Issuer {
		return none, doubt("another-provider", nil)
	}
	if back.Code == "" {
		return none, doubt("no-code", nil)
	}
	ctx, cancel := context.WithTimeout(gooidc.ClientContext(ctx, c.http), c.cfg.Timeout)
	defer cancel()
	token, err := f.oauth.Exchange(ctx, back.Code, oauth2.VerifierOption(q.Verifier))
	if err != nil {
		if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.Response.StatusCode < 500 {
			return none, doubt("code-refused", err)
		}
		return none, err
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return none, doubt("no-id-token", nil)
	}
	id, err := f.verifier.Verify(ctx, raw)
	if err != nil {
		if _, expired := errors.AsType[*gooidc.TokenExpiredError](err); expired {
			return none, doubt("token-expired", err)
		}
		if away(err) {
			return none, err
		}
		return none, doubt("token-not-valid", err)
	}
	return c.proven(id, q)
}

// away tells a provider whose keys could not be fetched from a bad signature;
// the library gives both as text.
func away(err error) bool { return strings.Contains(err.Error(), "fetching keys") }

// claims are what is read of a token beyond what the library checks.
type claims struct {
	AZP      string   `json:"azp"`
	ACR      string   `json:"acr"`
	AMR      []string `json:"amr"`
	AuthTime *float64 `json:"auth_time"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
}

// proven checks what the library leaves to its callers.
func (c *Client) proven(id *gooidc.IDToken, q access.IdentityAsk) (access.Proven, error) {
	var none access.Proven
	var more claims
	if err := id.Claims(&more); err != nil {
		return none, doubt("token-not-valid", err)
	}
	now := c.cfg.Wall.Now()
	at := core.Instant(0)
	if more.AuthTime != nil {
		at = core.At(time.Unix(int64(*more.AuthTime), 0))
	}
	switch issued := core.At(id.IssuedAt); {
	case id.Nonce != q.Nonce || q.Nonce == "":
		return none, doubt("wrong-nonce", nil)
	case more.AZP != "" && more.AZP != c.cfg.ClientID || more.AZP == "" && len(id.Audience) > 1:
		return none, doubt("made-for-another", nil)
	case issued > now.Add(leeway) || issued < now.Add(-tokenAge):
		return none, doubt("token-not-of-now", nil)
	case at > now.Add(leeway):
		return none, doubt("token-not-of-now", nil)
	case c.cfg.MaxAge > 0 && (at == 0 || at < now.Add(-c.cfg.MaxAge-leeway)):
		return none, doubt("signed-in-too-long-ago", nil)
	case id.Subject == "" || len(id.Subject) > 255:
		return none, doubt("no-subject", nil)
	}
	p := access.Proven{Issuer: id.Issuer, Subject: id.Subject, Name: more.Name, At: at, Strong: c.strong(more)}
	if more.Email != "" {
		p.Name = strings.TrimSpace(p.Name + " " + more.Email)
	}
	p.Groups, p.Grouped = c.groups(id)
	return p, nil
}

// strong reports whether the token says, in words that the configuration
// accepts, that a second factor was given.
func (c *Client) strong(m claims) bool {
	return slices.Contains(c.cfg.ACR, m.ACR) && m.ACR != "" ||
		slices.ContainsFunc(m.AMR, func(v string) bool { return slices.Contains(c.cfg.AMR, v) })
}

// maxGroups bounds what is read of a token; beyond it nothing is known.
const maxGroups = 500

// groups reads the person's groups. A claim that is missing, or points
// elsewhere because it would be too long, says nothing, not even "none".
func (c *Client) groups(id *gooidc.IDToken) ([]string, bool) {
	var all map[string]json.RawMessage
	var list []string
	if id.Claims(&all) != nil || all[c.cfg.GroupsClaim] == nil || json.Unmarshal(all[c.cfg.GroupsClaim], &list) != nil || list == nil {
		return nil, false
	}
	return list, len(list) <= maxGroups
}

// mostBytes is far more than a description, a set of keys or a token.
const mostBytes = 1 << 20

// bounded reads no more of an answer than it may be long.
type bounded struct{ inner http.RoundTripper }

// RoundTrip cuts the answer's body.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.inner.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, mostBytes), resp.Body}
	}
	return resp, err
}
