package oversight

import (
	"bytes"
	_ "embed"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"

	"vouchsafe/core"
	"vouchsafe/evidence"
)

// The fonts of printed packs: DejaVu Sans Condensed knows Latin with all its
// accents, Greek and Cyrillic. What it lacks is drawn as an empty box;
// index.html has it. Only the letters used go into a PDF.
var (
	//go:embed pack_fonts/DejaVuSansCondensed.ttf
	fontPlain []byte
	//go:embed pack_fonts/DejaVuSansCondensed-Bold.ttf
	fontBold []byte
)

// PDFPrinter prints packs as plain PDF: a cover, what is missing, the story,
// and on every page its number and the digest of the entries.
type PDFPrinter struct{}

// Name changes with the Go release too: PDF streams are compressed, and a
// release may compress otherwise.
func (PDFPrinter) Name() string { return "vouchsafe-pdf/1 fpdf/0.12.0 " + runtime.Version() }

// Print implements evidence.PackPrinter.
func (PDFPrinter) Print(p *evidence.Pack) ([]byte, error) {
	digest, err := p.EntriesDigest()
	if err != nil {
		return nil, err
	}
	built, err := core.ParseInstant(p.Manifest.BuiltAt)
	if err != nil {
		return nil, fmt.Errorf("oversight: a pack without a time of building: %w", err)
	}
	story := p.Story()
	d := newSheet(story.M.Title, built.Time(), digest)
	d.cover(story)
	d.lists(story)
	d.story(story)
	var b bytes.Buffer
	err = d.Output(&b)
	return b.Bytes(), err
}

// The measures of the page, in millimetres.
const (
	sheetMargin = 16
	sheetWidth  = 210 - 2*sheetMargin
	sheetLabel  = 42
	sheetLine   = 4.6
)

// pageCount stands for the number of pages until it is known. It is not
// printable, so no text of a pack holds it.
const pageCount = "\ue000"

// sheet is a PDF in the making.
type sheet struct{ *fpdf.Fpdf }

func newSheet(title string, built time.Time, digest string) *sheet {
	d := &sheet{fpdf.New("P", "mm", "A4", "")}
	d.SetCreationDate(built)
	d.SetModificationDate(built)
	d.SetCatalogSort(true)
	d.SetProducer("Vouchsafe", true)
	d.SetTitle(inFont(title), true)
	d.AddUTF8FontFromBytes("pack", "", fontPlain)
	d.AddUTF8FontFromBytes("pack", "B", fontBold)
	d.SetMargins(sheetMargin, sheetMargin, sheetMargin)
	d.SetAutoPageBreak(true, 18)
	d.AliasNbPages(pageCount)
	d.SetFooterFunc(func() {
		d.SetY(-14)
		d.font("", 7.5, 90)
		d.CellFormat(sheetWidth*0.8, 4, inFont(title)+" · entries sha256:"+digest, "T", 0, "L", false, 0, "")
		d.CellFormat(sheetWidth*0.2, 4, fmt.Sprintf("page %d of %s", d.PageNo(), pageCount), "T", 0, "R", false, 0, "")
	})
	d.AddPage()
	return d
}

func (d *sheet) font(style string, size float64, grey int) {
	d.SetFont("pack", style, size)
	d.SetTextColor(grey, grey, grey)
}

// inFont keeps what the font can number; control characters become spaces.
func inFont(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r > 0xffff:
			return '\ufffd'
		case !unicode.IsPrint(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// say writes a paragraph.
func (d *sheet) say(style string, size float64, grey int, text string) {
	d.font(style, size, grey)
	d.MultiCell(sheetWidth, size*0.48, inFont(text), "", "L", false)
}

// heading begins a part; it does not stand alone at the foot of a page.
func (d *sheet) heading(text string) {
	d.room(24)
	d.Ln(4)
	d.say("B", 13, 20, text)
	y := d.GetY() + 0.6
	d.SetDrawColor(40, 40, 40)
	d.Line(sheetMargin, y, sheetMargin+sheetWidth, y)
	d.Ln(2.4)
}

// room begins a new page when less than so much is left of this one.
func (d *sheet) room(height float64) {
	_, page := d.GetPageSize()
	if d.GetY()+height > page-18 {
		d.AddPage()
	}
}

// row writes a label and a text beside it.
func (d *sheet) row(label, text string) {
	d.room(2 * sheetLine)
	y, page := d.GetY(), d.PageNo()
	d.font("B", 8.5, 70)
	d.MultiCell(sheetLabel-2, sheetLine, inFont(label), "", "L", false)
	after, afterPage := d.GetY(), d.PageNo()
	if afterPage == page {
		d.SetXY(sheetMargin+sheetLabel, y)
	} else {
		d.SetX(sheetMargin + sheetLabel)
	}
	d.font("", 8.5, 20)
	d.MultiCell(sheetWidth-sheetLabel, sheetLine, inFont(text), "", "L", false)
	if d.PageNo() == afterPage && d.GetY() < after {
		d.SetY(after)
	}
}

func (d *sheet) cover(s evidence.Story) {
	d.say("", 9, 90, "Evidence pack · "+s.M.Host)
	d.Ln(2)
	d.say("B", 20, 10, s.M.Title)
	d.Ln(4)
	d.row("Subject", named(s.Subject))
	if s.M.Entity != "" {
		d.row("Legal entity", string(s.M.Entity))
	}
	d.row("Built", evidence.ClockText(s.M.BuiltAt)+" UTC by "+named(s.Builder))
	from, to := "from the beginning", ", as of the checkpoints below"
	if s.M.From != "" {
		from = "from " + evidence.ClockText(s.M.From)
	}
	if s.M.To != "" {
		to = " until before " + evidence.ClockText(s.M.To)
	}
	d.row("Period", from+to+" (UTC)")
	c := s.M.Counts
	d.row("Entries", fmt.Sprintf("%d, each with a proof in the pack", c.Events))
	d.row("Sensitive values", fmt.Sprintf("%d disclosed, %d withheld", c.Disclosed, c.Withheld))
	d.row("Documents", fmt.Sprint(c.Documents))
	d.heading("Logs")
	for _, l := range s.M.Logs {
		how := "all entries are included: nothing about the subject can be left out unseen"
		if !l.Whole {
			how = "a recount is not possible: " + l.Why
		}
		d.row(l.Name, fmt.Sprintf("%d entries signed %s, %d of them here; %s", l.Size, evidence.ClockText(l.SignedAt), l.Events, how))
	}
	d.heading("What is missing")
	if len(s.M.Missing) == 0 {
		d.say("", 9, 20, "Nothing is known to be missing.")
	}
	for _, m := range s.M.Missing {
		d.row(m.Code, m.Text)
	}
	d.Ln(3)
	d.say("", 8, 90, "Times are UTC. This print proves nothing by itself: the pack that it is from does, and README.txt there tells how to check it. "+
		"Names before brackets are as the firm states them.")
}

func (d *sheet) lists(s evidence.Story) {
	for _, list := range []struct {
		title  string
		events []evidence.StoryEvent
	}{{"Denied, refused and failed", s.Refused}, {"Roles and access", s.Access}} {
		if len(list.events) > 0 {
			d.heading(list.title)
		}
		for _, e := range list.events {
			d.row(evidence.ClockText(e.Time), fmt.Sprintf("%d. %s, %s, by %s", e.N, e.Type, e.Status, named(e.Who)))
		}
	}
	if len(s.Approved) > 0 {
		d.heading("Approvals")
	}
	for _, e := range s.Approved {
		d.row(evidence.ClockText(e.Time), fmt.Sprintf("%d. %s: %s. Proposal %s, payload %s", e.N, e.Type, approvalText(e), e.Approval.Proposal, e.Approval.Payload))
	}
	if len(s.Outside) > 0 {
		d.heading("What the platform and the payment provider said")
	}
	for _, e := range s.Outside {
		at := "time there not stated"
		if e.Metadata.Observed != "" {
			at = evidence.ClockText(e.Metadata.Observed)
		}
		d.row(at, fmt.Sprintf("%d. %s: %s", e.N, e.Type, strings.Join(e.External, " ")))
	}
}

func (d *sheet) story(s evidence.Story) {
	d.AddPage()
	d.heading("The story")
	for i := range s.Events {
		d.event(&s.Events[i])
	}
}

func (d *sheet) event(e *evidence.StoryEvent) {
	d.room(26)
	d.say("B", 10.5, 10, fmt.Sprintf("%d. %s", e.N, e.Type))
	head := []string{evidence.ClockText(e.Time), named(e.Who), strings.Join(e.Actor.Roles, ", "), e.Status}
	if e.For.Ref != "" {
		head = append(head, "on behalf of "+named(e.For))
	}
	if e.Case != "" {
		head = append(head, "case "+string(e.Case))
	}
	if e.Reason.Code != "" {
		head = append(head, "reason "+e.Reason.Code)
	}
	d.say("", 8.5, 80, strings.Join(filled(head), " · "))
	if e.Meaning != "" {
		d.say("", 9, 20, e.Meaning)
	}
	if e.Words != nil {
		d.row("in their words", sideText(*e.Words))
	}
	for _, c := range e.Details {
		d.row(c.Column, sideText(c.New))
	}
	for _, r := range e.Rows {
		d.say("", 8, 80, strings.TrimSuffix(r.Table+" "+named(r.Key)+", revision "+r.Rev, ", revision "))
		for _, c := range r.Cells {
			text := sideText(c.New)
			if c.Changed {
				text = sideText(c.Old) + " → " + text
			}
			d.row(c.Column, text)
		}
	}
	d.tail(e)
}

func (d *sheet) tail(e *evidence.StoryEvent) {
	var tail []string
	if e.Approval != nil {
		tail = append(tail, approvalText(*e))
	}
	if len(e.Basis) > 0 {
		tail = append(tail, "basis "+strings.Join(e.Basis, " "))
	}
	if len(e.External) > 0 {
		tail = append(tail, "outside "+strings.Join(e.External, " "))
	}
	if e.Corrects != "" {
		tail = append(tail, "corrects "+e.Corrects)
	}
	if e.Policy.Effect != "" {
		tail = append(tail, "policy "+e.Policy.Effect+" by "+strings.Join(e.Policy.Determining, ", "))
	}
	tail = append(tail, fmt.Sprintf("entry %s, place %d of %d in %s", e.ID, e.Index, e.Size, e.Log))
	d.say("", 8, 90, strings.Join(tail, " · "))
	d.Ln(3.5)
}

func approvalText(e evidence.StoryEvent) string {
	var by []string
	for _, m := range e.Makers[min(1, len(e.Makers)):] {
		by = append(by, named(m))
	}
	maker := ""
	if len(e.Makers) > 0 {
		maker = named(e.Makers[0])
	}
	return "approved under " + e.Approval.Rule + ": asked by " + maker + ", approved by " + strings.Join(by, ", ")
}

func named(n evidence.Named) string {
	if n.Label == "" {
		return n.Ref
	}
	return n.Label + " (" + n.Ref + ")"
}

func sideText(t evidence.StoryText) string {
	switch {
	case t.Why != "":
		return "[withheld: " + t.Why + "]"
	case t.Absent:
		return "[nothing]"
	}
	return t.Text
}

func filled(in []string) (out []string) {
	for _, s := range in {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

var _ evidence.PackPrinter = PDFPrinter{}
