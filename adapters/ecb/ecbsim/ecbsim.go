// Package ecbsim answers like the European Central Bank's daily reference rates:
// one day, the last working day whose rates are out, with rates that move a
// little from day to day. For the demo and for tests; it was written from the
// published form and is not the bank's.
package ecbsim

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"vouchsafe/core"
)

// Server answers every path with the day that its clock asks for.
type Server struct {
	Clock core.Clock
}

// around are what one euro is worth, before it moves.
var around = []struct {
	currency string
	units    float64
}{{"USD", 1.08}, {"GBP", 0.86}, {"CHF", 0.95}, {"JPY", 162}, {"AUD", 1.65}, {"PLN", 4.3}, {"ZAR", 19.8}, {"AED", 3.97}, {"SGD", 1.45}}

// published is when a day's rates are out, after midnight UTC.
const published = 15 * time.Hour

// day is the last working day whose rates are out.
func (s *Server) day() time.Time {
	now := s.Clock.Now().Time()
	day := now.Truncate(24 * time.Hour)
	if now.Sub(day) < published {
		day = day.AddDate(0, 0, -1)
	}
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, -1)
	}
	return day
}

// ServeHTTP writes the day in the bank's form.
func (s *Server) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	day := s.day()
	n := int(day.Unix() / 86_400)
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
	<Cube><Cube time="` + day.Format(time.DateOnly) + "\">\n")
	for i, x := range around {
		moved := x.units * (1 + float64((n*7+i*13)%21-10)/1000)
		fmt.Fprintf(&b, "\t\t<Cube currency=%q rate=\"%.4f\"/>\n", x.currency, moved)
	}
	b.WriteString("\t</Cube></Cube>\n</gesmes:Envelope>\n")
	w.Header().Set("Content-Type", "text/xml")
	_, _ = w.Write([]byte(b.String()))
}
