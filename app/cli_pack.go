package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"vouchsafe/access"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/onboarding"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// Packs is the query that builds evidence packs, for every way in.
func (a *App) Packs() oversight.Packs {
	people := clients.Service{}
	return oversight.Packs{
		Log: a.Log, Signers: a.Signers, Records: subjects{people}, Tool: tool(), Names: names{people},
		Papers: papers{a.Domains.Onboarding}, Gaps: gaps{a.Domains.Clearance},
		Policies: a.Domains.Policy,
	}
}

// names gives records the names that people know them by.
type names struct{ clients clients.Service }

// Name answers for staff and clients.
func (n names) Name(ctx context.Context, r store.Reader, ref core.Ref) (string, error) {
	switch ref.Kind() {
	case core.KindStaff:
		s, err := access.StaffByID(ctx, r, ref)
		if err != nil || s == nil {
			return "", err
		}
		return s.Name, nil
	case core.KindClient:
		c, err := n.clients.Client(ctx, r, ref)
		if f := core.AsFault(err); f != nil && f.Kind == core.Unknown {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return c.Name, nil
	}
	return "", nil
}

// papers gives packs the original documents of clients.
type papers struct{ onboarding.Domain }

// Papers opens each document that the reader may open.
func (p papers) Papers(ctx context.Context, r store.Reader, see *command.Sight, ref core.Ref) (docs []evidence.PackDocument, missing []evidence.Missing, err error) {
	if ref.Kind() != core.KindClient {
		return nil, nil, nil
	}
	in := onboarding.ListDocuments{Client: ref, Page: core.PageRequest{Limit: core.MaxPage}}
	list, err := onboarding.DocumentList{Domain: p.Domain}.Read(ctx, r, in, see)
	if err != nil {
		return nil, nil, err
	}
	if list.Next != "" {
		missing = append(missing, evidence.Missing{Code: "document", Text: "Only the first documents of this client are in this pack."})
	}
	for _, row := range list.Rows {
		q, in := onboarding.DocumentContent{Domain: p.Domain}, onboarding.OpenDocument{Document: row.ID}
		res, err := q.Target(ctx, r, in)
		if err != nil {
			return nil, nil, err
		}
		title := row.Kind.Title() + " (" + string(row.State) + ")"
		var content onboarding.Content
		if see.Allowed(in.Action(), res) {
			content, err = q.Read(ctx, r, in, see)
		} else {
			err = core.NewFault(core.Denied, "not-allowed", "whoever built this pack may not open it")
		}
		if err != nil {
			f := core.AsFault(err)
			if f.Kind == core.Internal || f.Kind == core.Unavailable {
				return nil, nil, err
			}
			missing = append(missing, evidence.Missing{Code: "document", Text: title + ", " + string(row.ID) + ": " + f.Text})
			continue
		}
		docs = append(docs, evidence.PackDocument{Ref: row.ID, Title: title, Media: content.Media, Body: content.Bytes})
	}
	return docs, missing, nil
}

// gaps tells what a client lacks that the rules demand.
type gaps struct{ onboarding.Clearance }

// Gaps lists the client's blocks, but for those that people set.
func (g gaps) Gaps(ctx context.Context, r store.Reader, ref core.Ref, at core.Instant) ([]evidence.Missing, error) {
	if ref.Kind() != core.KindClient {
		return nil, nil
	}
	blocks, err := g.Blocks(ctx, r, ref, onboarding.AnyPurpose, at)
	blocks = slices.DeleteFunc(blocks, func(b onboarding.Block) bool { return b.Code == "restricted" })
	out := make([]evidence.Missing, len(blocks))
	for i, b := range blocks {
		out[i] = evidence.Missing{Code: b.Code, Text: b.Text}
	}
	return out, err
}

func (c *cli) pack(ctx context.Context, args []string) error {
	fs := c.flags("pack")
	var w where
	w.add(fs)
	to := fs.String("o", "", "file to write")
	as := fs.String("as", "", "member of staff in whose name to act")
	after, before := fs.String("after", "", "first day"), fs.String("before", "", "day after the last")
	rest, err := parse(fs, args, 2, 2)
	if err != nil {
		return err
	}
	if *to == "" {
		return errUsage
	}
	who, err := operator(&w, *as)
	if err != nil {
		return err
	}
	in := oversight.BuildPack{Kind: rest[0], Ref: core.Ref(rest[1])}
	if in.From, err = dayOf("after", *after); err != nil {
		return err
	}
	if in.To, err = dayOf("before", *before); err != nil {
		return err
	}
	if err := in.Validate(); err != nil {
		return err
	}
	a, err := openToAct(ctx, &w)
	if err != nil {
		return err
	}
	defer a.Close()
	return c.writePack(ctx, a, who, in, *to)
}

// writePack builds a pack and puts it into a new file that only its owner may
// read.
func (c *cli) writePack(ctx context.Context, a *App, who evidence.Actor, in oversight.BuildPack, to string) error {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	built, err := func() (oversight.PackFile, error) {
		if err := a.settledAndSeen(ctx); err != nil {
			return oversight.PackFile{}, err
		}
		return command.Ask(ctx, a.Road, who, a.Packs(), in)
	}()
	if err == nil {
		_, err = f.Write(built.Zip)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(to)
		return err
	}
	fmt.Fprintf(c.out, "wrote     %s: %d entries, %d values disclosed, %d withheld, %d documents\n", oneLine(to),
		built.Counts.Events, built.Counts.Disclosed, built.Counts.Withheld, built.Counts.Documents)
	for _, m := range built.Missing {
		fmt.Fprintf(c.out, "missing   %s: %s\n", m.Code, oneLine(m.Text))
	}
	fmt.Fprintf(c.out, "manifest  sha256:%s\n", built.Manifest)
	if err := a.settled(ctx); err != nil { // the record of this export
		return err
	}
	return a.keepKeys(ctx)
}

// keepKeys writes the file of public keys where it is missing or lacks a log.
func (a *App) keepKeys(ctx context.Context) error {
	logs, err := a.Logs(ctx)
	if err != nil {
		return err
	}
	have, err := os.ReadFile(a.Config.KeyFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, log := range logs {
		if !strings.Contains(string(have), "# log "+log+"\n") {
			return a.WriteKeys(ctx)
		}
	}
	return nil
}
