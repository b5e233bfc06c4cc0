package onboarding

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"vouchsafe/command"
)

// What a PDF may cost and must not hold. Names are compared after undoing
// their #xx escapes; streams of objects are unpacked and looked through too.
const (
	pdfUnpacked   = 256 << 20 // bytes that all streams of a file may unpack to
	pdfStream     = 32 << 20  // bytes above which a stream's ratio is looked at
	pdfRatio      = 200
	pdfObjects    = 8 << 20 // bytes that one stream of objects may unpack to
	pdfMaxStreams = 20_000
)

var pdfActive = map[string]string{
	"JavaScript": "a script", "JS": "a script", "AA": "actions that run by themselves", "Launch": "a command to start a program",
	"EmbeddedFile": "an attached file", "EmbeddedFiles": "an attached file", "XFA": "a form program", "RichMedia": "rich media",
	"SubmitForm": "a form that sends data", "ImportData": "a form that reads data", "GoToR": "a link to another file",
	"GoToE": "a link to an attached file", "Movie": "a film", "Rendition": "a film", "Sound": "a sound",
}

var (
	pdfName   = regexp.MustCompile(`/[^\x00\t\n\f\r ()<>\[\]{}/%]+`)
	pdfFilter = regexp.MustCompile(`/Filter\s*(\[[^\]]*\]|/[A-Za-z0-9]+)`)
	pdfLength = regexp.MustCompile(`/Length\s+(\d+)(\s+\d+\s+R)?`)
	pdfObject = regexp.MustCompile(`(\d+)\s+\d+\s+obj\b`)
	pdfKids   = regexp.MustCompile(`/Kids\s*\[([^\]]*)\]`)
	pdfRef    = regexp.MustCompile(`(\d+)\s+\d+\s+R`)
	pdfMatrix = regexp.MustCompile(`/FontMatrix\s*\[[^\]]*\(`)
)

// inspectPDF looks through a PDF without laying out a page. It is stricter
// than readers of PDF are: what it cannot follow it refuses.
func inspectPDF(b []byte) *command.Refusal {
	end := bytes.LastIndex(b, []byte("%%EOF"))
	if end < 0 {
		return damaged("PDF")
	}
	if tail := bytes.Trim(b[end+5:], "\x00\t\n\f\r "); len(tail) > 0 {
		return refusal("file-tail", "There is something after the end of this PDF. Print it to a new PDF, and upload that.")
	}
	text, streams, ok := splitPDF(b)
	if !ok {
		return damaged("PDF")
	}
	w := pdfWalk{names: map[string]bool{}}
	w.read(text)
	for _, s := range streams {
		if why := w.stream(s); why != nil {
			return why
		}
	}
	return w.verdict(text)
}

// pdfStreamPart is a stream with the dictionary before it.
type pdfStreamPart struct{ dict, body []byte }

// splitPDF takes the streams out of a file, so that pictures are not read as
// if they were objects.
func splitPDF(b []byte) (text []byte, streams []pdfStreamPart, ok bool) {
	for {
		at := streamStart(b)
		if at < 0 {
			return append(text, b...), streams, true
		}
		// Everything since the last stream counts as the dictionary: it can
		// only make this stricter, and a bracket in a string cannot cut it.
		dict, body := b[:at], b[at:]
		n := streamEnd(dict, body)
		if n < 0 || len(streams) >= pdfMaxStreams {
			return nil, nil, false
		}
		text = append(text, b[:at]...)
		streams = append(streams, pdfStreamPart{dict, body[:n]})
		b = body[n:]
	}
}

// streamStart is where the first stream's bytes begin, or -1.
func streamStart(b []byte) int {
	word := []byte("stream")
	for from := 0; ; {
		i := bytes.Index(b[from:], word)
		if i < 0 {
			return -1
		}
		i += from
		from = i + len(word)
		before := bytes.TrimRight(b[:i], "\x00\t\n\f\r ")
		if !bytes.HasSuffix(before, []byte(">>")) {
			continue
		}
		rest := b[from:]
		switch {
		case bytes.HasPrefix(rest, []byte("\r\n")):
			return from + 2
		case bytes.HasPrefix(rest, []byte("\n")), bytes.HasPrefix(rest, []byte("\r")):
			return from + 1
		}
	}
}

// streamEnd is the length of a stream: what its dictionary says where the end
// mark stands there, otherwise up to the next end mark; -1 without one.
func streamEnd(dict, body []byte) int {
	if all := pdfLength.FindAllSubmatch(dict, -1); len(all) > 0 && len(all[len(all)-1][2]) == 0 {
		m := all[len(all)-1]
		n, err := strconv.Atoi(string(m[1]))
		if err == nil && n <= len(body) && bytes.HasPrefix(bytes.TrimLeft(body[n:], "\t\n\f\r "), []byte("endstream")) {
			return n
		}
	}
	return bytes.Index(body, []byte("endstream"))
}

// pdfWalk collects what a file holds.
type pdfWalk struct {
	names    map[string]bool
	unpacked int64
}

func (w *pdfWalk) read(text []byte) {
	for _, n := range pdfName.FindAll(text, -1) {
		w.names[unescape(n[1:])] = true
	}
}

// unescape undoes #xx in a name.
func unescape(n []byte) string {
	for i := 0; i+2 < len(n); i++ {
		if n[i] == '#' {
			if c, err := hex.DecodeString(string(n[i+1 : i+3])); err == nil {
				n = slices.Concat(n[:i], c, n[i+3:])
			}
		}
	}
	return string(n)
}

// stream looks at one stream: what it costs to unpack, and what objects it
// holds.
func (w *pdfWalk) stream(s pdfStreamPart) *command.Refusal {
	names := map[string]bool{}
	for _, n := range pdfName.FindAll(s.dict, -1) {
		names[unescape(n[1:])] = true
	}
	if pdfObject.Match(s.body) { // where a reader that trusts the index could find what we took for a picture
		return refusal("pdf-unclear", "This PDF hides objects where none belong. Print it to a new PDF, and upload that.")
	}
	for _, n := range pdfName.FindAll(s.body, -1) { // a fake stream must not hide actions; short names occur in pictures
		if name := unescape(n[1:]); len(name) > 5 && pdfActive[name] != "" {
			return active(pdfActive[name])
		}
	}
	var filters []string
	if all := pdfFilter.FindAllSubmatch(s.dict, -1); len(all) > 0 {
		for _, n := range pdfName.FindAll(all[len(all)-1][1], -1) {
			filters = append(filters, unescape(n[1:]))
		}
	}
	packed := 0
	for _, f := range filters {
		if f == "FlateDecode" || f == "LZWDecode" || f == "Fl" || f == "LZW" {
			packed++
		}
	}
	objects := names["ObjStm"]
	switch {
	case packed > 1:
		return bomb
	case objects && (len(filters) > 1 || names["Filter"] && (len(filters) == 0 || filters[0] != "FlateDecode")):
		return refusal("pdf-unclear", "This PDF packs its objects in a way that cannot be looked into. Print it to a new PDF, and upload that.")
	case objects && len(filters) == 0:
		w.read(s.body)
	case len(filters) == 1 && filters[0] == "FlateDecode":
		return w.unpack(s.body, objects)
	}
	return nil
}

var bomb = refusal("pdf-bomb", "This PDF unpacks to far more than it is. Print it to a new PDF, and upload that.")

// unpack counts what a stream unpacks to and reads the objects in it. Pictures
// with a damaged end are common and harmless; objects must be whole.
func (w *pdfWalk) unpack(body []byte, objects bool) *command.Refusal {
	z, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		if objects {
			return damaged("PDF")
		}
		return nil
	}
	defer z.Close()
	if objects {
		text, err := io.ReadAll(io.LimitReader(z, pdfObjects+1))
		if len(text) > pdfObjects {
			return bomb
		}
		if err != nil {
			return damaged("PDF")
		}
		w.unpacked += int64(len(text))
		w.read(text)
	} else {
		limit := max(int64(pdfStream), pdfRatio*int64(len(body)))
		n, _ := io.Copy(io.Discard, io.LimitReader(z, limit+1))
		if w.unpacked += n; n > limit {
			return bomb
		}
	}
	if w.unpacked > pdfUnpacked {
		return bomb
	}
	return nil
}

// verdict judges what was found.
func (w *pdfWalk) verdict(text []byte) *command.Refusal {
	switch {
	case w.names["Encrypt"]:
		return refusal("pdf-encrypted", "This PDF is protected and cannot be looked into. Save it without a password, and upload that.")
	case !w.names["Catalog"]:
		return damaged("PDF")
	case pdfMatrix.Match(text):
		return active("a font that runs a script")
	case w.names["OpenAction"] && w.names["URI"]:
		return active("a link that opens by itself")
	case pagesLoop(text):
		return damaged("PDF")
	}
	for _, n := range slices.Sorted(maps.Keys(w.names)) {
		if what := pdfActive[n]; what != "" {
			return active(what)
		}
	}
	return nil
}

func active(what string) *command.Refusal {
	return refusal("pdf-active", "This PDF holds "+what+". Print it to a new PDF, or take a photo, and upload that.")
}

// pagesLoop finds a tree of pages that leads back into itself.
func pagesLoop(text []byte) bool {
	kids := map[string][]string{}
	marks := pdfObject.FindAllSubmatchIndex(text, -1)
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		id := string(text[m[2]:m[3]])
		if k := pdfKids.FindSubmatch(text[m[1]:end]); k != nil {
			for _, ref := range pdfRef.FindAllSubmatch(k[1], -1) {
				kids[id] = append(kids[id], string(ref[1]))
			}
		}
	}
	state := map[string]int{} // 1 on the way, 2 done
	var loops func(id string, depth int) bool
	loops = func(id string, depth int) bool {
		if state[id] == 1 || depth > 1000 {
			return true
		}
		if state[id] == 2 {
			return false
		}
		state[id] = 1
		for _, k := range kids[id] {
			if loops(k, depth+1) {
				return true
			}
		}
		state[id] = 2
		return false
	}
	for id := range kids {
		if loops(id, 0) {
			return true
		}
	}
	return false
}
