package witness

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vouchsafe/evidence"
)

// Remote is a witness that is reached over HTTP.
type Remote struct {
	key  evidence.WitnessKey
	url  string
	http *http.Client
}

// answering is how long a witness may take.
const answering = 10 * time.Second

// NewRemote checks the address and key of a witness. Plain http is for this
// machine only: a checkpoint is no secret, but whoever sits between could keep
// witnesses from answering without being seen.
func NewRemote(address string, key evidence.WitnessKey) (*Remote, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%q is no address of a witness: write https://HOST/…", address)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("the witness %s must be reached by https", u.Host)
	}
	return &Remote{key, u.JoinPath("add-checkpoint").String(), &http.Client{Timeout: answering}}, nil
}

func loopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// Key is the witness's public key.
func (r *Remote) Key() evidence.WitnessKey { return r.key }

// Add asks for a cosignature and returns its line. It implements
// evidence.Witness.
func (r *Remote) Add(ctx context.Context, old int64, proof []tlog.Hash, signed string) (string, error) {
	var body strings.Builder
	fmt.Fprintf(&body, "old %d\n", old)
	for _, h := range proof {
		body.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	body.WriteString("\n" + signed)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, strings.NewReader(body.String()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	res, err := r.http.Do(req)
	if err != nil {
		return "", fmt.Errorf("the witness %s does not answer: %w", r.key.Name(), unwrapped(err))
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return "", fmt.Errorf("the witness %s broke off its answer: %w", r.key.Name(), err)
	}
	return r.answer(res.StatusCode, string(text), signed)
}

// unwrapped leaves the addresses out of the error: that of the witness may hold
// what only it and the firm know, and that of the connection differs each time.
func unwrapped(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if o, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("%s: %w", o.Op, o.Err)
	}
	return err
}

func (r *Remote) answer(status int, text, signed string) (string, error) {
	switch status {
	case http.StatusOK:
	case http.StatusConflict:
		size, err := decimal(strings.TrimSuffix(text, "\n"))
		if err != nil {
			return "", fmt.Errorf("the witness %s contradicts and does not say what it knows", r.key.Name())
		}
		return "", &evidence.WitnessConflict{Size: size}
	case http.StatusUnprocessableEntity:
		return "", evidence.ErrWitnessUnproven
	case http.StatusForbidden, http.StatusNotFound:
		return "", fmt.Errorf("the witness %s does not know this log or its key (%d): give its operator the present log.pub", r.key.Name(), status)
	default:
		return "", fmt.Errorf("the witness %s answers with %d", r.key.Name(), status)
	}
	if !strings.HasSuffix(text, "\n") || strings.Contains(text, "\n\n") {
		return "", fmt.Errorf("the answer of the witness %s is not lines of signatures", r.key.Name())
	}
	found, err := evidence.Cosignatures(signed+text, []evidence.WitnessKey{r.key})
	if err != nil || len(found) != 1 {
		return "", errors.Join(fmt.Errorf("the answer of the witness %s holds no good signature of its key", r.key.Name()), err)
	}
	return found[0].Line, nil
}

var _ evidence.Witness = (*Remote)(nil)
