package sandpay

import (
	"net/http"
	"testing"

	"vouchsafe/command"
	"vouchsafe/payments"
)

// TestBothLegsAreCut: either precaution alone keeps Go from re-sending a
// payout, so no experiment notices when one of them is lost. This does.
func TestBothLegsAreCut(t *testing.T) {
	c := &Client{cfg: Config{BaseURL: "http://127.0.0.1:1"}}
	req, err := c.payoutPost(t.Context(), command.Op{ID: "wd_1"}, requestOf(command.Op{}, payments.Payout{}))
	if err != nil {
		t.Fatal(err)
	}
	if req.GetBody != nil {
		t.Error("the body can be rewound")
	}
	if !oneShot().Transport.(*http.Transport).DisableKeepAlives {
		t.Error("a connection can be reused")
	}
}
