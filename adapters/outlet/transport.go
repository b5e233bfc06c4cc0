package outlet

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"vouchsafe/core"
)

// transport keeps few connections and trusts the given authority, or the
// machine's own.
func transport(root []byte) (*http.Transport, error) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if len(root) > 0 {
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(root) {
			return nil, errors.New("the file of the certificate authority holds no certificate in PEM")
		}
	}
	return t, nil
}

// without leaves the addresses of the connection out of an error: they differ
// each time, and make the same trouble look like another.
func without(err error) error {
	if o, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("%s: %w", o.Op, o.Err)
	}
	return err
}

// deadline is a moment of the transport's clock, which is the machine's.
func deadline(d time.Duration) time.Time { return core.SystemClock{}.Now().Add(d).Time() }
