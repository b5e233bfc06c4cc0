package console

import (
	"net/http"

	"vouchsafe/access"
	"vouchsafe/command"
	"vouchsafe/core"
)

// page is one page or act. An error it returns becomes the page that fail
// draws; a fault that belongs into a form is handed to run instead.
type page func(*Server, http.ResponseWriter, *http.Request) error

// The kinds of routes.
const (
	signedIn = iota // the default: only with a session
	open            // also for strangers
	upload          // signed in, with a file in the body
)

// route is one line of the console's table of contents.
type route struct {
	pattern string
	serve   page
	kind    int
}

// routes is every page, one line each.
var routes = []route{
	{"GET /{$}", (*Server).home, signedIn},
	{"POST /theme", (*Server).theme, open},

	{"GET /sign-in", (*Server).signIn, open},
	{"POST /sign-in", (*Server).signInPassword, open},
	{"POST /sign-in/persona", (*Server).signInPersona, open},
	{"GET /invitation", (*Server).invitation, open},
	{"POST /invitation", (*Server).invitationTaken, open},
	{"POST /sign-out", (*Server).signOut, signedIn},
	{"POST /step-up", (*Server).stepUp, signedIn},
	{"GET /assets/{file}", (*Server).passkeyAsset, open},
	{"GET /docs", (*Server).guide, open},
	{"GET /docs/{page}", (*Server).guide, open},
	{"GET /docs/problems/{code}", (*Server).guideProblem, open},

	{"GET /approvals", (*Server).approvals, signedIn},
	{"GET /approvals/{id}", (*Server).approval, signedIn},
	{"POST /approvals/{id}/approve", (*Server).approve, signedIn},
	{"POST /approvals/{id}/refuse", (*Server).refuse, signedIn},
	{"POST /approvals/{id}/withdraw", (*Server).withdrawProposal, signedIn},

	{"GET /evidence", (*Server).evidence, signedIn},
	{"POST /evidence", (*Server).postEvidence, signedIn},
	{"GET /evidence/export", (*Server).exportPage, signedIn},
	{"POST /evidence/export", (*Server).exportEvents, signedIn},
	{"GET /events/{id}", (*Server).event, signedIn},
	{"GET /events/{id}/leaf.json", (*Server).eventLeaf, signedIn},
	{"GET /events/{id}/changes.jsonl", (*Server).eventChanges, signedIn},
	{"GET /events/{id}/proof", (*Server).eventProof, signedIn},
	{"GET /manuals", (*Server).manualList, signedIn},
	{"GET /manuals/new", (*Server).manualNew, signedIn},
	{"POST /manuals/new", (*Server).manualAsked, signedIn},
	{"GET /manuals/{manual}", (*Server).manual, signedIn},
	{"GET /policies", (*Server).policies, signedIn},
	{"GET /policies/new", (*Server).policyNew, signedIn},
	{"POST /policies/new", (*Server).policyDrafted, signedIn},
	{"GET /policies/drafts/{draft}", (*Server).policyDraft, signedIn},
	{"POST /policies/drafts/{draft}", (*Server).policyAsked, signedIn},
	{"GET /policies/{set}", (*Server).policySet, signedIn},

	{"GET /rules", (*Server).rulesList, signedIn},
	{"GET /rules/{entity}/{action}", (*Server).rules, signedIn},
	{"GET /rules/{entity}/{action}/draft", (*Server).rulesDraft, signedIn},
	{"POST /rules/{entity}/{action}/draft", (*Server).rulesChange, signedIn},
	{"POST /rules/{entity}/{action}/try", (*Server).rulesTry, signedIn},

	{"GET /reviews", (*Server).reviewList, signedIn},
	{"POST /reviews", (*Server).reviewOpen, signedIn},
	{"GET /reviews/new", (*Server).reviewNew, signedIn},
	{"POST /reviews/report", (*Server).reviewsReport, signedIn},
	{"GET /reviews/{id}", (*Server).review, signedIn},
	{"GET /reviews/{id}/evidence", (*Server).reviewEvidence, signedIn},
	{"GET /reviews/{id}/close", (*Server).reviewClose, signedIn},
	{"POST /reviews/{id}/close", (*Server).reviewClosed, signedIn},
	{"POST /reviews/{id}/report", (*Server).reviewReport, signedIn},
	{"GET /reviews/{id}/items/{item}", (*Server).review, signedIn},
	{"POST /reviews/{id}/items/{item}/keep", (*Server).reviewKeep, signedIn},
	{"POST /reviews/{id}/items/{item}/revoke", (*Server).reviewRevoke, signedIn},
	{"POST /reviews/{id}/items/{item}/reassign", (*Server).reviewReassign, signedIn},

	{"GET /rates", (*Server).ratesList, signedIn},
	{"GET /rates/{entity}", (*Server).ratesPage, signedIn},
	{"POST /rates/{entity}", (*Server).ratesRecord, signedIn},

	{"GET /staff", (*Server).staffList, signedIn},
	{"GET /staff/new", (*Server).staffNew, signedIn},
	{"POST /staff", (*Server).staffCreate, signedIn},
	{"GET /staff/{id}", (*Server).staff, signedIn},
	{"POST /staff/{id}/invite", (*Server).staffInvite, signedIn},
	{"GET /staff/{id}/roles/ask", (*Server).roleAsk, signedIn},
	{"POST /staff/{id}/roles/ask", (*Server).roleAsked, signedIn},
	{"GET /staff/{id}/roles/revoke", (*Server).roleRevoke, signedIn},
	{"POST /staff/{id}/roles/revoke", (*Server).roleRevoked, signedIn},
	{"GET /staff/{id}/deactivate", (*Server).staffDeactivate, signedIn},
	{"POST /staff/{id}/deactivate", (*Server).staffDeactivated, signedIn},
	{"GET /staff/{id}/move", (*Server).staffMove, signedIn},
	{"POST /staff/{id}/move", (*Server).staffMoved, signedIn},
	{"GET /grants/{id}", (*Server).grant, signedIn},
	{"POST /grants/{id}/review", (*Server).grantReview, signedIn},
	{"GET /emergencies", (*Server).emergencies, signedIn},
	{"POST /emergencies", (*Server).emergencyTake, signedIn},
	{"POST /grants/{id}/end", (*Server).grantEnd, signedIn},
	{"GET /staff/{id}/certificate", (*Server).certificateNew, signedIn},
	{"POST /staff/{id}/certificate", (*Server).certificateRecord, signedIn},
	{"GET /staff/{id}/work", (*Server).staffWork, signedIn},
	{"GET /staff/{id}/reset/{what}", (*Server).staffReset, signedIn},
	{"POST /staff/{id}/reset/{what}", (*Server).staffResetDone, signedIn},
	{"GET /staff/{id}/did", (*Server).staffDid, signedIn},
	{"GET /staff/{id}/refused", (*Server).staffRefused, signedIn},
	{"GET /staff/{id}/sessions", (*Server).staffSessions, signedIn},
	{"GET /staff/{id}/on", (*Server).staffOn, signedIn},
	{"GET /elsewhere", (*Server).elsewhereList, signedIn},
	{"GET /elsewhere/systems/new", (*Server).systemNew, signedIn},
	{"POST /elsewhere/systems", (*Server).systemRecord, signedIn},
	{"GET /elsewhere/systems/{id}", (*Server).systemElsewhere, signedIn},
	{"POST /elsewhere/systems/{id}", (*Server).systemChanged, signedIn},
	{"POST /elsewhere/systems/{id}/accounts", (*Server).accountElsewhereRecorded, signedIn},
	{"GET /elsewhere/accounts/{id}", (*Server).accountElsewhere, signedIn},
	{"POST /elsewhere/accounts/{id}/change", (*Server).accountElsewhereChanged, signedIn},
	{"POST /elsewhere/accounts/{id}/close", (*Server).accountElsewhereClosed, signedIn},
	{"GET /roles", (*Server).roleList, signedIn},
	{"GET /roles/matrix", (*Server).roleMatrix, signedIn},
	{"GET /roles/{role}", (*Server).role, signedIn},
	{"GET /entities", (*Server).entityList, signedIn},
	{"GET /entities/new", (*Server).entityNew, signedIn},
	{"POST /entities", (*Server).entityCreate, signedIn},
	{"GET /entities/{id}", (*Server).entity, signedIn},
	{"POST /entities/{id}/training", (*Server).entityTraining, signedIn},
	{"POST /entities/{id}/line", (*Server).entityLine, signedIn},
	{"POST /entities/{id}", (*Server).entityChanged, signedIn},
	{"GET /account", (*Server).account, signedIn},
	{"POST /account/notices", (*Server).noticesSeen, signedIn},
	{"GET /account/sign-in", (*Server).self, signedIn},
	{"POST /account/password", (*Server).selfPassword, signedIn},
	{"GET /account/generator", (*Server).generator, signedIn},
	{"POST /account/generator", (*Server).generatorEnrol, signedIn},
	{"GET /account/passkeys/new", (*Server).passkeyNew, signedIn},
	{"POST /account/passkeys", (*Server).passkeyRegister, signedIn},
	{"POST /account/passkeys/{id}/remove", (*Server).passkeyRemove, signedIn},
	{"GET /account/tokens", (*Server).tokens, signedIn},
	{"GET /account/tokens/new", (*Server).tokenNew, signedIn},
	{"POST /account/tokens", (*Server).tokenCreate, signedIn},
	{"POST /account/tokens/{id}/revoke", (*Server).tokenRevoke, signedIn},
	{"POST /sessions/{id}/revoke", (*Server).revokeSession, signedIn},
	{"GET /palette", (*Server).palette, signedIn},
	{"POST /palette", (*Server).palette, signedIn},

	{"GET /clients", (*Server).clientList, signedIn},
	{"POST /clients/search", (*Server).clientSearch, signedIn},
	{"GET /clients/new", (*Server).clientNew, signedIn},
	{"POST /clients", (*Server).clientCreate, signedIn},
	{"GET /clients/{id}", (*Server).clientPage, signedIn},
	{"GET /clients/{id}/timeline", (*Server).clientTimeline, signedIn},
	{"GET /clients/{id}/change", (*Server).clientChange, signedIn},
	{"POST /clients/{id}/change", (*Server).clientChanged, signedIn},
	{"GET /clients/{id}/bank-details/new", (*Server).clientBankNew, signedIn},
	{"POST /clients/{id}/bank-details", (*Server).clientBankAdd, signedIn},
	{"GET /clients/{id}/bank-details/{detail}", (*Server).clientBank, signedIn},
	{"POST /clients/{id}/bank-details/{detail}", (*Server).clientBankChange, signedIn},
	{"GET /clients/{id}/restrict", (*Server).clientRestrict, signedIn},
	{"POST /clients/{id}/restrict", (*Server).clientRestricted, signedIn},
	{"GET /clients/{id}/restrictions/{restriction}", (*Server).clientLift, signedIn},
	{"POST /clients/{id}/restrictions/{restriction}", (*Server).clientLifted, signedIn},
	{"GET /clients/{id}/documents", (*Server).clientDocuments, signedIn},
	{"GET /clients/{id}/documents/new", (*Server).documentNew, signedIn},
	{"POST /clients/{id}/documents/new", (*Server).documentUpload, upload},
	{"POST /clients/{id}/applications", (*Server).applicationOpen, signedIn},
	{"GET /documents", (*Server).documentQueue, signedIn},
	{"GET /documents/{id}", (*Server).documentPage, signedIn},
	{"GET /documents/{id}/content", (*Server).documentContent, signedIn},
	{"POST /documents/{id}/extract", (*Server).documentExtract, signedIn},
	{"POST /documents/{id}/review", (*Server).documentReview, signedIn},
	{"GET /applications", (*Server).applicationQueue, signedIn},
	{"GET /applications/{id}", (*Server).applicationPage, signedIn},
	{"POST /applications/{id}/decide", (*Server).applicationDecide, signedIn},

	{"GET /interventions", (*Server).interventionList, signedIn},
	{"GET /interventions/{id}", (*Server).intervention, signedIn},
	{"GET /interventions/{id}/evidence", (*Server).interventionEvidence, signedIn},
	{"POST /interventions/{id}/execute", (*Server).interventionExecute, signedIn},
	{"POST /interventions/{id}/resolve", (*Server).interventionResolve, signedIn},
	{"GET /accounts", (*Server).tradingAccounts, signedIn},
	{"GET /accounts/{id}", (*Server).tradingAccount, signedIn},
	{"GET /accounts/{id}/evidence", (*Server).tradingAccountEvidence, signedIn},
	{"POST /accounts/{id}/resolve", (*Server).openingResolve, signedIn},
	{"GET /accounts/{id}/intervene", (*Server).interventionNew, signedIn},
	{"POST /accounts/{id}/intervene", (*Server).interventionRequest, signedIn},
	{"GET /accounts/{id}/transfer", (*Server).transferNew, signedIn},
	{"POST /accounts/{id}/transfer", (*Server).transferRequest, signedIn},
	{"GET /clients/{id}/platform", (*Server).clientPlatform, signedIn},
	{"GET /clients/{id}/accounts/new", (*Server).accountNew, signedIn},
	{"POST /clients/{id}/accounts", (*Server).accountOpen, signedIn},

	{"GET /cases", (*Server).caseList, signedIn},
	{"GET /cases/new", (*Server).caseNew, signedIn},
	{"POST /cases", (*Server).caseOpen, upload},
	{"GET /cases/{id}", (*Server).caseFile, signedIn},
	{"GET /cases/{id}/evidence", (*Server).caseEvidence, signedIn},
	{"POST /cases/{id}/close", (*Server).caseClose, signedIn},
	{"POST /cases/{id}/assign", (*Server).caseAssign, signedIn},
	{"GET /findings", (*Server).findingList, signedIn},
	{"GET /findings/{id}", (*Server).finding, signedIn},
	{"GET /findings/{id}/evidence", (*Server).findingEvidence, signedIn},
	{"POST /findings/{id}/resolve", (*Server).findingResolve, signedIn},
	{"GET /withdrawals", (*Server).withdrawalList, signedIn},
	{"GET /withdrawals/{id}", (*Server).withdrawalPage, signedIn},
	{"GET /withdrawals/{id}/evidence", (*Server).withdrawalTimeline, signedIn},
	{"POST /withdrawals/{id}/clear", (*Server).withdrawalClear, signedIn},
	{"POST /withdrawals/{id}/release", (*Server).withdrawalRelease, signedIn},
	{"POST /withdrawals/{id}/refuse", (*Server).withdrawalRefuse, signedIn},
	{"POST /withdrawals/{id}/resolve", (*Server).withdrawalResolve, signedIn},
	{"GET /deposits", (*Server).depositList, signedIn},
	{"GET /deposits/{id}", (*Server).deposit, signedIn},
	{"GET /deposits/{id}/evidence", (*Server).depositTimeline, signedIn},
	{"POST /deposits/{id}/credit", (*Server).depositCredit, signedIn},
	{"GET /clients/{id}/payments", (*Server).clientPayments, signedIn},
	{"GET /clients/{id}/withdraw", (*Server).withdrawalNew, signedIn},
	{"POST /clients/{id}/withdraw", (*Server).withdrawalRequest, signedIn},
	{"GET /packs/{kind}/{id}", (*Server).packPage, signedIn},
	{"POST /packs/{kind}/{id}", (*Server).packBuild, signedIn},
	{"GET /demo/clock", (*Server).demoClock, signedIn},
	{"POST /demo/clock", (*Server).demoClockMove, signedIn},
	{"GET /log", (*Server).logHealth, signedIn},
	{"GET /jobs", (*Server).jobList, signedIn},
	{"POST /jobs/{id}/revive", (*Server).jobRevive, signedIn},
}

// navItem is one place in the sidebar, shown to those whom policy would allow
// its list at all. An item without Action is for everybody.
type navItem struct {
	group, text, href, icon string
	command.Offer
}

// navigation is the sidebar, in order.
var navigation = []navItem{
	{"Work", "Approvals", "/approvals", "inbox", command.Offer{}},
	{"Work", "Emergency access", emergencyPath, "shield", command.Offer{}},
	{"Work", "Applications", "/applications", "user-check", command.Offer{Action: "onboarding.application.list", Kind: core.KindApplication}},
	{"Work", "Documents", "/documents", "file-text", command.Offer{Action: "onboarding.document.list", Kind: core.KindDocument}},
	{"Work", "Withdrawals", "/withdrawals", "banknote", command.Offer{Action: "payments.withdrawal.list", Kind: core.KindWithdrawal}},
	{"Work", "Deposits", "/deposits", "landmark", command.Offer{Action: "payments.deposit.list", Kind: core.KindDeposit}},
	{"Work", "Interventions", "/interventions", "sliders-horizontal", command.Offer{Action: "platform.intervention.list", Kind: core.KindIntervention}},
	{"Work", "Cases", "/cases", "archive", command.Offer{Action: "cases.case.list", Kind: core.KindCase}},
	{"Book", "Clients", "/clients", "user", command.Offer{Action: "clients.client.list", Kind: core.KindClient}},
	{"Book", "Accounts", "/accounts", "chart-candlestick", command.Offer{Action: "platform.account.list", Kind: core.KindAccount}},
	{"Oversight", "Findings", "/findings", "flag", command.Offer{Action: "cases.finding.list", Kind: core.KindFinding}},
	{"Oversight", "Evidence log", "/evidence", "activity", command.Offer{Action: "evidence.event.search", Kind: "ev"}},
	{"Oversight", "Approval rules", "/rules", "scale", command.Offer{Action: "approvals.rules.view", Kind: core.KindRules}},
	{"Oversight", "Exchange rates", "/rates", "landmark", command.Offer{Action: "rates.sheet.list", Kind: core.KindRates}},
	{"Oversight", "Staff", "/staff", "users", command.Offer{Action: "access.staff.list", Kind: core.KindStaff}},
	{"Oversight", "Access reviews", "/reviews", "clipboard-check", command.Offer{Action: "access.review.list", Kind: access.KindReview}},
	{"Oversight", "Access elsewhere", "/elsewhere", "monitor", command.Offer{Action: "elsewhere.system.list", Kind: "xs"}},
	{"Oversight", "Roles", "/roles", "key-round", command.Offer{}},
	{"Oversight", "Manuals", "/manuals", "book-open", command.Offer{Action: "manuals.manual.view", Kind: core.KindManual}},
	{"Oversight", "Policies", "/policies", "shield-check", command.Offer{}},
	{"Oversight", "Legal entities", "/entities", "building-2", command.Offer{Action: "access.entity.change", Kind: core.KindEntity}},
	{"Oversight", "Jobs", "/jobs", "clock", command.Offer{Action: "jobs.dead.list", Kind: core.KindJob}},
	{"Demo", "Move the clock on", demoClockPath, "clock", command.Offer{}},
}

// pagesOf says where the records of each kind have their pages; references to
// these kinds become links.
var pagesOf = map[core.Kind]string{
	core.KindProposal:    "/approvals/",
	core.KindStaff:       "/staff/",
	core.KindGrant:       "/grants/",
	core.KindClient:      "/clients/",
	core.KindEntity:      "/entities/",
	core.KindDocument:    "/documents/",
	core.KindApplication: "/applications/",

	core.KindIntervention: "/interventions/",
	core.KindAccount:      "/accounts/",
	core.KindCase:         "/cases/",
	core.KindFinding:      "/findings/",
	core.KindWithdrawal:   "/withdrawals/",
	core.KindDeposit:      "/deposits/",
	access.KindReview:     "/reviews/",
}
