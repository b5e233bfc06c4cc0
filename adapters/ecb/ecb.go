// Package ecb reads exchange rates in the form of the European Central Bank's
// daily reference rates (eurofxref-daily.xml): what one euro is worth in some
// thirty currencies, published on working days at about 16:00 CET. The bank
// calls them information and no rates to deal at, which is what a threshold
// needs.
package ecb

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vouchsafe/core"
)

// URL is where the bank publishes them.
const URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"

// Source is how a sheet names its origin.
const Source = "European Central Bank"

// mostBytes is far more than a day's rates.
const mostBytes = 1 << 20

// Day is what one euro was worth on a day.
type Day struct {
	Day   string // YYYY-MM-DD
	Base  string
	Rates string // one a line: currency, space, units for one euro
}

// Client reads from one address.
type Client struct {
	URL  string
	HTTP *http.Client
}

// New makes a client. The address is https, or http on this machine.
func New(address string) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the address of the exchange rates cannot be read: %w", err)
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && !(u.Scheme == "http" && local) || u.Host == "" {
		return nil, errors.New("the address of the exchange rates must begin with https://")
	}
	return &Client{URL: address, HTTP: &http.Client{Timeout: 20 * time.Second}}, nil
}

// Read fetches the newest day. Nothing is guessed: what does not read as the
// bank's form is an error.
func (c *Client) Read(ctx context.Context) (Day, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return Day{}, err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return Day{}, fmt.Errorf("the source of exchange rates did not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Day{}, fmt.Errorf("the source of exchange rates answered %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBytes+1))
	switch {
	case err != nil:
		return Day{}, fmt.Errorf("the source of exchange rates broke off: %w", err)
	case len(body) > mostBytes:
		return Day{}, errors.New("the source of exchange rates sent more than a day's rates")
	}
	return Parse(body)
}

// envelope is the form, as far as it is needed.
type envelope struct {
	XMLName xml.Name `xml:"http://www.gesmes.org/xml/2002-08-01 Envelope"`
	Days    []struct {
		Day   string `xml:"time,attr"`
		Rates []struct {
			Currency string `xml:"currency,attr"`
			Rate     string `xml:"rate,attr"`
		} `xml:"http://www.ecb.int/vocabulary/2002-08-01/eurofxref Cube"`
	} `xml:"http://www.ecb.int/vocabulary/2002-08-01/eurofxref Cube>Cube"`
}

// Parse reads one day in the bank's form. Currencies that the firm does not
// handle are left out.
func Parse(body []byte) (Day, error) {
	var e envelope
	if err := xml.Unmarshal(body, &e); err != nil {
		return Day{}, fmt.Errorf("the source of exchange rates sent something else: %w", err)
	}
	if len(e.Days) != 1 {
		return Day{}, fmt.Errorf("the source of exchange rates sent %d days, not one", len(e.Days))
	}
	d := e.Days[0]
	if _, err := time.Parse(time.DateOnly, d.Day); err != nil {
		return Day{}, fmt.Errorf("the exchange rates are of no day: %q", d.Day)
	}
	var lines []string
	for _, r := range d.Rates {
		if _, known := core.Exponent(r.Currency); known {
			lines = append(lines, r.Currency+" "+r.Rate)
		}
	}
	if len(lines) == 0 {
		return Day{}, errors.New("the source of exchange rates sent none that the firm handles")
	}
	return Day{Day: d.Day, Base: "EUR", Rates: strings.Join(lines, "\n")}, nil
}
