package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"vouchsafe/core"
)

// The limits of what VerifyPack opens. They keep a hostile file from filling
// the memory of who checks it.
const (
	maxPackFiles = 4*MaxPackEvents + 10_000
	maxPackFile  = 256 << 20 // bytes of one file, unpacked
	maxPackTotal = 1 << 30   // bytes of all files, unpacked
	maxPackRatio = 200       // unpacked over packed, beyond the first 16 MiB
)

// writeZip packs the files in order of their paths, all of one time.
func writeZip(files map[string][]byte, at core.Instant) ([]byte, error) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: at.Time().Truncate(time.Second)})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(files[path]); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return buf.Bytes(), err
}

// packFiles are the files of a pack as read: bodies, and the digests of all.
type packFiles struct {
	body   map[string][]byte // without documents, which may be large
	digest map[string]string
	size   map[string]int64
	at     time.Time
}

// badZip says why a file is no pack that this program wrote.
type badZip struct{ path, text string }

func (b *badZip) Error() string { return b.text }

// readZip opens a pack. It takes nothing but what writeZip writes: other tools
// that unpack the same bytes must find the same files, so nothing may stand
// between, before or behind them, and local headers must agree with the
// directory.
func readZip(r io.ReaderAt, size int64) (*packFiles, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &badZip{"", "it is not a zip file, or it is damaged: " + err.Error()}
	}
	if err := checkHeaders(z, size); err != nil {
		return nil, err
	}
	out := &packFiles{body: map[string][]byte{}, digest: map[string]string{}, size: map[string]int64{}}
	for _, f := range z.File {
		out.at = f.Modified
		if err := out.read(f); err != nil {
			return nil, err
		}
	}
	return out, sameBytes(z, r, size)
}

func checkHeaders(z *zip.Reader, size int64) error {
	if z.Comment != "" {
		return &badZip{"", "the zip has a comment"}
	}
	if len(z.File) == 0 || len(z.File) > maxPackFiles {
		return &badZip{"", fmt.Sprintf("it has %d files; a pack has between 1 and %d", len(z.File), maxPackFiles)}
	}
	var total uint64
	seen, last := map[string]bool{}, ""
	for _, f := range z.File {
		folded := strings.ToLower(f.Name)
		switch {
		case !safePath(f.Name):
			return &badZip{f.Name, "this path is not one of a pack"}
		case seen[folded]:
			return &badZip{f.Name, "two files have this path"}
		case f.Name <= last:
			return &badZip{f.Name, "the files are not in order"}
		case f.Method != zip.Deflate || f.Comment != "" || f.ExternalAttrs != 0 || !bytes.Equal(f.Extra, timeExtra(f.Modified)):
			return &badZip{f.Name, "its zip header is not one of a pack"}
		case f.UncompressedSize64 > maxPackFile:
			return &badZip{f.Name, fmt.Sprintf("it has more than %d bytes", maxPackFile)}
		}
		seen[folded], last = true, f.Name
		if total += f.UncompressedSize64; total > maxPackTotal || total > maxPackRatio*uint64(size)+16<<20 {
			return &badZip{f.Name, "the files would unpack to more than a pack may hold"}
		}
	}
	return nil
}

// timeExtra is the extended timestamp that archive/zip writes for a time.
func timeExtra(t time.Time) []byte {
	b := []byte{'U', 'T', 5, 0, 1}
	return binary.LittleEndian.AppendUint32(b, uint32(t.Unix()))
}

func (p *packFiles) read(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return &badZip{f.Name, "it cannot be unpacked: " + err.Error()}
	}
	defer r.Close()
	h := sha256.New()
	var into io.Writer = h
	var buf bytes.Buffer
	if !strings.HasPrefix(f.Name, "documents/") {
		into = io.MultiWriter(h, &buf)
	}
	n, err := io.Copy(into, io.LimitReader(r, int64(f.UncompressedSize64)+1))
	if err != nil || uint64(n) != f.UncompressedSize64 {
		return &badZip{f.Name, fmt.Sprintf("it cannot be unpacked: %d bytes of %d, %v", n, f.UncompressedSize64, err)}
	}
	p.body[f.Name] = buf.Bytes()
	p.digest[f.Name], p.size[f.Name] = hex.EncodeToString(h.Sum(nil)), n
	return nil
}

// sameBytes writes the container again around the compressed bytes of each
// file and compares.
func sameBytes(z *zip.Reader, r io.ReaderAt, size int64) error {
	same := &comparer{r: r, size: size}
	w := zip.NewWriter(same)
	for _, f := range z.File {
		raw, err := f.OpenRaw()
		if err != nil {
			return &badZip{f.Name, "it cannot be unpacked: " + err.Error()}
		}
		header := f.FileHeader
		out, err := w.CreateRaw(&header)
		if err == nil {
			_, err = io.Copy(out, raw)
		}
		if err != nil {
			return &badZip{f.Name, "its zip entry holds other bytes than those of the file"}
		}
	}
	if err := w.Close(); err != nil || same.at != size {
		return &badZip{"", "the zip holds other bytes than those of its files"}
	}
	return nil
}

// comparer is a writer that refuses bytes other than those of r.
type comparer struct {
	r    io.ReaderAt
	at   int64
	size int64
	buf  []byte
}

var errOtherBytes = errors.New("evidence: other bytes")

// Write implements io.Writer.
func (c *comparer) Write(p []byte) (int, error) {
	if int64(len(p)) > c.size-c.at {
		return 0, errOtherBytes
	}
	c.buf = append(c.buf[:0], p...)
	n, err := c.r.ReadAt(c.buf, c.at)
	if n < len(p) {
		return 0, err
	}
	c.at += int64(n)
	if !bytes.Equal(c.buf, p) {
		return 0, errOtherBytes
	}
	return len(p), nil
}
