package console

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/oversight"
	"vouchsafe/web/ui"
)

func packPath(kind string, ref core.Ref) string { return "/packs/" + kind + "/" + string(ref) }

// packButton builds and downloads the evidence pack of a record with one
// press, for those whom policy would let.
func (s *Server) packButton(r *http.Request, kind string, ref, entity core.Ref) []ui.ButtonView {
	if s.Packs == nil {
		return nil
	}
	a, _ := s.actor(r)
	may, err := s.Road.Permits(r.Context(), a, oversight.BuildPack{}.Action(), command.Resource{Kind: ref.Kind(), Ref: ref, Entity: entity})
	if err != nil {
		s.report(err)
	}
	if !may {
		return nil
	}
	return []ui.ButtonView{{Text: "Evidence pack", Icon: "download", Post: packPath(kind, ref)}}
}

// storyTabs are the two parts of a record's page: itself, and its evidence for
// those who may read it.
func (s *Server) storyTabs(r *http.Request, path, at string, res command.Resource) []ui.TabView {
	tabs := []ui.TabView{{Text: "Overview", Href: path, Current: at == ""}}
	if s.reads(r, res) {
		tabs = append(tabs, ui.TabView{Text: "Evidence", Href: path + "/evidence", Current: at == "/evidence"})
	}
	return tabs
}

// reads reports whether policy would let the reader into a record's story.
func (s *Server) reads(r *http.Request, res command.Resource) bool {
	a, _ := s.actor(r)
	may, err := s.Road.Permits(r.Context(), a, "evidence.event.search", res)
	return err == nil && may
}

// packParts is the page from which a pack is built, for a period if wanted.
type packParts struct {
	ui.FormView
	Kind     string
	Ref      core.Ref
	From, To string // as written
	Fault    *core.Fault
}

// packPage offers a pack. It reads nothing about the record, and so tells
// nothing about it: that is for the building, which policy judges.
func (s *Server) packPage(w http.ResponseWriter, r *http.Request) error {
	return s.drawPack(w, r, packParts{})
}

func (s *Server) drawPack(w http.ResponseWriter, r *http.Request, p packParts) error {
	in := oversight.BuildPack{Kind: r.PathValue("kind"), Ref: core.Ref(r.PathValue("id"))}
	if s.Packs == nil || in.Validate() != nil {
		return command.ErrHidden
	}
	p.Kind, p.Ref = in.Kind, in.Ref
	p.FormView = ui.FormView{ID: "pack", Action: packPath(p.Kind, p.Ref), Problem: s.problem(p.Fault)}
	v := s.page(r, ui.HeadView{
		Title:  "Evidence pack of " + p.Ref.Short(),
		Crumbs: []ui.Link{{Text: titled(kindNames[p.Ref.Kind()]) + " " + p.Ref.Short(), Href: hrefOf(p.Ref)}, {Text: "Evidence pack"}},
		Sub:    []ui.MetaView{{Text: "A file that a stranger verifies offline"}},
	})
	return s.render(w, r, v, packBody(p))
}

// packsAtOnce bounds how many packs are built at a time: each is in memory
// until it has left.
const packsAtOnce = 2

// The waits of a pack: for a place, and for what is recorded to be sealed.
const (
	packPlace = 5 * time.Second
	packSeal  = 5 * time.Second
)

var errPacksBusy = core.NewFault(core.Unavailable, "packs-busy", "Other packs are being built at this moment, and nothing was exported. Try again in a minute.")

// packBuild builds the pack and answers with the file. What comes in between
// is told on the page of the pack, with its form again.
func (s *Server) packBuild(w http.ResponseWriter, r *http.Request) error {
	in := oversight.BuildPack{Kind: r.PathValue("kind"), Ref: core.Ref(r.PathValue("id"))}
	if s.Packs == nil || in.Validate() != nil {
		return command.ErrHidden
	}
	p := packParts{}
	again := func(f *core.Fault) error {
		p.Fault = f
		return s.drawPack(w, r, p)
	}
	if err := parseForm(r); err != nil {
		return s.mend(w, r, err, again)
	}
	p.From, p.To = r.PostForm.Get("from"), r.PostForm.Get("to")
	period := struct {
		From core.Instant `json:"from"`
		To   core.Instant `json:"to"`
	}{}
	if err := decodeForm(r, &period); err != nil {
		return s.mend(w, r, err, again)
	}
	in.From, in.To = period.From, period.To
	file, err := s.pack(r, in)
	if err != nil {
		return s.mend(w, r, err, again)
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	h.Set("Content-Length", strconv.Itoa(len(file.Zip)))
	if _, err = w.Write(file.Zip); err != nil {
		s.report(err) // the reader went away; the export is on record all the same
	}
	return nil
}

// pack waits for a place and for sealing, and builds.
func (s *Server) pack(r *http.Request, in oversight.BuildPack) (oversight.PackFile, error) {
	select {
	case s.packing <- struct{}{}:
		defer func() { <-s.packing }()
	case <-time.After(packPlace):
		return oversight.PackFile{}, errPacksBusy
	case <-r.Context().Done():
		return oversight.PackFile{}, errPacksBusy.Because(r.Context().Err())
	}
	if s.Settled != nil { // a pack tells of what is not sealed yet; better to have it inside
		ctx, cancel := context.WithTimeout(r.Context(), packSeal)
		defer cancel()
		if err := s.Settled(ctx); err != nil && ctx.Err() == nil {
			s.report(err)
		}
	}
	a, _ := s.actor(r)
	return command.Ask(r.Context(), s.Road, a, *s.Packs, in)
}
