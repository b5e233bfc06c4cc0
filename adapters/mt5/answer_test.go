package mt5

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/command"
	"vouchsafe/platform"
)

// Which return codes prove that nothing was done is a decision about money:
// this table is it, once more.
func TestJudge(t *testing.T) {
	want := map[command.Certainty][]wire.Retcode{
		command.Applied: {0, 1},
		command.Rejected: {
			3, 8, 12, 13, 1000, 1001, 1011, 1034, 3002, 3003, 3004, 3006, 3008, 3009, 3010,
			4004, 4005, 10019, 12001, 12002,
		},
		command.Uncertain: {2, 4, 7, 9, 10, 14, 15, 17, 999, 1035, 3005, 10018, 12003, 12004, -1},
	}
	for certainty, codes := range want {
		for _, code := range codes {
			v := judge(answer{code: code, text: strconv.Itoa(int(code))}, platform.Receipt{})
			if v.certainty != certainty || (v.err == nil) != (certainty == command.Applied) {
				t.Errorf("return code %d: %q, %v; want %q", code, v.certainty, v.err, certainty)
			}
		}
	}
}

func TestAnswersInOtherSpellings(t *testing.T) {
	deal, err := parseDeal([]byte(`{"DEAL":7,"login":"5","Action":"2","Time":"100","profit":"-1.500000","digitscurrency":2,"Comment":"c","ModifyFlags":"16"}`))
	if err != nil || deal.Ticket != 7 || deal.Minor != -150 || deal.ModifyFlag != 16 || deal.Time.Unix() != 100 {
		t.Fatalf("%+v, %v", deal, err)
	}
	for _, bad := range []string{
		`[]`, `{}`, `{"Deal":"1","Login":"5","Action":"2","Time":"1","Profit":"1.005","DigitsCurrency":"2"}`,
		`{"Deal":"1","Login":"5","Action":"2","Time":"1","Profit":"1.00","DigitsCurrency":"-1"}`,
	} {
		if d, err := parseDeal([]byte(bad)); err == nil {
			t.Errorf("%s was read as %+v", bad, d)
		}
	}
}

// stub is a client whose reading session is signed in to the given handler.
func stub(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(Config{Name: "t", BaseURL: server.URL, Login: 1, Password: "x"})
	if err != nil {
		t.Fatal(err)
	}
	c.reads.session = newSession(c.set)
	t.Cleanup(func() {
		if s := c.reads.session; s != nil {
			s.seal()
		}
	})
	return c
}

// One row goes and another comes between two pages: the total stays and no row
// is seen twice, but the row that slipped across the page's edge is never
// seen. Only the overlap of the pages tells.
func TestScanNoticesExchangedRows(t *testing.T) {
	rows := make([]int, 150)
	for i := range rows {
		rows[i] = i + 1
	}
	exchanged := false
	c := stub(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/deal/get_total" {
			_, _ = fmt.Fprintf(w, `{"retcode":"0 Done","answer":{"Total":"%d"}}`, len(rows))
			return
		}
		offset, _ := strconv.Atoi(r.FormValue("offset"))
		_, _ = fmt.Fprint(w, `{"retcode":"0 Done","answer":[`)
		for i, ticket := range rows[offset:min(len(rows), offset+pageSize)] {
			if i > 0 {
				_, _ = fmt.Fprint(w, ",")
			}
			_, _ = fmt.Fprintf(w, `{"Deal":"%d","Login":"1","Action":"0","Time":"1","Profit":"0","DigitsCurrency":"2"}`, ticket)
		}
		_, _ = fmt.Fprint(w, `]}`)
		if !exchanged {
			rows, exchanged = append(slices.Delete(rows, 5, 6), 151), true
		}
	})
	scan, err := c.scan(context.Background(), window{login: 1, to: farFuture})
	if err != nil || scan.Complete {
		t.Fatalf("complete %v, %v", scan.Complete, err)
	}
	if scan, err = c.scan(context.Background(), window{login: 1, to: farFuture}); err != nil || !scan.Complete {
		t.Fatalf("a second, quiet reading: complete %v, %v", scan.Complete, err)
	}
}

func TestClockThatContradictsItself(t *testing.T) {
	text := "1572518788 2019.10.31 10:46:28" // the documented example
	c := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"retcode":"0 Done","answer":{"Time":%q}}`, text)
	})
	if sample, err := c.Clock(context.Background()); err != nil || sample.Server.Unix() != 1572518788 {
		t.Fatalf("%+v, %v", sample, err)
	}
	text = "1572518788 2019.10.31 12:46:28"
	if _, err := c.Clock(context.Background()); err == nil {
		t.Fatal("a clock whose number and text disagree was believed")
	}
}

func TestRefreshDropsDeadSession(t *testing.T) {
	alive := true
	c := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		if !alive {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = fmt.Fprint(w, `{"retcode":"0 Done"}`)
	})
	if c.reads.refresh(context.Background()); c.reads.session == nil {
		t.Fatal("a live session was dropped")
	}
	alive = false
	if c.reads.refresh(context.Background()); c.reads.session != nil {
		t.Fatal("a dead session was kept")
	}
}

// A server that answers, but with an error, is not signed in to again.
func TestReadKeepsSessionOnServerError(t *testing.T) {
	c := stub(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	if _, err := c.Account(context.Background(), 1); err == nil || c.reads.session == nil {
		t.Fatalf("%v, session kept: %v", err, c.reads.session != nil)
	}
}
