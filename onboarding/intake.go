package onboarding

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Stored is an upload after Intake: either content in the vault, or the reason
// why it was not put there. It goes into UploadDocument as it is.
type Stored struct {
	SHA256  string `json:"sha256,omitempty"` // hex, of the plain content
	Size    int64  `json:"size,omitempty"`
	Media   string `json:"media,omitempty"`
	Refused string `json:"refused,omitempty"` // code of the refusal
	Why     string `json:"why,omitempty"`     // its text
}

// Intake receives uploads. Its memory is bounded: a few files at a time, each
// of at most MaxBytes.
type Intake struct {
	vault Vault
	gate  chan struct{}
}

// NewIntake makes an intake that holds at most parallel files in memory.
func NewIntake(v Vault, parallel int) *Intake {
	return &Intake{vault: v, gate: make(chan struct{}, max(1, parallel))}
}

// Receive reads one upload, inspects it and stores it. A file that is refused
// is no error: run UploadDocument with the result, so that the refusal becomes
// evidence. Errors are of the connection or of the vault.
func (in *Intake) Receive(ctx context.Context, client core.Ref, body io.Reader) (Stored, error) {
	if client.Kind() != core.KindClient || !client.Valid() {
		return Stored{}, core.InvalidField("client", "Say whose document this is.")
	}
	select {
	case in.gate <- struct{}{}:
		defer func() { <-in.gate }()
	case <-ctx.Done():
		return Stored{}, core.NewFault(core.Unavailable, "too-busy", "Too many files are arriving at once. Try again in a minute.").Because(ctx.Err())
	}
	b, err := io.ReadAll(io.LimitReader(body, MaxBytes+1))
	if err != nil {
		return Stored{}, core.NewFault(core.Invalid, "upload-broken", "The upload broke off. Try again.").Because(err)
	}
	if len(b) > MaxBytes {
		return Stored{Refused: "file-too-large", Why: "This file is larger than 20 MB. Save it smaller, and upload that."}, nil
	}
	sum := sha256.Sum256(b)
	out := Stored{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(b))}
	media, why := Inspect(b)
	if out.Media = media; why != nil {
		out.Refused, out.Why = why.Code, why.Text
		return out, nil
	}
	sha, n, err := in.vault.Put(ctx, client, bytes.NewReader(b))
	if err == nil && (sha != out.SHA256 || n != out.Size) {
		err = tampered(nil)
	}
	return out, err
}

// Take receives the upload of somebody whom policy lets upload for the client.
// From anybody else it takes nothing, neither a file nor a key for a client who
// may not exist: UploadDocument with the answer is denied, and so on record.
func (d Domain) Take(ctx context.Context, rd *command.Road, in *Intake, a evidence.Actor, client core.Ref, body io.Reader) (Stored, error) {
	may := false
	err := rd.Store.Snapshot(ctx, func(r store.Reader) error {
		entity, err := d.Clients.EntityOf(ctx, r, client)
		if f := core.AsFault(err); f != nil && f.Kind == core.Unknown {
			return nil
		}
		if err != nil {
			return err
		}
		ruling, err := rd.Policy.Authorize(ctx, r, a, UploadDocument{}.Action(), uploading(client, entity), rd.Clock.Now())
		may = err == nil && ruling.Allow
		return nil
	})
	if err != nil || !may {
		return Stored{Refused: "file-not-taken", Why: "This file was not taken: you may not upload documents for this client."}, err
	}
	return in.Receive(ctx, client, body)
}

// recall reads stored content back and measures it: what a caller says about
// it is not believed.
func recall(ctx context.Context, v Vault, client core.Ref, sha string) (Stored, []byte, error) {
	f, err := v.Open(ctx, client, sha)
	if err != nil {
		return Stored{}, nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return Stored{}, nil, err
	}
	return Stored{SHA256: sha, Size: int64(len(b)), Media: Sniff(b)}, b, nil
}
