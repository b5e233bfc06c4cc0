package keys

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// KEKVariable is the environment variable that may hold the key-encryption
// keyset (Tink JSON) instead of a file.
const KEKVariable = "VOUCHSAFE_KEK"

// GenerateKEK writes a new keyset (AES-256-GCM) to path, readable by the owner
// alone. It refuses to replace a file: losing a KEK loses every disclosure.
func GenerateKEK(path string) error {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return fmt.Errorf("keys: the key-encryption key cannot be written: %w", err)
	}
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(f)); err != nil {
		f.Close()
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// LoadKEK reads the keyset from path, or from the environment when path is "".
// Errors never print key material.
func LoadKEK(path string) (tink.AEAD, error) {
	text := os.Getenv(KEKVariable)
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("keys: the key-encryption key cannot be read: %w", err)
		}
		text = string(b)
	}
	if text == "" {
		return nil, fmt.Errorf("keys: no key-encryption key: name a file or set %s", KEKVariable)
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(strings.NewReader(text)))
	if err != nil {
		return nil, errors.New("keys: the key-encryption key is not a Tink JSON keyset")
	}
	return aead.New(h)
}
