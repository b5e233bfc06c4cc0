package sandpaysim

import (
	"net/http"
	"strconv"
)

const pageSize = 100

// showObject is GET /v1/payouts/{id} and /v1/objects/{id}.
func (s *Server) showObject(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.book.byID(r.PathValue("id"))
	if o == nil {
		refuse(http.StatusNotFound, "not_found").write(w)
		return
	}
	say(http.StatusOK, o.shown()).write(w)
}

// findPayouts is GET /v1/payouts?reference=R.
func (s *Server) findPayouts(w http.ResponseWriter, r *http.Request) {
	reference := r.URL.Query().Get("reference")
	if reference == "" {
		refuse(http.StatusBadRequest, "invalid_request").write(w)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := list{Data: []shown{}}
	for _, o := range s.book.Objects {
		if o.Kind == KindPayout && o.Reference == reference {
			found.Data = append(found.Data, o.shown())
		}
	}
	say(http.StatusOK, found).write(w)
}

// listObjects is GET /v1/objects. The cursor is the place of the next object in
// booking order; objects are only ever added at the end, so pages neither skip
// nor repeat while others write.
func (s *Server) listObjects(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	from, okFrom := instant(query.Get("from"))
	to, okTo := instant(query.Get("to"))
	start, err := strconv.ParseUint("0"+query.Get("cursor"), 10, 31)
	if !okFrom || !okTo || err != nil {
		refuse(http.StatusBadRequest, "invalid_request").write(w)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page := list{Data: []shown{}}
	for i := int(start); i < len(s.book.Objects); i++ {
		o := s.book.Objects[i]
		if o.Created < from || o.Created >= to {
			continue
		}
		if len(page.Data) == pageSize {
			page.Next = strconv.Itoa(i)
			break
		}
		page.Data = append(page.Data, o.shown())
	}
	say(http.StatusOK, page).write(w)
}
