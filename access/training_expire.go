package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// RemindCertificate announces that a certificate expires within 30 days.
type RemindCertificate struct {
	Certificate core.Ref `json:"certificate"`
}

// Action is access.certificate.remind.
func (RemindCertificate) Action() command.Action { return "access.certificate.remind" }

// Subject is the certificate.
func (in RemindCertificate) Subject() core.Ref { return in.Certificate }

// ExpireCertificate records that a certificate has expired. It stopped counting
// at that moment. A role that demanded it stays, and is found, or ends, as the
// rule of its entity says.
type ExpireCertificate struct {
	Certificate core.Ref `json:"certificate"`
}

// Action is access.certificate.expire.
func (ExpireCertificate) Action() command.Action { return "access.certificate.expire" }

// Subject is the certificate.
func (in ExpireCertificate) Subject() core.Ref { return in.Certificate }

// expiringCertificate is one certificate, its holder, and what they hold.
type expiringCertificate struct {
	cert  *Certificate
	staff *Staff
	all   []Certificate
	held  []Grant
	rules map[core.Ref][]TrainingRule // by entity
}

func loadCertificate(ctx context.Context, r store.Reader, id core.Ref) (f expiringCertificate, res command.Resource, err error) {
	if f.cert, err = certificates.Get(ctx, r, string(id)); err == nil && f.cert == nil {
		err = command.ErrHidden
	}
	if err != nil {
		return f, res, err
	}
	if f.staff, err = loadStaff(ctx, r, f.cert.Staff); err != nil {
		return f, res, err
	}
	if f.all, err = CertificatesOf(ctx, r, f.staff.ID); err != nil {
		return f, res, err
	}
	if f.held, err = GrantsOf(ctx, r, f.staff.ID); err != nil {
		return f, res, err
	}
	f.rules = map[core.Ref][]TrainingRule{}
	for _, g := range f.held {
		if _, known := f.rules[g.Entity]; !known {
			if f.rules[g.Entity], err = TrainingRulesOf(ctx, r, g.Entity); err != nil {
				return f, res, err
			}
		}
	}
	return f, f.staff.Resource(), nil
}

type remindCertificate struct{}

// Load reads the certificate.
func (remindCertificate) Load(ctx context.Context, r store.Reader, in RemindCertificate) (expiringCertificate, command.Resource, error) {
	return loadCertificate(ctx, r, in.Certificate)
}

// Check refuses before the time, and twice.
func (remindCertificate) Check(_ RemindCertificate, f expiringCertificate, m command.Moment) command.Verdict {
	if f.cert.Reminded != 0 || m.Now < f.cert.Expires.Add(-reminderBefore) || m.Now >= f.cert.Expires {
		return command.Refuse(command.Refusal{Code: "certificate-not-due", Text: "There is nothing to announce about this certificate."})
	}
	return command.Proceed()
}

// Apply notes it; the person is told by the event.
func (remindCertificate) Apply(ctx context.Context, tx *command.Tx, _ RemindCertificate, f expiringCertificate) ([]evidence.Event, error) {
	now := *f.cert
	now.Reminded = tx.Now
	return []evidence.Event{now.event(EventCertificateReminded, f.staff)}, certificates.Update(ctx, tx.Tx, f.cert, &now)
}

type expireCertificate struct{}

// Load reads the certificate and what depends on it.
func (expireCertificate) Load(ctx context.Context, r store.Reader, in ExpireCertificate) (expiringCertificate, command.Resource, error) {
	return loadCertificate(ctx, r, in.Certificate)
}

// Check refuses before the time, and twice.
func (expireCertificate) Check(_ ExpireCertificate, f expiringCertificate, m command.Moment) command.Verdict {
	if f.cert.Ended != 0 || m.Now < f.cert.Expires {
		return command.Refuse(command.Refusal{Code: "certificate-not-due", Text: "This certificate is not due to expire."})
	}
	return command.Proceed()
}

// Apply records the end, ends the roles that end with it, and raises a finding
// for the others.
func (expireCertificate) Apply(ctx context.Context, tx *command.Tx, _ ExpireCertificate, f expiringCertificate) ([]evidence.Event, error) {
	now := *f.cert
	now.Ended = tx.Now
	if err := certificates.Update(ctx, tx.Tx, f.cert, &now); err != nil {
		return nil, err
	}
	out := []evidence.Event{tx.With(now.event(EventCertificateExpired, f.staff))}
	if f.staff.Status != Active || has(f.all, f.cert.Training, tx.Now) { // a newer one counts
		return out, nil
	}
	stays := false
	for i := range f.held {
		g := &f.held[i]
		rule := f.demanded(g)
		switch {
		case g.State != Granted || tx.Now >= g.Ends || rule == nil:
			continue
		case !rule.Ends:
			stays = true
			continue
		}
		over := g.close(Expired, tx, reasonTraining)
		if err := grants.Update(ctx, tx.Tx, g, &over); err != nil {
			return nil, err
		}
		out = append(out, tx.With(over.event(EventGrantExpired, reasonTraining, "")))
	}
	if stays {
		return out, raise(ctx, tx, "certificate-expired", f.staff.ID, string(f.cert.ID))
	}
	return out, nil
}

// reasonTraining is why a grant ended with its certificate.
const reasonTraining = "training-expired"

// demanded is the rule by which a grant demands the certificate's training.
func (f expiringCertificate) demanded(g *Grant) *TrainingRule {
	for i, rule := range f.rules[g.Entity] {
		if rule.Role == g.Role && sameTraining(rule.Training, f.cert.Training) {
			return &f.rules[g.Entity][i]
		}
	}
	return nil
}
