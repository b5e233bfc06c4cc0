package mt5sim

import (
	"strconv"

	"vouchsafe/adapters/mt5/internal/wire"
)

// maxPage is the most deals that one page may hold.
const maxPage = 100

// Deals returns the deals of an account, oldest ticket first.
func (s *Server) Deals(login int64) []Deal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.dealsOf(login, -1<<62, 1<<62)
}

func (s *Server) dealGet(c call) reply {
	deal, ok := s.state.deal(c.params.integer("ticket"))
	if !ok {
		return refused(wire.NotFound)
	}
	return reply{answer: dealRow(deal)}
}

func (s *Server) dealTotal(c call) reply {
	p := c.params
	found := s.state.dealsOf(p.integer("login"), p.integer("from"), p.integer("to"))
	return reply{answer: row{"Total": strconv.Itoa(len(found))}}
}

func (s *Server) dealPage(c call) reply {
	p := c.params
	found := s.state.dealsOf(p.integer("login"), p.integer("from"), p.integer("to"))
	switch {
	case len(found) == 0:
	case c.struck.Fault == RowVanishes:
		found = found[1:]
	case c.struck.Fault == RowAppears:
		found = append([]Deal{found[0]}, found...)
	}
	from := int(p.within("offset", 0, 0, int64(len(found))))
	to := min(len(found), from+int(p.within("total", maxPage, 0, maxPage)))
	return reply{answer: dealRows(found[from:to])}
}

// dealBatch takes exactly one of logins, group mask and tickets.
func (s *Server) dealBatch(c call) reply {
	p := c.params
	given := 0
	for _, name := range []string{"login", "group", "ticket"} {
		if p.text(name) != "" {
			given++
		}
	}
	if given != 1 {
		return refused(wire.BadParams)
	}
	var found []Deal
	for _, ticket := range p.list("ticket") {
		if deal, ok := s.state.deal(ticket); ok {
			found = append(found, deal)
		}
	}
	logins := p.list("login")
	if mask := p.text("group"); mask != "" {
		for _, login := range s.state.logins() {
			if matches(mask, s.state.Accounts[login].Group) {
				logins = append(logins, login)
			}
		}
	}
	for _, login := range logins {
		found = append(found, s.state.dealsOf(login, p.integer("from"), p.integer("to"))...)
	}
	return reply{answer: dealRows(found)}
}

func dealRows(deals []Deal) []row {
	rows := make([]row, len(deals))
	for i, d := range deals {
		rows[i] = dealRow(d)
	}
	return rows
}

// dealRow is the wire record of a deal.
func dealRow(d Deal) row {
	price := d.Price
	if price == "" {
		price = "0.00000"
	}
	zero := wire.Decimal(0, d.Digits)
	return row{
		"Deal": digitsOf(d.Ticket), "ExternalID": "", "Login": digitsOf(d.Login), "Dealer": digitsOf(d.Dealer),
		"Order": digitsOf(d.Position), "Action": strconv.Itoa(d.Action), "Entry": strconv.Itoa(d.Entry),
		"Digits": "5", "DigitsCurrency": strconv.Itoa(d.Digits), "ContractSize": "100000.00",
		"Time": digitsOf(d.Time.Unix()), "TimeMsc": digitsOf(d.Time.UnixMilli()),
		"Symbol": d.Symbol, "Price": price, "Volume": digitsOf(d.Volume * 100), // the wire counts 1/10000 lot
		"Profit": wire.Decimal(d.Minor, d.Digits), "Storage": zero, "Commission": zero, "Fee": zero,
		"PositionID": digitsOf(d.Position), "Comment": d.Comment, "Reason": strconv.Itoa(d.Reason), "ModificationFlags": "0",
	}
}
