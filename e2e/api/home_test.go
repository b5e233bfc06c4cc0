package api

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"vouchsafe/access"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	register "vouchsafe/elsewhere"
	"vouchsafe/evidence"
	"vouchsafe/onboarding"
	"vouchsafe/payments"
	"vouchsafe/platform"
)

// home is one legal entity with records of every kind.
type home struct {
	f          *firm
	code, mark string
	entity     core.Ref

	client, detail, restriction, application, document core.Ref
	file, finding, account, intervention, proposal     core.Ref
	deposit, withdrawal                                core.Ref
	review, reviewItem                                 core.Ref
	exception                                          core.Ref // from a toxic combination
	system, abroad                                     core.Ref // a system elsewhere, and an account in it
	event                                              string
}

// canaries are values that stand nowhere else, by class. Masks leave at most
// the ends of a value.
func (h *home) canaries() map[core.Class][]string {
	n := map[string]string{"own": "1", "other": "2"}[h.mark]
	return map[core.Class][]string{
		core.Personal: {"Quillcanary-" + h.mark, "quillmail-" + h.mark, "9912345" + n, "Quillstreet-" + h.mark, "quillwords-" + h.mark},
		core.Identity: {"193" + n + "-03-07", "QX7731" + n},
		core.Bank:     {h.iban()[4:20], "Quillholder-" + h.mark},
	}
}

func (h *home) name() string { return "Zephyrine Quillcanary-" + h.mark }
func (h *home) words() string {
	return "Told in the letter: quillwords-" + h.mark + " and nothing else."
}
func (h *home) birth() string { return h.canaries()[core.Identity][0] }

// iban is a valid account number of the entity's own digits.
func (h *home) iban() string {
	return map[string]string{"own": iban("711100022233344"), "other": iban("822200033344455")}[h.mark]
}

func iban(digits string) string {
	bban := fmt.Sprintf("%024s", digits)
	mod := 0
	for _, c := range bban + "123400" { // CY is 12 34
		mod = (mod*10 + int(c-'0')) % 97
	}
	return fmt.Sprintf("CY%02d%s", 98-mod, bban)
}

func (h *home) as(r access.Role) evidence.Actor { return h.f.people[string(r)+"/"+h.mark] }

func (h *home) newClient() core.Ref {
	h.f.n++
	n := map[string]string{"own": "1", "other": "2"}[h.mark]
	return h.f.do(h.as(access.Support), clients.CreateClient{
		Entity: h.entity, Name: h.name(), Email: fmt.Sprintf("u%d.quillmail-%s@mail.example", h.f.n, h.mark), Phone: "+3579912345" + n + "99",
		Address: "7 Quillstreet-" + h.mark + ", Limassol", Country: "CY", BirthDate: h.birth(), Nationality: "CY",
	}).Subject
}

func (h *home) newApplication(client core.Ref) core.Ref {
	return h.f.do(h.as(access.Support), onboarding.OpenApplication{Client: client}).Subject
}

func (h *home) newDocument(client core.Ref, kind onboarding.DocumentKind) core.Ref {
	h.f.t.Helper()
	h.f.n++
	stored, err := h.f.Domains.Intake.Receive(h.f.ctx, client, bytes.NewReader(scan(h.f.n)))
	h.f.must(err)
	return h.f.do(h.as(access.Support), onboarding.UploadDocument{Client: client, Kind: kind, Content: stored, Source: "staff", IssuedOn: "2026-05-01"}).Subject
}

func (h *home) reading(doc core.Ref) onboarding.ExtractDocument {
	return onboarding.ExtractDocument{
		Document: doc, Name: h.name(), Number: h.canaries()[core.Identity][1] + "99", BirthDate: h.birth(), IssueDate: "2026-05-01", Expiry: "2034-05-01",
	}
}

// approved makes a client who may trade.
func (h *home) approved() core.Ref {
	c := h.newClient()
	a := h.newApplication(c)
	clerk := h.as(access.Compliance)
	for _, kind := range []onboarding.DocumentKind{onboarding.Passport, onboarding.ProofOfAddress} {
		d := h.newDocument(c, kind)
		x := h.reading(d)
		if kind == onboarding.ProofOfAddress {
			x = onboarding.ExtractDocument{Document: d, Name: h.name(), Address: "7 Quillstreet-" + h.mark + ", Limassol", IssueDate: "2026-05-01"}
		}
		h.f.do(clerk, x)
		h.f.do(clerk, onboarding.ReviewDocument{Document: d, Accept: true, Reason: "genuine", Words: h.words()})
	}
	h.f.do(clerk, onboarding.DecideApplication{Application: a, Approve: true, Clause: "2.1", Words: h.words()})
	return c
}

func (h *home) bankDetail(client core.Ref) clients.AddBankDetail {
	return clients.AddBankDetail{Client: client, Holder: "Quillholder-" + h.mark, Account: h.iban(), Bank: "Bank", Currency: "EUR", Reason: "client_request", Words: h.words()}
}

func (h *home) newDetail(client core.Ref) core.Ref {
	return h.f.agree(h.as(access.Compliance), h.f.do(h.as(access.Support), h.bankDetail(client)).Proposal).Subject
}

func (h *home) newProposal() core.Ref {
	return h.f.do(h.as(access.Support), h.bankDetail(h.newClient())).Proposal
}

func (h *home) newRestriction(client core.Ref) core.Ref {
	return h.f.do(h.as(access.Compliance), clients.SetRestriction{Client: client, Purpose: clients.Funding, Reason: "suspicion", Words: h.words()}).Subject
}

func (h *home) newCase(typ cases.Type, about core.Ref) core.Ref {
	return h.f.do(h.as(access.Dealing), cases.OpenCase{
		Type: typ, About: about, Origin: "ticket", OriginRef: "T-quillwords-" + h.mark, OriginSum: strings.Repeat("ab", 32), Title: h.words(),
	}).Subject
}

func (h *home) newFinding() core.Ref {
	h.f.n++
	return h.f.do(evidence.Actor{Ref: access.SysPlatform}, cases.RaiseFinding{
		Kind: "rogue-deal", Entity: h.entity, About: h.account, External: fmt.Sprint("deal-", h.f.n), Text: h.words(), Severity: "warning",
	}).Subject
}

func (h *home) newIntervention() core.Ref {
	file := h.newCase(cases.PlatformError, h.client)
	p := h.f.do(h.as(access.Dealing), platform.RequestIntervention{
		Account: h.account, Kind: platform.BalanceCorrection, Minor: 50_00, Currency: "EUR", Reason: "pricing_error", Case: file, Words: h.words(),
	}).Proposal
	return h.f.agree(h.as(access.HeadOfDealing), p).Subject
}

// payIn lets somebody pay in for the client, and gives the deposit.
func (h *home) payIn(payer string) core.Ref {
	h.f.t.Helper()
	_, err := h.f.psp.Deposit(sandpaysim.DepositRequest{
		Amount: 9_000_00, Currency: "EUR", Reference: clients.PaymentReference(h.client), Merchant: h.code,
		Source: sandpaysim.Party{Account: h.iban(), Holder: payer}, Method: "bank",
	})
	h.f.must(err)
	h.f.settle()
	page, err := command.Ask(h.f.ctx, h.f.Road, h.as(access.PaymentsLead), payments.DepositList{}, payments.ListDeposits{Client: h.client})
	h.f.must(err)
	return page.Rows[0].ID
}

func (h *home) newSystem() core.Ref {
	return h.f.do(h.f.people["g-admin"], register.RecordSystem{Entity: h.entity, Kind: "psp-portal", Name: "Portal of " + h.mark, Owner: h.as(access.SeniorCompliance).Ref}).Subject
}

func (h *home) newAbroad() core.Ref {
	h.f.n++
	return h.f.do(h.f.people["g-admin"], register.RecordAccount{System: h.newSystem(), Holder: h.as(access.Dealing).Ref, Login: fmt.Sprint("desk-", h.mark, h.f.n), Rights: "Corrects balances"}).Subject
}

// newException lets somebody hold a toxic combination. Its words are plain, as
// those of a review.
func (h *home) newException() core.Ref {
	p := h.f.do(h.f.people["g-admin"], access.RequestException{
		Holder: h.as(access.Dealing).Ref, Combination: "platform-and-payouts", Entity: h.entity, Until: h.f.clock.Now().Add(30 * 24 * time.Hour),
		Mitigation: "Senior compliance looks at every act of either side.",
	}).Proposal
	return h.f.agree(h.as(access.SeniorCompliance), p).Subject
}

func (h *home) newWithdrawal() core.Ref {
	return h.f.do(h.as(access.Support), payments.RequestWithdrawal{Client: h.client, BankDetail: h.detail, Minor: 7_00, Currency: "EUR"}).Subject
}

// newReview opens a review and decides one of its items. Its words are plain:
// the group's own compliance may read them too.
func (h *home) newReview() (review, item core.Ref) {
	senior := h.as(access.SeniorCompliance)
	review = h.f.do(senior, access.OpenReview{Entity: h.entity, Scope: access.ScopeAll, Cause: access.CauseAsked, Words: "Before the inspection."}).Subject
	items, err := access.ReviewItems(h.f.ctx, h.f.Store.Reader(), review)
	h.f.must(err)
	for _, x := range items {
		if x.Role == access.Dealing {
			h.f.do(senior, access.DecideReview{Item: x.ID, Decision: access.KeepRole, Words: "Still on the desk."})
			return review, x.ID
		}
	}
	return review, ""
}

// furnish makes one record of every kind.
func (h *home) furnish() {
	h.client = h.approved()
	h.detail = h.newDetail(h.client)
	h.restriction = h.newRestriction(h.newClient())
	h.document = h.newDocument(h.client, onboarding.Passport)
	h.f.do(h.as(access.Compliance), h.reading(h.document))
	h.application = h.newApplication(h.newClient())
	group := map[string]string{"own": `real\eu-retail`, "other": `real\intl-standard`}[h.mark]
	h.account = h.f.do(h.as(access.Compliance), platform.OpenAccount{Client: h.client, Group: group, Currency: "EUR", Leverage: 20}).Subject
	h.f.settle()
	h.payIn(h.name())
	h.deposit = h.payIn("Quillholder-" + h.mark)
	h.f.clock.Advance(100 * time.Hour) // beyond the cooling-off of the bank detail
	h.f.settle()
	h.withdrawal = h.newWithdrawal()
	h.f.do(h.as(access.PaymentsLead), payments.ClearWithdrawal{Withdrawal: h.withdrawal, Risk: payments.RiskLow})
	h.file = h.newCase(cases.PlatformError, h.client)
	h.finding = h.newFinding()
	h.intervention = h.newIntervention()
	h.proposal = h.newProposal()
	h.review, h.reviewItem = h.newReview()
	h.exception = h.newException()
	h.system, h.abroad = h.newSystem(), h.newAbroad()
	h.f.settle()
	out := h.f.do(h.as(access.Compliance), clients.ChangeClient{Client: h.client, Phone: ptr("+3579912345" + map[string]string{"own": "1", "other": "2"}[h.mark] + "77"), Reason: "correction", Words: h.words()})
	h.event = out.Event
	h.f.settle()
}

func ptr[T any](v T) *T { return &v }
