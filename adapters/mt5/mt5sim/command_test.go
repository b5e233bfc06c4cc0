package mt5sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"vouchsafe/adapters/mt5/internal/wire"
	"vouchsafe/core"
)

func TestReturnCodes(t *testing.T) {
	tb := newTable(t, Options{})
	c := tb.signedIn(t)
	balance := func(rest string) string { return "/api/trade/balance?login=700001&" + rest }
	add := func(login int, pass, group string) string {
		return fmt.Sprintf(`{"Login":"%d","Name":"G","Group":%q,"Leverage":"30","PassMain":%q,"PassInvestor":"2Ar#pqkj"}`, login, group, pass)
	}
	for _, q := range []struct {
		path, body string
		want       wire.Retcode
	}{
		{balance("type=2&balance=10.5&comment=x"), "", wire.Done},
		{balance("type=1&balance=10&comment=x"), "", wire.BadParams},
		{balance("type=7&balance=10&comment=x"), "", wire.BadParams},
		{balance("type=2&balance=1e3&comment=x"), "", wire.BadParams},
		{balance("type=2&balance=1000000000.01&comment=x"), "", wire.TooMuchMoney},
		{balance("type=2&balance=-2000&comment=x"), "", wire.NoMoney},
		{balance("type=3&balance=-1&comment=x"), "", wire.NoMoney},
		{"/api/trade/balance?login=1&type=2&balance=1&comment=x", "", wire.NotFound},
		{"/api/user/add", add(700001, "1Ar#pqkj", `real\standard-eur`), wire.LoginExists},
		{"/api/user/add", add(700002, "1Ar#pqkj", `real\none`), wire.NoPermission},
		{"/api/user/add", add(700002, "allsmall", `real\standard-eur`), wire.WeakPassword},
		{"/api/user/add", `{"Login":"700002","Name":"","Group":"x","Leverage":"30"}`, wire.BadParams},
		{"/api/user/add", add(0, "1Ar#pqkj", `real\standard-eur`), wire.Done},
		{"/api/user/update?login=1", "", wire.NotFound},
		{"/api/user/update?login=700001", `{"Group":"real\\standard-jpy"}`, wire.OtherMoney},
		{"/api/user/update?login=700001", `{"Group":"real\\nowhere","Leverage":"9999"}`, wire.Done},
		{"/api/user/get?login=1", "", wire.NotFound},
		{"/api/group/get?group=real%5C%5Cpro-eur", "", wire.Done},
		{"/api/group/get?group=real%5Cpro-eur", "", wire.Done},
		{"/api/group/get?group=none", "", wire.NotFound},
		{"/api/deal/get?ticket=1", "", wire.NotFound},
		{"/api/deal/get_batch?login=700001&ticket=1", "", wire.BadParams},
		{"/api/common/get", "", wire.Done},
		{"/api/time/get", "", wire.Done},
	} {
		status, fields := c.do(http.MethodPost, q.path, q.body)
		if status != http.StatusOK || code(fields) != q.want {
			t.Errorf("%s %s: HTTP %d, %s; want %d", q.path, q.body, status, fields["retcode"], q.want)
		}
	}
	if a, _ := tb.Account(testLogin); a.Leverage != 30 || a.Group != `real\standard-eur` {
		t.Errorf("invalid values were applied: %+v", a)
	}
	if _, ok := tb.Account(900001); !ok {
		t.Error("login 0 did not allocate the first free login")
	}
}

func TestMarginGuardsWithdrawals(t *testing.T) {
	tb := newTable(t, Options{})
	if err := tb.AddAccount(Account{Login: 5, Name: "M", Group: `real\standard-eur`, Leverage: 30, Balance: 10000, Margin: 8000}); err != nil {
		t.Fatal(err)
	}
	c := tb.signedIn(t)
	for query, want := range map[string]wire.Retcode{"": wire.NoMoney, "&check_margin=1": wire.NoMoney, "&check_margin=0": wire.Done} {
		if got := code(c.get("/api/trade/balance?login=5&type=2&balance=-30&comment=x" + query)); got != want {
			t.Errorf("%q: %d, want %d", query, got, want)
		}
	}
}

func TestCommentsAreCutInSilence(t *testing.T) {
	tb := newTable(t, Options{})
	long := strings.Repeat("abcdefghij", 4)
	c := tb.signedIn(t)
	if got := code(c.get("/api/trade/balance?login=700001&type=2&balance=1&comment=" + long)); got != wire.Done {
		t.Fatal(got)
	}
	deals := tb.Deals(testLogin)
	if got := deals[len(deals)-1].Comment; got != long[:31] {
		t.Errorf("kept %q", got)
	}
	if got := tb.Oracle(); got[len(got)-1].Comment != long {
		t.Errorf("the oracle forgot what was asked: %q", got[len(got)-1].Comment)
	}
}

func TestCheckBalance(t *testing.T) {
	tb := newTable(t, Options{})
	tb.state.Accounts[testLogin].Balance += 500 // money without a deal
	c := tb.signedIn(t)
	for _, q := range []struct {
		fix   string
		after int64
	}{{"0", 100500}, {"1", 100000}} {
		fields := c.get("/api/user/check_balance?login=700001&fixflag=" + q.fix)
		var answer map[string]map[string]string
		_ = json.Unmarshal(fields["answer"], &answer)
		if answer["Balance"]["User"] != "1000.00" || answer["Balance"]["History"] != "1005.00" {
			t.Errorf("fixflag=%s: %v", q.fix, answer)
		}
		if a, _ := tb.Account(testLogin); a.Balance != q.after {
			t.Errorf("fixflag=%s: balance %d", q.fix, a.Balance)
		}
	}
}

func TestPagesMasksAndTime(t *testing.T) {
	tb := newTable(t, Options{})
	for range 60 {
		if err := tb.Trade(testLogin, "EURUSD", 100, 250, core.At(time.Date(2025, 3, 3, 7, 0, 0, 0, time.UTC))); err != nil {
			t.Fatal(err)
		}
	}
	c := tb.signedIn(t)
	for query, want := range map[string]int{"offset=0&total=1000": 100, "offset=100&total=100": 21, "offset=500&total=100": 0} {
		var rows []map[string]string
		_ = json.Unmarshal(c.get("/api/deal/get_page?login=700001&from=0&to=4102444800&" + query)["answer"], &rows)
		if len(rows) != want {
			t.Errorf("%s: %d rows, want %d", query, len(rows), want)
		}
	}
	for mask, want := range map[string]bool{`real\*`: true, `*,!real\standard*`: false, `demo\*`: false, `*eur`: true, `real\standard-eur`: true} {
		if matches(mask, `real\standard-eur`) != want {
			t.Errorf("mask %s: want %v", mask, want)
		}
	}
	var answer map[string]string
	_ = json.Unmarshal(c.get("/api/time/server")["answer"], &answer)
	if answer["Time"] != "1740996000 2025.03.03 10:00:00" {
		t.Errorf("server time %q: not the wall clock, as if UTC", answer["Time"])
	}
	if a, _ := tb.Account(testLogin); a.Balance != 100000+60*250 {
		t.Errorf("trading moved the balance to %d", a.Balance)
	}
}

// play is a fixed sequence of calls.
func play(t *testing.T, seed uint64) state {
	t.Helper()
	tb := newTable(t, Options{Seed: seed})
	c := tb.signedIn(t)
	c.get("/api/trade/balance?login=700001&type=2&balance=1&comment=x")
	if err := tb.Trade(testLogin, "EURUSD", 100, -50, tb.opt.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	return tb.state
}

func TestSameSeedSameState(t *testing.T) {
	if a, b := play(t, 3), play(t, 3); !reflect.DeepEqual(a, b) {
		t.Errorf("the same play gave\n%+v\n%+v", a, b)
	}
	if reflect.DeepEqual(play(t, 3).Deals, play(t, 4).Deals) {
		t.Error("the seed does not matter")
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	before := newTable(t, Options{})
	if err := before.SaveTo(file); err != nil {
		t.Fatal(err)
	}
	after := New(Options{})
	if err := after.LoadFrom(file); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before.Deals(testLogin), after.Deals(testLogin)) || !reflect.DeepEqual(before.Oracle(), after.Oracle()) {
		t.Error("the loaded state differs")
	}
	ticket, err := after.Balance(1, testLogin, ActionBalance, 1, "next")
	if err != nil || ticket != before.state.NextTicket {
		t.Errorf("the next ticket is %d, %v; want %d", ticket, err, before.state.NextTicket)
	}
}
