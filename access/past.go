package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sort"

	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// past is what the log says about one person up to a moment. It is made of the
// entries' change documents, never of the tables of today: a row that somebody
// edits, or a grant that ended since, changes nothing about what was.
type past struct {
	at      core.Instant
	active  bool
	grants  []pastGrant // by the moment of their entry
	breaks  map[string]*BreakReview
	turns   []turn   // oldest first
	altered []string // entries whose kept changes are not those that were recorded
}

// pastGrant is a grant as it stood, with the entries that gave and ended it.
type pastGrant struct {
	Grant
	given, ended *evidence.Record
	told         evidence.LeafView // the leaf of given
}

// pastOf reads a person's past: the log's entries about them, folded.
func pastOf(ctx context.Context, r store.Reader, l *evidence.Log, staff core.Ref, at core.Instant) (*past, error) {
	p := &past{at: at}
	f := evidence.Filter{Refs: []core.Ref{staff}, Types: pastTypes(), To: at + 1, Scope: store.True, Oldest: true}
	for page := (core.PageRequest{Limit: core.MaxPage}); ; {
		found, err := l.Find(ctx, r, f, page)
		if err != nil {
			return nil, err
		}
		for i := range found.Rows {
			if err := p.add(&found.Rows[i], staff); err != nil {
				return nil, err
			}
		}
		if page.After = found.Next; found.Next == "" {
			return p, nil
		}
	}
}

// pastTypes are the events that change who may do what.
func pastTypes() []string {
	var out []string
	for _, t := range []evidence.Type{
		EventStaffCreated, EventStaffDeactivated, EventGrantGranted, EventGrantBootstrapped, EventGrantRevoked, EventGrantExpired, EventGrantEnded, EventGrantBroken, EventGrantReviewed,
		EventReviewDecided, EventReviewLapsed,
	} {
		out = append(out, t.Name)
	}
	return out
}

// add folds one entry. An entry whose changes are not those that its sealed
// leaf names is told apart, and counts for nothing.
func (p *past) add(rec *evidence.Record, staff core.Ref) error {
	told, lines, err := changesOf(rec)
	if errors.Is(err, errAltered) {
		p.altered = append(p.altered, rec.ID)
		return nil
	}
	errs := []error{err}
	for _, l := range lines {
		errs = append(errs, p.take(rec, told, l, staff))
	}
	return errors.Join(errs...)
}

// errAltered says that the changes that are kept of an entry are not those
// that its leaf names.
var errAltered = errors.New("access: an entry's changes were altered")

func changesOf(rec *evidence.Record) (evidence.LeafView, []evidence.Line, error) {
	told, err := rec.View()
	if err != nil {
		return told, nil, err
	}
	sum := sha256.Sum256([]byte(rec.Changes))
	if told.Changes.SHA256 != hex.EncodeToString(sum[:]) {
		return told, nil, errAltered
	}
	lines, err := evidence.ParseChanges(rec.Changes)
	return told, lines, err
}

// take folds one change.
func (p *past) take(rec *evidence.Record, told evidence.LeafView, l evidence.Line, staff core.Ref) error {
	switch {
	case l.Table == "staff" && l.Key == string(staff):
		if c, ok := l.Cells["status"]; ok && c.New != nil {
			p.active = *c.New == string(Active)
			p.turns = append(p.turns, turn{rec.At, p.active})
		}
	case l.Table == "break_review" && p.theirs(l, staff):
		return p.broken(l)
	case l.Table == "role_grant" && p.theirs(l, staff):
		return p.grant(rec, told, l)
	}
	return nil
}

// theirs reports whether a changed row is about the person: who asked for the
// grant of another, or agreed to it, stands in its entry too.
func (p *past) theirs(l evidence.Line, staff core.Ref) bool {
	if c, ok := l.Cells["holder"]; ok && c.New != nil {
		return *c.New == string(staff)
	}
	_, reviewed := p.breaks[l.Key]
	return reviewed || slices.ContainsFunc(p.grants, func(g pastGrant) bool { return g.ID == core.Ref(l.Key) })
}

// turn is a moment since which somebody worked here, or did not any more.
type turn struct {
	at     core.Instant
	active bool
}

// grant takes one change of a grant over.
func (p *past) grant(rec *evidence.Record, told evidence.LeafView, l evidence.Line) error {
	i := slices.IndexFunc(p.grants, func(g pastGrant) bool { return g.ID == core.Ref(l.Key) })
	if i < 0 {
		i = len(p.grants)
		p.grants = append(p.grants, pastGrant{given: rec, told: told})
	} else {
		p.grants[i].ended = rec
	}
	g := &p.grants[i]
	g.ID = core.Ref(l.Key)
	var faults []error
	for name, c := range l.Cells {
		if c.NewSD != "" || c.OldSD != "" { // personal; its value is not needed
			continue
		}
		text := ""
		if c.New != nil {
			text = *c.New
		}
		faults = append(faults, g.set(name, text))
	}
	return errors.Join(faults...)
}

// broken takes one change of the review of emergency access over.
func (p *past) broken(l evidence.Line) error {
	if p.breaks == nil {
		p.breaks = map[string]*BreakReview{}
	}
	b := p.breaks[l.Key]
	if b == nil {
		b = &BreakReview{}
		p.breaks[l.Key] = b
	}
	for name, at := range map[string]*core.Instant{"due": &b.Due, "reviewed": &b.Reviewed} {
		if c, ok := l.Cells[name]; ok && c.New != nil {
			if err := at.UnmarshalText([]byte(*c.New)); err != nil {
				return err
			}
		}
	}
	return nil
}

// locked reports whether a review was overdue at the moment, which kept the
// person out.
func (p *past) locked() bool {
	for _, b := range p.breaks {
		if b.overdueAt(p.at) {
			return true
		}
	}
	return false
}

// set takes one recorded value over.
func (g *pastGrant) set(column, text string) error {
	instant := func(at *core.Instant) error {
		*at = 0
		if text == "" {
			return nil
		}
		return at.UnmarshalText([]byte(text))
	}
	switch column {
	case "holder":
		g.Holder = core.Ref(text)
	case "role":
		g.Role = Role(text)
	case "entity":
		g.Entity = core.Ref(text)
	case "starts":
		return instant(&g.Starts)
	case "ends":
		return instant(&g.Ends)
	case "origin":
		g.Origin = Origin(text)
	case "maker":
		g.Maker = core.Ref(text)
	case "proposal":
		g.Proposal = core.Ref(text)
	case "reason":
		g.Reason = text
	case "case_ref":
		g.Case = core.Ref(text)
	case "state":
		g.State = GrantState(text)
	case "closed":
		return instant(&g.Closed)
	case "closed_by":
		g.ClosedBy = core.Ref(text)
	case "closed_reason":
		g.ClosedReason = text
	}
	return nil
}

// principal is the person as policy saw them at that moment: with the roles in
// force, or none for who no longer worked here.
func (p *past) principal(staff core.Ref, stepUp bool) *principal {
	who := &principal{uid: types.NewEntityUID(typeStaff, types.String(staff)), roles: map[core.Ref][]Role{}, now: p.at, stepUp: stepUp}
	if !p.active {
		who.fault = "staff-not-active"
		return who
	}
	if p.locked() {
		who.fault = faultLocked
		return who
	}
	for i := range p.grants {
		g := &p.grants[i].Grant
		if g.Live(p.at) && !slices.Contains(who.roles[g.Entity], g.Role) {
			who.roles[g.Entity] = append(who.roles[g.Entity], g.Role)
		}
	}
	for _, roles := range who.roles {
		slices.Sort(roles)
	}
	return who
}

// setThen says by which policies was decided at a moment: by those that the
// last decision before it names, in whatever log. If the next decision names
// others, and no entry says when they were adopted, they may have come before
// the moment already.
type setThen struct {
	Hash, Engine string
	Event        string // the decision that names them
	Next         string // others that were in force soon after without an adoption between
}

// mostWithout is how many entries without a decision are passed over.
const mostWithout = 200

func setAt(ctx context.Context, r store.Reader, l *evidence.Log, at core.Instant) (out setThen, err error) {
	last, err := decisionBy(ctx, r, l, evidence.Filter{To: at + 1})
	if err != nil || last == nil {
		return setThen{}, err
	}
	out = setThen{Hash: last.Policy.Set, Engine: last.Policy.Engine, Event: last.id}
	if err := out.activated(ctx, r, l, last.at, at); err != nil {
		return setThen{}, err
	}
	next, err := decisionBy(ctx, r, l, evidence.Filter{From: at + 1, Oldest: true})
	if err == nil && next != nil && next.Policy.Set != out.Hash && next.typ != EventPolicyAdopted.Name {
		out.Next = next.Policy.Set
	}
	return out, err
}

// ruled is a leaf that names policies.
type ruled struct {
	evidence.LeafView
	id, typ string
	at      core.Instant
}

// activated takes the firm's own set that came into force after the last
// decision until the moment: the entry of its activation was still decided by
// the set before it.
func (s *setThen) activated(ctx context.Context, r store.Reader, l *evidence.Log, since, until core.Instant) error {
	f := evidence.Filter{Types: []string{EventPolicyActivated.Name}, From: since, To: until + 1, Scope: store.True}
	found, err := l.Find(ctx, r, f, core.PageRequest{Limit: 1})
	if err != nil || len(found.Rows) == 0 {
		return err
	}
	details, err := found.Rows[0].PublicDetails()
	if err == nil && details["set"] != "" {
		s.Hash, s.Event = details["set"], found.Rows[0].ID
	}
	return err
}

func decisionBy(ctx context.Context, r store.Reader, l *evidence.Log, f evidence.Filter) (*ruled, error) {
	f.Scope = store.True
	found, err := l.Find(ctx, r, f, core.PageRequest{Limit: mostWithout})
	if err != nil {
		return nil, err
	}
	for i := range found.Rows {
		told, err := found.Rows[i].View()
		if err != nil {
			return nil, err
		}
		if told.Policy.Set != "" {
			return &ruled{told, found.Rows[i].ID, found.Rows[i].Type, found.Rows[i].At}, nil
		}
	}
	return nil, nil
}

// of are the grants of one legal entity, oldest first.
func (p *past) of(entity core.Ref) []pastGrant {
	var out []pastGrant
	for _, g := range p.grants {
		if g.Entity == entity {
			out = append(out, g)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Starts < out[j].Starts })
	return out
}
