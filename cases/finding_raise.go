package cases

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/jobs"
	"vouchsafe/store"
)

// RaiseFinding records what a sweep or control found. The same thing raised
// again is refused as already known.
type RaiseFinding struct {
	Kind     string   `json:"kind"`
	Entity   core.Ref `json:"entity"`
	About    core.Ref `json:"subject,omitempty"`
	External string   `json:"external,omitempty"`
	Text     string   `json:"text"`
	Severity string   `json:"severity,omitempty"`
}

// JobRaise is the kind of job by which other domains raise a finding. Its
// arguments are kind|entity|subject|external; the words follow from the kind,
// since a job carries no text.
const JobRaise = "cases.raise"

// kinds are the findings that sweeps and controls raise, in words.
var kinds = map[string]string{
	"rogue-deal":                 "The platform holds a balance operation that no intervention of ours made.",
	"tag-reused":                 "A second platform operation carries the tag of one of ours.",
	"tag-minted":                 "A platform operation carries a tag in our form that we never gave out.",
	"operation-differs":          "The platform did something else than was approved: another amount or action.",
	"operation-not-sent":         "A platform operation carries the tag of one of ours that was never sent, or that the platform had refused.",
	"operation-late":             "The platform carried out an operation of ours after the look-ups had given up on it.",
	"deal-edited":                "A deal on the platform is no longer what it was when we first read it.",
	"deal-deleted":               "A deal that we had read back is no longer on the platform.",
	"settings-drift":             "The platform shows another setting of this account than our record, and no intervention explains it.",
	"operation-without-effect":   "We recorded an operation as applied, and the platform does not show it.",
	"balance-drift":              "The account's balance is not the sum of its deals.",
	"payout-without-decision":    "The payment provider paid out without a decision of ours.",
	"deposit-unmatched":          "The payment provider holds a deposit that belongs to no client of ours.",
	"amount-differs":             "The payment provider moved another amount than was decided.",
	"decision-without-execution": "A payout was approved, and the payment provider does not show it.",
	"payout-in-doubt":            "A payout was sent, its answer was lost, and the payment provider shows no trace of it. A person must settle it by evidence.",
	"payout-late":                "The payment provider shows a payout of ours that we had given up on.",
	"payout-unrecorded":          "The payment provider holds a payout under a reference that only this system makes, and no record of ours knows it.",
	"payout-differs":             "The payment provider shows another payout than was decided: amount, destination or merchant account.",
	"payout-returned":            "A payout came back from the payment provider.",
	"payout-paid-after-failure":  "The payment provider paid a payout that it had called failed.",
	"deposit-attempts":           "A client's deposits failed twice or more in a row with the same method.",
	"deposit-third-party":        "A deposit was paid by somebody whose name is not the client's.",
	"deposit-undone":             "The payment provider took back a deposit that we had credited.",
	"log-contested":              "A witness holds another history of this log than ours: the database was set back, or two histories were signed with the log's key.",
	"rates-moved":                "The source's exchange rates moved too far in a day. They count for nothing until somebody looks, and enters that day's rates by hand.",
	"unusual-reading":            "Somebody read the data of unusually many clients within an hour. Ask what for, and resolve this with the answer.",
	"review-lockout":             "A review of access would have taken away the last roles by which roles can be given. The role was kept: give it to another colleague, then take this one away.",
	"policies-behind":            "The program brings policies that are not in force here: the firm decides by its own, which were written on older ones. Look at what is new, and draft a version that takes it over.",
	"comment-cut":                "The platform cut the comment that carries our tag.",
	"break-glass":                "Somebody took a privileged role at once and alone, in an emergency. What they did with it must be reviewed within a day.",
	"break-not-justified":        "A review found that emergency access was not justified.",
	"break-unreviewed":           "Emergency access was not reviewed within a day: the account of the person who took it is locked.",
	"group-gone":                 "A provider outside no longer says that a person is in the group for which they got a role that they still hold.",
	KindToxic:                    "Somebody holds a toxic combination, and no exception covers it. This closes by itself when one of the roles has ended, or senior compliance has made an exception.",
	"use-after-leaving":          "Something that belonged to a person who has left was used, or tried: a sign-in, a token, a login elsewhere.",
	"leaver-reads":               "A person left. What they read of other people in the 30 days before is to be looked at by somebody else.",
	"elsewhere-overdue":          "A person left more than a day ago, and an access of theirs to a system elsewhere is not known to be closed.",
	"certificate-expired":        "A training certificate that a role demands has expired, and the person holds the role.",
	kindBoilerplate:              "The reason that was written for this would fit anything: it explains nothing.",
}

// FindingKinds lists the kinds of findings, sorted.
func FindingKinds() []string {
	out := append(slices.Collect(maps.Keys(kinds)), kindCatchAll)
	slices.Sort(out)
	return out
}

// ordinary are the findings that a desk works off in its day; all others say
// that somebody acted outside, or that money or a record is not where it should
// be.
var ordinary = []string{"payout-returned", "deposit-attempts", "deposit-third-party", "deposit-unmatched", "policies-behind", "comment-cut", "leaver-reads", "certificate-expired", kindBoilerplate}

func severityOf(kind string) string {
	if slices.Contains(ordinary, kind) {
		return "warning"
	}
	return "critical"
}

// Action is cases.finding.raise.
func (RaiseFinding) Action() command.Action { return "cases.finding.raise" }

// Subject is the record concerned.
func (f RaiseFinding) Subject() core.Ref { return f.About }

func (f RaiseFinding) dedupe() string { return f.Kind + "|" + string(f.About) + "|" + f.External }

type raiseFinding struct{}

// Load looks whether it is known.
func (raiseFinding) Load(ctx context.Context, r store.Reader, in RaiseFinding) (*Finding, command.Resource, error) {
	f, err := findingTable.One(ctx, r, "WHERE dedupe = $1", in.dedupe())
	return f, command.Resource{Kind: core.KindFinding, Entity: in.Entity, Attrs: map[string]any{"kind": in.Kind}}, err
}

// Check refuses what is known.
func (raiseFinding) Check(_ RaiseFinding, known *Finding, _ command.Moment) command.Verdict {
	if known != nil {
		return command.Refuse(command.Refusal{Code: "finding-known", Text: "This was found before: " + known.ID.Short() + "."})
	}
	return command.Proceed()
}

// Apply records it.
func (raiseFinding) Apply(ctx context.Context, tx *command.Tx, in RaiseFinding, _ *Finding) ([]evidence.Event, error) {
	f := &Finding{
		ID: tx.NewRef(core.KindFinding), Entity: in.Entity, Kind: in.Kind, Subject: in.About, External: in.External,
		Text: in.Text, Severity: in.Severity, State: FindingOpen, Raised: tx.Now, Dedupe: in.dedupe(),
	}
	if f.Severity == "" {
		f.Severity = severityOf(in.Kind)
	}
	if err := findingTable.Insert(ctx, tx.Tx, f); err != nil {
		return nil, err
	}
	ev := evidence.Event{Type: EventRaised, Entity: in.Entity, Reason: in.Kind, Subjects: []core.Ref{f.ID}}
	if in.About != "" {
		ev.Subjects = append(ev.Subjects, in.About)
	}
	if in.External != "" {
		ev.External = []string{in.External}
	}
	return []evidence.Event{ev}, nil
}

// HandleJobs runs the jobs by which other domains raise findings.
func HandleJobs(q *jobs.Queue, road *command.Road) {
	q.Handle(JobRaise, jobs.Policy{}, func(ctx context.Context, j jobs.Job) jobs.Result {
		part := strings.Split(j.Args, "|")
		if len(part) != 4 {
			return jobs.Dead(fmt.Errorf("cases: a raise job has %d parts", len(part)))
		}
		if kinds[part[0]] == "" {
			return jobs.Dead(fmt.Errorf("cases: there are no words for a finding of kind %s", part[0]))
		}
		in := RaiseFinding{Kind: part[0], Entity: core.Ref(part[1]), About: core.Ref(part[2]), External: part[3], Text: kinds[part[0]]}
		known, err := findingTable.One(ctx, road.Store.Reader(), "WHERE dedupe = $1", in.dedupe())
		if err != nil {
			return jobs.Retry(err)
		}
		if known != nil {
			return jobs.Done()
		}
		if _, err := road.Run(ctx, evidence.Actor{Ref: "sys_findings"}, command.Key(j.ID), in); err != nil && !core.IsFault(err, "finding-known") {
			return jobs.Retry(err)
		}
		return jobs.Done()
	})
}

// Words are what a kind of finding says, "" for one that is not known.
func Words(kind string) string { return kinds[kind] }

// Found reports whether the same thing was found before.
func Found(ctx context.Context, r store.Reader, in RaiseFinding) (bool, error) {
	f, err := findingTable.One(ctx, r, "WHERE dedupe = $1", in.dedupe())
	return f != nil, err
}
