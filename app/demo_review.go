package app

import (
	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
)

// reviewWords are what reviewers write about roles that stay.
var reviewWords = []string{
	"Still on the desk; compared with the duty list of this week.",
	"Needed for the function; the head of the team confirmed it by telephone.",
	"Used this month, and for nothing but the work that it is for.",
}

// reviewed decides what waits for two reviewers in every open review, but for
// the items that leave names: those stay as they are. What is decided closes by
// the clock, at the next tick.
func (w *world) reviewed(leave func(access.ReviewItemRow) bool) {
	for _, who := range []string{"andreas", "nia"} {
		for _, v := range w.openReviews() {
			if w.err != nil {
				return
			}
			view, err := command.Ask(w.ctx, w.app.Road, w.actor(who), access.ViewReviewQuery(w.app.Road, w.app.Domains.Policy), access.ViewReview{Review: v.ID})
			if core.IsFault(err, command.ErrHidden.Code) {
				continue
			}
			if err != nil {
				w.err = err
				return
			}
			for i, x := range view.Rows {
				if !x.Mine || leave(x) {
					continue
				}
				w.do(w.actor(who), access.DecideReview{Item: x.ID, Decision: access.KeepRole, Words: reviewWords[i%len(reviewWords)]})
				w.pass(4 * minute)
			}
		}
		w.pass(hour)
	}
}

func (w *world) openReviews() []access.ReviewRow {
	page, err := command.Ask(w.ctx, w.app.Road, w.actor("james"), access.ListReviewsQuery, access.ListReviews{State: access.ReviewOpen})
	if err != nil && w.err == nil {
		w.err = err
	}
	return page.Rows
}

// isRole reports whether an item is one role of one of the demo's people.
func (w *world) isRole(x access.ReviewItemRow, who string, role access.Role, entity string) bool {
	return x.Holder == w.actor(who).Ref && x.Role == role && x.Entity == w.entity(entity)
}

// firstReviews are those of August. Nobody decides on the cover that the EU
// dealing desk gives to Seychelles: it is revoked when the review closes, and
// asked for again when the desk needs it.
func (w *world) firstReviews() {
	w.settle()
	w.pass(26 * hour)
	w.reviewed(func(x access.ReviewItemRow) bool { return w.isRole(x, "erik", access.Dealing, "aurum-sc") })
	w.settle()
}

// reviewsAgain are of the roles that the new approval rules ask; and the desk
// asks for what the first review took away.
func (w *world) reviewsAgain() {
	w.settle()
	w.pass(hour)
	w.reviewed(func(access.ReviewItemRow) bool { return false })
	w.settle()
	out := w.do(w.actor("viktor"), access.RequestGrant{
		Holder: w.actor("erik").Ref, Role: access.Dealing, Entity: w.entity("aurum-sc"), Until: w.clock.Now().Add(240 * day),
		Reason: "cover", Words: "The review of August took this role, as nobody spoke for it. The desk covers Seychelles at night and needs it.",
	})
	w.pass(3 * hour)
	w.decide(w.actor("nia"), out.Proposal, true, "Confirmed with the head of dealing: two nights a week.")
	w.pass(hour)
}

// lastReviews are those of November, which have just begun when the demo comes
// alive: that of the EU lacks three decisions.
func (w *world) lastReviews() {
	w.pass(hour)
	w.settle()
	w.pass(5 * hour)
	w.reviewed(func(x access.ReviewItemRow) bool {
		return w.isRole(x, "layla", access.IBManager, "aurum-eu") || w.isRole(x, "dmitri", access.Dealing, "aurum-eu") ||
			w.isRole(x, "tomas", access.Support, "aurum-eu")
	})
	w.settle()
}
