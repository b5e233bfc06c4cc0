package outlet

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"vouchsafe/oversight"
)

// SyslogConfig says where a syslog receiver is.
type SyslogConfig struct {
	Address string // host:port
	// Plain sends without TLS; on this machine only.
	Plain bool
	// RootPEM is the certificate authority of the receiver; empty is the
	// machine's own.
	RootPEM []byte
	// Certificate is ours, where the receiver wants one.
	Certificate *tls.Certificate
	// Host is our name in the messages.
	Host string
	// TrustWrite takes what was written for delivered, for receivers that keep
	// a connection open after our farewell, or cut it. A crash of theirs may
	// then lose events.
	TrustWrite bool
}

// Syslog is a syslog receiver.
type Syslog struct {
	cfg SyslogConfig
	tls *tls.Config
}

// The limits of one batch.
const (
	dialing  = 10 * time.Second
	sending  = 30 * time.Second
	farewell = 10 * time.Second
)

// NewSyslog checks the configuration; nothing is sent yet.
func NewSyslog(cfg SyslogConfig) (*Syslog, error) {
	host, _, err := net.SplitHostPort(cfg.Address)
	if err != nil || host == "" {
		return nil, fmt.Errorf("%q is no address: write host:6514", cfg.Address)
	}
	s := &Syslog{cfg: cfg}
	if cfg.Plain {
		if !loopback(host) {
			return nil, errors.New("without TLS events may only go to this machine: use TLS, or a relay on 127.0.0.1")
		}
		return s, nil
	}
	s.tls = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if len(cfg.RootPEM) > 0 {
		s.tls.RootCAs = x509.NewCertPool()
		if !s.tls.RootCAs.AppendCertsFromPEM(cfg.RootPEM) {
			return nil, errors.New("the file of the certificate authority holds no certificate in PEM")
		}
	}
	if cfg.Certificate != nil {
		s.tls.Certificates = []tls.Certificate{*cfg.Certificate}
	}
	return s, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Deliver sends one batch and waits until the receiver has read it.
func (s *Syslog) Deliver(ctx context.Context, batch []oversight.Outgoing) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("the syslog receiver cannot be reached: %w", without(err))
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	var b bytes.Buffer
	for _, o := range batch {
		frame(&b, s.cfg.Host, o)
	}
	if err := within(conn, sending); err != nil {
		return err
	}
	if _, err := conn.Write(b.Bytes()); err != nil {
		return fmt.Errorf("the syslog receiver broke off: %w", without(err))
	}
	return s.closed(conn)
}

// wire is a connection and whether its stream ended. Under TLS that it ended
// before the other side's farewell is what a killed process leaves; Go's TLS
// does not tell the two apart.
type wire struct {
	net.Conn
	ended bool
}

// Read notes the end.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.ended = w.ended || errors.Is(err, io.EOF)
	return n, err
}

// line is what a batch is sent on: the wire itself, or TLS over it.
type line struct {
	net.Conn
	wire *wire
}

func (s *Syslog) dial(ctx context.Context) (line, error) {
	ctx, cancel := context.WithTimeout(ctx, dialing)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.cfg.Address)
	if err != nil || s.tls == nil {
		return line{Conn: raw}, err
	}
	w := &wire{Conn: raw}
	conn := tls.Client(w, s.tls)
	if err := conn.HandshakeContext(ctx); err != nil {
		return line{}, errors.Join(err, raw.Close())
	}
	return line{conn, w}, nil
}

// within bounds what follows. The deadline is the transport's, by the
// transport's own clock.
func within(conn net.Conn, d time.Duration) error {
	return conn.SetDeadline(deadline(d))
}

// closed says farewell and waits for the receiver's.
func (s *Syslog) closed(conn line) error {
	half, ok := conn.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.New("the connection cannot be closed in halves")
	}
	if err := half.CloseWrite(); err != nil {
		return fmt.Errorf("the syslog receiver broke off: %w", err)
	}
	if err := within(conn, farewell); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, io.LimitReader(conn, 1<<16))
	late, isNet := errors.AsType[net.Error](err)
	cut := err == nil && conn.wire != nil && conn.wire.ended
	switch {
	case err == nil && !cut:
		return nil
	case s.cfg.TrustWrite && (isNet && late.Timeout() || cut):
		return nil
	case cut:
		return errors.New(`the syslog receiver cut the connection without TLS's farewell, so nobody knows whether it read everything; if it always does, set "trust_write"`)
	case isNet && late.Timeout():
		return errors.New(`the syslog receiver did not close the connection, so nobody knows whether it read everything; if it never does, set "trust_write"`)
	}
	return fmt.Errorf("the syslog receiver broke off: %w", without(err))
}

// facility is "log audit" of RFC 5424.
const facility = 13

// frame writes one message: its length, a space, and RFC 5424.
func frame(b *bytes.Buffer, host string, o oversight.Outgoing) {
	severity := 6 // informational
	if !o.Good {
		severity = 4 // warning
	}
	at := "-"
	if o.At != 0 {
		at = o.At.String()
	}
	msg := fmt.Sprintf("<%d>1 %s %s vouchsafe - %s - ", facility*8+severity, at, token(host, 255), token(o.Type, 32))
	b.WriteString(strconv.Itoa(len(msg)+len(o.Body)) + " " + msg)
	b.Write(o.Body)
}

// token is a header field: printable ASCII without spaces, "-" when empty.
func token(s string, most int) string {
	s = strings.Map(func(c rune) rune {
		if c > ' ' && c < 0x7f {
			return c
		}
		return -1
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), most)]
}

var _ oversight.Receiver = (*Syslog)(nil)
