package platform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"vouchsafe/core"
	"vouchsafe/store"
)

// digestGone stands for the wire record of a deal that the platform no longer
// shows.
const digestGone = "gone"

func dealID(platform string, ticket int64) string {
	return platform + "/" + strconv.FormatInt(ticket, 10)
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// rowOf is a deal as it is imported.
func rowOf(platform string, offset int, d Deal, a *Account) DealRow {
	row := DealRow{
		ID: dealID(platform, d.Ticket), Platform: platform, Ticket: d.Ticket, Login: d.Login, Action: d.Action,
		Reason: d.Reason, Dealer: d.Dealer, ServerTime: core.At(d.Time), OffsetS: offset, Minor: d.Minor, Comment: d.Comment,
		Flags: d.ModifyFlag, Digest: digest(d.Raw), Account: a.ID, Currency: a.Currency,
	}
	row.At = utc(row.ServerTime, offset)
	return row
}

// Version counts how often the deal was seen to be different: 1 is what was
// seen first. An imported row is never rewritten; a deal that was edited or
// removed on the platform is imported again as what it is now.
func (d *DealRow) Version() int {
	rest, edited := strings.CutPrefix(d.ID, dealID(d.Platform, d.Ticket)+"/")
	if !edited {
		return 1
	}
	n, _ := strconv.Atoi(rest)
	return n
}

// Gone reports whether this version says that the platform no longer shows the
// deal.
func (d *DealRow) Gone() bool { return d.Digest == digestGone }

// after makes d the version that follows was.
func (d *DealRow) after(was *DealRow) {
	d.ID = dealID(d.Platform, d.Ticket) + "/" + strconv.Itoa(was.Version()+1)
}

// imported reads the newest version of every deal of the logins in a window of
// server time.
func imported(ctx context.Context, r store.Reader, platform string, logins []int64, from, to core.Instant) (map[int64]DealRow, error) {
	where := store.And(store.Eq("platform", platform), store.In("login", logins),
		store.Compare("server_time", ">=", int64(from)), store.Compare("server_time", "<", int64(to)))
	rows, err := deals.Filter(ctx, r, "WHERE {where}", where)
	out := make(map[int64]DealRow, len(rows))
	for _, d := range rows {
		if was, ok := out[d.Ticket]; !ok || d.Version() > was.Version() {
			out[d.Ticket] = d
		}
	}
	return out, err
}

// tagged finds the oldest imported deal with the intervention's own tag,
// account, action and amount; nil when there is none.
func tagged(ctx context.Context, r store.Reader, t Tagger, i *Intervention) (*DealRow, error) {
	action, books := i.Kind.Books()
	if !books {
		return nil, nil
	}
	rows, err := deals.Select(ctx, r, "WHERE platform = $1 AND login = $2 AND action = $3 AND minor = $4 ORDER BY ticket, id",
		i.Platform, i.Login, action, i.Minor)
	for k := range rows {
		if tag, _, genuine := t.Read(rows[k].Comment); genuine && tag == i.Tag {
			return &rows[k], nil
		}
	}
	return nil, err
}

// holding finds an intervention other than one that holds a ticket.
func holding(ctx context.Context, r store.Reader, platform string, ticket int64, other core.Ref) (*Intervention, error) {
	d, err := deals.Get(ctx, r, dealID(platform, ticket))
	if err != nil || d == nil {
		return nil, err
	}
	rows, err := interventions.Select(ctx, r, "WHERE account = $1 AND ticket = $2 AND id <> $3 ORDER BY id LIMIT 1", d.Account, ticket, other)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// DealsBy reads the newest balance operations that some managers' logins booked
// by hand since a moment, as the platform says.
func DealsBy(ctx context.Context, r store.Reader, platform string, dealer int64, since core.Instant) ([]DealRow, error) {
	return deals.Select(ctx, r, "WHERE platform = $1 AND dealer = $2 AND at > $3 ORDER BY at, id LIMIT 100", platform, dealer, since)
}
