package oversight

import (
	"context"
	"errors"
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// PackKinds are the packs that can be asked for, with the records they are
// about.
var PackKinds = map[string]core.Kind{
	"client": core.KindClient, "staff": core.KindStaff,
	"withdrawal": core.KindWithdrawal, "intervention": core.KindIntervention, "review": "rv",
}

// followed are the records behind a pack's subject whose entries go along: who
// asked, who agreed and in which case, also where the subject had no reference
// yet. A colleague's pack would draw in all that they ever approved.
var followed = map[string][]core.Kind{
	"client":       {core.KindProposal, core.KindCase},
	"withdrawal":   {core.KindProposal, core.KindCase},
	"intervention": {core.KindProposal, core.KindCase},
	"review":       {core.KindProposal},
}

// BuildPack asks for the evidence pack of one record: its whole story in a
// file that a stranger checks. It is an export: the read event names the pack
// by the digest of its manifest.
//
// A pack tells no more than its builder may see. Events of the record's own
// legal entity and of the group come by the right to build the pack; those of
// other entities by the right to read events there. A whole log goes along
// where the builder may read that log. The money-laundering officer's log has
// readers of its own: no pack holds anything of it, or says that there was
// something.
type BuildPack struct {
	Kind string       `json:"kind"`
	Ref  core.Ref     `json:"ref"`
	From core.Instant `json:"from,omitempty"` // inclusive
	To   core.Instant `json:"to,omitempty"`   // exclusive
}

// Action is oversight.pack.build.
func (BuildPack) Action() command.Action { return "oversight.pack.build" }

// Subject is the record that the pack is about.
func (in BuildPack) Subject() core.Ref { return in.Ref }

// Validate demands that kind and reference agree.
func (in BuildPack) Validate() error {
	kind, ok := PackKinds[in.Kind]
	switch {
	case !ok:
		return core.InvalidField("kind", "A pack is about a client, a staff member, a withdrawal, an intervention or an access review.")
	case !in.Ref.Valid() || in.Ref.Kind() != kind:
		return core.InvalidField("ref", "This is not the reference of a "+in.Kind+": it begins with "+string(kind)+"_.")
	case in.To != 0 && in.To <= in.From:
		return core.InvalidField("to", "The end of the period lies before its beginning.")
	}
	return nil
}

// PackFile is a finished pack.
type PackFile struct {
	Name     string // for the file
	Zip      []byte
	Manifest string // SHA-256 of its manifest, hex: what the export's event names
	Counts   evidence.PackCounts
	Missing  []evidence.Missing
}

// PackNames names records for readers of packs; "" when it has no name.
type PackNames interface {
	Name(ctx context.Context, r store.Reader, ref core.Ref) (string, error)
}

// PackPapers reads the original documents of a record that a reader may see,
// and says which there are besides.
type PackPapers interface {
	Papers(ctx context.Context, r store.Reader, see *command.Sight, ref core.Ref) ([]evidence.PackDocument, []evidence.Missing, error)
}

// PackPolicies reads the text of a policy set by its hash; nil when it is not
// kept.
type PackPolicies interface {
	PolicyText(ctx context.Context, r store.Reader, set string) ([]byte, error)
}

// PackGaps tells what a record lacks that it should have.
type PackGaps interface {
	Gaps(ctx context.Context, r store.Reader, ref core.Ref, at core.Instant) ([]evidence.Missing, error)
}

// Packs builds packs. Log, Signers, Records and Tool are needed; without one
// of the others, packs lack what it would give, and say so where it can be
// known.
type Packs struct {
	// Records tells to which legal entity a record belongs, "" when it knows
	// of none.
	Records interface {
		EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error)
	}
	Log      *evidence.Log
	Signers  evidence.Signers
	Tool     string // name and version of the program
	Names    PackNames
	Papers   PackPapers
	Policies PackPolicies
	Gaps     PackGaps
}

// Target is the record, in its legal entity.
func (p Packs) Target(ctx context.Context, r store.Reader, in BuildPack) (command.Resource, error) {
	if err := in.Validate(); err != nil {
		return command.Resource{}, err
	}
	return p.resource(ctx, r, in.Ref)
}

// resource is a record as policy sees it. One that Records does not know is
// placed where its first event was: what evidence says about it stands there.
func (p Packs) resource(ctx context.Context, r store.Reader, ref core.Ref) (command.Resource, error) {
	entity, err := p.Records.EntityOf(ctx, r, ref)
	if err == nil && entity == "" {
		var ok bool
		if entity, ok, err = evidence.HomeOf(ctx, r, ref); err == nil && !ok {
			err = command.ErrHidden
		}
	}
	return command.Resource{Kind: ref.Kind(), Ref: ref, Entity: entity}, err
}

// Read builds the pack.
func (p Packs) Read(ctx context.Context, r store.Reader, in BuildPack, see *command.Sight) (PackFile, error) {
	res, err := p.resource(ctx, r, in.Ref)
	if err != nil {
		return PackFile{}, err
	}
	b := &packing{Packs: p, ctx: ctx, r: r, see: see, entities: map[core.Ref]command.Resource{in.Ref: res}}
	spec := evidence.PackSpec{
		Kind: in.Kind, Subject: in.Ref, Title: packTitle(in), Entity: res.Entity, Builder: see.Actor.Ref,
		Follow: followed[in.Kind], Tool: p.Tool, Built: see.Now, From: in.From, To: in.To, May: b.may, Whole: b.whole, Label: b.label, Policy: b.policy, Printer: PDFPrinter{},
	}
	if spec.Scope, err = b.scope(res); err != nil {
		return PackFile{}, err
	}
	if p.Papers != nil {
		if spec.Documents, spec.Missing, err = p.Papers.Papers(ctx, r, see, in.Ref); err != nil {
			return PackFile{}, err
		}
	}
	if p.Gaps != nil {
		gaps, err := p.Gaps.Gaps(ctx, r, in.Ref, see.Now)
		if err != nil {
			return PackFile{}, err
		}
		spec.Missing = append(spec.Missing, gaps...)
	}
	if in.Kind == "staff" {
		spec.Missing = append(spec.Missing, evidence.Missing{Code: "rights", Text: rightsElsewhere(in.Ref)})
	}
	built, err := p.Log.BuildPack(ctx, r, p.Signers, spec)
	if err = errors.Join(err, b.err); err != nil {
		return PackFile{}, err
	}
	for _, x := range built.Shown {
		see.Note(x)
	}
	see.Counted(len(built.Content.Events))
	see.Exported("pack " + in.Kind + " sha256:" + built.Manifest)
	return PackFile{
		Name: packName(in, see.Now), Zip: built.Zip, Manifest: built.Manifest,
		Counts: built.Content.Manifest.Counts, Missing: built.Content.Manifest.Missing,
	}, nil
}

// rightsElsewhere tells the reader of a colleague's pack where what they could
// do on a day is worked out, and from which files of the pack it follows.
func rightsElsewhere(staff core.Ref) string {
	return "What this person could see and do on a given day is not written out here. It follows from the entries of types access.grant and access.staff, and from the texts in policies/; the firm's program works it out from the same entries at /staff/" + string(staff) + "/on."
}

var packTitles = map[string]string{"client": "Client", "staff": "Member of staff", "withdrawal": "Withdrawal", "intervention": "Intervention", "review": "Access review"}

func packTitle(in BuildPack) string { return packTitles[in.Kind] + " " + in.Ref.Short() }

func packName(in BuildPack, at core.Instant) string {
	return "pack-" + in.Kind + "-" + in.Ref.Short() + "-" + at.Time().Format("20060102-150405") + ".zip"
}

// packing is one pack in the making, for one reader.
type packing struct {
	Packs
	ctx      context.Context
	r        store.Reader
	see      *command.Sight
	entities map[core.Ref]command.Resource
	err      error // of a callback; it fails the pack
}

// scope selects the logs that the reader may take events from.
func (b *packing) scope(res command.Resource) (store.Where, error) {
	states, err := evidence.LogStates(b.ctx, b.r)
	if err != nil {
		return store.False, err
	}
	var logs []string
	for _, s := range states {
		switch {
		case s.Log == evidence.MLROLog:
		case s.Log == evidence.GroupLog, s.Log == string(res.Entity),
			b.see.Allowed("evidence.event.view", command.Resource{Kind: packEvents, Ref: core.Ref(s.Log), Entity: core.Ref(s.Log)}):
			logs = append(logs, s.Log)
		}
	}
	return store.In("log", logs), nil
}

// The kinds under which policy is asked about all events of a legal entity,
// and about a log that is no entity's.
const (
	packEvents core.Kind = "ev"
	packLog    core.Kind = "lg"
)

func (b *packing) whole(log string) bool {
	switch log {
	case evidence.MLROLog:
		return false
	case evidence.GroupLog:
		return b.see.Allowed("evidence.log.view", command.Resource{Kind: packLog, Ref: core.Ref(log)})
	}
	return b.see.Allowed("evidence.log.view", command.Resource{Kind: core.KindEntity, Ref: core.Ref(log), Entity: core.Ref(log)})
}

// about is a record in its entity, remembered; ok is false for what policy
// cannot be asked about.
func (b *packing) about(ref core.Ref) (res command.Resource, ok bool) {
	res, ok = b.entities[ref]
	if !ok {
		var err error
		if res, err = b.resource(b.ctx, b.r, ref); err != nil {
			if f := core.AsFault(err); f.Kind != core.Unknown {
				b.err = err
			}
			res = command.Resource{}
		}
		b.entities[ref] = res
	}
	return res, res.Ref != ""
}

func (b *packing) may(c core.Class, subject core.Ref) bool {
	res, ok := b.about(subject)
	return ok && b.see.May(c, res)
}

// label names people and records whose name the reader may see. A name in a
// pack is shown like any other value.
func (b *packing) label(ref core.Ref) string {
	if b.Names == nil || !slices.Contains(labelled, ref.Kind()) {
		return ""
	}
	name, err := b.Names.Name(b.ctx, b.r, ref)
	if err != nil {
		b.err = err
		return ""
	}
	res, ok := b.about(ref)
	if !ok {
		return ""
	}
	shown, _ := b.see.Show(core.Personal, res, "name", name)
	return shown
}

// labelled are the kinds of records that have names.
var labelled = []core.Kind{core.KindStaff, core.KindClient, core.KindPartner}

func (b *packing) policy(set string) ([]byte, error) {
	if b.Policies == nil {
		return nil, nil
	}
	return b.Policies.PolicyText(b.ctx, b.r, set)
}

var _ command.Query[BuildPack, PackFile] = Packs{}
