package console

import (
	"crypto/sha256"
	_ "embed" // the script below
	"encoding/hex"
	"net/http"

	"vouchsafe/command"
)

// passkeyJS asks the browser for a passkey. It is the console's own script,
// since no other surface uses passkeys.
//
//go:embed passkey.js
var passkeyJS []byte

// passkeyScript is the script's address, with its content's hash.
func passkeyScript() string {
	sum := sha256.Sum256(passkeyJS)
	return "/assets/passkey." + hex.EncodeToString(sum[:6]) + ".js"
}

func (s *Server) passkeyAsset(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path != passkeyScript() {
		return command.ErrHidden
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err := w.Write(passkeyJS)
	return err
}
