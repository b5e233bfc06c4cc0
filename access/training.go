package access

import (
	"context"
	"strings"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// The kinds of training records.
const (
	KindCertificate  core.Kind = "ct"
	KindTrainingRule core.Kind = "tr"
)

// Certificate says that a person passed a training, until when it counts, and
// by which document that is shown.
type Certificate struct {
	ID         core.Ref     `json:"id"`
	Staff      core.Ref     `json:"staff"`
	Training   string       `json:"training"`
	Issuer     string       `json:"issuer"`
	Passed     core.Instant `json:"passed"`
	Expires    core.Instant `json:"expires"`
	Document   string       `json:"document_sha256,omitempty"`
	RecordedBy core.Ref     `json:"recorded_by"`
	Recorded   core.Instant `json:"recorded"`
	Reminded   core.Instant `json:"reminded,omitempty"`
	Ended      core.Instant `json:"ended,omitempty"`

	rev int64
}

// Live reports whether the certificate counts. Its end takes effect by the
// clock, whether or not that is recorded yet.
func (c *Certificate) Live(now core.Instant) bool { return c.Passed <= now && now < c.Expires }

// sameTraining compares names as people write them.
func sameTraining(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// reminderBefore is how long before its end a person is reminded.
const reminderBefore = 30 * 24 * time.Hour

var certificates = store.Declare(store.Table[Certificate]{
	Name: "certificate", Kind: store.Recorded,
	Subject: func(c *Certificate) core.Ref { return c.Staff },
	Rev:     func(c *Certificate) *int64 { return &c.rev },
	Columns: []store.Column[Certificate]{
		public("id", func(c *Certificate) any { return &c.ID }),
		public("staff", func(c *Certificate) any { return &c.Staff }),
		public("training", func(c *Certificate) any { return &c.Training }),
		public("issuer", func(c *Certificate) any { return &c.Issuer }),
		public("passed", func(c *Certificate) any { return &c.Passed }),
		public("expires", func(c *Certificate) any { return &c.Expires }),
		public("document_sha256", func(c *Certificate) any { return &c.Document }),
		public("recorded_by", func(c *Certificate) any { return &c.RecordedBy }),
		public("recorded", func(c *Certificate) any { return &c.Recorded }),
		public("reminded", func(c *Certificate) any { return &c.Reminded }),
		public("ended", func(c *Certificate) any { return &c.Ended }),
	},
})

// TrainingRule demands a training of everybody who is to hold a role in an
// entity.
type TrainingRule struct {
	ID       core.Ref     `json:"id"`
	Entity   core.Ref     `json:"entity"`
	Role     Role         `json:"role"`
	Training string       `json:"training"`
	Ends     bool         `json:"grants_end"` // with the certificate the role ends too
	Since    core.Instant `json:"since"`
	Maker    core.Ref     `json:"maker"`
	Dropped  core.Instant `json:"dropped,omitempty"`

	rev int64
}

var trainingRules = store.Declare(store.Table[TrainingRule]{
	Name: "training_rule", Kind: store.Recorded,
	Rev: func(t *TrainingRule) *int64 { return &t.rev },
	Columns: []store.Column[TrainingRule]{
		public("id", func(t *TrainingRule) any { return &t.ID }),
		public("entity", func(t *TrainingRule) any { return &t.Entity }),
		public("role", func(t *TrainingRule) any { return (*string)(&t.Role) }),
		public("training", func(t *TrainingRule) any { return &t.Training }),
		public("grants_end", func(t *TrainingRule) any { return &t.Ends }),
		public("since", func(t *TrainingRule) any { return &t.Since }),
		public("maker", func(t *TrainingRule) any { return &t.Maker }),
		public("dropped", func(t *TrainingRule) any { return &t.Dropped }),
	},
})

// CertificatesOf reads a person's certificates, oldest first.
func CertificatesOf(ctx context.Context, r store.Reader, staff core.Ref) ([]Certificate, error) {
	return certificates.Select(ctx, r, "WHERE staff = $1 ORDER BY expires, id", staff)
}

// TrainingRulesOf reads what an entity demands now, by role.
func TrainingRulesOf(ctx context.Context, r store.Reader, entity core.Ref) ([]TrainingRule, error) {
	return trainingRules.Select(ctx, r, "WHERE entity = $1 AND dropped IS NULL ORDER BY role, training, id", entity)
}

// training is what an entity demands, and what a person has.
type training struct {
	rules []TrainingRule
	held  []Certificate
}

func loadTraining(ctx context.Context, r store.Reader, holder, entity core.Ref) (t training, err error) {
	if t.rules, err = TrainingRulesOf(ctx, r, entity); err == nil && len(t.rules) > 0 {
		t.held, err = CertificatesOf(ctx, r, holder)
	}
	return t, err
}

// missing lists the trainings that the role demands and that the person has no
// live certificate of.
func (t training) missing(role Role, now core.Instant) (out []TrainingRule) {
	for _, rule := range t.rules {
		if rule.Role == role && !has(t.held, rule.Training, now) {
			out = append(out, rule)
		}
	}
	return out
}

func has(held []Certificate, name string, now core.Instant) bool {
	for i := range held {
		if sameTraining(held[i].Training, name) && held[i].Live(now) {
			return true
		}
	}
	return false
}

// untrained is why a role is not given: one refusal for each missing training.
func (t training) untrained(role Role, now core.Instant) (out []command.Refusal) {
	for _, rule := range t.missing(role, now) {
		out = append(out, command.Refusal{
			Code: "training-missing",
			Text: "This role demands a live certificate of the training “" + rule.Training + "” here. Enter it on the person’s page first.",
		})
	}
	return out
}

// DueCertificates names the certificates whose end is to be announced, and
// those whose end has come, for the schedule.
func DueCertificates(ctx context.Context, r store.Reader, now core.Instant) (remind, expire []core.Ref, err error) {
	rows, err := certificates.Select(ctx, r, "WHERE ended IS NULL AND expires <= $1 ORDER BY expires, id LIMIT 500", now.Add(reminderBefore))
	for i := range rows {
		switch c := &rows[i]; {
		case now >= c.Expires:
			expire = append(expire, c.ID)
		case c.Reminded == 0:
			remind = append(remind, c.ID)
		}
	}
	return remind, expire, err
}
