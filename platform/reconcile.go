package platform

import "vouchsafe/core"

// verdictOn is what a sweep says of one balance-type deal.
type verdictOn struct {
	intervention *Intervention // matched, when finding is ""
	finding      string        // kind of the finding otherwise
}

// manual reports whether deals of the action are balance operations that only
// an intervention or transfer of ours may make.
func manual(action int) bool { return action >= PostBalance && action <= PostBonus }

// judge matches one balance-type deal by its tag, then by account, action and
// amount. It is pure: used says whether another deal holds the tag already.
//
// The findings: a deal without our tag (rogue-deal); a tag in our form that we
// never made (tag-minted); a genuine tag used a second time (tag-reused); our
// tag on another amount, action or account (operation-differs).
func judge(t Tagger, d *DealRow, byTag map[string]*Intervention, used map[string]int64) verdictOn {
	tag, ours, genuine := t.Read(d.Comment)
	switch {
	case !ours:
		return verdictOn{finding: "rogue-deal"}
	case !genuine:
		return verdictOn{finding: "tag-minted"}
	}
	i := byTag[tag]
	if i == nil {
		return verdictOn{finding: "tag-minted"}
	}
	if ticket, ok := used[tag]; ok && ticket != d.Ticket {
		return verdictOn{finding: "tag-reused"}
	}
	used[tag] = d.Ticket
	action, _ := i.Kind.Books()
	if action != d.Action || i.Minor != d.Minor || i.Login != d.Login || i.Platform != d.Platform {
		return verdictOn{intervention: i, finding: "operation-differs"}
	}
	return verdictOn{intervention: i}
}

// matchable reports whether a deal may settle the intervention now. A deal
// seen before its answer arrived waits for the attempt to end: the answer, or
// the look-up, says applied first.
func (i *Intervention) matchable() bool { return i.State == StateApplied }

// rowOf is a deal as it is imported.
func rowOf(batch core.Ref, platform string, offset int, d Deal, a *Account) DealRow {
	row := DealRow{ID: dealID(platform, d.Ticket), Batch: batch, Platform: platform, Ticket: d.Ticket, Login: d.Login, Action: d.Action,
		Reason: d.Reason, Dealer: d.Dealer, ServerTime: core.At(d.Time), OffsetS: offset, Minor: d.Minor, Comment: d.Comment,
		Flags: d.ModifyFlag, Digest: digest(d.Raw)}
	row.At = row.ServerTime - core.Instant(offset)*1_000_000
	if a != nil {
		row.Account, row.Currency = a.ID, a.Currency
	}
	return row
}
