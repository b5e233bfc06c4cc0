package sandpay

import (
	"errors"
	"net/http"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/payments"
)

// refusals are the codes with which SandPay promises that nothing was booked,
// by the status that they come with. A code that is not here leaves the outcome
// Uncertain, and two are left out on purpose: idempotency_conflict and
// request_in_flight both say that an earlier request of this operation exists,
// so "certainly not done" would be a lie.
var refusals = map[string]int{
	"invalid_request":         http.StatusBadRequest,
	"idempotency_key_missing": http.StatusBadRequest,
	"invalid_api_key":         http.StatusUnauthorized,
	"account_closed":          http.StatusPaymentRequired,
	"insufficient_funds":      http.StatusPaymentRequired,
}

// judge turns a complete answer into an outcome.
func judge(sent payoutRequest, status int, body []byte) (payments.PSPObject, command.Certainty, error) {
	if status >= 200 && status < 300 {
		return judgeObject(sent, body)
	}
	code := errorCode(body)
	if at, definite := refusals[code]; definite && at == status {
		if at == http.StatusUnauthorized {
			fault := core.NewFault(core.Unavailable, "key-refused", "SandPay does not accept our key. Nothing was booked; put a key that it accepts into the configuration.")
			return payments.PSPObject{}, command.Rejected, fault
		}
		fault := core.Faultf(core.Refused, "psp-refused", "SandPay refused the payout (%s). Nothing was booked.", code)
		return payments.PSPObject{Failure: code}, command.Rejected, fault
	}
	if code == "" {
		code = http.StatusText(status)
	}
	return uncertain("it answered "+code, nil)
}

// judgeObject accepts a success only when it repeats everything that was sent.
func judgeObject(sent payoutRequest, body []byte) (payments.PSPObject, command.Certainty, error) {
	got, err := parseObject(body)
	if err != nil {
		return uncertain("the answer is unreadable", err)
	}
	if got.Kind != "payout" || got.Reference != sent.Reference || got.Merchant != sent.Merchant ||
		got.Amount != (core.Money{Minor: sent.Amount, Currency: sent.Currency}) ||
		got.Account != sent.Destination.Account || got.Holder != sent.Destination.Holder {
		_, certainty, err := uncertain("it repeated another payout than we sent", errors.New("echo differs"))
		return got, certainty, err
	}
	return got, command.Applied, nil
}

func notSent(cause error) (payments.PSPObject, command.Certainty, error) {
	fault := core.Fault{Kind: core.Unavailable, Code: "not-sent", Text: "SandPay could not be reached; nothing was sent."}
	return payments.PSPObject{}, command.Rejected, fault.Because(cause)
}

func uncertain(why string, cause error) (payments.PSPObject, command.Certainty, error) {
	fault := core.Fault{
		Kind: core.Unavailable, Code: "psp-uncertain",
		Text: "The payout was sent but SandPay did not confirm it: " + why + ". Do not send it again; look it up.",
	}
	return payments.PSPObject{}, command.Uncertain, fault.Because(cause)
}
