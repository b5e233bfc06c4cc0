package onboarding

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"vouchsafe/core"
)

// vaultRef names the key under which file names are made. It belongs to no
// person, so it outlives them all.
const vaultRef core.Ref = "sys_vault"

const (
	vaultMagic   = "vouchsafe vault 1\n"
	vaultSegment = 64 << 10
	vaultExt     = ".enc"
)

// FileVault is a Vault in a folder: DIR/aa/NAME.enc, where NAME is a keyed MAC
// of person and digest, so that nobody who has a copy of a document can tell
// from the folder whether it is here. Each file has a key of its own, sealed
// under the person's key in the file's head; the content follows in segments
// that are authenticated one by one and as a sequence.
type FileVault struct {
	dir     string
	keys    KeyRing
	entropy core.Entropy
	names   []byte
}

// OpenFileVault opens a vault, making its folder first when there is none.
func OpenFileVault(ctx context.Context, dir string, ring KeyRing, e core.Entropy) (*FileVault, error) {
	k, err := ring.Key(ctx, vaultRef, e)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "tmp"), 0o700); err != nil {
		return nil, fmt.Errorf("onboarding: the document store cannot be made: %w", err)
	}
	return &FileVault{dir: dir, keys: ring, entropy: e, names: k.TagKey()}, nil
}

func (v *FileVault) path(subject core.Ref, sha string) string {
	m := hmac.New(sha256.New, v.names)
	m.Write([]byte(string(subject) + "\x00" + sha))
	name := hex.EncodeToString(m.Sum(nil))
	return filepath.Join(v.dir, name[:2], name+vaultExt)
}

// Put implements Vault: written beside, synced, and renamed into place.
func (v *FileVault) Put(ctx context.Context, subject core.Ref, content io.Reader) (string, int64, error) {
	var id [16]byte
	v.entropy.Read(id[:])
	tmp := filepath.Join(v.dir, "tmp", hex.EncodeToString(id[:]))
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", 0, unstored(err)
	}
	defer os.Remove(tmp) // a no-op once it was renamed
	sum := sha256.New()
	n, err := v.write(ctx, f, subject, hex.EncodeToString(id[:]), io.TeeReader(content, sum))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", 0, unstored(err)
	}
	sha := hex.EncodeToString(sum.Sum(nil))
	path := v.path(subject, sha)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", 0, unstored(err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return "", 0, unstored(err)
	}
	if err := errors.Join(syncDir(filepath.Dir(path)), syncDir(v.dir)); err != nil {
		return "", 0, unstored(err)
	}
	return sha, n, nil
}

func unstored(err error) error {
	if f := core.AsFault(err); f.Kind != core.Internal {
		return err
	}
	return core.NewFault(core.Unavailable, "vault-unavailable", "The document could not be stored. Nothing was recorded; try again.").Because(err)
}

// write makes the head and the segments, and syncs.
func (v *FileVault) write(ctx context.Context, f *os.File, subject core.Ref, id string, content io.Reader) (int64, error) {
	owner, err := v.keys.Key(ctx, subject, v.entropy)
	if err != nil {
		return 0, err
	}
	key := make([]byte, 32)
	v.entropy.Read(key)
	sealed, err := owner.Seal("vault/"+id, key)
	if err != nil {
		return 0, err
	}
	head := binary.BigEndian.AppendUint16([]byte(vaultMagic+id), uint16(len(sealed)))
	if _, err := f.Write(append(head, sealed...)); err != nil {
		return 0, err
	}
	c, err := segments(key)
	if err != nil {
		return 0, err
	}
	w, err := c.NewEncryptingWriter(f, []byte(id))
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, content)
	return n, errors.Join(err, w.Close(), f.Sync())
}

func segments(key []byte) (*subtle.AESGCMHKDF, error) {
	return subtle.NewAESGCMHKDF(key, "SHA256", 32, vaultSegment, 0)
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open implements Vault.
func (v *FileVault) Open(ctx context.Context, subject core.Ref, sha string) (io.ReadCloser, error) {
	owner, err := v.keys.Lookup(ctx, subject)
	if err != nil {
		return nil, err
	}
	if owner == nil || sha == "" {
		return nil, ErrNoContent
	}
	f, err := os.Open(v.path(subject, sha))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoContent
	}
	if err != nil {
		return nil, unstored(err)
	}
	head := make([]byte, len(vaultMagic)+32+2)
	if _, err := io.ReadFull(f, head); err != nil || string(head[:len(vaultMagic)]) != vaultMagic {
		f.Close()
		return nil, tampered(err)
	}
	id := string(head[len(vaultMagic) : len(vaultMagic)+32])
	sealed := make([]byte, binary.BigEndian.Uint16(head[len(head)-2:]))
	if _, err := io.ReadFull(f, sealed); err != nil {
		f.Close()
		return nil, tampered(err)
	}
	r, err := unseal(f, owner.Open, id, sealed)
	if err != nil {
		f.Close()
		return nil, tampered(err)
	}
	return &checked{file: f, r: r, sum: sha256.New(), want: sha}, nil
}

func unseal(f *os.File, open func(string, []byte) ([]byte, error), id string, sealed []byte) (io.Reader, error) {
	key, err := open("vault/"+id, sealed)
	if err != nil {
		return nil, err
	}
	c, err := segments(key)
	if err != nil {
		return nil, err
	}
	return c.NewDecryptingReader(f, []byte(id))
}

func tampered(err error) error {
	return core.NewFault(core.Internal, "content-changed", "The stored content of this document is not what was put there. Tell the administrators; do not rely on it.").Because(err)
}

// checked reads a file and compares the digest at its end.
type checked struct {
	file *os.File
	r    io.Reader
	sum  hash.Hash
	want string
}

// Read implements io.Reader.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	switch {
	case err == io.EOF && hex.EncodeToString(c.sum.Sum(nil)) != c.want:
		return n, tampered(nil)
	case err != nil && err != io.EOF:
		return n, tampered(err)
	}
	return n, err
}

// Close implements io.Closer.
func (c *checked) Close() error { return c.file.Close() }

// Forget removes one content for good; it is no error when there is none.
func (v *FileVault) Forget(subject core.Ref, sha string) error {
	err := os.Remove(v.path(subject, sha))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// sweep removes the files that keep does not name and that were written before
// an instant of the wall clock, and unfinished ones of that age.
func (v *FileVault) sweep(ctx context.Context, keep map[string]bool, before core.Instant) (removed int, err error) {
	err = filepath.WalkDir(v.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		info, err := d.Info()
		if err != nil || core.At(info.ModTime()) >= before || keep[path] {
			return ignoreGone(err)
		}
		if strings.HasSuffix(path, vaultExt) || filepath.Base(filepath.Dir(path)) == "tmp" {
			removed++
			return ignoreGone(os.Remove(path))
		}
		return nil
	})
	return removed, err
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
