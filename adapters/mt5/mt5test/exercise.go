package mt5test

import "testing"

// Exercise runs the whole suite; build is called once per case and returns a
// fresh rig.
func Exercise(t *testing.T, build func(*testing.T) Rig) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(*testing.T, Rig)
	}{
		{"post/every kind is booked once and read back", postEveryKind},
		{"post/refusals of the server are rejections", postRefused},
		{"post/what cannot be traced is not sent", postUntraceable},
		{"post/nothing leaves after the deadline", postLate},
		{"post/a cut comment is applied and told", postCommentCut},
		{"post/many at once are each sent once", postMany},
		{"find/a late posting is found when it arrives", findLate},
		{"find/only the whole tag counts", findWholeTag},
		{"create/under our login, once, and comparable", create},
		{"create/a lost answer is settled by trying again", createLost},
		{"change/only the selected rights", change},
		{"change/a silently ignored value is not applied", changeIgnored},
		{"change/a lost answer is uncertain", changeLost},
		{"read/accounts and clock", readAccount},
		{"read/deals by page and window", readDeals},
		{"read/rows that move are noticed", readMoving},
		{"read/a lost session is renewed", readSessionLost},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, build(t)) })
	}
	exerciseFaults(t, build)
}
