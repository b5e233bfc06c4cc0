package core

import (
	"testing"
	"time"
)

func TestAnOffsetClockGoesOnAndNeverBack(t *testing.T) {
	start := At(time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC))
	c := NewOffsetClock(start)
	if d := c.Now().Sub(start); d < 0 || d > time.Minute {
		t.Fatalf("it reads %s after its start", d)
	}
	c.Forward(8 * time.Hour)
	moved := c.Now()
	if d := moved.Sub(start); d < 8*time.Hour || d > 8*time.Hour+time.Minute {
		t.Fatalf("moved by eight hours it reads %s after its start", d)
	}
	c.Forward(-time.Hour)
	if c.Now() < moved {
		t.Fatal("it went back")
	}
}
