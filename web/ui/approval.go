package ui

import "vouchsafe/core"

// ApprovalView is one proposal, as an approver must see it: the facts, the
// rule that demanded a second person, the hash that an approval binds, and who
// may decide. Whether the viewer may is decided by policy, not here.
type ApprovalView struct {
	Ref       RefView
	Kind      Kind
	Action    string // "payments.withdrawal.release"
	Title     string // "Release withdrawal WD-V6B8N1"
	Amount    *core.Money
	Now       core.Instant
	Expires   core.Instant
	Facts     []Def
	Changes   []Change
	Warnings  []string // facts that changed since the proposal was made
	Rule      Link     // the rule that demanded approval
	RuleText  string
	Hash      string // of the frozen payload
	Maker     Approver
	Reason    string // the maker's
	Case      *RefView
	Needed    int
	Given     []Approver
	Seats     []SeatView   // who must agree, in order; shown where there are several
	NotBefore core.Instant // nobody can agree earlier; zero once that is over
	MayRefuse bool         // the viewer may not approve now, but refuse
	WhoMay    string       // "Another Payments lead or a Compliance officer of EU"
	WhyNot    string       // why the viewer may not; empty when they may
	Approve   string       // where the approve form posts
	Refuse    string       // where the refuse form posts
	Key       string       // idempotency key of the approve form
	RefuseKey string       // idempotency key of the refuse form
	Escalate  string       // page where it is handed to somebody higher; empty for none
	Reasons   []OptionView
	MinReason int
	HasNext   bool // offer "and next"
	Problem   *ProblemView
}

// SeatView is one approval that is demanded: of whom, and where it stands.
type SeatView struct {
	Who   string
	State StatusView
}

// The names of the fields that the forms of ApprovalCard send.
const (
	ApprovalHashField   = "payload_hash"
	ApprovalReasonField = "reason"
	ApprovalCodeField   = "reason_code"
	ApprovalNextField   = "then" // "next" when "and next" was pressed
)

func (v ApprovalView) progress() string {
	return Count(len(v.Given)) + " of " + Plural(v.Needed, "approval", "approvals")
}

// whyNot is the heading of the reason why the viewer may not approve.
func (v ApprovalView) whyNot() string {
	if v.MayRefuse {
		return "You cannot agree to this yet"
	}
	return "You cannot decide this"
}

func (v ApprovalView) hidden() []HiddenView {
	return []HiddenView{{ApprovalHashField, v.Hash}}
}

func (v ApprovalView) approveButtons() []ButtonView {
	b := []ButtonView{{Text: "Approve", Icon: "check", Look: Primary, Key: "a"}}
	if v.HasNext {
		b = append(b, ButtonView{Text: "Approve and next", Name: ApprovalNextField, Value: "next"})
	}
	return b
}

func (v ApprovalView) refuseButtons() []ButtonView {
	b := []ButtonView{{Text: "Refuse", Icon: "x", Look: Danger}}
	if v.HasNext {
		b = append(b, ButtonView{Text: "Refuse and next", Name: ApprovalNextField, Value: "next"})
	}
	return b
}

func (v ApprovalView) formID(verb string) string {
	return verb + "-" + or(v.Ref.Ref, "proposal")
}

// reason is the text field of one of the two forms; its id tells them apart.
func (v ApprovalView) reason(verb string) TextareaView {
	t := TextareaView{
		Name: ApprovalReasonField, MinLength: v.MinReason, Rows: 2, MaxLength: 2000,
		Label: "Reason", Required: true, ID: v.formID(verb) + "-reason",
	}
	if verb == "approve" {
		t.Label = "What you checked"
		t.Required = v.MinReason > 0
	}
	return t
}

func (v ApprovalView) codes(verb string) SelectView {
	return SelectView{
		Name: ApprovalCodeField, Label: "Reason code", Blank: "Choose…", Options: v.Reasons,
		Required: true, ID: v.formID(verb) + "-code",
	}
}
