package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"vouchsafe/core"
	"vouchsafe/oversight"
)

// Config is what `serve --config FILE` reads: JSON, unknown members refused.
type Config struct {
	// Data is the installation's folder.
	Data string `json:"data"`
	// Database is a postgres:// URL, or empty for SQLite in Data.
	Database string `json:"database,omitempty"`
	// KeyDatabase keeps the subject keys; empty is SQLite in Data. It must not
	// be the main database, so that backups of one never hold the other.
	KeyDatabase string `json:"key_database,omitempty"`
	// Host is the name under which the firm's logs are known to outsiders. It
	// stands in every leaf and never changes.
	Host string `json:"host"`
	// Listen is the address of the console and API.
	Listen string `json:"listen,omitempty"`
	// Origin is the public https address of the console, for passkeys and
	// cookies.
	Origin string `json:"origin,omitempty"`
	// Proxies are the networks of the web servers in front, as "10.0.0.0/8" or
	// a single address. Only from them is X-Forwarded-For believed: evidence
	// says from where people come, and sign-ins are slowed down by it.
	Proxies []string `json:"proxies,omitempty"`
	// Outside keeps the last checkpoints; empty is a folder in Data, which
	// protects less than another machine's disk would.
	Outside string `json:"outside,omitempty"`

	// Witnesses are outsiders who cosign the checkpoints of our logs, and
	// WitnessQuorum how many of them have to before a checkpoint counts as
	// witnessed; all of them when it is not named.
	Witnesses     []WitnessConfig `json:"witnesses,omitempty"`
	WitnessQuorum int             `json:"witness_quorum,omitempty"`
	// Streams are the systems that events are sent to: a SIEM by syslog,
	// webhooks. Only serve sends.
	Streams []StreamConfig `json:"streams,omitempty"`
	// MetricsListen is an address for GET /metrics (Prometheus), apart from the
	// console's; empty serves none.
	MetricsListen string `json:"metrics_listen,omitempty"`
	// ClockSource is the time server (SNTP, host or host:port) that this
	// machine's clock is compared with; empty compares it with nothing.
	ClockSource string `json:"clock_source,omitempty"`
	// Bounds are how late the log may be, and how wrong its clock, before it
	// tells.
	Bounds BoundsConfig `json:"log_bounds,omitzero"`

	// Reading is how many clients' data one person may read in an hour before
	// senior compliance is told; nobody is stopped.
	Reading *oversight.Bounds `json:"unusual_reading,omitempty"`

	// RatesURL is where exchange rates are read, in the form of the European
	// Central Bank's daily reference rates; empty reads none, and people enter
	// them.
	RatesURL string `json:"rates_url,omitempty"`

	// Platforms and PSPs are the outside systems of this installation. Only
	// serve and doctor connect to them.
	Platforms []PlatformConfig `json:"platforms,omitempty"`
	PSPs      []PSPConfig      `json:"psps,omitempty"`

	// SignIn are the providers at which people may sign in (OpenID Connect),
	// besides with what they have here.
	SignIn []SignInConfig `json:"sign_in,omitempty"`

	// MailOutbox is the folder into which invitations are written, one message a
	// file ending in .eml, for the machine's mailer to send. Without it nobody
	// can be invited.
	MailOutbox string `json:"mail_outbox,omitempty"`

	// Operator is the member of staff in whose name the command line acts, with
	// their roles, unless a call names another.
	Operator core.Ref `json:"operator,omitempty"`

	// Demo marks an installation made by `vouchsafe demo`; serve refuses it.
	Demo bool `json:"demo,omitempty"`
}

// LoadConfig reads a configuration file and fills in defaults.
func LoadConfig(path string) (Config, error) {
	c, err := readConfig(path)
	if err != nil {
		return c, err
	}
	return c.complete()
}

func readConfig(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	var c Config
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// DataConfig is the configuration kept in a data folder by the demo, or the
// plain SQLite default.
func DataConfig(dir string) (Config, error) {
	if _, err := os.Stat(filepath.Join(dir, "vouchsafe.json")); err == nil {
		c, err := readConfig(filepath.Join(dir, "vouchsafe.json"))
		if err != nil {
			return c, err
		}
		c.Data = dir
		return c.complete()
	}
	if _, err := os.Stat(filepath.Join(dir, "main.db")); err != nil {
		return Config{}, fmt.Errorf("%s holds no installation", dir)
	}
	return Config{Data: dir, Host: "vouchsafe.localhost"}.complete()
}

func (c Config) complete() (Config, error) {
	if c.Data == "" {
		return c, errors.New(`the configuration needs "data", the folder of keys and uploads`)
	}
	if c.Host == "" {
		return c, errors.New(`the configuration needs "host", the name of the logs for outsiders`)
	}
	if c.Database == "" {
		c.Database = "sqlite:" + c.file("main.db")
	}
	if c.KeyDatabase == "" {
		c.KeyDatabase = "sqlite:" + c.file("keys.db")
	}
	if c.Database == c.KeyDatabase {
		return c, errors.New("database and key_database must not be the same")
	}
	if c.Outside == "" {
		c.Outside = c.file("checkpoints")
	}
	if _, err := c.proxies(); err != nil {
		return c, err
	}
	if _, err := c.remotes(); err != nil {
		return c, err
	}
	if err := c.checkStreams(); err != nil {
		return c, err
	}
	if r := c.reading(); r.Files < 1 || r.Clients < r.Files {
		return c, errors.New(`"unusual_reading" needs "files" of at least 1, and "clients" of at least as many`)
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:8080"
	}
	return c, nil
}

// reading are the bounds of usual reading.
func (c Config) reading() oversight.Bounds {
	if c.Reading == nil {
		return oversight.DefaultBounds
	}
	return *c.Reading
}

// rpID is the host of the console, as passkeys are bound to it.
func (c Config) rpID() string {
	if u, err := url.Parse(c.Origin); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}

// origins are the addresses at which the console's pages are.
func (c Config) origins() []string {
	if c.Origin != "" {
		return []string{c.Origin}
	}
	_, port, _ := net.SplitHostPort(c.Listen)
	return []string{"http://localhost:" + port}
}

func (c Config) file(name string) string { return filepath.Join(c.Data, name) }

// KeyFile is the file of public keys that goes to whoever verifies.
func (c Config) KeyFile() string { return c.file("log.pub") }

// write keeps the configuration in the folder, without what follows from the
// folder's place: a copied or moved folder must not work on the original.
func (c Config) write() error {
	file := c.file("vouchsafe.json")
	c.Data, c.Database, c.KeyDatabase, c.Outside = ".", "", "", ""
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o600)
}
