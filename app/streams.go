package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"vouchsafe/adapters/outlet"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/export"
	"vouchsafe/oversight"
)

// StreamConfig is a system outside that events are sent to. Secrets stand in
// files of their own, which the configuration only names.
type StreamConfig struct {
	Name   string   `json:"name"` // stable: up to where was delivered is kept under it
	Kind   string   `json:"kind"` // syslog or webhook
	Format string   `json:"format,omitempty"`
	Logs   []string `json:"logs,omitempty"`  // empty is all but the MLRO's
	Types  []string `json:"types,omitempty"` // beginnings of event types; empty is all
	From   string   `json:"from,omitempty"`  // start or now

	// Of syslog.
	Address         string `json:"address,omitempty"` // host:port
	Plain           bool   `json:"plain,omitempty"`   // without TLS, to this machine only
	CertificateFile string `json:"certificate_file,omitempty"`
	KeyFile         string `json:"key_file,omitempty"`
	TrustWrite      bool   `json:"trust_write,omitempty"`

	// Of webhooks.
	URL         string   `json:"url,omitempty"`
	SecretFiles []string `json:"secret_files,omitempty"` // two while they rotate

	RootFile string `json:"root_file,omitempty"` // PEM of the certificate authority; empty is the machine's own
}

var streamName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// check says what is wrong with a stream without opening any file.
func (s StreamConfig) check() error {
	if !streamName.MatchString(s.Name) {
		return fmt.Errorf(`"streams": the name %q must be small letters, digits and dashes`, s.Name)
	}
	wrong := func(text string) error { return fmt.Errorf("stream %q: %s", s.Name, text) }
	for _, log := range s.Logs {
		if log != evidence.GroupLog && log != evidence.MLROLog && core.Ref(log).Kind() != core.KindEntity {
			return wrong(fmt.Sprintf("%q is no log: name group, mlro or an entity such as en_example", log))
		}
	}
	if s.From != "" && s.From != "start" && s.From != "now" {
		return wrong(`"from" is start or now`)
	}
	switch f := s.format(); {
	case s.Kind != "syslog" && s.Kind != "webhook":
		return wrong(`"kind" is syslog or webhook`)
	case s.Kind == "syslog" && (s.URL != "" || len(s.SecretFiles) > 0), s.Kind == "webhook" && (s.Address != "" || s.Plain || s.CertificateFile != "" || s.TrustWrite):
		return wrong("it mixes settings of syslog (address, plain, certificate_file, trust_write) and of webhooks (url, secret_files)")
	case s.Kind == "syslog" && f != export.CEF && f != export.OCSF && f != export.ECS && f != export.JSONL:
		return wrong(`the formats of syslog are cef, ocsf, ecs and jsonl`)
	case s.Kind == "webhook" && f != export.OCSF && f != export.ECS && f != export.JSONL:
		return wrong(`the formats of webhooks are jsonl, ocsf and ecs`)
	}
	return nil
}

func (s StreamConfig) format() export.Format {
	switch {
	case s.Format != "":
		return export.Format(s.Format)
	case s.Kind == "webhook":
		return export.JSONL
	}
	return export.OCSF
}

// says is the stream without its secrets, for the record.
func (s StreamConfig) says() string {
	to := s.Address
	if u, err := url.Parse(s.URL); err == nil && s.URL != "" {
		to = u.Host // a token may stand in the rest
	}
	out := fmt.Sprintf("%s to %s as %s", s.Kind, to, s.format())
	if len(s.Logs) > 0 {
		out += ", logs " + strings.Join(s.Logs, " ")
	}
	if len(s.Types) > 0 {
		out += ", types " + strings.Join(s.Types, " ")
	}
	return out
}

// stream makes the stream; nothing is sent yet.
func (c Config) stream(s StreamConfig, wall core.Clock) (*oversight.Stream, error) {
	out := &oversight.Stream{
		Name: s.Name, Logs: s.Logs, Types: s.Types, Format: s.format(), Each: s.Kind == "webhook",
		FromNow: s.From == "now" || s.From == "" && s.Kind == "webhook",
	}
	var root []byte
	if s.RootFile != "" {
		text, err := c.secret(s.RootFile, "the certificate authority")
		if err != nil {
			return nil, err
		}
		root = []byte(text)
	}
	var err error
	if s.Kind == "webhook" {
		out.Receiver, err = c.webhookTo(s, root, wall)
	} else {
		out.Receiver, err = c.syslogTo(s, root)
	}
	return out, err
}

func (c Config) webhookTo(s StreamConfig, root []byte, wall core.Clock) (oversight.Receiver, error) {
	cfg := outlet.WebhookConfig{URL: s.URL, Wall: wall, RootPEM: root}
	for _, file := range s.SecretFiles {
		secret, err := c.secret(file, "the webhook's secret")
		if err != nil {
			return nil, err
		}
		cfg.Secrets = append(cfg.Secrets, secret)
	}
	return outlet.NewWebhook(cfg)
}

func (c Config) syslogTo(s StreamConfig, root []byte) (oversight.Receiver, error) {
	cfg := outlet.SyslogConfig{Address: s.Address, Plain: s.Plain, Host: c.Host, TrustWrite: s.TrustWrite, RootPEM: root}
	if (s.CertificateFile == "") != (s.KeyFile == "") {
		return nil, errors.New("our certificate needs both certificate_file and key_file")
	}
	if s.CertificateFile != "" {
		pair, err := tls.LoadX509KeyPair(c.inData(s.CertificateFile), c.inData(s.KeyFile))
		if err != nil {
			return nil, fmt.Errorf("our certificate cannot be read: %w", err)
		}
		cfg.Certificate = &pair
	}
	return outlet.NewSyslog(cfg)
}

// checkStreams says what is wrong with the streams of a configuration.
func (c Config) checkStreams() error {
	seen := map[string]bool{}
	for _, s := range c.Streams {
		if err := s.check(); err != nil {
			return err
		}
		if seen[s.Name] {
			return fmt.Errorf("two streams are called %q", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}

// connectStreams makes the streams, for those who deliver: serve and the demo.
func (c Config) connectStreams(wall core.Clock) (out []*oversight.Stream, err error) {
	for _, s := range c.Streams {
		one, err := c.stream(s, wall)
		if err != nil {
			return nil, fmt.Errorf("stream %q: %w", s.Name, err)
		}
		out = append(out, one)
	}
	return out, nil
}

// deliverEvery is how often streams are looked after.
const deliverEvery = 2 * time.Second

// wireStreams has the streams looked after.
func (a *App) wireStreams(streams []*oversight.Stream) {
	a.delivery = &oversight.Delivery{Road: a.Road, Wall: a.Wall, Streams: streams}
	a.delivery.HandleJobs(a.Queue, deliverEvery)
}

// recordConnections puts on record whom the log is connected with outside.
func (a *App) recordConnections(ctx context.Context) error {
	var now []oversight.Connection
	trust, err := a.Config.trust()
	if err != nil {
		return err
	}
	for i, key := range trust.Witnesses {
		says := key.String()
		if u, err := url.Parse(a.Config.Witnesses[i].URL); err == nil && u.Host != "" && !a.Config.Demo {
			says += " at " + u.Host
		}
		now = append(now, oversight.Connection{Name: "witness " + key.Name(), Says: says})
	}
	for _, s := range a.Config.Streams {
		now = append(now, oversight.Connection{Name: "stream " + s.Name, Says: s.says()})
	}
	return oversight.Connect(ctx, a.Road, now)
}
