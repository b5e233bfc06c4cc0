package onboarding

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouchsafe/repotest/need"
)

func pngOf(t testing.TB, w, h int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// webpOf is a container with an extended header and no picture: enough for an
// inspection that decodes nothing.
func webpOf(w, h int) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00")
	for _, n := range []int{w - 1, h - 1} {
		b = append(b, byte(n), byte(n>>8), byte(n>>16))
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// pdfOf is a small PDF with something put into its catalog and something
// before its end.
func pdfOf(catalog, more string) []byte {
	return []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + catalog + " >>\nendobj\n" +
		"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n" +
		more + "trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n")
}

func packed(text string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func streamOf(dict, body string) string {
	return fmt.Sprintf("9 0 obj\n<< /Length %d %s >>\nstream\n%s\nendstream\nendobj\n", len(body), dict, body)
}

func TestInspectTakesGoodFiles(t *testing.T) {
	for name, c := range map[string]struct {
		b     []byte
		media string
	}{
		"png":                {pngOf(t, 30, 40), PNG},
		"jpeg":               {jpegOf(t, 300, 400), JPEG},
		"jpeg with a tail":   {append(jpegOf(t, 30, 40), "\x00\x00 camera's own"...), JPEG},
		"webp":               {webpOf(3000, 4000), WebP},
		"pdf":                {pdfOf("", ""), PDF},
		"pdf opening a page": {pdfOf("/OpenAction [3 0 R /Fit]", ""), PDF},
		"pdf with a link":    {pdfOf("", "4 0 obj << /A << /S /URI /URI (https://bank.example) >> >> endobj\n"), PDF},
		"pdf with a picture": {pdfOf("", streamOf("/Filter /DCTDecode", "\xff\xd8 /JS /AA endobj")), PDF},
		"pdf, packed page":   {pdfOf("", streamOf("/Filter /FlateDecode", packed("BT (Hello) Tj ET"))), PDF},
		"pdf, ends in zeros": {append(pdfOf("", ""), 0, 0, '\n'), PDF},
	} {
		media, why := Inspect(c.b)
		if why != nil || media != c.media {
			t.Errorf("%s: %q, %+v", name, media, why)
		}
	}
}

func TestInspectRefuses(t *testing.T) {
	js := "<< /S /JavaScript /JS (1) >>"
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":                {nil, "file-empty"},
		"one byte":               {[]byte("%"), "file-type"},
		"svg":                    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "file-type"},
		"gif":                    {[]byte("GIF89a..."), "file-type"},
		"zip":                    {[]byte("PK\x03\x04..."), "file-type"},
		"html before a pdf":      {append([]byte("<html>"), pdfOf("", "")...), "file-type"},
		"too many pixels, png":   {sizedPNG(t, 20000, 20000), "image-too-large"},
		"overflowing size, png":  {sizedPNG(t, 0xffffffff, 0xffffffff), "image-too-large"},
		"no pixels":              {sizedPNG(t, 0, 7), "file-damaged"},
		"too many pixels, webp":  {webpOf(16384, 16384), "image-too-large"},
		"cut webp":               {webpOf(10, 10)[:29], "file-damaged"},
		"cut jpeg":               {jpegOf(t, 30, 40)[:200], "file-damaged"},
		"jpeg without a size":    {[]byte("\xff\xd8\xff\xe0\x00\x04ab\xff\xd9"), "file-damaged"},
		"after a png":            {append(pngOf(t, 3, 3), "<script>"...), "file-tail"},
		"archive in a jpeg":      {append(jpegOf(t, 3, 3), "PK\x05\x06\x00\x00"...), "file-hides-archive"},
		"after a pdf":            {append(pdfOf("", ""), "PK\x03\x04"...), "file-tail"},
		"pdf without an end":     {bytes.TrimSuffix(pdfOf("", ""), []byte("%%EOF\n")), "file-damaged"},
		"only the magic":         {[]byte("%PDF-1.7\n%%EOF"), "file-damaged"},
		"encrypted":              {pdfOf("", "trailer << /Encrypt 5 0 R >>\n"), "pdf-encrypted"},
		"script on opening":      {pdfOf("/OpenAction "+js, ""), "pdf-active"},
		"script, hidden name":    {pdfOf("/Open#41ction << /S /J#61vaScr#69pt /J#53 (1) >>", ""), "pdf-active"},
		"script in objects":      {pdfOf("", streamOf("/Type /ObjStm /Filter /FlateDecode", packed(js))), "pdf-active"},
		"script in plain ones":   {pdfOf("", streamOf("/Type /ObjStm", js)), "pdf-active"},
		"objects, odd packing":   {pdfOf("", streamOf("/Type /Obj#53tm /Filter [/ASCIIHexDecode /FlateDecode]", "00")), "pdf-unclear"},
		"objects, hidden filter": {pdfOf("", streamOf("/Type /ObjStm /Fil#74er /FlateDecode", packed(js))), "pdf-unclear"},
		"objects in a string":    {pdfOf("", streamOf("/Type /ObjStm /Filter /FlateDecode /X (1 0 obj)", packed(js))), "pdf-active"},
		"script in fake stream":  {pdfOf("/X (>> stream\n) /OpenAction "+js+" /Y (endstream)", ""), "pdf-active"},
		"object in a picture":    {pdfOf("", streamOf("/Filter /DCTDecode", "7 0 obj << /X 1 >> endobj")), "pdf-unclear"},
		"link by itself":         {pdfOf("/OpenAction << /S /URI /URI (http://x) >>", ""), "pdf-active"},
		"attached file":          {pdfOf("/Names << /EmbeddedFiles 7 0 R >>", ""), "pdf-active"},
		"font with a script":     {pdfOf("", "7 0 obj << /FontMatrix [1 0 0 1 (0\\)) 0] >> endobj\n"), "pdf-active"},
		"bomb":                   {pdfOf("", streamOf("/Filter /FlateDecode", packed(strings.Repeat("\x00", pdfStream+1)))), "pdf-bomb"},
		"packed twice":           {pdfOf("", streamOf("/Filter [/FlateDecode /FlateDecode]", packed(packed("x")))), "pdf-bomb"},
		"pages in a ring":        {bytes.Replace(pdfOf("", ""), []byte("/Kids [3 0 R]"), []byte("/Kids [2 0 R]"), 1), "file-damaged"},
		"stream without an end":  {pdfOf("", "9 0 obj << /Length 5 >>\nstream\nabc"), "file-damaged"},
	} {
		_, why := Inspect(c.b)
		if why == nil || why.Code != c.want {
			t.Errorf("%s: %+v, want %s", name, why, c.want)
		} else if len(why.Text) < 20 {
			t.Errorf("%s: the text %q helps nobody", name, why.Text)
		}
	}
}

// sizedPNG says a size in its header that its data do not have.
func sizedPNG(t *testing.T, w, h uint32) []byte {
	b := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc(b[12:29]))
	return b
}

// Every cut of a good image is refused, at whatever byte.
func TestInspectFindsEveryCut(t *testing.T) {
	for _, whole := range [][]byte{pngOf(t, 20, 20), jpegOf(t, 20, 20), webpOf(20, 20), bytes.TrimSpace(pdfOf("", ""))} {
		for n := range len(whole) {
			if _, why := Inspect(whole[:n]); why == nil {
				t.Errorf("%q cut to %d of %d bytes passes", whole[:4], n, len(whole))
			}
		}
	}
}

// Twenty megabytes made to be slow are judged in seconds.
func TestInspectIsNotMadeSlow(t *testing.T) {
	for name, unit := range map[string]string{
		"names": "/a#41", "one name": "#41", "objects": "1 1 obj ", "streams": ">> stream\nendstream ",
		"spaces": ">>        stream ", "lengths": "/Length 1 ", "filters": "/Filter /A ", "digits": "1", "markers": "\xff\xff",
	} {
		body := strings.Repeat(unit, MaxBytes/len(unit)-10)
		start := time.Now()
		Inspect([]byte("%PDF-1.7\n/" + body + "\n%%EOF"))
		Inspect([]byte("\xff\xd8\xff" + body))
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s take %s", name, d)
		}
	}
}

func FuzzInspect(f *testing.F) {
	for _, b := range [][]byte{pngOf(f, 5, 5), jpegOf(f, 5, 5), webpOf(5, 5), pdfOf("", streamOf("/Type /ObjStm /Filter /FlateDecode", packed("1 0 << >>")))} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		media, why := Inspect(b)
		if why == nil && (media == "" || media != Sniff(b)) {
			t.Fatalf("taken as %q", media)
		}
	})
}

// BadInputs names the folder that holds the unpacked pack of hostile uploads.
const badInputs = "VOUCHSAFE_BAD_INPUTS"

// What the pack's manifest calls good, or good once it is drawn anew, is taken:
// we give files out as attachments only.
func TestHostilePack(t *testing.T) {
	dir := os.Getenv(badInputs)
	if dir == "" {
		need.Missing(t, "bad-inputs", badInputs+" names no folder of hostile uploads")
	}
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pack []struct{ File, Why, Expect string }
	if err := json.Unmarshal(text, &pack); err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{"png-ok.png": true, "pdf-ok.pdf": true, "png-text-xss.png": true}
	refused := 0
	for _, c := range pack {
		b, err := os.ReadFile(filepath.Join(dir, c.File))
		if err != nil {
			t.Error(err)
			continue
		}
		if strings.HasSuffix(c.File, ".b64") {
			b, _ = base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
		}
		_, why := Inspect(b)
		if (why == nil) != taken[c.File] {
			t.Errorf("%s (%s, expected to %s): %+v", c.File, c.Why, c.Expect, why)
		}
		if why != nil {
			refused++
		}
	}
	t.Logf("%d of %d refused", refused, len(pack))
}
