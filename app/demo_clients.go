package app

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"time"

	"vouchsafe/clients"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/onboarding"
	"vouchsafe/platform"
)

// resident is one client of the demo with what the script needs of them.
type resident struct {
	ref      core.Ref
	name     string
	detail   core.Ref // bank detail
	account  core.Ref // trading account
	entity   string
	currency string
	born     string
	address  string
}

var euTowns = []string{
	"PL Warsaw", "AT Vienna", "IT Bologna", "FR Lyon", "RO Cluj-Napoca", "GR Thessaloniki", "SE Uppsala", "NL Utrecht", "HR Zagreb",
	"ES Valencia", "HU Szeged", "DK Aarhus", "PT Porto", "CZ Brno", "LT Kaunas", "FI Turku", "IE Cork", "DE Bremen", "DE Leipzig", "BG Plovdiv", "FR Nantes",
	"LV Riga", "IT Torino", "NO Bergen", "SK Košice", "AT Graz",
}

var scTowns = []string{
	"ZA Johannesburg", "VN Da Nang", "AE Sharjah", "NG Enugu", "IN Chennai", "MX Puebla", "TH Chiang Mai", "MA Fez", "GH Kumasi",
	"MY Ipoh", "AR Córdoba", "SN Thiès", "VN Hue", "KE Mombasa",
}

// scan is a small picture that stands for a scanned page. It shows nothing.
func scan(n int) []byte {
	img := image.NewGray(image.Rect(0, 0, 64, 40))
	for i := range img.Pix {
		img.Pix[i] = 240
	}
	img.SetGray(n%64, n/64%40, color.Gray{Y: uint8(n)})
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

// iban makes a checksum-valid account number of an invented bank.
func iban(country string, n int) string {
	bban := fmt.Sprintf("%024d", 10_000_000_000+n*7919)
	digits := ""
	for _, c := range bban + country + "00" {
		if c >= 'A' {
			digits += fmt.Sprint(c - 'A' + 10)
		} else {
			digits += string(c)
		}
	}
	mod := 0
	for _, c := range digits {
		mod = (mod*10 + int(c-'0')) % 97
	}
	return fmt.Sprintf("%s%02d%s", country, 98-mod, bban)
}

// onboard takes one client from application to a funded, trading account.
func (w *world) onboard(i int, entity string, rng *rand.Rand) *resident {
	names, towns, officer, currency := euNames, euTowns, "maria", "EUR"
	if entity == "aurum-sc" {
		names, towns, officer, currency = scNames, scTowns, "nia", "USD"
	}
	c := &resident{name: names[i], entity: entity, currency: currency, born: fmt.Sprintf("%d-%02d-%02d", 1960+rng.IntN(40), 1+rng.IntN(12), 1+rng.IntN(28))}
	country, town, _ := strings.Cut(towns[i%len(towns)], " ")
	c.address = fmt.Sprintf("%d Linden Street, %s", 1+rng.IntN(180), town)
	support, clerk := w.actor("tomas"), w.actor(officer)
	c.ref = w.do(support, clients.CreateClient{
		Entity: w.entity(entity), Name: c.name, Email: fmt.Sprintf("client%02d.%s@mail.example", i, entity[6:]),
		Phone: fmt.Sprintf("+%d%09d", 30+i%60, 600_000_000+rng.IntN(99_999_999)), Address: c.address, Country: country, BirthDate: c.born, Nationality: country,
	}).Subject
	w.pass(11 * time.Minute)
	app := w.do(support, onboarding.OpenApplication{Client: c.ref})
	w.pass(26 * time.Minute)
	issued := w.clock.Now().Time().AddDate(0, 0, -12)
	w.paper(c, support, clerk, onboarding.Passport, i*2, issued.AddDate(-3, 0, 0))
	if c.name == demoOldBill {
		issued = demoStart.AddDate(0, -6, 1) // just young enough to be accepted, and out of date six months later
	}
	w.paper(c, support, clerk, onboarding.ProofOfAddress, i*2+1, issued)
	w.pass(9 * time.Minute)
	w.do(clerk, onboarding.DecideApplication{
		Application: app.Subject, Approve: true, Clause: "2.1",
		Words: "Passport and utility bill read and compared; name, date of birth and address agree with the application.",
	})
	w.pass(31 * time.Minute)
	add := w.do(support, clients.AddBankDetail{
		Client: c.ref, Holder: c.name, Account: iban("CY", bankNumber(entity, i)), Bank: "Bank of Examples",
		Currency: currency, Reason: "client_request", Words: "Given by the client in the application form.",
	})
	w.pass(13 * time.Minute)
	c.detail = w.decide(clerk, add.Proposal, true, "Holder and account agree with the bank letter.").Subject
	w.pass(17 * time.Minute)
	return c
}

// demoOldBill is the client whose proof of address ends just before today.
const demoOldBill = "Thabo Mokoena"

// bankNumber keeps the accounts of the two entities' clients apart.
func bankNumber(entity string, i int) int {
	if entity == "aurum-sc" {
		return 900 + i
	}
	return 800 + i
}

// paper is one document from upload to acceptance.
func (w *world) paper(c *resident, support, clerk evidence.Actor, kind onboarding.DocumentKind, n int, issued time.Time) {
	if w.err != nil {
		return
	}
	stored, err := w.app.Domains.Intake.Receive(w.ctx, c.ref, bytes.NewReader(scan(n)))
	if err != nil {
		w.err = err
		return
	}
	doc := w.do(support, onboarding.UploadDocument{Client: c.ref, Kind: kind, Content: stored, Source: "staff", IssuedOn: issued.Format("2006-01-02")}).Subject
	w.pass(6 * time.Minute)
	x := onboarding.ExtractDocument{Document: doc, Name: c.name, IssueDate: issued.Format("2006-01-02")}
	if kind == onboarding.Passport {
		x.Number, x.BirthDate, x.Expiry = fmt.Sprintf("X%07d", 4_000_000+n*313), c.born, issued.AddDate(10, 0, 0).Format("2006-01-02")
	} else {
		x.Address = c.address
	}
	w.do(clerk, x)
	w.pass(4 * time.Minute)
	w.do(clerk, onboarding.ReviewDocument{Document: doc, Accept: true, Reason: "genuine", Words: "Legible, in date, and equal to what was declared."})
	w.pass(3 * time.Minute)
}

// open asks for a trading account and lets the platform answer.
func (w *world) open(c *resident, desk string) {
	group, leverage := `real\eu-retail`, 30
	if c.entity == "aurum-sc" {
		group, leverage = `real\intl-standard`, 200
	}
	c.account = w.do(w.actor(desk), platform.OpenAccount{Client: c.ref, Group: group, Currency: c.currency, Leverage: leverage}).Subject
}
