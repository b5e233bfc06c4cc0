package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// KindNotice is the kind of notices to members of staff.
const KindNotice core.Kind = "no"

// Notice tells a person what somebody did to their account or record: by mail,
// and at their account until they say that they have read it. So nothing is
// done to a person behind their back.
type Notice struct {
	ID    core.Ref     `json:"id"`
	Staff core.Ref     `json:"staff"`
	Event string       `json:"event"`
	Type  string       `json:"type"`
	By    core.Ref     `json:"by"`
	At    core.Instant `json:"at"`
	Seen  core.Instant `json:"seen,omitempty"`
	Text  string       `json:"text"` // follows from Type

	rev int64
}

var notices = store.Declare(store.Table[Notice]{
	Name: "staff_notice", Kind: store.Recorded,
	Subject: func(n *Notice) core.Ref { return n.Staff },
	Rev:     func(n *Notice) *int64 { return &n.rev },
	Columns: []store.Column[Notice]{
		public("id", func(n *Notice) any { return &n.ID }),
		public("staff", func(n *Notice) any { return &n.Staff }),
		public("event", func(n *Notice) any { return &n.Event }),
		public("type", func(n *Notice) any { return &n.Type }),
		public("made_by", func(n *Notice) any { return &n.By }),
		public("at", func(n *Notice) any { return &n.At }),
		public("seen", func(n *Notice) any { return &n.Seen }),
	},
})

// noticeTexts are what the person is told, by the type of the event; other
// types are told to nobody.
var noticeTexts = map[string]string{
	"access.staff.moved":            "Your manager, function, line or employer on record was changed. The roles that you hold will be reviewed.",
	"access.staff.deactivated":      "Your account was closed.",
	"access.password.reset":         "Your password was taken away after a check of who you are, and an invitation to set a new one was sent to you. Your sessions and API tokens have ended.",
	"access.factor.reset":           "Your code generator and your passkeys were taken away after a check of who you are. Your sessions and API tokens have ended. Set up a new second factor under your account.",
	"access.password.changed":       "Your password was set. Your other sessions and your API tokens have ended.",
	"access.certificate.recorded":   "A training certificate of yours was entered.",
	"access.certificate.reminded":   "A training certificate of yours expires within 30 days. Renew it, so that your roles are not put in question.",
	"access.certificate.expired":    "A training certificate of yours has expired.",
	"elsewhere.account.recorded":    "An account of yours in a system outside this program was put on record.",
	"elsewhere.account.changed":     "What is on record about an account of yours in a system outside this program was changed.",
	"elsewhere.account.closed":      "An account of yours in a system outside this program was closed.",
	"elsewhere.account.disappeared": "An account of yours in a system outside this program is no longer there, as that system says.",
}

// Noticed lists the types of events of which the person concerned is told.
func Noticed() []string {
	out := make([]string, 0, len(noticeTexts))
	for typ := range noticeTexts {
		out = append(out, typ)
	}
	return out
}

// GiveNotice tells a person of an event about them.
type GiveNotice struct {
	Staff core.Ref `json:"staff"`
	Event string   `json:"event"`
	Type  string   `json:"type"`
	By    core.Ref `json:"by"`
}

// Action is access.notice.give.
func (GiveNotice) Action() command.Action { return "access.notice.give" }

// Subject is the person.
func (in GiveNotice) Subject() core.Ref { return in.Staff }

type giveNotice struct{}

type noticeFacts struct {
	staff *Staff
	known *Notice
}

// Load reads the person, and whether they were told.
func (giveNotice) Load(ctx context.Context, r store.Reader, in GiveNotice) (f noticeFacts, res command.Resource, err error) {
	if f.staff, err = loadStaff(ctx, r, in.Staff); err != nil {
		return f, res, err
	}
	f.known, err = notices.One(ctx, r, "WHERE staff = $1 AND event = $2", in.Staff, in.Event)
	return f, f.staff.Resource(), err
}

// Check refuses what has no words, and to tell twice.
func (giveNotice) Check(in GiveNotice, f noticeFacts, _ command.Moment) command.Verdict {
	switch {
	case noticeTexts[in.Type] == "":
		return command.Refuse(command.Refusal{Code: "nothing-to-tell", Text: "Nobody is told of events of this type."})
	case f.known != nil:
		return command.Refuse(command.Refusal{Code: "told-already", Text: "The person was told of this already."})
	}
	return command.Proceed()
}

// JobNotice is the kind of job that mails a notice; its subject is the notice.
const JobNotice = "access.notice"

// Apply records it, and lets it be mailed.
func (giveNotice) Apply(ctx context.Context, tx *command.Tx, in GiveNotice, _ noticeFacts) ([]evidence.Event, error) {
	n := &Notice{ID: tx.NewRef(KindNotice), Staff: in.Staff, Event: in.Event, Type: in.Type, By: in.By, At: tx.Now}
	if err := notices.Insert(ctx, tx.Tx, n); err != nil {
		return nil, err
	}
	if err := tx.Enqueue(ctx, jobs.New{Kind: JobNotice, Subject: n.ID}); err != nil {
		return nil, err
	}
	return []evidence.Event{{Type: EventNoticeGiven, Subjects: []core.Ref{n.ID, in.Staff}, Details: []evidence.Detail{{Name: "of", Value: in.Type}}}}, nil
}

// Letter is a message to a member of staff.
type Letter struct{ Email, Subject, Text string }

// MailNotices runs the jobs that mail notices. Where nothing is mailed send is
// nil, and notices stand at the person's account alone.
func MailNotices(q *jobs.Queue, road *command.Road, send func(ctx context.Context, l Letter) error) {
	q.Handle(JobNotice, jobs.Policy{}, func(ctx context.Context, j jobs.Job) jobs.Result {
		if send == nil {
			return jobs.Done()
		}
		r := road.Store.Reader()
		n, err := notices.Get(ctx, r, string(j.Subject))
		if err != nil || n == nil {
			return retryOrDone(err)
		}
		s, err := StaffByID(ctx, r, n.Staff)
		if err != nil || s == nil || s.Email == "" { // erased: nobody to write to
			return retryOrDone(err)
		}
		return retryOrDone(send(ctx, Letter{s.Email, "Something was changed about your account", noticeTexts[n.Type]}))
	})
}

func retryOrDone(err error) jobs.Result {
	if err != nil {
		return jobs.Retry(err)
	}
	return jobs.Done()
}
