package ui

import (
	"fmt"
	"strconv"
	"time"

	"vouchsafe/core"
)

// TimeView is a moment: UTC to the second, and how long ago it is from Now.
// Without Now the relative part is left out.
type TimeView struct {
	At  core.Instant
	Now core.Instant
}

// Clock writes the time of day in UTC: 14:28:09.
func Clock(at core.Instant) string {
	if at == 0 {
		return "—"
	}
	return at.Time().Format("15:04:05")
}

// Stamp writes a moment in full: Fri 20 Nov 2026, 14:28:09 UTC.
func Stamp(at core.Instant) string {
	if at == 0 {
		return "—"
	}
	return at.Time().Format("Mon 2 Jan 2006, 15:04:05") + " UTC"
}

// DayOf writes the heading of a day: Friday 20 November, with the year when it
// is not now's.
func DayOf(at, now core.Instant) string {
	if now != 0 && at.Time().Year() != now.Time().Year() {
		return at.Time().Format("Monday 2 January 2006")
	}
	return at.Time().Format("Monday 2 January")
}

// Ago writes a span of time in its largest unit: 41s, 3m, 5h, 2d, 3mo, 2y; a
// moment still to come is "in 3m". The browser's time.js says the same.
func Ago(d time.Duration) string {
	if d < 0 {
		return "in " + Ago(-d)
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d < 60*day:
		return fmt.Sprintf("%dd", d/day)
	case d < 730*day:
		return fmt.Sprintf("%dmo", d/(30*day))
	}
	return fmt.Sprintf("%dy", d/(365*day))
}

// LongAgo writes "3m ago", or "in 3m" for a moment to come.
func LongAgo(d time.Duration) string {
	if d < 0 {
		return Ago(d)
	}
	return Ago(d) + " ago"
}

func millis(at core.Instant) string { return strconv.FormatInt(int64(at)/1000, 10) }
