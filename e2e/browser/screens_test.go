package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// screens are pages of all parts; of those with a file the repository keeps a
// picture.
func (d *demo) screens() []struct{ file, persona, path string } {
	s := d.Stories
	client := "/clients/" + string(s.WithdrawalOverride.Client)
	return []struct{ file, persona, path string }{
		{"withdrawal", "andreas", "/withdrawals/" + string(s.WithdrawalOverride.Withdrawal)},
		{"timeline", "andreas", client + "/timeline"},
		{"client", "andreas", client},
		{"intervention", "sophie", "/interventions/" + string(s.MT5Correction.Intervention)},
		{"staff", "viktor", "/staff/" + string(s.StaffHistory.Staff)},
		{"approvals", "adaeze", "/approvals"},
		{"withdrawals", "adaeze", "/withdrawals"},
		{"findings", "andreas", "/findings"},
		{"masked", "tomáš", client},
		{"", "andreas", "/evidence"},
		{"", "andreas", "/deposits"},
		{"", "andreas", "/accounts"},
		{"", "andreas", "/cases"},
		{"", "andreas", "/documents"},
		{"", "andreas", "/applications"},
		{"", "andreas", client + "/payments"},
		{"", "andreas", client + "/platform"},
		{"", "andreas", "/account"},
		{"", "andreas", "/docs"},
		{"", "viktor", "/jobs"},
	}
}

// Every page that is shown to the world opens without the browser refusing
// anything. VOUCHSAFE_UPDATE=screens keeps the pictures in docs/img.
func TestScreens(t *testing.T) {
	d := startDemo(t)
	tabs := map[string]*tab{}
	for _, s := range d.screens() {
		b := tabs[s.persona]
		if b == nil {
			b = d.browser(s.persona)
			tabs[s.persona] = b
		}
		b.open(s.path)
		b.do(chromedp.WaitVisible("main#content"))
		b.quiet()
		shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		d.must(err)
		if len(shot) < 10_000 {
			t.Errorf("%s is an empty picture", s.path)
		}
		if s.file != "" && os.Getenv("VOUCHSAFE_UPDATE") == "screens" {
			d.must(os.WriteFile(filepath.Join("..", "..", "docs", "img", s.file+".png"), shot, 0o644))
		}
	}
}
