package browser

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// post sends a form as a browser without scripts does, with the fields that
// the page's own form carries, and confirms with a second factor where that is
// asked for. It returns where one ends.
func (d *demo) post(c *http.Client, page, action string, fields url.Values) string {
	d.t.Helper()
	text, _, err := d.get(c, page)
	d.must(err)
	_, form, found := strings.Cut(text, `action="`+action+`"`)
	if !found {
		d.t.Fatalf("%s has no form for %s", page, action)
	}
	form, _, _ = strings.Cut(form, "</form>")
	for _, m := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		if !fields.Has(m[1]) {
			fields.Set(m[1], html.UnescapeString(m[2]))
		}
	}
	res, err := c.PostForm(d.URL+action, fields)
	d.must(err)
	if res.StatusCode == http.StatusForbidden { // the step-up page sends the form again
		res.Body.Close()
		fields.Set("step_up_to", action)
		fields.Set("step_up_code", "000000")
		res, err = c.PostForm(d.URL+"/step-up", fields)
		d.must(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		body, _ := io.ReadAll(res.Body)
		d.t.Fatalf("%s answers %s: %s", action, res.Status, body)
	}
	return res.Request.URL.Path
}

var interventionPath = regexp.MustCompile(`/interventions/iv_[a-z0-9]+`)

// lose has a correction asked for, agreed to and executed while the platform's
// answer gets lost after it was applied. What became of it is checked later,
// since nobody may look before the request is certainly dead.
func (d *demo) lose(t *testing.T) (check func(*testing.T)) {
	dealer, head := d.as("dmitri"), d.as("sophie")
	ask := "/accounts/" + string(d.Stories.MT5Correction.Account) + "/intervene"
	page, _, err := d.get(dealer, ask)
	d.must(err)
	file := regexp.MustCompile(`<option value="(ca_[a-z0-9]+)"`).FindStringSubmatch(page)
	if file == nil {
		t.Fatal("no open case of the account is offered")
	}
	proposal := d.post(dealer, ask, ask, url.Values{
		"amount": {"31.50"}, "reason": {"swap_correction"}, "case": {file[1]}, "words": {"The swap of 12 November was booked twice on this account."},
	})
	before, _, err := d.get(dealer, "/interventions")
	d.must(err)
	d.post(head, proposal, proposal+"/approve", url.Values{"reason": {"Seen with the swap report of that day."}})
	after, _, err := d.get(dealer, "/interventions")
	d.must(err)
	path := ""
	for _, x := range interventionPath.FindAllString(after, -1) {
		if !strings.Contains(before, x) {
			path = x
		}
	}
	res, err := http.PostForm(d.MT5+"/fault", url.Values{"fault": {"drop-after-apply"}, "count": {"1"}, "delay_ms": {""}})
	d.must(err)
	res.Body.Close()
	d.post(dealer, path, path+"/execute", url.Values{})
	doubted := false
	return func(t *testing.T) {
		d := d.within(t)
		for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(2 * time.Second) {
			page, _, err := d.get(dealer, path)
			d.must(err)
			if doubted = doubted || strings.Contains(page, "in doubt, being looked up") || strings.Contains(page, "looked up by its tag"); strings.Contains(page, "applied and matched") {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the correction whose answer was lost is not matched")
			}
		}
		if !doubted {
			t.Error("no answer was lost: this proves nothing")
		}
		res, err := http.Get(d.MT5)
		d.must(err)
		defer res.Body.Close()
		truth, err := io.ReadAll(res.Body)
		d.must(err)
		if n := strings.Count(string(truth), ">31.50<"); n != 1 {
			t.Errorf("the platform applied it %d times", n)
		}
	}
}
