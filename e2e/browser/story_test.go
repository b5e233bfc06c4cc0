package browser

import (
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	_ "modernc.org/sqlite"
)

// What an inspector does in an hour: find the override by its amount, see who
// decided it and why, follow it to the settlement, and leave with a file that
// can be checked. Then what must not work: other roles, the other entity, a
// hand at the platform, a platform whose answer gets lost.
func TestStory(t *testing.T) {
	d := startDemo(t)
	lost := d.lose(t)
	t.Run("trace", d.trace)
	t.Run("masked", d.masked)
	t.Run("other entity", d.otherEntity)
	t.Run("rogue deal", d.rogueDeal)
	t.Run("threshold", d.threshold)
	t.Run("review", d.review)
	t.Run("pack", d.pack)
	t.Run("lost answer", lost)
	d.stop()
	t.Run("tampered", d.tampered)
}

// trace finds the withdrawal by its amount and follows it.
func (d *demo) trace(t *testing.T) {
	b := d.within(t).browser("andreas")
	b.open("/evidence")
	b.do(chromedp.SendKeys(`form[action="/evidence"] input[name="q"]`, "48,200"+kb.Enter))
	b.waitFor("released withdrawal")
	b.shows("EUR 48,200.00")

	b.open("/withdrawals/" + string(d.Stories.WithdrawalOverride.Withdrawal))
	b.shows("Katarzyna Wolańska", "Katarzyna Nowicka", "NMTC", "Adaeze Okonjo", "Andreas Georgiou", "Eleni Markou",
		"maiden name", "withdrawal-release/eu/1#large", "name-override", "po_", "matched")

	b.open("/clients/" + string(d.Stories.WithdrawalOverride.Client) + "/timeline")
	b.shows("Katarzyna Wolańska")
	b.open("/interventions/" + string(d.Stories.MT5Correction.Intervention))
	b.shows("315.40", "Dmitri Ivanov", "Sophie Laurent", "Erik Brandt", "matched")
	b.open("/staff/" + string(d.Stories.StaffHistory.Staff))
	b.shows("Adaeze Okonjo", "Payments lead")
	b.quiet()
}

// within is the demo for a part of the test.
func (d *demo) within(t *testing.T) *demo {
	part := *d
	part.t = t
	return &part
}

// masked looks for the client's values in everything that support is sent.
func (d *demo) masked(t *testing.T) {
	d = d.within(t)
	c := d.as("tomáš")
	client := string(d.Stories.WithdrawalOverride.Client)
	for _, path := range []string{
		"/clients", "/clients/" + client, "/clients/" + client + "/timeline", "/clients/" + client + "/documents",
		"/clients/" + client + "/platform", "/withdrawals", "/withdrawals/" + string(d.Stories.WithdrawalOverride.Withdrawal),
	} {
		page, status, err := d.get(c, path)
		d.must(err)
		if status != http.StatusOK {
			t.Errorf("%s answers %d to support", path, status)
		}
		for _, secret := range []string{"Wolańska", "Nowicka", "client00.eu@", "Linden Street"} {
			if strings.Contains(page, secret) {
				t.Errorf("%s shows support %q", path, secret)
			}
		}
	}
}

// otherEntity asks as staff of Seychelles for what belongs to Cyprus.
func (d *demo) otherEntity(t *testing.T) {
	d = d.within(t)
	c, client := d.as("grace"), string(d.Stories.WithdrawalOverride.Client)
	for _, path := range []string{"/clients/" + client, "/withdrawals/" + string(d.Stories.WithdrawalOverride.Withdrawal), "/clients/cl_000000000000000000000"} {
		if page, status, err := d.get(c, path); err != nil || status != http.StatusNotFound || strings.Contains(page, "Wolańska") {
			t.Errorf("%s answers %d, %v", path, status, err)
		}
	}
	if page, _, err := d.get(d.as("andreas"), "/clients/"+client+"/timeline"); err != nil || !strings.Contains(page, "refused") && !strings.Contains(page, "denied") {
		t.Errorf("the denial is not in the client's timeline: %v", err)
	}
}

// rogueDeal posts a balance operation at the platform and waits for it to be
// found.
func (d *demo) rogueDeal(t *testing.T) {
	d = d.within(t)
	login := strconv.FormatInt(d.login(string(d.Stories.MT5Correction.Account)), 10)
	res, err := http.PostForm(d.MT5+"/balance", url.Values{"dealer": {"1055"}, "login": {login}, "action": {"2"}, "amount": {"777.77"}, "comment": {"by hand"}})
	d.must(err)
	res.Body.Close()
	c := d.as("sophie")
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(2 * time.Second) {
		page, _, err := d.get(c, "/findings")
		d.must(err)
		if strings.Contains(page, "rogue-deal") || strings.Contains(page, "no intervention of ours made") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody found the operation")
		}
	}
}

// pack downloads the client's pack from the console, verifies it, and flips one
// byte of it.
func (d *demo) pack(t *testing.T) {
	d = d.within(t)
	res, err := d.as("andreas").PostForm(d.URL+"/packs/client/"+string(d.Stories.WithdrawalOverride.Client), nil)
	d.must(err)
	defer res.Body.Close()
	zipped, err := io.ReadAll(res.Body)
	d.must(err)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("the pack answers %s, %s", res.Status, res.Header.Get("Content-Type"))
	}
	file := filepath.Join(t.TempDir(), "client.zip")
	d.must(os.WriteFile(file, zipped, 0o600))
	if out, code := d.run("verify", file, "--key", d.Key); code != 0 || !strings.Contains(out, "sound") {
		t.Errorf("verify ends with %d: %s", code, out)
	}
	zipped[len(zipped)/2] ^= 1
	d.must(os.WriteFile(file, zipped, 0o600))
	if out, code := d.run("verify", file, "--key", d.Key); code != 1 || out == "" {
		t.Errorf("after one flipped byte verify ends with %d: %s", code, out)
	}
}

// tampered changes one balance and deletes one event in the database of the
// stopped demo, and has verify name both.
func (d *demo) tampered(t *testing.T) {
	d = d.within(t)
	if out, code := d.run("verify", "--data", d.dir); code != 0 {
		t.Fatalf("before it was touched, verify ends with %d: %s", code, out)
	}
	db, err := sql.Open("sqlite", filepath.Join(d.dir, "main.db"))
	d.must(err)
	defer db.Close()
	ctx := t.Context()
	var wallet, event string
	d.must(db.QueryRowContext(ctx, "SELECT id FROM ledger_account WHERE owner = ? AND kind = 'client_wallet'", string(d.Stories.WithdrawalOverride.Client)).Scan(&wallet))
	d.must(db.QueryRowContext(ctx, "SELECT id FROM event WHERE type = 'payments.withdrawal.released' ORDER BY id LIMIT 1").Scan(&event))
	for _, act := range []string{
		"UPDATE ledger_account SET posted = posted + 100000 WHERE id = '" + wallet + "'",
		"DELETE FROM event WHERE id = '" + event + "'",
	} {
		if _, err := db.ExecContext(ctx, act); err != nil {
			d.dropGuards(db)
			_, err = db.ExecContext(ctx, act)
			d.must(err)
		}
	}
	out, code := d.run("verify", "--data", d.dir)
	if code != 1 || !strings.Contains(out, wallet) || !strings.Contains(out, "posted") || !strings.Contains(out, event) {
		t.Errorf("verify ends with %d and names %s %v, %s %v:\n%s", code, wallet, strings.Contains(out, wallet), event, strings.Contains(out, event), out)
	}
}

// dropGuards removes the triggers that refuse to change evidence, as an insider
// at the database can.
func (d *demo) dropGuards(db *sql.DB) {
	rows, err := db.QueryContext(d.t.Context(), "SELECT name FROM sqlite_master WHERE type = 'trigger'")
	d.must(err)
	var names []string
	for rows.Next() {
		var name string
		d.must(rows.Scan(&name))
		names = append(names, name)
	}
	d.must(rows.Close())
	for _, name := range names {
		_, err := db.ExecContext(d.t.Context(), "DROP TRIGGER "+name)
		d.must(err)
	}
}

// run calls the program and returns all that it printed, and its exit code.
func (d *demo) run(args ...string) (string, int) {
	d.t.Helper()
	cmd := program(d.t.Context(), args...)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// login is the number of a trading account at the platform.
func (d *demo) login(account string) (n int64) {
	d.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, "main.db")+"?mode=ro")
	d.must(err)
	defer db.Close()
	d.must(db.QueryRowContext(d.t.Context(), "SELECT login FROM trading_account WHERE id = ?", account).Scan(&n))
	return n
}
