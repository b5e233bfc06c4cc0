package api

import (
	"fmt"
	"net/url"
	"strings"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/core"
	"vouchsafe/onboarding"
)

// sample makes a well-formed request of one operation about records of a home,
// fresh ones where the act uses them up. For lists, shows is a reference that
// stands in the answer of those who may see the home's records.
type sample struct {
	ask   func(h *home) ask
	shows func(h *home) string
}

func get(path func(h *home) string) sample {
	return sample{ask: func(h *home) ask { return ask{method: "GET", path: path(h)} }}
}

func listed(path string, shows func(h *home) core.Ref) sample {
	return sample{
		ask:   func(*home) ask { return ask{method: "GET", path: path} },
		shows: func(h *home) string { return string(shows(h)) },
	}
}

func post(make func(h *home) (path string, body any)) sample {
	return sample{ask: func(h *home) ask {
		path, body := make(h)
		return ask{method: "POST", path: path, body: body}
	}}
}

type m = map[string]any

const why = "Read in the letter of 1 June and compared with the record."

// samples are the requests of the matrix, by operation id.
var samples = map[string]sample{
	"command.proposal.list": listed("/proposals?tab=open&limit=200", func(h *home) core.Ref { return h.proposal }),
	"command.proposal.view": get(func(h *home) string { return "/proposals/" + string(h.proposal) }),
	"command.proposal.approve": post(func(h *home) (string, any) {
		return "/proposals/" + string(h.proposal) + "/approve", m{"hash": strings.Repeat("0", 64), "words": why}
	}),
	"command.proposal.refuse": post(func(h *home) (string, any) {
		return "/proposals/" + string(h.proposal) + "/refuse", m{"hash": strings.Repeat("0", 64), "words": why}
	}),
	"command.proposal.withdraw": post(func(h *home) (string, any) {
		return "/proposals/" + string(h.proposal) + "/withdraw", m{"words": why}
	}),

	"evidence.event.search": {
		ask: func(h *home) ask {
			return ask{method: "POST", path: "/events/search", body: m{"query": "action:clients.client.change entity:" + string(h.entity), "page": m{"limit": 200}}}
		},
		shows: func(h *home) string { return h.event },
	},
	"evidence.event.view":    get(func(h *home) string { return "/events/" + h.event }),
	"evidence.event.leaf":    get(func(h *home) string { return "/events/" + h.event + "/leaf" }),
	"evidence.event.changes": get(func(h *home) string { return "/events/" + h.event + "/changes" }),
	"evidence.event.proof":   get(func(h *home) string { return "/events/" + h.event + "/proof" }),

	"clients.client.list": listed("/clients?limit=200", func(h *home) core.Ref { return h.client }),
	"clients.client.search": {
		ask: func(h *home) ask {
			return ask{method: "POST", path: "/clients/search", body: m{"words": string(h.client)}}
		},
		shows: func(h *home) string { return string(h.client) },
	},
	"clients.client.create": post(func(h *home) (string, any) {
		h.f.n++
		return "/clients", m{"entity": h.entity, "name": "Nova Person", "email": "n" + string(rune('a'+h.f.n%26)) + strings.Repeat("x", h.f.n%50) + "@mail.example", "country": "CY", "birth_date": "1990-01-01"}
	}),
	"clients.client.view":   get(func(h *home) string { return "/clients/" + string(h.client) + "?account=true" }),
	"clients.client.blocks": get(func(h *home) string { return "/clients/" + string(h.client) + "/blocks" }),
	"clients.client.change": post(func(h *home) (string, any) {
		return "/clients/" + string(h.newClient()) + "/change", m{"country": "DE", "reason": "correction", "words": why}
	}),
	"clients.bankdetail.add": post(func(h *home) (string, any) {
		return "/clients/" + string(h.newClient()) + "/bank-details", m{"holder": h.name(), "account": h.iban(), "currency": "EUR", "reason": "client_request", "words": why}
	}),
	"clients.bankdetail.change": post(func(h *home) (string, any) {
		c := h.newClient()
		return "/clients/" + string(c) + "/bank-details/" + string(h.newDetail(c)) + "/change", m{"bank": "Another", "reason": "correction", "words": why}
	}),
	"clients.restriction.set": post(func(h *home) (string, any) {
		return "/clients/" + string(h.newClient()) + "/restrictions", m{"purpose": "funding", "reason": "suspicion", "words": why}
	}),
	"clients.restriction.lift": post(func(h *home) (string, any) {
		c := h.newClient()
		return "/clients/" + string(c) + "/restrictions/" + string(h.newRestriction(c)) + "/lift", m{"reason": "periodic_review", "words": why}
	}),

	"onboarding.application.open": post(func(h *home) (string, any) { return "/clients/" + string(h.newClient()) + "/applications", m{} }),
	"onboarding.application.list": listed("/applications?limit=200", func(h *home) core.Ref { return h.application }),
	"onboarding.application.view": get(func(h *home) string { return "/applications/" + string(h.application) }),
	"onboarding.application.decide": post(func(h *home) (string, any) {
		return "/applications/" + string(h.newApplication(h.newClient())) + "/decide", m{"approve": false, "clause": "3.3", "words": why}
	}),
	"onboarding.application.override": post(func(h *home) (string, any) {
		c := h.newClient()
		return "/clients/" + string(c) + "/applications/" + string(h.newApplication(c)) + "/override", m{"clause": "2.9", "words": why}
	}),
	"onboarding.document.upload": post(func(h *home) (string, any) {
		h.f.n++
		return "/clients/" + string(h.client) + "/documents?kind=passport&source=email", scan(h.f.n)
	}),
	"onboarding.document.list": listed("/documents?limit=200", func(h *home) core.Ref { return h.document }),
	"onboarding.document.view": get(func(h *home) string { return "/documents/" + string(h.document) }),
	"onboarding.document.open": get(func(h *home) string { return "/documents/" + string(h.document) + "/content" }),
	"onboarding.document.extract": post(func(h *home) (string, any) {
		return "/documents/" + string(h.newDocument(h.client, onboarding.Passport)) + "/extract", m{"name": h.name(), "number": "A1234567", "birth_date": h.birth(), "issue_date": "2026-05-01", "expiry": "2034-01-01"}
	}),
	"onboarding.document.review": post(func(h *home) (string, any) {
		return "/documents/" + string(h.newDocument(h.client, onboarding.Passport)) + "/review", m{"accept": false, "reason": "unreadable", "words": why}
	}),

	"approvals.rules.view": get(func(h *home) string { return "/entities/" + string(h.entity) + "/approval-rules" }),
	"approvals.rules.change": post(func(h *home) (string, any) {
		return "/entities/" + string(h.entity) + "/approval-rules", m{"action": "payments.withdrawal.release", "rules": "rest: otherwise -> approval by payments_lead", "reason": "policy-review", "words": why}
	}),
	"approvals.rules.try": post(func(h *home) (string, any) {
		return "/entities/" + string(h.entity) + "/approval-rules/try", m{"action": "payments.withdrawal.release", "about": h.withdrawal}
	}),

	"manuals.manual.list": {
		ask:   func(*home) ask { return ask{method: "GET", path: "/manuals"} },
		shows: func(h *home) string { return string(h.entity) },
	},
	"manuals.manual.view": get(func(*home) string { return "/manuals/mn_06zzzzzzzzzzzzzzzzzz1" }),
	"manuals.manual.adopt": post(func(h *home) (string, any) {
		return "/entities/" + string(h.entity) + "/manuals", m{"title": "AML manual", "text": "1 Names\nThey agree.", "reason": "yearly-review", "words": why}
	}),
	"elsewhere.system.list": {
		ask:   func(*home) ask { return ask{method: "GET", path: "/elsewhere/systems"} },
		shows: func(h *home) string { return string(h.system) },
	},
	"elsewhere.system.record": post(func(h *home) (string, any) {
		return "/elsewhere/systems", m{"entity": h.entity, "kind": "mailbox", "name": "Mail of the desk", "owner": h.as(access.SeniorCompliance).Ref}
	}),
	"elsewhere.system.change": post(func(h *home) (string, any) {
		return "/elsewhere/systems/" + string(h.newSystem()) + "/change", m{"name": "Another name", "words": why}
	}),
	"elsewhere.account.list": listed("/elsewhere/accounts?limit=200", func(h *home) core.Ref { return h.abroad }),
	"elsewhere.account.record": post(func(h *home) (string, any) {
		return "/elsewhere/systems/" + string(h.newSystem()) + "/accounts", m{"holder": h.as(access.Dealing).Ref, "login": "desk-9", "rights": "Reads the mail of the desk"}
	}),
	"elsewhere.account.change": post(func(h *home) (string, any) {
		return "/elsewhere/accounts/" + string(h.newAbroad()) + "/change", m{"rights": "Reads only", "words": why}
	}),
	"elsewhere.account.close": post(func(h *home) (string, any) {
		return "/elsewhere/accounts/" + string(h.newAbroad()) + "/close", m{"proof": "Seen in the list of users today."}
	}),

	"rates.sheet.list": get(func(h *home) string { return "/entities/" + string(h.entity) + "/exchange-rates" }),
	"rates.sheet.record": post(func(h *home) (string, any) {
		h.f.n++
		return "/entities/" + string(h.entity) + "/exchange-rates", m{"base": "EUR", "day": h.f.clock.Now().Time().Format("2006-01-02"), "source": "European Central Bank", "rates": fmt.Sprintf("USD 1.08%03d", h.f.n%1000), "words": why}
	}),

	"cases.case.list": listed("/cases?limit=200", func(h *home) core.Ref { return h.file }),
	"cases.case.view": get(func(h *home) string { return "/cases/" + string(h.file) }),
	"cases.case.open": post(func(h *home) (string, any) {
		return "/cases", m{"type": "complaint", "subject": h.client, "title": "A letter about fees", "origin": "letter", "origin_ref": "L-7", "origin_sha256": strings.Repeat("cd", 32)}
	}),
	"cases.case.assign": post(func(h *home) (string, any) {
		return "/cases/" + string(h.newCase(cases.Complaint, h.client)) + "/assign", m{"owner": h.as(access.Compliance).Ref}
	}),
	"cases.case.close": post(func(h *home) (string, any) {
		return "/cases/" + string(h.newCase(cases.Complaint, h.client)) + "/close", m{"outcome": "resolved", "words": why}
	}),
	"cases.finding.list": listed("/findings?limit=200", func(h *home) core.Ref { return h.finding }),
	"cases.finding.resolve": post(func(h *home) (string, any) {
		return "/findings/" + string(h.newFinding()) + "/resolve", m{"state": "escalated", "words": why}
	}),

	"platform.account.list": listed("/accounts?limit=200", func(h *home) core.Ref { return h.account }),
	"platform.account.view": get(func(h *home) string { return "/accounts/" + string(h.account) }),
	"platform.account.open": post(func(h *home) (string, any) {
		group := map[string]string{"own": `real\eu-retail`, "other": `real\intl-standard`}[h.mark]
		return "/clients/" + string(h.client) + "/accounts", m{"group": group, "currency": "EUR", "leverage": 20}
	}),
	"platform.sweep.list": listed("/accounts/sweeps", func(*home) core.Ref { return "swept_to" }),
	"platform.transfer.request": post(func(h *home) (string, any) {
		return "/accounts/" + string(h.account) + "/transfers", m{"amount": m{"amount": "5.00", "currency": "EUR"}}
	}),
	"platform.intervention.request": post(func(h *home) (string, any) {
		return "/accounts/" + string(h.account) + "/interventions", m{
			"kind": "balance_correction", "amount": m{"amount": "-12.50", "currency": "EUR"}, "reason": "pricing_error", "words": why,
			"case": h.newCase(cases.PlatformError, h.client),
		}
	}),
	"platform.intervention.list":    listed("/interventions?limit=200", func(h *home) core.Ref { return h.intervention }),
	"platform.intervention.view":    get(func(h *home) string { return "/interventions/" + string(h.intervention) }),
	"platform.intervention.execute": post(func(h *home) (string, any) { return "/interventions/" + string(h.intervention) + "/execute", m{} }),
	"platform.intervention.resolve": post(func(h *home) (string, any) {
		return "/interventions/" + string(h.intervention) + "/resolve", m{"applied": false, "words": why}
	}),

	"payments.withdrawal.list": listed("/withdrawals?limit=200", func(h *home) core.Ref { return h.withdrawal }),
	"payments.withdrawal.view": get(func(h *home) string { return "/withdrawals/" + string(h.withdrawal) }),
	"payments.withdrawal.request": post(func(h *home) (string, any) {
		return "/clients/" + string(h.client) + "/withdrawals", m{"bank_detail": h.detail, "amount": m{"amount": "3.00", "currency": "EUR"}}
	}),
	"payments.withdrawal.clear": post(func(h *home) (string, any) {
		return "/withdrawals/" + string(h.newWithdrawal()) + "/clear", m{"risk": "low"}
	}),
	"payments.withdrawal.release": post(func(h *home) (string, any) {
		return "/withdrawals/" + string(h.withdrawal) + "/release", m{"amount": m{"amount": "7.00", "currency": "EUR"}}
	}),
	"payments.withdrawal.refuse": post(func(h *home) (string, any) {
		return "/withdrawals/" + string(h.newWithdrawal()) + "/refuse", m{"reason": "client_cancelled", "words": why}
	}),
	"payments.withdrawal.resolve": post(func(h *home) (string, any) {
		return "/withdrawals/" + string(h.withdrawal) + "/resolve", m{"execution": "failed", "words": why}
	}),
	"payments.deposit.list":   listed("/deposits?limit=200", func(h *home) core.Ref { return h.deposit }),
	"payments.deposit.view":   get(func(h *home) string { return "/deposits/" + string(h.deposit) }),
	"payments.deposit.credit": post(func(h *home) (string, any) { return "/deposits/" + string(h.deposit) + "/credit", m{"words": why} }),

	"access.entity.list": listed("/entities", func(h *home) core.Ref { return h.entity }),
	"access.staff.list":  listed("/staff?limit=200", func(h *home) core.Ref { return h.as(access.Dealing).Ref }),
	"access.staff.view":  get(func(h *home) string { return "/staff/" + string(h.as(access.Dealing).Ref) }),
	"access.role.list":   get(func(*home) string { return "/roles" }),
	"access.role.view":   get(func(*home) string { return "/roles/support?other=compliance" }),
	"access.grant.on": get(func(h *home) string {
		return "/staff/" + string(h.as(access.Dealing).Ref) + "/on?entity=" + url.QueryEscape(string(h.entity))
	}),
	"access.combination.held": get(func(*home) string { return "/toxic-combinations/held" }),
	"access.combination.could": get(func(h *home) string {
		return "/entities/" + string(h.entity) + "/could-do-both?combination=bank-details-and-payouts&from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z"
	}),
	"access.grant.list": {
		ask: func(h *home) ask {
			return ask{method: "GET", path: "/grants?limit=200&holder=" + url.QueryEscape(string(h.as(access.Dealing).Ref))}
		},
		shows: func(h *home) string { return string(h.as(access.Dealing).Ref) },
	},
}
