package cases

import (
	"slices"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Type says what a case is about; it decides which commands may name it.
type Type string

// The types of cases.
const (
	Complaint     Type = "complaint"
	PlatformError Type = "platform_error"
	DealingTask   Type = "dealing_request"
	KYCReview     Type = "kyc_review"
	PaymentQuery  Type = "payment_query"
	AccessRequest Type = "access_request"
	Investigation Type = "investigation"
	Other         Type = "other" // the catch-all
)

// permits lists the sensitive commands that may name a case of a type.
var permits = map[Type][]command.Action{
	Complaint:     {"platform.intervention.request", "payments.withdrawal.release", "payments.withdrawal.resolve", "clients.client.change"},
	PlatformError: {"platform.intervention.request", "platform.intervention.resolve"},
	DealingTask:   {"platform.intervention.request", "platform.intervention.resolve"},
	KYCReview: {
		"onboarding.application.decide", "onboarding.application.override", "clients.client.change",
		"clients.bankdetail.change", "clients.restriction.set", "clients.restriction.lift", "platform.intervention.request",
	},
	PaymentQuery:  {"payments.withdrawal.release", "payments.withdrawal.refuse", "payments.withdrawal.resolve", "payments.deposit.credit", "clients.bankdetail.change"},
	AccessRequest: {"access.grant.request", "access.grant.revoke", "access.password.reset", "access.factor.reset"},
	Investigation: {
		"platform.intervention.request", "platform.intervention.resolve", "clients.restriction.set", "clients.restriction.lift",
		"payments.withdrawal.refuse", "payments.withdrawal.resolve",
	},
	Other: nil,
}

// Types lists the types in the order of forms.
var Types = []Type{Complaint, PlatformError, DealingTask, KYCReview, PaymentQuery, AccessRequest, Investigation, Other}

// Title is the type for people.
func (t Type) Title() string {
	return map[Type]string{
		Complaint: "Complaint", PlatformError: "Platform error", DealingTask: "Dealing request", KYCReview: "KYC review",
		PaymentQuery: "Payment query", AccessRequest: "Access request", Investigation: "Investigation", Other: "Other",
	}[t]
}

// Permits returns the commands that may name a case of the type.
func (t Type) Permits() []command.Action { return permits[t] }

// Origins are the ways in which a case can reach the firm.
var Origins = []string{"email", "letter", "ticket", "call", "internal"}

// Concerns reports whether a case can be about a record of this kind: clients,
// trading accounts and colleagues have cases.
func Concerns(ref core.Ref) bool {
	return slices.Contains([]core.Kind{core.KindClient, core.KindAccount, core.KindStaff}, ref.Kind())
}

// Case is one case file.
type Case struct {
	ID        core.Ref     `json:"id"`
	Entity    core.Ref     `json:"entity"`
	Type      Type         `json:"type"`
	Subject   core.Ref     `json:"subject"`
	Title     string       `json:"title"`
	Origin    string       `json:"origin"`
	OriginRef string       `json:"origin_ref"`
	OriginSum string       `json:"origin_sha256,omitempty"` // SHA-256 of the message itself, hex
	Owner     core.Ref     `json:"owner,omitempty"`
	State     string       `json:"state"`
	Outcome   string       `json:"outcome,omitempty"`
	Opened    core.Instant `json:"opened"`
	OpenedBy  core.Ref     `json:"opened_by"`
	Closed    core.Instant `json:"closed,omitempty"`
	rev       int64
}

// The states of a case.
const (
	StateOpen   = "open"
	StateClosed = "closed"
)

// Resource is the case as policy sees it.
func (c *Case) Resource() command.Resource {
	return command.Resource{Kind: core.KindCase, Ref: c.ID, Entity: c.Entity, Attrs: map[string]any{"owner": string(c.Owner)}}
}
