package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A privileged role for eight hours: asked for by one, agreed to by another,
// used, ended by the clock, refused afterwards, and all of it on one page.
func TestAGrantEndsByTheClock(t *testing.T) {
	d := startDemo(t)
	layla := "/staff/" + d.people["layla"]

	ask := d.browser("viktor")
	ask.open(layla + "/roles/ask")
	ask.do(chromedp.SendKeys(`select[name="role"]`, "System administrator"))
	ask.do(chromedp.SendKeys(`select[name="entity"]`, "Aurum Markets (Cyprus) Ltd"))
	ask.write("hours", "8")
	ask.do(chromedp.SendKeys(`select[name="reason"]`, "Cover"))
	ask.write("words", "Covers the desk while both administrators travel.")
	ask.do(chromedp.Click(`#staff button[type="submit"]`))
	ask.waitFor("An approval binds exactly this payload")
	proposal, err := chromedp.Run(ask.ctx, chromedp.Location())
	d.must(err)
	ask.open(layla)
	ask.shows("Waits for somebody else", "8 hours")

	agree := d.browser("andreas")
	agree.open(strings.TrimPrefix(proposal, d.URL))
	agree.do(chromedp.SendKeys(`form[id^="approve-"] textarea`, "Both are on the same plane; eight hours are right."))
	agree.do(chromedp.Click(`form[id^="approve-"] button`))
	agree.confirm()
	agree.waitFor("What was answered")

	act := d.browser("layla")
	enter := func(name string) {
		act.do(chromedp.SendKeys(`select[name="entity"]`, "Aurum Markets (Cyprus) Ltd"))
		act.write("name", name)
		act.write("email", strings.ToLower(strings.Fields(name)[0])+"@aurum.example")
	}
	act.open("/staff/new")
	enter("Rosa Beltrán")
	act.do(chromedp.Click(`#staff button[type="submit"]`))
	act.waitFor("Enter a staff member")
	act.open("/staff/new") // the form stands open while the clock ends the role
	enter("Otto Lindgren")

	ask.open("/demo/clock")
	before := ask.text()
	ask.do(chromedp.Click(`input[value="480"] ~ button`))
	ask.waitFor("It is done and recorded")
	if ask.text() == before {
		t.Error("the clock stands where it stood")
	}
	act.do(chromedp.Click(`#staff button[type="submit"]`))
	act.waitFor("do not allow")
	act.expected("403 (Forbidden)")
	act.quiet()

	ask.open(layla)
	page := d.grantOf(ask, "System administrator")
	agree.open(page)
	for range 90 { // the clock records the end within a minute of its own
		if strings.Contains(agree.text(), "Ended by the clock") {
			break
		}
		agree.do(chromedp.Sleep(1e9))
		agree.open(page)
	}
	agree.shows("Asked for", "Viktor Sandström", "Agreed to", "Andreas Georgiou", "In force", "1 act under it", "Ended by the clock",
		"What was done under it", "A person was entered as staff", "What was refused", "after the grant was over", "Never before or after")
	agree.quiet()
}

// grantOf is the page of a colleague's grant of a role, from their page that
// stands open.
func (d *demo) grantOf(b *tab, role string) string {
	d.t.Helper()
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(() => {
		for (const tr of document.querySelectorAll("tr"))
			if (tr.innerText.includes("`+role+`")) {
				const a = tr.querySelector('a[href^="/grants/"]');
				if (a) return a.getAttribute("href");
			}
		return "";
	})()`))
	d.must(err)
	if found == "" {
		d.t.Fatalf("no grant of %s is listed", role)
	}
	return found
}

// expected takes a complaint away that the test meant to cause.
func (b *tab) expected(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = slices.DeleteFunc(b.faults, func(f string) bool { return strings.Contains(f, text) })
}
