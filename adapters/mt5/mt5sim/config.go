package mt5sim

import (
	"strconv"
	"strings"
	"time"

	"vouchsafe/adapters/mt5/internal/wire"
)

// The commands that tell about the server itself.

// timeServer sends the wall clock as a number, as if it were UTC, and as text.
func (s *Server) timeServer(call) reply {
	now := s.wallTime(s.opt.Clock.Now())
	return reply{answer: row{"Time": digitsOf(now.Unix()) + now.Format(" 2006.01.02 15:04:05")}}
}

func (s *Server) timeGet(call) reply {
	state := "0"
	if s.daylight {
		state = "1"
	}
	return reply{answer: row{
		"Daylight": "1", "DaylightState": state,
		"TimeZone": digitsOf(int64(*s.opt.TimeZone / time.Minute)), "TimeServer": "time.example.com",
	}}
}

func (s *Server) commonGet(call) reply {
	return reply{answer: row{"Name": "Simulated MT5 server", "Owner": "Vouchsafe", "LimitUsers": "0", "TotalUsers": strconv.Itoa(len(s.state.Accounts))}}
}

func (s *Server) groupGet(c call) reply {
	g, ok := s.groups[c.params.text("group")]
	if !ok {
		return refused(wire.NotFound)
	}
	return reply{answer: row{
		"Group": g.Name, "Server": "1", "Currency": g.Currency, "CurrencyDigits": strconv.Itoa(g.Digits),
		"PermissionsFlags": "2", "DemoLeverage": strconv.Itoa(g.Leverage),
	}}
}

// matches applies a group mask: comma-separated names with "*" for anything,
// "!" to exclude. The last match decides.
func matches(mask, group string) bool {
	in := false
	for part := range strings.SplitSeq(mask, ",") {
		part = strings.TrimSpace(part)
		name, exclude := strings.CutPrefix(part, "!")
		if part != "" && like(name, group) {
			in = !exclude
		}
	}
	return in
}

func like(pattern, name string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == name
	}
	tail, ok := strings.CutPrefix(name, head)
	for i := 0; ok && i <= len(tail); i++ {
		if like(rest, tail[i:]) {
			return true
		}
	}
	return false
}
