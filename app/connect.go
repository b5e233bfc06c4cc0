package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/sandpay"
	"vouchsafe/core"
	"vouchsafe/payments"
	"vouchsafe/platform"
)

// PlatformConfig is one MT5 server. Secrets stand in files of their own, which
// the configuration only names.
type PlatformConfig struct {
	Name         string     `json:"name"` // stable: it stands in evidence
	URL          string     `json:"url"`  // of the Web API, https
	Login        int64      `json:"login"`
	PasswordFile string     `json:"password_file"`
	RootFile     string     `json:"root_file,omitempty"` // PEM of the certificate authority; empty is the machine's own
	Entities     []core.Ref `json:"entities"`            // whose accounts are opened here
}

// PSPConfig is one account with a payment provider.
type PSPConfig struct {
	Adapter            string     `json:"adapter"` // sandpay
	URL                string     `json:"url"`
	KeyFile            string     `json:"key_file"`
	WebhookSecretFiles []string   `json:"webhook_secret_files,omitempty"` // two while they rotate
	Routes             []PSPRoute `json:"routes"`
}

// PSPRoute is the merchant account of one legal entity.
type PSPRoute struct {
	Entity   core.Ref `json:"entity"`
	Merchant string   `json:"merchant"`
}

// inData is a path of the configuration; what is not absolute lies in the
// installation's folder.
func (c Config) inData(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return c.file(path)
}

// secret reads a file that holds one secret. The error never shows it.
func (c Config) secret(file, what string) (string, error) {
	if file == "" {
		return "", fmt.Errorf("the configuration names no file for %s", what)
	}
	file = c.inData(file)
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", what, err)
	}
	if text := strings.TrimSpace(string(text)); text != "" {
		return text, nil
	}
	return "", fmt.Errorf("%s: the file %s is empty", what, file)
}

// Connect makes the clients of the configured platforms, payment providers and
// receivers of events; nothing is sent yet. close ends their connections.
func (c Config) Connect(o Options) (_ Options, done func(), err error) {
	var closers []func()
	done = func() {
		for _, f := range closers {
			f()
		}
	}
	o.Platforms.ByEntity = map[core.Ref]string{}
	for _, p := range c.Platforms {
		client, err := c.platform(p)
		if err != nil {
			return o, done, fmt.Errorf("platform %q: %w", p.Name, err)
		}
		closers = append(closers, client.Close)
		o.Platforms.All = append(o.Platforms.All, client)
		for _, e := range p.Entities {
			if o.Platforms.ByEntity[e] != "" {
				return o, done, fmt.Errorf("the entity %s opens accounts on two platforms", e)
			}
			o.Platforms.ByEntity[e] = p.Name
		}
	}
	for _, p := range c.PSPs {
		psp, err := c.psp(p)
		if err != nil {
			return o, done, fmt.Errorf("payment provider %q: %w", p.Adapter, err)
		}
		for _, r := range p.Routes {
			o.Routes = append(o.Routes, payments.Route{Entity: r.Entity, PSP: psp, Merchant: r.Merchant})
		}
	}
	wall := o.Wall
	if wall == nil {
		wall = core.SystemClock{}
	}
	o.Streams, err = c.connectStreams(wall)
	return o, done, err
}

func (c Config) platform(p PlatformConfig) (*mt5.Client, error) {
	if p.Name == "" || p.URL == "" || p.Login == 0 {
		return nil, errors.New(`"name", "url" and "login" are needed`)
	}
	password, err := c.secret(p.PasswordFile, "the manager's password")
	if err != nil {
		return nil, err
	}
	cfg := mt5.Config{Name: p.Name, BaseURL: p.URL, Login: p.Login, Password: password}
	if p.RootFile != "" {
		root, err := c.secret(p.RootFile, "the certificate authority")
		if err != nil {
			return nil, err
		}
		cfg.RootPEM = []byte(root)
	}
	return mt5.New(cfg)
}

func (c Config) psp(p PSPConfig) (payments.PSP, error) {
	if p.Adapter != sandpay.Name {
		return nil, fmt.Errorf("there is no such adapter; this program has: %s", sandpay.Name)
	}
	key, err := c.secret(p.KeyFile, "the API key")
	if err != nil {
		return nil, err
	}
	cfg := sandpay.Config{BaseURL: p.URL, APIKey: key}
	for _, file := range p.WebhookSecretFiles {
		secret, err := c.secret(file, "a webhook secret")
		if err != nil {
			return nil, err
		}
		cfg.WebhookSecrets = append(cfg.WebhookSecrets, secret)
	}
	return sandpay.New(cfg)
}

var _ platform.Platform = (*mt5.Client)(nil)
