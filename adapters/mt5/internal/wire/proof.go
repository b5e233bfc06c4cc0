package wire

import (
	"crypto/md5" // the protocol's own choice; nothing of ours rests on it
	"encoding/binary"
	"unicode/utf16"
)

// RandSize is the length in bytes of both challenges.
const RandSize = 16

// PasswordHash is the long-lived half of a proof: MD5(MD5(UTF-16LE password)
// followed by the ASCII letters "WebAPI"). It is as good as the password.
func PasswordHash(password string) [md5.Size]byte {
	var text []byte
	for _, unit := range utf16.Encode([]rune(password)) {
		text = binary.LittleEndian.AppendUint16(text, unit)
	}
	inner := md5.Sum(text)
	return md5.Sum(append(inner[:], "WebAPI"...))
}

// Proof answers a challenge: MD5(hash followed by the raw challenge bytes).
// The server proves itself with the same formula over the client's challenge.
func Proof(hash [md5.Size]byte, challenge []byte) [md5.Size]byte {
	return md5.Sum(append(hash[:], challenge...))
}
