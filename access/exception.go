package access

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// KindException is the kind of exceptions from toxic combinations.
const KindException core.Kind = "ax"

// longestException bounds them: after a third of a year somebody decides again.
const longestException = 120 * 24 * time.Hour

// Exception lets one person hold one toxic combination for a time, because
// something keeps it harmless.
type Exception struct {
	ID            core.Ref
	Holder        core.Ref
	Combination   string
	Entity, Other core.Ref
	Mitigation    string // personal
	Maker         core.Ref
	Proposal      core.Ref
	Starts, Ends  core.Instant
	State         GrantState // granted, expired, or revoked: ended before its time
	Closed        core.Instant
	Home          core.Ref // whose matter it is: the legal entity, or the group
	Approvers     string   // who agreed, with spaces between
	ClosedBy      core.Ref
	ClosedWords   string // personal

	rev int64
}

var exceptions = store.Declare(store.Table[Exception]{
	Name: "access_exception", Kind: store.Recorded,
	Subject: func(x *Exception) core.Ref { return x.Holder },
	Rev:     func(x *Exception) *int64 { return &x.rev },
	Columns: []store.Column[Exception]{
		public("id", func(x *Exception) any { return &x.ID }),
		public("holder", func(x *Exception) any { return &x.Holder }),
		public("combination", func(x *Exception) any { return &x.Combination }),
		public("entity", func(x *Exception) any { return &x.Entity }),
		public("other", func(x *Exception) any { return &x.Other }),
		personal("mitigation", func(x *Exception) any { return &x.Mitigation }),
		public("maker", func(x *Exception) any { return &x.Maker }),
		public("proposal", func(x *Exception) any { return &x.Proposal }),
		public("starts", func(x *Exception) any { return &x.Starts }),
		public("ends", func(x *Exception) any { return &x.Ends }),
		public("state", func(x *Exception) any { return (*string)(&x.State) }),
		public("closed", func(x *Exception) any { return &x.Closed }),
		public("home", func(x *Exception) any { return &x.Home }),
		public("approvers", func(x *Exception) any { return &x.Approvers }),
		public("closed_by", func(x *Exception) any { return &x.ClosedBy }),
		personal("closed_words", func(x *Exception) any { return &x.ClosedWords }),
	},
})

// The events of exceptions.
var (
	EventExceptionGranted = evidence.Register("access.exception.granted", evidence.UserAccess, "A person may hold a toxic combination for a time, because something keeps it harmless; another person agreed.")
	EventExceptionEnded   = evidence.Register("access.exception.ended", evidence.UserAccess, "An exception from a toxic combination was ended before its time.")
	EventExceptionExpired = evidence.Register("access.exception.expired", evidence.UserAccess, "An exception from a toxic combination came to its end.")
)

// ExceptionsOf reads every exception that a person ever had, oldest first.
func ExceptionsOf(ctx context.Context, r store.Reader, holder core.Ref) ([]Exception, error) {
	return exceptions.Select(ctx, r, "WHERE holder = $1 ORDER BY starts, id", holder)
}

// DueExceptions names those whose end has come without that being recorded
// yet, for the schedule that runs ExpireException.
func DueExceptions(ctx context.Context, r store.Reader, now core.Instant) ([]core.Ref, error) {
	rows, err := exceptions.Select(ctx, r, "WHERE state = 'granted' AND ends <= $1 ORDER BY ends, id LIMIT 100", now)
	out := make([]core.Ref, 0, len(rows))
	for _, x := range rows {
		out = append(out, x.ID)
	}
	return out, err
}

// Live reports whether it counts. Its end takes effect by the clock.
func (x *Exception) Live(now core.Instant) bool {
	return x.State == Granted && x.Starts <= now && now < x.Ends
}

// Resource is the exception as policy sees it.
func (x *Exception) Resource() command.Resource { return exceptionResource(x.ID, x.Holder, x.Entity) }

// covers reports whether it lets a conflict be held from now until a moment.
func (x *Exception) covers(c Conflict, now, until core.Instant) bool {
	return x.Combination == c.Combination && x.Entity == c.OneIn && x.Other == c.OtherIn && x.Live(now) && until <= x.Ends
}

// exceptionHome is whose matter an exception is: what reaches everywhere is the
// group's.
func exceptionHome(entity core.Ref) core.Ref {
	if entity == Everywhere {
		return Group
	}
	return entity
}

// ExceptionIn stands for exceptions in a legal entity, for policy to be asked
// whether one may be asked for there.
func ExceptionIn(entity core.Ref) command.Resource {
	return exceptionResource("ax_new", somebody, entity)
}

func exceptionResource(id, holder, entity core.Ref) command.Resource {
	return command.Resource{Kind: KindException, Ref: id, Entity: within(exceptionHome(entity)), Attrs: map[string]any{"holder": string(holder)}}
}

func (x *Exception) event(typ evidence.Type, words string) evidence.Event {
	return evidence.Event{
		Type: typ, Entity: exceptionResource("", "", x.Entity).Entity, Subjects: []core.Ref{x.ID, x.Holder}, Text: words,
		Details: []evidence.Detail{{Name: "combination", Value: x.Combination, Search: true}, {Name: "until", Value: x.Ends.String()}},
	}
}
