package mt5

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/platform"
)

// verdict is what a write hands to its caller, in the order of the port.
type verdict struct {
	receipt   platform.Receipt
	certainty command.Certainty
	err       error
}

func (v verdict) results() (platform.Receipt, command.Certainty, error) {
	return v.receipt, v.certainty, v.err
}

// applied ends a write that was read back and found equal.
func applied(r platform.Receipt, code string) verdict {
	r.Code = code
	return verdict{r, command.Applied, nil}
}

// failed ends a write that was not done, or not certainly; the receipt repeats
// the fault's code.
func failed(r platform.Receipt, c command.Certainty, f *core.Fault) verdict {
	r.Code = f.Code
	return verdict{r, c, f}
}

// refuse ends a write before anything was sent.
func refuse(err error) verdict {
	return failed(platform.Receipt{}, command.Rejected, core.AsFault(err))
}

func notSent(r platform.Receipt, cause error) verdict {
	fault := core.Fault{Kind: core.Unavailable, Code: "not-sent", Text: "The trading platform could not be reached. Nothing was sent."}
	return failed(r, command.Rejected, fault.Because(cause))
}

// uncertain ends a write that may have been done. The caller looks for it with
// Find; nobody sends it again before that.
func uncertain(r platform.Receipt, code string, cause error) verdict {
	fault := core.Fault{Kind: core.Unavailable, Code: code, Text: "The trading platform gave no clear answer. Whether this was done must be looked up there before anything is sent again."}
	return failed(r, command.Uncertain, fault.Because(cause))
}

// write sends r at most once. It returns a nil error with Certainty Applied
// when the server said "done", which the caller has yet to see for itself.
func (c *Client) write(ctx context.Context, op command.Op, r request) (answer, verdict) {
	receipt := platform.Receipt{Request: r.digest()}
	// After the operation's deadline its transport counts as dead, so nothing
	// may leave then. The deadline covers waiting for the turn and signing in.
	left := op.Deadline.Sub(c.set.clock.Now())
	if left <= 0 {
		return answer{}, notSent(receipt, errors.New("the operation's deadline has passed"))
	}
	ctx, cancel := context.WithTimeout(ctx, min(left, c.set.timeout))
	defer cancel()
	if err := c.writes.acquire(ctx); err != nil {
		return answer{}, notSent(receipt, err)
	}
	defer c.writes.release()

	a, sent, err := c.writes.once(ctx, r)
	if a.raw != nil {
		receipt.Answer = sha256.Sum256(a.raw)
	}
	switch {
	case !sent:
		return a, notSent(receipt, err)
	case errors.Is(err, errNoRight):
		return a, failed(receipt, command.Rejected, missingRight.Because(err))
	case err != nil:
		return a, uncertain(receipt, "platform-uncertain", err)
	}
	v := judge(a, receipt)
	if v.certainty == command.Uncertain {
		// The server itself is in doubt; do not let the next write meet what is left.
		c.writes.drop()
	}
	return a, v
}

// errNoRight says that the server refused a command on a session that was
// alive before and after.
var errNoRight = errors.New("the session is alive but lacks the right")

// once sends one write and reports whether any byte of it may have left.
func (l *lane) once(ctx context.Context, r request) (a answer, sent bool, err error) {
	for reopened := false; ; reopened = true {
		s, err := l.openFresh(ctx)
		if err != nil {
			return answer{}, false, err
		}
		before := s.written()
		a, err = s.do(ctx, http.MethodPost, r)
		if err == nil {
			return a, true, nil
		}
		// A 403 may mean "no such right" or "no such session". The documentation
		// gives it for a missing right; gateways report it for both. A ping on the
		// same connection decides: answered, the session lives, so the access
		// server refused the command for its right, which it checks before
		// executing anything. Not answered, the session ended at some moment that
		// we cannot place before or after the command: that stays uncertain.
		if errors.Is(err, errForbidden) && s.ping(ctx) == nil {
			return a, true, errNoRight
		}
		// Sealed before it is counted: the transport's goroutine may still be
		// about to write when the request gives up.
		left := l.drop() - before
		if left > 0 {
			return a, true, err
		}
		// An idle connection that the server closed shows only now. Nothing was
		// written to it, so the first send is still to come.
		if reopened || !errors.Is(err, errSpent) {
			return a, false, err
		}
	}
}
