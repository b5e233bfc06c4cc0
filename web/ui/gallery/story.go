package main

import "vouchsafe/web/ui"

var (
	b = ui.B
	t = ui.T
)

// story is the client's evidence, newest first.
var story = []mock{
	{
		id: "e-settled", at: "2026-11-20T14:31:48Z", typ: "payments.withdrawal.settled", cas: "CASE-4471",
		say:     []ui.Span{b("bank adapter"), t(" reported settlement of "), b("WD-20931 · EUR 12,400.00")},
		changes: []ui.Change{change("status", "submitted", "settled"), {Field: "bank_reference", New: ui.Code("SCT-7d1c-88104")}},
		who:     "bank adapter", role: "system", from: "adapters/bank", policy: "payments/settlement v3",
	},
	{
		id: "e-release", at: "2026-11-20T13:58:09Z", typ: "payments.withdrawal.released", cas: "CASE-4471",
		say:     []ui.Span{b("A. Okonjo"), t(" approved the release of "), b("WD-20931 · EUR 12,400.00")},
		changes: []ui.Change{change("approvals", "0 of 1", "1 of 1"), change("status", "requested", "released")},
		who:     "A. Okonjo", role: "Payments lead", why: "Account holder matches, statement checked, funds settled since 2 Nov", from: "10.4.18.31",
		policy:    "withdrawals/eu v14, rule above-10000",
		approvers: []ui.Approver{{Name: "A. Okonjo", Role: "Payments lead", Href: "/parts"}},
	},
	{
		id: "e-propose", at: "2026-11-20T11:40:12Z", typ: "payments.withdrawal.proposed", cas: "CASE-4471",
		say: []ui.Span{b("N. Petrou"), t(" proposed to release "), b("WD-20931 · EUR 12,400.00")},
		who: "N. Petrou", role: "Payments", why: "All blocks lifted, same account as the last deposit", from: "10.4.18.22",
	},
	{
		id: "e-accept", at: "2026-11-20T11:31:02Z", typ: "onboarding.document.accepted", cas: "CASE-4471",
		say:     []ui.Span{b("P. Georgiou"), t(" accepted "), b("proof of address (bank statement)")},
		changes: []ui.Change{change("valid_until", "2026-11-19", "2027-11-18"), change("status", "to review", "accepted")},
		who:     "P. Georgiou", role: "KYC analyst", why: "Name, address and date legible; matches the application", from: "10.4.18.40",
		policy: "onboarding/documents v9, rule one-reviewer",
	},
	{
		id: "e-read", at: "2026-11-20T10:58:15Z", typ: "onboarding.document.extracted",
		say: []ui.Span{b("extraction"), t(" read 11 fields of "), b("proof of address")}, who: "extraction", role: "system", from: "adapters/kyc",
	},
	{
		id: "e-upload", at: "2026-11-20T10:57:40Z", typ: "onboarding.document.uploaded",
		say: []ui.Span{b("Ł. Dąbrowski"), t(" uploaded "), b("proof of address (bank statement)")}, who: "Ł. Dąbrowski", role: "client", from: "portal",
	},
	{
		id: "e-request", at: "2026-11-20T09:12:33Z", typ: "payments.withdrawal.requested", cas: "CASE-4471",
		say:     []ui.Span{b("Ł. Dąbrowski"), t(" requested withdrawal "), b("WD-20931 · EUR 12,400.00")},
		changes: []ui.Change{{Field: "blocked_by", New: ui.V("proof of address ran out 19 Nov")}},
		badges:  []ui.BadgeView{ui.BlockedBadge}, who: "Ł. Dąbrowski", role: "client", from: "portal",
	},
	{
		id: "e-passkey", at: "2026-11-20T09:10:58Z", typ: "access.session.opened",
		say: []ui.Span{b("Ł. Dąbrowski"), t(" signed in with passkey from "), b("Gdańsk, PL")}, who: "Ł. Dąbrowski", role: "client", from: "portal",
	},
	{
		id: "e-recon", at: "2026-11-20T06:05:00Z", typ: "platform.account.reconciled",
		say: []ui.Span{b("reconciliation"), t(" matched balance of "), b("MT5 7001842 · EUR 43,607.44")}, who: "reconciliation", role: "system", from: "jobs",
	},
	{
		id: "e-operate", at: "2026-11-19T17:44:20Z", typ: "platform.intervention.performed", cas: "CASE-4466",
		say:     []ui.Span{b("D. Ivanov"), t(" posted balance correction "), b("MT5 7001842 · +EUR 315.40")},
		changes: []ui.Change{change("balance", "43,292.04", "43,607.44"), {Field: "deal", New: ui.Code("88213447")}},
		badges:  []ui.BadgeView{ui.ManualBadge}, who: "D. Ivanov", role: "Dealing", from: "10.4.20.7",
	},
	{
		id: "e-correct-ok", at: "2026-11-19T17:41:03Z", typ: "platform.intervention.approved", cas: "CASE-4466",
		say: []ui.Span{b("S. Laurent"), t(" approved correction "), b("+EUR 315.40")}, who: "S. Laurent", role: "Dealing lead", from: "10.4.20.2",
	},
	{
		id: "e-correct", at: "2026-11-19T17:12:47Z", typ: "platform.intervention.requested", cas: "CASE-4466",
		say: []ui.Span{b("E. Brandt"), t(" requested correction for "), b("MT5 7001842")}, who: "E. Brandt", role: "Support", from: "10.4.19.11",
	},
	{
		id: "e-screen", at: "2026-11-19T08:00:06Z", typ: "screening.run.completed",
		say: []ui.Span{b("screening"), t(" re-screened the client, no new hits on "), b("EU, UN, OFAC, PEP lists of 19 Nov")}, who: "screening", role: "system", from: "jobs",
	},
	{
		id: "e-tier", at: "2026-11-18T16:20:31Z", typ: "partners.plan.changed", cas: "CASE-4459",
		say:     []ui.Span{b("L. Haddad"), t(" changed commission tier of "), b("IB-0417 Meridian")},
		changes: []ui.Change{change("tier", "Silver · USD 6.00/lot", "Gold · USD 7.50/lot"), change("effective", "", "2026-12-01")},
		badges:  []ui.BadgeView{ui.OverrideBadge}, who: "L. Haddad", role: "Partnerships lead", from: "10.4.21.5",
	},
	{
		id: "e-risk", at: "2026-11-18T15:02:11Z", typ: "risk.score.raised",
		say:     []ui.Span{b("risk model"), t(" raised risk score of "), b("client")},
		changes: []ui.Change{change("score", "34 · low", "52 · medium")}, who: "risk model", role: "system", from: "jobs",
	},
	{
		id: "e-denied", at: "2026-11-18T14:40:52Z", typ: "access.read.denied",
		say:    []ui.Span{b("J. Marsh"), t(" asked to read "), b("bank details"), t(" without a grant in this entity")},
		badges: []ui.BadgeView{ui.DeniedBadge}, who: "J. Marsh", role: "Support, BVI", from: "10.9.2.14", policy: "access/entity-wall v2",
	},
	{
		id: "e-bank-ok", at: "2026-11-02T10:21:30Z", typ: "clients.bank.confirmed", cas: "CASE-4390",
		say:     []ui.Span{b("M. Charalambous"), t(" confirmed bank details by call-back to "), b("the number on file")},
		changes: []ui.Change{change("usable_from", "", "2026-11-09")}, who: "M. Charalambous", role: "Compliance", from: "10.4.18.9",
	},
	{
		id: "e-bank", at: "2026-11-02T09:15:33Z", typ: "clients.bank.changed", cas: "CASE-4390",
		say: []ui.Span{b("Ł. Dąbrowski"), t(" changed bank details of "), b("EUR payout account")},
		changes: []ui.Change{
			{Field: "iban", Old: ui.Hidden("PL61 •••• 2874", bankMask), New: ui.Hidden("PL27 •••• 0193", bankMask)},
			{Field: "holder", Old: ui.V("Łukasz Dabrowski"), New: ui.V("Łukasz Dąbrowski")},
		},
		who: "Ł. Dąbrowski", role: "client", from: "portal",
	},
}
