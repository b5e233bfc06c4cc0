package app

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/oidc"
	"vouchsafe/core"
)

// SignInConfig is one provider at which people may sign in (OpenID Connect).
type SignInConfig struct {
	ID        string `json:"id"`   // short and stable: it stands in addresses
	Name      string `json:"name"` // for people
	Issuer    string `json:"issuer"`
	ClientID  string `json:"client_id"`
	SecretEnv string `json:"client_secret_env,omitempty"` // the variable that holds the secret, or
	Secret    string `json:"client_secret_file,omitempty"`
	// ACR and AMR are the values by which the provider's tokens say that a second
	// factor was given; without any it counts as none.
	ACR         []string      `json:"second_factor_acr,omitempty"`
	AMR         []string      `json:"second_factor_amr,omitempty"`
	MaxAge      int           `json:"max_age_minutes,omitempty"`
	Scopes      []string      `json:"scopes,omitempty"`
	GroupsClaim string        `json:"groups_claim,omitempty"`
	Groups      []GroupConfig `json:"groups,omitempty"`
}

// GroupConfig says that a group outside asks for a role. People still decide.
type GroupConfig struct {
	Group  string      `json:"group"`
	Role   access.Role `json:"role"`
	Entity core.Ref    `json:"entity"`
	Days   int         `json:"days"`
}

// groupRoles checks what groups ask for.
func groupRoles(list []GroupConfig) ([]access.GroupRole, error) {
	var out []access.GroupRole
	for _, g := range list {
		if g.Group == "" || !g.Role.Valid() || g.Entity.Kind() != core.KindEntity || g.Days < 1 || g.Days > 366 {
			return nil, fmt.Errorf(`the group %q needs a "role" that there is, the "entity" in which, and "days" between 1 and 366`, g.Group)
		}
		x := access.GroupRole(g)
		if slices.Contains(out, x) {
			return nil, fmt.Errorf("the group %q is named twice", g.Group)
		}
		out = append(out, x)
	}
	return out, nil
}

// providers makes the clients of the configured providers, and what their
// groups ask for, by issuer.
func (c Config) providers(wall core.Clock) ([]access.IdentityProvider, map[string][]access.GroupRole, error) {
	var out []access.IdentityProvider
	groups := map[string][]access.GroupRole{}
	for _, p := range c.SignIn {
		secret, err := c.clientSecret(p)
		if err != nil {
			return nil, nil, fmt.Errorf("sign-in provider %q: %w", p.ID, err)
		}
		client, err := oidc.New(oidc.Config{
			ID: p.ID, Label: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, Secret: secret,
			Redirect: c.origins()[0] + "/sign-in/with/" + p.ID + "/back",
			ACR:      p.ACR, AMR: p.AMR, MaxAge: time.Duration(p.MaxAge) * time.Minute, Scopes: p.Scopes, GroupsClaim: p.GroupsClaim, Wall: wall,
		})
		if err == nil {
			groups[p.Issuer], err = groupRoles(p.Groups)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("sign-in provider %q: %w", p.ID, err)
		}
		out = append(out, client)
	}
	return out, groups, nil
}

func (c Config) clientSecret(p SignInConfig) (string, error) {
	if p.SecretEnv == "" {
		return c.secret(p.Secret, "the client's secret")
	}
	if secret := strings.TrimSpace(os.Getenv(p.SecretEnv)); secret != "" && p.Secret == "" {
		return secret, nil
	}
	return "", errors.New(`name either "client_secret_file" or "client_secret_env", a variable that is set`)
}
