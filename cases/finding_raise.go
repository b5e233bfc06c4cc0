package cases

import (
	"context"
	"encoding/json"

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

// JobRaise is the kind of job by which other domains raise a finding; its
// arguments are the JSON of RaiseFinding, and hold no personal data.
const JobRaise = "cases.raise"

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
	f := &Finding{ID: tx.NewRef(core.KindFinding), Entity: in.Entity, Kind: in.Kind, Subject: in.About, External: in.External,
		Text: in.Text, Severity: in.Severity, State: FindingOpen, Raised: tx.Now, Dedupe: in.dedupe()}
	if f.Severity == "" {
		f.Severity = "critical"
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
		var in RaiseFinding
		if err := json.Unmarshal([]byte(j.Args), &in); err != nil {
			return jobs.Dead(err)
		}
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
