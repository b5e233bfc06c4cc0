package witness

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// maxBody is more than 63 hashes and a note with many signatures need.
const maxBody = 64 << 10

// Handler answers add-checkpoint, and at / a page of plain text for whoever
// wants to compare: the key, and the last checkpoint of each log.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", w.add)
	mux.HandleFunc("GET /{$}", w.page)
	return mux
}

func (w *Witness) add(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	if err != nil {
		http.Error(rw, "the request is too large or was cut off", http.StatusBadRequest)
		return
	}
	line, err := w.Add(string(body))
	no, refused := errors.AsType[*refusal](err)
	switch {
	case err == nil:
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(rw, line) // who hung up asks again
	case refused && no.status == http.StatusConflict:
		rw.Header().Set("Content-Type", "text/x.tlog.size")
		rw.WriteHeader(no.status)
		fmt.Fprintf(rw, "%d\n", no.size)
	case refused:
		http.Error(rw, no.text, no.status)
	default: // what went wrong here is told to the witness's operator
		http.Error(rw, "the witness cannot keep checkpoints now; its operator was told", http.StatusInternalServerError)
	}
}

func (w *Witness) page(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(rw, w.Status())
}

// Status is what the witness knows, as text.
func (w *Witness) Status() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "Witness of transparency logs (c2sp.org/tlog-witness).\n\n%s\n", w.key.Key())
	if n := len(w.Forks()); n > 0 {
		fmt.Fprintf(&b, "\n%d REFUSED HISTORIES are kept: ask the operator of this witness for them.\n", n)
	}
	for _, origin := range slices.Sorted(maps.Keys(w.logs)) {
		last, err := w.last(origin)
		switch {
		case err != nil:
			fmt.Fprintf(&b, "\n%s\nNothing is cosigned: the state needs its operator.\n", origin)
		case last == nil:
			fmt.Fprintf(&b, "\n%s\nNothing was cosigned yet.\n", origin)
		default:
			b.WriteString("\n" + last.note)
		}
	}
	return b.String()
}
