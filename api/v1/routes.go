package v1

import (
	"slices"

	"vouchsafe/access"
	"vouchsafe/approvals"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/manuals"
	"vouchsafe/onboarding"
	"vouchsafe/platform"
	"vouchsafe/rates"
)

// routes is every endpoint, one line each.
func (s *Server) routes() []endpoint {
	return slices.Concat(s.proposalRoutes(), s.evidenceRoutes(), s.clientRoutes(), s.onboardingRoutes(),
		caseRoutes(), s.platformRoutes(), s.paymentRoutes(), s.approvalRoutes(), s.rateRoutes(), s.accessRoutes(), s.elsewhereRoutes())
}

// Reads are the actions of all endpoints that change nothing.
func Reads() []string {
	var out []string
	for _, e := range (&Server{}).routes() {
		if !e.writes {
			out = append(out, string(e.action))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const noSecondEyes = "A program is no second pair of eyes: tokens are answered 403 `not-allowed`, and the try is evidence. People decide at the console."

func (s *Server) proposalRoutes() []endpoint {
	return []endpoint{
		list("GET /proposals", "List proposals", command.ListInboxQuery, noting("tab: for-me, open, mine or decided.")),
		read("GET /proposals/{proposal}", "See a proposal", command.ViewProposalQuery(s.Road)),
		decide("POST /proposals/{proposal}/approve", "Approve a proposal", true, noting(noSecondEyes)),
		decide("POST /proposals/{proposal}/refuse", "Refuse a proposal", false, noting(noSecondEyes)),
		write[command.WithdrawProposal]("POST /proposals/{proposal}/withdraw", "Take back a proposal of one's own"),
	}
}

func (s *Server) clientRoutes() []endpoint {
	return []endpoint{
		list("GET /clients", "List clients", clients.ClientList{}),
		all("POST /clients/search", "Find clients by words about them", clients.ClientSearch{}),
		write[clients.CreateClient]("POST /clients", "Record a client"),
		read("GET /clients/{client}", "See a client", clients.ClientPage{}, noting("account=true shows account numbers in full where they may be seen.")),
		all("GET /clients/{client}/blocks", "What a client is blocked from, now", onboarding.ClientBlocks{Domain: s.Onboarding}, named("clients.client.blocks")),
		write[clients.ChangeClient]("POST /clients/{client}/change", "Change a client's record"),
		write[clients.AddBankDetail]("POST /clients/{client}/bank-details", "Add a bank detail"),
		write[clients.ChangeBankDetail]("POST /clients/{client}/bank-details/{detail}/change", "Change a bank detail"),
		write[clients.SetRestriction]("POST /clients/{client}/restrictions", "Restrict a client"),
		write[clients.LiftRestriction]("POST /clients/{client}/restrictions/{restriction}/lift", "Lift a restriction"),
	}
}

func (s *Server) onboardingRoutes() []endpoint {
	return []endpoint{
		write[onboarding.OpenApplication]("POST /clients/{client}/applications", "Open an application"),
		list("GET /applications", "List applications", onboarding.ApplicationList{Domain: s.Onboarding}),
		read("GET /applications/{application}", "See an application", onboarding.ApplicationPage{Domain: s.Onboarding}),
		write[onboarding.DecideApplication]("POST /applications/{application}/decide", "Decide an application"),
		write[onboarding.OverrideApplication]("POST /clients/{client}/applications/{application}/override", "Approve against a difference"),
		upload("POST /clients/{client}/documents", "Upload a document"),
		list("GET /documents", "List documents", onboarding.DocumentList{Domain: s.Onboarding}),
		read("GET /documents/{document}", "See a document, without its content", onboarding.DocumentPage{Domain: s.Onboarding}, named("onboarding.document.view")),
		file("GET /documents/{document}/content", "A document's content", "application/octet-stream", documentContent),
		write[onboarding.ExtractDocument]("POST /documents/{document}/extract", "Enter what a document says"),
		write[onboarding.ReviewDocument]("POST /documents/{document}/review", "Accept or reject a document"),
	}
}

func caseRoutes() []endpoint {
	return []endpoint{
		list("GET /cases", "List cases", cases.ListCasesQuery),
		read("GET /cases/{case}", "See a case", cases.ViewCaseQuery),
		write[cases.OpenCase]("POST /cases", "Open a case"),
		write[cases.AssignCase]("POST /cases/{case}/assign", "Give a case another owner"),
		write[cases.CloseCase]("POST /cases/{case}/close", "Close a case"),
		list("GET /findings", "List findings", cases.ListFindingsQuery, noting("finding asks for one.")),
		write[cases.ResolveFinding]("POST /findings/{finding}/resolve", "Resolve a finding"),
	}
}

func (s *Server) platformRoutes() []endpoint {
	story := platform.InterventionPage{Deps: s.Platform}
	if s.Road != nil {
		story.Log = s.Road.Log
	}
	return []endpoint{
		list("GET /accounts", "List trading accounts", platform.AccountList{}),
		readAs("GET /accounts/{account}", "See a trading account", platform.AccountPage{}, accountOf),
		write[platform.OpenAccount]("POST /clients/{client}/accounts", "Open a trading account"),
		writeAs("POST /accounts/{account}/transfers", "Transfer from wallet to trading account", transfer.input),
		all("GET /accounts/sweeps", "How far the platforms' deals are swept", platform.SweepList{}, named("platform.sweep.list")),
		writeAs("POST /accounts/{account}/interventions", "Request an intervention", intervene.input),
		listAs("GET /interventions", "List interventions", platform.InterventionList{}, interventionOf),
		readAs("GET /interventions/{intervention}", "See an intervention with everything behind it", story, storyOf),
		write[platform.ExecuteIntervention]("POST /interventions/{intervention}/execute", "Execute an approved intervention", highRisk),
		write[platform.ResolveIntervention]("POST /interventions/{intervention}/resolve", "Resolve an uncertain intervention"),
	}
}

func (s *Server) approvalRoutes() []endpoint {
	const written = "Rules are text, one a line; the guide's page on approval rules says how they are written."
	return []endpoint{
		all("GET /entities/{entity}/approval-rules", "See the approval rules of a legal entity, with their versions", approvals.ViewRulesQuery(s.Approvals)),
		write[approvals.ChangeRules]("POST /entities/{entity}/approval-rules", "Ask for a new version of approval rules", highRisk, noting(written)),
		all("GET /manuals", "List the firm's manuals, with their versions and clauses", manuals.ListManualsQuery(s.Manuals), named("manuals.manual.list")),
		read("GET /manuals/{manual}", "See a manual with all its versions", manuals.ViewManualQuery(s.Manuals), named("manuals.manual.view")),
		write[manuals.AdoptManual]("POST /entities/{entity}/manuals", "Ask for a manual, or a new version of one, to be adopted", highRisk, noting(written)),
		read("POST /entities/{entity}/approval-rules/try", "Try approval rules, in force or drafted", approvals.TryRulesQuery(s.Approvals), noting(written)),
	}
}

func (s *Server) rateRoutes() []endpoint {
	return []endpoint{
		list("GET /entities/{entity}/exchange-rates", "List the exchange rates of a legal entity, newest first", rates.ListSheetsQuery(s.Rates)),
		write[rates.RecordSheet]("POST /entities/{entity}/exchange-rates", "Enter a day's exchange rates by hand", noting("rates is text, one a line: a currency and what one unit of base is in it, such as USD 1.0834. Somebody else agrees.")),
	}
}

func (s *Server) accessRoutes() []endpoint {
	return []endpoint{
		all("GET /entities", "List the firm's legal entities", access.ListEntitiesQuery),
		list("GET /staff", "List staff", access.ListStaffQuery),
		read("GET /staff/{staff}", "See a staff member with their roles over time", access.ViewStaffQuery),
		read("GET /staff/{staff}/on", "What a staff member could see and do at a moment, from the log", access.ViewPastQuery(s.Road, s.Policies), named("access.grant.on"),
			noting("at is a moment; entity is where. The answer is that of the policies of then; where they cannot be asked today, why says so and rights is absent.")),
		all("GET /roles", "List the roles", access.ListRolesQuery(s.Policies), named("access.role.list")),
		read("GET /roles/{role}", "What a role may do and see, who holds it, and how it differs", access.ViewRoleQuery(s.Road, s.Policies), named("access.role.view"),
			noting("other is a role to compare with, other_set the hash of a set of policies to compare under. holders are those that the token's owner may see.")),
		list("GET /grants", "List grants of roles", access.ListGrantsQuery),
		all("GET /toxic-combinations/held", "List who holds a toxic combination now", access.ListHeldQuery(s.Policies), named("access.combination.held")),
		read("GET /entities/{entity}/could-do-both", "Who could do both sides of a combination within a time, from the log, and whether they did", access.WhoCouldQuery(s.Road, s.Policies), named("access.combination.could"),
			noting("combination is a toxic one; or one and other name two acts, with `approve ` before one for agreeing to the proposals of others. people holds those who could do both at once first.")),
	}
}
