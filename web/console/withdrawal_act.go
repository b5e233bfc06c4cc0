package console

import (
	"net/http"

	"vouchsafe/core"
	"vouchsafe/payments"
)

func (s *Server) withdrawalClear(w http.ResponseWriter, r *http.Request) error {
	var in payments.ClearWithdrawal
	f := withdrawalForms{Acted: "clear"}
	again := func(fault *core.Fault) error {
		f.Risk, f.Fault = in.Risk, fault
		return s.drawWithdrawal(w, r, f)
	}
	if err := decodeForm(r, &in); err != nil {
		return s.mend(w, r, err, again)
	}
	in.Withdrawal = core.Ref(r.PathValue("id"))
	return s.run(w, r, in, withdrawalPath(in.Withdrawal), again)
}

// withdrawalRelease asks for the release. The form carries the amount as its
// maker saw it: that is what the approvers agree to.
func (s *Server) withdrawalRelease(w http.ResponseWriter, r *http.Request) error {
	f := withdrawalForms{Acted: "release"}
	again := func(fault *core.Fault) error {
		f.Fault = fault
		return s.drawWithdrawal(w, r, f)
	}
	if err := decodeForm(r, &f.Release); err != nil {
		return s.mend(w, r, err, again)
	}
	f.Release.Withdrawal = core.Ref(r.PathValue("id"))
	return s.run(w, r, f.Release, withdrawalPath(f.Release.Withdrawal), again)
}

func (s *Server) withdrawalRefuse(w http.ResponseWriter, r *http.Request) error {
	f := withdrawalForms{Acted: "refuse"}
	again := func(fault *core.Fault) error {
		f.Fault = fault
		return s.drawWithdrawal(w, r, f)
	}
	if err := decodeForm(r, &f.Refuse); err != nil {
		return s.mend(w, r, err, again)
	}
	f.Refuse.Withdrawal = core.Ref(r.PathValue("id"))
	return s.run(w, r, f.Refuse, withdrawalPath(f.Refuse.Withdrawal), again)
}

func (s *Server) withdrawalResolve(w http.ResponseWriter, r *http.Request) error {
	f := withdrawalForms{Acted: "resolve"}
	again := func(fault *core.Fault) error {
		f.Fault = fault
		return s.drawWithdrawal(w, r, f)
	}
	if err := decodeForm(r, &f.Resolve); err != nil {
		return s.mend(w, r, err, again)
	}
	f.Resolve.Withdrawal = core.Ref(r.PathValue("id"))
	return s.run(w, r, f.Resolve, withdrawalPath(f.Resolve.Withdrawal), again)
}
