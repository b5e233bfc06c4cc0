package browser

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// review runs the quarterly review of Cyprus to its close with one role
// undecided: with the keys, as reviewers do, and with a second person, since it
// is closed early. The role is gone at that moment.
func (d *demo) review(t *testing.T) {
	d = d.within(t)
	layla := d.as("layla")
	if _, status, err := d.get(layla, "/clients"); err != nil || status != http.StatusOK {
		t.Fatalf("before the review she is answered %d, %v", status, err)
	}
	b := d.browser("andreas")
	b.open("/reviews")
	b.shows("waits for you", "Undecided", "15 days")
	if !regexp.MustCompile(`Access reviews\s+3\b`).MatchString(b.text()) {
		t.Error("the menu does not count what waits")
	}
	waiting := regexp.MustCompile(`(?s)href="(/reviews/rv_[^"]+)"(?:[^<]|<[^a])*?waits for you`)
	page, _, err := d.get(d.as("andreas"), "/reviews?state=open")
	d.must(err)
	found := waiting.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("no review waits")
	}
	review := found[1]
	b.open(review)
	b.shows("3 items wait for you", "Dmitri Ivanov", "Tomáš Novák", "Layla Haddad", "never")
	b.do(chromedp.KeyEvent("j"), chromedp.KeyEvent("\r"))
	b.waitFor("What the role allows")
	b.shows("Dmitri Ivanov: dealing desk", "Agreed to by", "Other roles", "Conflicts", "Keep it, then the next")
	b.write("words", "On the duty list of November.")
	b.do(chromedp.KeyEvent("a"))
	b.confirm()
	b.waitFor("Layla Haddad: partner manager") // the next one, by itself
	b.shows("Never, as far as the log tells", "2 items wait for you")
	b.do(chromedp.KeyEvent("j"), chromedp.KeyEvent("\r"))
	b.waitFor("Tomáš Novák: client support")
	b.write("words", "Answers clients every day.")
	b.do(chromedp.KeyEvent("a"))
	b.waitFor("1 item waits for you")
	b.open(review + "/close")
	b.shows("1 item is undecided: closing revokes them", "another senior compliance officer must agree")
	b.write("words", "The inspector wants the report this week.")
	b.do(chromedp.Click(`#close button[type="submit"]`))
	b.waitFor("An approval binds exactly this payload")
	where, err := chromedp.Run(b.ctx, chromedp.Location())
	b.must(err)
	b.quiet()

	n := d.browser("nia")
	n.open(where[len(d.URL):])
	n.shows("Close a review of access", "The inspector wants the report this week.")
	n.do(chromedp.SendKeys(`form[id^="approve-"] textarea`, "Nobody spoke for that role in three days."))
	n.do(chromedp.Click(`form[id^="approve-"] button`))
	n.confirm()
	n.waitFor("What was answered")
	n.open(review)
	n.shows("Nobody had decided 1 item", "Undecided, revoked", "Kept")
	n.open("/staff/" + d.people["layla"])
	n.shows("Revoked", "Reviewed", "Undecided, revoked")
	n.quiet()
	if page, status, err := d.get(layla, "/clients"); err != nil || status == http.StatusOK {
		t.Errorf("after the review she is answered %d, %v: %.200s", status, err, page)
	}
	d.reviewFiles(review)
}

// reviewFiles takes the report and the pack of a review.
func (d *demo) reviewFiles(review string) {
	nia := d.as("nia")
	res, err := nia.Post(d.URL+review+"/report", "", strings.NewReader(""))
	d.must(err)
	text := d.body(res)
	if !strings.Contains(text, "Layla Haddad,ib_manager") || !strings.Contains(text, "undecided,revoked") {
		d.t.Errorf("the report says %.600s", text)
	}
	res, err = nia.Post(d.URL+"/packs/review/"+strings.TrimPrefix(review, "/reviews/"), "", strings.NewReader(""))
	d.must(err)
	if pack := d.body(res); res.Header.Get("Content-Type") != "application/zip" || !strings.HasPrefix(pack, "PK") {
		d.t.Errorf("the pack is %s: %.300s", res.Header.Get("Content-Type"), pack)
	}
}

func (d *demo) body(res *http.Response) string {
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	d.must(err)
	return string(b)
}
