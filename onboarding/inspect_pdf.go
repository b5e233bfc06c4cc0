package onboarding

import (
	"bytes"
	"compress/zlib"
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
	pdfMaxObjects = 200_000
	pdfMaxNames   = 100_000 // different ones
)

var pdfActive = map[string]string{
	"JavaScript": "a script", "JS": "a script", "AA": "actions that run by themselves", "Launch": "a command to start a program",
	"EmbeddedFile": "an attached file", "EmbeddedFiles": "an attached file", "XFA": "a form program", "RichMedia": "rich media",
	"SubmitForm": "a form that sends data", "ImportData": "a form that reads data", "GoToR": "a link to another file",
	"GoToE": "a link to an attached file", "Movie": "a film", "Rendition": "a film", "Sound": "a sound",
}

var (
	pdfFilter = regexp.MustCompile(`^/Filter\s*(\[[^\]]*\]|/[A-Za-z0-9]+)`)
	pdfLength = regexp.MustCompile(`^/Length\s+(\d+)(\s+\d+\s+R)?`)
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
	if m := lastMatch(pdfLength, dict, "/Length"); m != nil && len(m[2]) == 0 {
		n, err := strconv.Atoi(string(m[1]))
		if err == nil && n <= len(body) && bytes.HasPrefix(bytes.TrimLeft(body[n:], "\t\n\f\r "), []byte("endstream")) {
			return n
		}
	}
	return bytes.Index(body, []byte("endstream"))
}

// lastMatch matches where a word stands last.
func lastMatch(re *regexp.Regexp, text []byte, word string) [][]byte {
	i := bytes.LastIndex(text, []byte(word))
	if i < 0 {
		return nil
	}
	return re.FindSubmatch(text[i:])
}

// pdfWalk collects what a file holds.
type pdfWalk struct {
	names    map[string]bool
	unpacked int64
}

func (w *pdfWalk) read(text []byte) {
	eachName(text, func(n string) {
		if len(w.names) <= pdfMaxNames {
			w.names[n] = true
		}
	})
}

// eachName calls fn with every name in a text, its #xx undone. Names longer
// than any that matters are cut.
func eachName(text []byte, fn func(string)) {
	const longest = 64
	buf := make([]byte, 0, longest)
	for i := bytes.IndexByte(text, '/'); i >= 0 && i < len(text); {
		buf = buf[:0]
		for i++; i < len(text) && !bytes.Contains(pdfDelimiters, text[i:i+1]); i++ {
			c := text[i]
			if c == '#' && i+2 < len(text) {
				if n, err := strconv.ParseUint(string(text[i+1:i+3]), 16, 8); err == nil {
					c, i = byte(n), i+2
				}
			}
			if len(buf) < longest {
				buf = append(buf, c)
			}
		}
		if len(buf) > 0 {
			fn(string(buf))
		}
		next := bytes.IndexByte(text[min(i, len(text)):], '/')
		if next < 0 {
			return
		}
		i += next
	}
}

var pdfDelimiters = []byte("\x00\t\n\f\r ()<>[]{}/%")

// stream looks at one stream: what it costs to unpack, and what objects it
// holds.
func (w *pdfWalk) stream(s pdfStreamPart) *command.Refusal {
	objects, filtered := false, false
	eachName(s.dict, func(n string) {
		objects, filtered = objects || n == "ObjStm", filtered || n == "Filter"
	})
	if pdfObject.Match(s.body) { // where a reader that trusts the index could find what we took for a picture
		return refusal("pdf-unclear", "This PDF hides objects where none belong. Print it to a new PDF, and upload that.")
	}
	hidden := ""
	eachName(s.body, func(n string) { // a fake stream must not hide actions; short names occur in pictures
		if len(n) > 5 && pdfActive[n] != "" {
			hidden = pdfActive[n]
		}
	})
	if hidden != "" {
		return active(hidden)
	}
	var filters []string
	if m := lastMatch(pdfFilter, s.dict, "/Filter"); m != nil {
		eachName(m[1], func(n string) { filters = append(filters, n) })
	}
	packed := 0
	for _, f := range filters {
		if f == "FlateDecode" || f == "LZWDecode" || f == "Fl" || f == "LZW" {
			packed++
		}
	}
	switch {
	case packed > 1:
		return bomb
	case objects && (len(filters) > 1 || filtered && (len(filters) == 0 || filters[0] != "FlateDecode")):
		return unclear
	case objects && len(filters) == 0:
		w.read(s.body)
	case len(filters) == 1 && filters[0] == "FlateDecode":
		return w.unpack(s.body, objects)
	}
	return nil
}

var unclear = refusal("pdf-unclear", "This PDF packs its objects in a way that cannot be looked into. Print it to a new PDF, and upload that.")

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
	case len(w.names) > pdfMaxNames:
		return unclear
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
	marks := pdfObject.FindAllSubmatchIndex(text, pdfMaxObjects+1)
	if len(marks) > pdfMaxObjects {
		return true // more than a document of this size has
	}
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
