package onboarding

import (
	"context"
	"strings"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/store"
)

// ViewApplication asks for an application with all that its decision rests on.
type ViewApplication struct {
	Application core.Ref `json:"application"`
}

// Action is onboarding.application.view.
func (ViewApplication) Action() command.Action { return "onboarding.application.view" }

// Subject is the application.
func (in ViewApplication) Subject() core.Ref { return in.Application }

// ApplicationPage answers ViewApplication.
type ApplicationPage struct{ Domain }

// Target is the application.
func (ApplicationPage) Target(ctx context.Context, r store.Reader, in ViewApplication) (command.Resource, error) {
	a, err := application(ctx, r, in.Application)
	if err != nil {
		return command.Resource{}, err
	}
	return a.Resource(), nil
}

// Read builds the view.
func (q ApplicationPage) Read(ctx context.Context, r store.Reader, in ViewApplication, see *command.Sight) (ApplicationView, error) {
	f, res, err := q.loadApplication(ctx, r, in.Application)
	if err != nil {
		return ApplicationView{}, err
	}
	a, rules := f.app, q.Policy.RulesFor(f.entity)
	v := ApplicationView{
		ApplicationRow: applicationRow(see, a, f.says["name"]), OpenedBy: a.OpenedBy,
		Overridden: strings.Fields(a.Overridden), Words: show(see, core.Personal, person(a.Client, a.Entity), "words", a.Words),
		May: map[command.Action]bool{},
	}
	for _, act := range []command.Action{"onboarding.application.decide", "onboarding.application.override", "onboarding.document.upload"} {
		v.May[act] = see.Allowed(act, res)
	}
	if a.State.Decided() {
		v.Basis = a.Policy + "/" + a.PolicyVersion + "#" + a.Clause
		if c, ok := q.Policy.clause(a.Clause); ok && a.Policy == q.Policy.ID && a.PolicyVersion == q.Policy.Version {
			v.ClauseText = c.Text
		}
	} else {
		v.Missing, v.Differences, v.Clauses = f.missing(see.Now, rules), f.differences(see.Now, rules), q.Policy.Clauses
	}
	for i := range f.docs {
		v.Documents = append(v.Documents, q.documentView(see, f, &f.docs[i]))
	}
	see.Counted(1)
	v.Blocks, err = Clearance(q).Blocks(ctx, r, a.Client, AnyPurpose, see.Now)
	return v, err
}
