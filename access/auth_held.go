package access

import (
	"context"
	"errors"
	"strconv"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// heldTry counts the tries of one account or address that came too early and
// were not looked at.
type heldTry struct {
	tries int
	ip    string
	told  bool // the address's entry counts them too
	last  core.Instant
}

// The bounds of counting: how many sources are told apart, beyond which all
// others are one, and how long a source is quiet before its count is written.
const (
	heldSources = 1000
	heldQuiet   = time.Minute
	heldOthers  = "others"
)

// methodHeld is the way of signing in by which a count is written down.
const methodHeld = "held back"

// holdBack counts a try that came too early, in memory: a flood must not be one
// of rows. The next event of its source carries the count, or settleHeld's.
func (a *Auth) holdBack(c counters, now core.Instant) {
	a.heldMu.Lock()
	defer a.heldMu.Unlock()
	for _, id := range []string{c.account, c.address} {
		if id == "" {
			continue
		}
		told, ip := id == c.account && c.address != "", c.ip
		h := a.heldBack[id]
		if h == nil && len(a.heldBack) >= heldSources {
			if told {
				continue // its address is counted, alone or among the others
			}
			id, ip = heldOthers, ""
			h = a.heldBack[id]
		}
		if h == nil {
			h = &heldTry{ip: ip, told: told}
			a.heldBack[id] = h
		}
		h.tries++
		h.last = now
	}
}

// held is how many tries were held back since the last event of the source.
func (a *Auth) held(c counters, forget bool) int {
	a.heldMu.Lock()
	defer a.heldMu.Unlock()
	n := 0
	for _, id := range []string{c.account, c.address} {
		if h := a.heldBack[id]; h != nil {
			n = max(n, h.tries)
		}
		if forget {
			delete(a.heldBack, id)
		}
	}
	return n
}

// quiet takes out the sources that have stopped, or all.
func (a *Auth) quiet(now core.Instant, all bool) (out []heldTry) {
	a.heldMu.Lock()
	defer a.heldMu.Unlock()
	for id, h := range a.heldBack {
		if all || now.Sub(h.last) >= heldQuiet {
			delete(a.heldBack, id)
			if !h.told {
				out = append(out, *h)
			}
		}
	}
	return out
}

// SettleHeld writes down the tries that were only counted, once their source
// has stopped: whoever gives up must not take the count with them. All are
// written when the program ends; Sweep writes the others.
func (a *Auth) SettleHeld(ctx context.Context, all bool) error {
	var errs []error
	for _, h := range a.quiet(a.cfg.Wall.Now(), all) {
		_, err := a.cfg.Road.Run(ctx, stranger(h.ip), "", StartSession{Method: methodHeld, try: &signIn{ip: h.ip, held: h.tries}})
		if err != nil { // counted again among the others, for the next time
			a.heldMu.Lock()
			again := a.heldBack[heldOthers]
			if again == nil {
				again = &heldTry{}
				a.heldBack[heldOthers] = again
			}
			again.tries += h.tries
			again.last = h.last
			a.heldMu.Unlock()
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// heldEvent is the event of tries that were held back and never followed by
// one that was looked at.
func (a *Auth) heldEvent(tx *command.Tx, n int) evidence.Event {
	ev := a.failure(tx, counters{}, nil, "held-back", methodHeld)
	ev.Details = append(ev.Details, evidence.Detail{Name: "held_back", Value: strconv.Itoa(n)})
	return ev
}
