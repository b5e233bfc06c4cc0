package access

import (
	"context"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// plantPasskey gives somebody a passkey without a ceremony.
type plantPasskey struct{ Staff core.Ref }

func (plantPasskey) Action() command.Action { return "test.passkey.plant" }
func (p plantPasskey) Subject() core.Ref    { return p.Staff }

type plantHandler struct{}

func (plantHandler) Load(context.Context, store.Reader, plantPasskey) (int, command.Resource, error) {
	return 0, command.Resource{Kind: core.KindStaff}, nil
}

func (plantHandler) Check(plantPasskey, int, command.Moment) command.Verdict {
	return command.Proceed()
}

func (plantHandler) Apply(ctx context.Context, tx *command.Tx, in plantPasskey, _ int) ([]evidence.Event, error) {
	k := &Passkey{ID: tx.NewRef(KindPasskey), Staff: in.Staff, Name: "key", credential: string(tx.NewRef(KindPasskey)), publicKey: []byte{1}, Created: tx.Now}
	return []evidence.Event{{Type: hired, Subjects: []core.Ref{in.Staff}}}, passkeys.Insert(ctx, tx.Tx, k)
}
