package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vouchsafe/access"
	"vouchsafe/adapters/oidc/oidcsim"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// The demo's provider of identities: a simulator that asks nobody for proof.
const (
	demoProvider     = "aurum"
	demoProviderName = "Aurum ID"
	demoClient       = "vouchsafe"
	demoSecret       = "a secret of the demo, which everybody knows"
	demoTwoFactors   = "urn:aurum:two-factors"
)

// The files that keep where the provider was, so that an installation that is
// opened again finds it under the same name, and its client's secret.
const (
	demoProviderFile = "provider.addr"
	demoSecretFile   = "provider.secret"
)

// demoLinked are those who are linked to their identity from the beginning; all
// others can link theirs under their account.
var demoLinked = []string{"maria", "viktor", "eleni"}

// startProvider starts the provider, and configures it.
func (o *outside) startProvider(c *Config) error {
	sim := oidcsim.New(oidcsim.Options{
		Name: demoProviderName, ClientID: demoClient, Secret: demoSecret, SecondFactor: demoTwoFactors,
		Redirects: []string{c.origins()[0] + "/sign-in/with/" + demoProvider + "/back"},
	})
	for _, p := range demoStaffList {
		x := oidcsim.Person{Sub: "aurum-" + p.key, Name: p.name, Email: p.key + "@aurum.example", Groups: []string{"staff"}}
		if p.key == "maria" {
			x.Groups = append(x.Groups, "compliance-seychelles")
		}
		sim.SetPerson(x)
	}
	address := "127.0.0.1:0"
	if was, err := os.ReadFile(c.file(demoProviderFile)); err == nil {
		address = strings.TrimSpace(string(was))
	}
	issuer, shut, err := sim.Start(address)
	if err != nil {
		issuer, shut, err = sim.Start("127.0.0.1:0") // somebody else has the place: a new one, with nobody linked yet
	}
	if err != nil {
		return err
	}
	o.close = append(o.close, shut)
	for file, text := range map[string]string{demoProviderFile: strings.TrimPrefix(issuer, "http://"), demoSecretFile: demoSecret} {
		if err := os.WriteFile(filepath.Join(c.Data, file), []byte(text+"\n"), 0o600); err != nil {
			return err
		}
	}
	c.SignIn = []SignInConfig{{
		ID: demoProvider, Name: demoProviderName, Issuer: issuer, ClientID: demoClient, Secret: demoSecretFile, ACR: []string{demoTwoFactors},
		Groups: []GroupConfig{{Group: "compliance-seychelles", Role: access.Compliance, Entity: "en_aurum-sc", Days: 30}},
	}}
	return nil
}

// linkDemo links the first people to their identities, once.
func (a *App) linkDemo(ctx context.Context) error {
	for _, p := range a.Config.SignIn {
		for _, key := range demoLinked {
			s, err := access.StaffByEmail(ctx, a.Store.Reader(), key+"@aurum.example")
			if err != nil {
				return err
			}
			if s == nil || s.Status != access.Active || a.Domains.Auth.Linked(ctx, s.ID, p.Issuer) {
				continue
			}
			_, err = a.Road.Run(ctx, evidence.Actor{Ref: access.SysInstall, StepUp: true}, "", access.AssignIdentity{
				Staff: s.ID, Issuer: p.Issuer, Account: "aurum-" + key, Words: "The demo links its first people.",
			})
			if err != nil && core.AsFault(err).Code != "identity-known" {
				return fmt.Errorf("the demo cannot link %s: %w", key, err)
			}
		}
	}
	return nil
}
