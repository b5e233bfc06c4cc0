package mt5sim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"vouchsafe/core"
)

// Trade lets an account's owner open and close one position, so that the
// account shows activity: two deals, in and out, the latter with the profit.
// Volume is in hundredths of a lot, profit in minor units, at is when the
// position closed. How long it was held, its side and price follow the seed.
func (s *Server) Trade(login int64, symbol string, centilots, profitMinor int64, at core.Instant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	account := s.state.Accounts[login]
	if account == nil || centilots <= 0 || symbol == "" {
		return errors.New("mt5sim: a trade needs an account, a symbol and a volume")
	}
	var noise [3]byte
	s.prices.Read(noise[:])
	side := int(noise[0] & 1)
	held := time.Duration(5+int(noise[1])) * time.Minute
	open := 100000 + int64(binary.BigEndian.Uint16(noise[1:]))%20000
	position := s.state.NextTicket
	deal := Deal{
		Login: login, Action: side, Reason: ReasonClient, Digits: s.groups[account.Group].Digits,
		Symbol: symbol, Volume: centilots, Position: position,
	}
	in := deal
	in.Time, in.Price = s.wallTime(at.Add(-held)), fmt.Sprintf("%d.%05d", open/100000, open%100000)
	s.state.add(in)
	out := deal
	out.Action, out.Entry, out.Minor = 1-side, 1, profitMinor
	out.Time, out.Price = s.wallTime(at), fmt.Sprintf("%d.%05d", (open+17)/100000, (open+17)%100000)
	s.state.add(out)
	s.changes++
	return nil
}
