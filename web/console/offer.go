package console

import (
	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/elsewhere"
	"vouchsafe/onboarding"
	"vouchsafe/oversight"
	"vouchsafe/payments"
	"vouchsafe/platform"
)

// A page offers no link that its reader could only be refused at: a denial in
// the log is somebody's act, and nobody meant that one. Which links a page has
// is known once it is drawn; so it is drawn, policy is asked about all its
// links in one reading, and it is drawn again when one of them does not open.

// ask is what a page asks policy before it is drawn; id is a reference out of
// its address.
type ask func(s *Server, p *command.Peek, id func(name string) core.Ref) bool

// asks are the questions of every page that may refuse a colleague; nil is a
// page for everybody who is signed in. Pages that are open to strangers are
// not listed.
var asks = map[string]ask{
	"/{$}": nil, "/approvals": nil, "/palette": nil, "/account": nil, "/account/sign-in": nil, "/account/generator": nil,
	"/account/passkeys/new": nil, "/account/identities/{provider}": nil, "/account/tokens": nil, "/account/tokens/new": nil,

	"/approvals/{id}":            asksProposal,
	"/evidence":                  lists("evidence.event.search", "ev"),
	"/evidence/export":           lists("evidence.event.export", "ev"),
	"/events/{id}":               nil, // asked by asksEvent
	"/events/{id}/leaf.json":     nil,
	"/events/{id}/changes.jsonl": nil,
	"/events/{id}/proof":         nil,
	"/manuals":                   lists("manuals.manual.view", core.KindManual),
	"/manuals/new":               lists("manuals.manual.adopt", core.KindManual),
	"/manuals/{manual}":          asksManual,
	"/policies":                  nil, // no secret from anybody on the staff
	"/policies/new":              mayDraft,
	"/policies/drafts/{draft}":   nil,
	"/policies/{set}":            asksPolicies,
	"/packs/{kind}/{id}":         asksPack,
	"/log":                       asksLog,
	"/jobs":                      lists("jobs.dead.list", core.KindJob),

	"/rules":                         lists("approvals.rules.view", core.KindRules),
	"/rules/{entity}/{action}":       asksRules,
	"/rules/{entity}/{action}/draft": asksTrial,

	"/rates":          lists("rates.sheet.list", core.KindRates),
	"/rates/{entity}": asksRates,

	"/staff":                   lists("access.staff.list", core.KindStaff),
	"/staff/new":               lists("access.staff.create", core.KindStaff),
	"/staff/{id}":              asksStaff,
	"/staff/{id}/roles/ask":    all(asksStaff, lists("access.grant.request", core.KindGrant)),
	"/staff/{id}/roles/revoke": all(asksStaff, lists("access.grant.revoke", core.KindGrant)),
	"/staff/{id}/did":          all(asksStaff, lists("evidence.event.search", "ev")),
	"/staff/{id}/refused":      all(asksStaff, lists("evidence.event.search", "ev")),
	"/staff/{id}/sessions":     asksStaff,
	"/staff/{id}/identity":     all(asksStaff, lists("access.identity.assign", core.KindStaff)),
	"/staff/{id}/on":           asksStaff,
	"/staff/{id}/move":         all(asksStaff, lists("access.staff.move", core.KindStaff)),
	"/staff/{id}/certificate":  all(asksStaff, lists("access.certificate.record", core.KindStaff)),
	"/staff/{id}/work":         asksStaff,
	"/staff/{id}/reset/{what}": all(asksStaff, lists("access.password.reset", core.KindStaff)),
	"/staff/{id}/deactivate":   all(asksStaff, lists("access.staff.deactivate", core.KindStaff)),

	"/grants/{id}": asksGrant,
	emergencyPath:  nil,

	combinationsPath:                      nil, // the combinations are no secret; its lists are asked one by one
	combinationsPath + "/exceptions/new":  lists("access.exception.request", access.KindException),
	combinationsPath + "/exceptions/{id}": lists("access.exception.list", access.KindException),
	couldPath:                             lists("access.grant.list", core.KindGrant),

	demoClockPath: asksClock,

	"/reviews":                   lists("access.review.list", access.KindReview),
	"/reviews/new":               mayOpenReview,
	"/reviews/{id}":              asksReview,
	"/reviews/{id}/items/{item}": asksReview,
	"/reviews/{id}/evidence":     all(asksReview, asksStory),
	"/reviews/{id}/close":        all(asksReview, mayCloseReview),
	"/elsewhere":                 lists("elsewhere.system.list", elsewhere.KindSystem),
	"/elsewhere/systems/new":     lists("elsewhere.system.record", elsewhere.KindSystem),
	"/elsewhere/systems/{id}":    lists("elsewhere.system.list", elsewhere.KindSystem),
	"/elsewhere/accounts/{id}":   lists("elsewhere.account.list", elsewhere.KindAccount),

	"/roles":        nil, // no secret from anybody on the staff
	"/roles/matrix": nil,
	"/roles/{role}": nil,

	"/entities":      lists("access.entity.list", core.KindEntity),
	"/entities/new":  mayEnterEntity,
	"/entities/{id}": all(asksEntity, lists("access.entity.list", core.KindEntity)),

	"/clients":                                 lists("clients.client.list", core.KindClient),
	"/clients/new":                             lists("clients.client.create", core.KindClient),
	"/clients/{id}":                            asksClient,
	"/clients/{id}/timeline":                   all(asksClient, asksStory),
	"/clients/{id}/change":                     all(asksClient, onRecord("clients.client.change")),
	"/clients/{id}/bank-details/new":           all(asksClient, onRecord("clients.bankdetail.add")),
	"/clients/{id}/bank-details/{detail}":      all(asksClient, onRecord("clients.bankdetail.change")),
	"/clients/{id}/restrict":                   all(asksClient, onRecord("clients.restriction.set")),
	"/clients/{id}/restrictions/{restriction}": all(asksClient, onRecord("clients.restriction.lift")),
	"/clients/{id}/documents":                  all(asksClient, lists("onboarding.document.list", core.KindDocument), lists("onboarding.application.list", core.KindApplication)),
	"/clients/{id}/documents/new":              all(asksClient, lists("onboarding.document.upload", core.KindDocument)),
	"/clients/{id}/payments":                   asksClient,
	"/clients/{id}/withdraw":                   all(asksClient, lists("payments.withdrawal.request", core.KindWithdrawal)),
	"/clients/{id}/platform":                   all(asksClient, lists("platform.account.list", core.KindAccount)),
	"/clients/{id}/accounts/new":               all(asksClient, lists("platform.account.open", core.KindAccount)),

	"/documents": lists("onboarding.document.list", core.KindDocument),
	"/documents/{id}": asking(func(s *Server) onboarding.DocumentPage { return onboarding.DocumentPage{Domain: s.Onboarding} },
		func(id core.Ref) onboarding.ViewDocument { return onboarding.ViewDocument{Document: id} }),
	"/documents/{id}/content": asking(func(s *Server) onboarding.DocumentContent { return onboarding.DocumentContent{Domain: s.Onboarding} },
		func(id core.Ref) onboarding.OpenDocument { return onboarding.OpenDocument{Document: id} }),
	"/applications": lists("onboarding.application.list", core.KindApplication),
	"/applications/{id}": asking(func(s *Server) onboarding.ApplicationPage { return onboarding.ApplicationPage{Domain: s.Onboarding} },
		func(id core.Ref) onboarding.ViewApplication { return onboarding.ViewApplication{Application: id} }),

	"/interventions":               lists("platform.intervention.list", core.KindIntervention),
	"/interventions/{id}":          asksIntervention,
	"/interventions/{id}/evidence": all(asksIntervention, asksStory),
	"/accounts":                    lists("platform.account.list", core.KindAccount),
	"/accounts/{id}":               asksAccount,
	"/accounts/{id}/evidence":      all(asksAccount, asksStory),
	"/accounts/{id}/intervene":     all(asksAccount, lists("platform.intervention.request", core.KindIntervention)),
	"/accounts/{id}/transfer":      all(asksAccount, lists("platform.transfer.request", core.KindAccount)),

	"/cases":                  lists("cases.case.list", core.KindCase),
	"/cases/new":              lists("cases.case.open", core.KindCase),
	"/cases/{id}":             asksCase,
	"/cases/{id}/evidence":    all(asksCase, asksStory),
	"/findings":               lists("cases.finding.list", core.KindFinding),
	"/findings/{id}":          asksFinding,
	"/findings/{id}/evidence": all(asksFinding, asksStory),

	"/withdrawals":               lists("payments.withdrawal.list", core.KindWithdrawal),
	"/withdrawals/{id}":          asksWithdrawal,
	"/withdrawals/{id}/evidence": all(asksWithdrawal, asksStory),
	"/deposits":                  lists("payments.deposit.list", core.KindDeposit),
	"/deposits/{id}":             asksDeposit,
	"/deposits/{id}/evidence":    all(asksDeposit, asksStory),
}

// lists asks whether an act is allowed on any record of a kind.
func lists(act command.Action, k core.Kind) ask {
	return func(_ *Server, p *command.Peek, _ func(string) core.Ref) bool {
		return p.Lists(command.Offer{Action: act, Kind: k})
	}
}

// all asks several questions, all of which must be answered.
func all(xs ...ask) ask {
	return func(s *Server, p *command.Peek, id func(string) core.Ref) bool {
		for _, x := range xs {
			if !x(s, p, id) {
				return false
			}
		}
		return true
	}
}

// asking asks what a page asks of the record in its address.
func asking[Q command.Query[I, V], I command.Input, V any](q func(*Server) Q, in func(id core.Ref) I) ask {
	return func(s *Server, p *command.Peek, id func(string) core.Ref) bool {
		return command.Opens(p, q(s), in(id("id")))
	}
}

var (
	asksProposal = asking(func(s *Server) command.Query[command.ViewProposal, command.ProposalView] {
		return command.ViewProposalQuery(s.Road)
	},
		func(id core.Ref) command.ViewProposal { return command.ViewProposal{Proposal: id} })
	asksStaff = asking(func(*Server) command.Query[access.ViewStaff, access.StaffView] { return access.ViewStaffQuery },
		func(id core.Ref) access.ViewStaff { return access.ViewStaff{Staff: id} })
	asksGrant = asking(func(s *Server) command.Query[access.ViewGrant, access.GrantStory] {
		return access.ViewGrantQuery(s.Road, s.Policies)
	},
		func(id core.Ref) access.ViewGrant { return access.ViewGrant{Grant: id} })
	asksClient = asking(func(*Server) clients.ClientPage { return clients.ClientPage{} },
		func(id core.Ref) clients.ViewClient { return clients.ViewClient{Client: id} })
	asksIntervention = asking(func(s *Server) platform.InterventionPage {
		return platform.InterventionPage{Log: s.Road.Log, Deps: s.Platform}
	},
		func(id core.Ref) platform.ViewIntervention { return platform.ViewIntervention{Intervention: id} })
	asksAccount = asking(func(*Server) platform.AccountPage { return platform.AccountPage{} },
		func(id core.Ref) platform.ViewAccount { return platform.ViewAccount{Account: id} })
	asksCase = asking(func(*Server) command.Query[cases.ViewCase, cases.CaseView] { return cases.ViewCaseQuery },
		func(id core.Ref) cases.ViewCase { return cases.ViewCase{Case: id} })
	asksWithdrawal = asking(func(s *Server) payments.WithdrawalPage {
		return payments.WithdrawalPage{Log: s.Road.Log, Deps: s.Payments}
	},
		func(id core.Ref) payments.ViewWithdrawal { return payments.ViewWithdrawal{Withdrawal: id} })
	asksDeposit = asking(func(s *Server) payments.DepositPage { return payments.DepositPage{Deps: s.Payments} },
		func(id core.Ref) payments.ViewDeposit { return payments.ViewDeposit{Deposit: id} })
	asksStory = asking(func(s *Server) command.Query[oversight.SearchEvents, oversight.Found] {
		return oversight.SearchEventsQuery(s.Road, s.Records)
	},
		func(id core.Ref) oversight.SearchEvents { return oversight.SearchEvents{Of: id} })
)

// asksLog asks about the state of all logs, which is the group's matter.
func asksLog(s *Server, p *command.Peek, _ func(string) core.Ref) bool {
	return command.Opens(p, s.LogWatch, oversight.ViewLog{})
}

func asksPolicies(s *Server, p *command.Peek, id func(string) core.Ref) bool {
	return command.Opens(p, access.ViewPoliciesQuery(s.Policies), access.ViewPolicies{Set: string(id("set"))})
}

// asksFinding asks about one finding, which its page reads out of their list.
func asksFinding(s *Server, p *command.Peek, id func(string) core.Ref) bool {
	return s.permits(p, "cases.finding.list", id("id"))
}

// onRecord asks about an act on the record in the address.
func onRecord(act command.Action) ask {
	return func(s *Server, p *command.Peek, id func(string) core.Ref) bool { return s.permits(p, act, id("id")) }
}

func asksPack(s *Server, p *command.Peek, id func(string) core.Ref) bool {
	return s.Packs != nil && s.permits(p, oversight.BuildPack{}.Action(), id("id"))
}

// permits asks about an act on a record of which only the reference is known.
func (s *Server) permits(p *command.Peek, act command.Action, ref core.Ref) bool {
	entity, ok := p.Home(s.Records, ref)
	return ok && p.May(act, command.Resource{Kind: ref.Kind(), Ref: ref, Entity: entity})
}
