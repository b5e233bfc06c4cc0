package mt5

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

// pageSize is the most that the server gives at once.
const pageSize = 100

// Deals reads all deals of the given logins in [from, to) of server time. A
// window whose rows moved while it was read is read once more; if they moved
// again, Complete is false.
func (c *Client) Deals(ctx context.Context, logins []int64, from, to time.Time) (platform.DealScan, error) {
	all := platform.DealScan{Complete: true}
	for _, login := range logins {
		w := window{login: login, from: from.Unix(), to: ceilSecond(to)}
		scan, err := c.scanTwice(ctx, w)
		if err != nil {
			return platform.DealScan{}, err
		}
		all.Complete = all.Complete && scan.Complete
		for _, d := range scan.Deals {
			// Whether the server includes the ends is not documented.
			if !d.Time.Before(from) && d.Time.Before(to) {
				all.Deals = append(all.Deals, d)
			}
		}
	}
	return all, nil
}

// farFuture ends an open window, in seconds, and still fits 32 bits unsigned.
// A deal may be stamped later than "now" when the server's clock was put back.
const farFuture = 4102444800 // 2100-01-01

// Find returns the deals of the account since the given server time whose
// comment begins with the operation's tag. No deal and no error means that a
// stable reading showed none.
func (c *Client) Find(ctx context.Context, op command.Op, login int64, since time.Time) ([]platform.Deal, error) {
	if op.Tag == "" {
		return nil, core.InvalidField("tag", "An operation without a tag cannot be found.")
	}
	scan, err := c.scanTwice(ctx, window{login: login, from: since.Unix(), to: farFuture})
	if err != nil {
		return nil, err
	}
	var found []platform.Deal
	for _, d := range scan.Deals {
		rest, ok := strings.CutPrefix(d.Comment, op.Tag)
		if ok && (rest == "" || rest[0] == ' ') && !d.Time.Before(since) {
			found = append(found, d)
		}
	}
	if len(found) == 0 && !scan.Complete {
		return nil, core.NewFault(core.Unavailable, "scan-moved", "Deals changed while they were being read. Look again in a moment.")
	}
	return found, nil
}

func ceilSecond(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// window selects deals of one login; from and to are server seconds.
type window struct {
	login    int64
	from, to int64
}

func (w window) params() url.Values {
	p := byLogin(w.login)
	p.Set("from", strconv.FormatInt(w.from, 10))
	p.Set("to", strconv.FormatInt(w.to, 10))
	return p
}

func (c *Client) scanTwice(ctx context.Context, w window) (platform.DealScan, error) {
	scan, err := c.scan(ctx, w)
	if err == nil && !scan.Complete {
		return c.scan(ctx, w)
	}
	return scan, err
}

// scan pages through a window. Pages are addressed by offset, so a row that
// comes or goes in between shifts the rest. Two things betray it: the total
// differs from what was counted, or a page does not begin with the row that
// the page before ended with.
func (c *Client) scan(ctx context.Context, w window) (platform.DealScan, error) {
	total, err := c.total(ctx, w)
	if err != nil {
		return platform.DealScan{}, err
	}
	scan := platform.DealScan{Complete: true}
	seen := map[int64]bool{}
	for len(scan.Deals) < total {
		overlap := min(len(scan.Deals), 1)
		page, err := c.page(ctx, w, len(scan.Deals)-overlap)
		if err != nil {
			return platform.DealScan{}, err
		}
		if overlap == 1 && (len(page) == 0 || page[0].Ticket != scan.Deals[len(scan.Deals)-1].Ticket) {
			scan.Complete = false
			overlap = 0
		}
		fresh := 0
		for _, d := range page[overlap:] {
			if seen[d.Ticket] {
				scan.Complete = false
				continue
			}
			seen[d.Ticket] = true
			scan.Deals = append(scan.Deals, d)
			fresh++
		}
		if fresh == 0 {
			break
		}
	}
	after, err := c.total(ctx, w)
	scan.Complete = scan.Complete && after == total && len(scan.Deals) == total
	return scan, err
}

func (c *Client) total(ctx context.Context, w window) (int, error) {
	r, err := c.getRecord(ctx, "/api/deal/get_total", w.params())
	if err != nil {
		return 0, err
	}
	n := r.integer("Total")
	if r.err != nil {
		return 0, misread(r.err)
	}
	return int(n), nil
}

func (c *Client) page(ctx context.Context, w window, offset int) ([]platform.Deal, error) {
	params := w.params()
	params.Set("offset", strconv.Itoa(offset))
	params.Set("total", strconv.Itoa(pageSize))
	a, err := c.get(ctx, "/api/deal/get_page", params)
	if err != nil {
		return nil, err
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(a.result, &rows); err != nil {
		return nil, misread(err)
	}
	deals := make([]platform.Deal, 0, len(rows))
	for _, row := range rows {
		d, err := parseDeal(row)
		if err != nil {
			return nil, misread(err)
		}
		deals = append(deals, d)
	}
	return deals, nil
}

// deal reads one deal by its ticket.
func (c *Client) deal(ctx context.Context, ticket int64) (platform.Deal, error) {
	a, err := c.get(ctx, "/api/deal/get", url.Values{"ticket": {strconv.FormatInt(ticket, 10)}})
	if err != nil {
		return platform.Deal{}, err
	}
	d, err := parseDeal(a.result)
	if err != nil {
		return platform.Deal{}, misread(err)
	}
	return d, nil
}

// parseDeal reads a deal record. TimeMsc is preferred where a build sends it.
func parseDeal(raw json.RawMessage) (platform.Deal, error) {
	fields, err := parseRecord(raw)
	if err != nil {
		return platform.Deal{}, err
	}
	r := &reader{record: fields}
	d := platform.Deal{
		Ticket:     r.integer("Deal"),
		Login:      r.integer("Login"),
		Action:     int(r.integer("Action")),
		Reason:     int(r.optional("Reason")),
		Dealer:     r.optional("Dealer"),
		Time:       time.Unix(r.integer("Time"), 0).UTC(),
		Minor:      r.minor("Profit", r.integer("DigitsCurrency")),
		Comment:    r.text("Comment"),
		ModifyFlag: r.optional("ModificationFlags", "ModifyFlags"),
		ExternalID: r.text("ExternalID"),
		Raw:        raw,
	}
	if msc := r.optional("TimeMsc"); msc > 0 {
		d.Time = time.UnixMilli(msc).UTC()
	}
	return d, r.err
}
