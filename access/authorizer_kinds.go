package access

import (
	"github.com/cedar-policy/cedar-go/types"

	"vouchsafe/core"
)

// The kinds of what is asked about in evidence; events and logs have ids of
// their own form and no kind in core, and the register of access elsewhere keeps
// its own.
const (
	KindEvent core.Kind = "ev"
	KindLog   core.Kind = "lg"

	KindElsewhereSystem  core.Kind = "xs"
	KindElsewhereAccount core.Kind = "xa"
)

// kinds maps the kind of a record to its type in the schema.
var kinds = map[core.Kind]types.EntityType{
	core.KindEntity: "LegalEntity", core.KindStaff: "Staff", core.KindGrant: "Grant", core.KindSession: "Session",
	core.KindToken: "Token", core.KindClient: "Client", core.KindBankDetail: "BankDetail", core.KindDocument: "Document",
	core.KindApplication: "Application", core.KindCase: "Case", core.KindFinding: "Finding", core.KindAccount: "Account",
	core.KindIntervention: "Intervention", core.KindDeposit: "Deposit", core.KindWithdrawal: "Withdrawal",
	core.KindPartner: "Partner", core.KindProposal: "Proposal", core.KindPack: "Pack", core.KindJob: "Job",
	core.KindSystem: "System", core.KindJournal: "Journal", core.KindSetting: "Setting", KindEvent: "Event", KindLog: "Log", KindPolicySet: "PolicySet",
	core.KindRules: "ApprovalRules", core.KindManual: "Manual", KindReview: "Review", KindElsewhereSystem: "ElsewhereSystem", KindElsewhereAccount: "ElsewhereAccount", core.KindRates: "ExchangeRates",
	KindException: "AccessException",
}

const (
	typeStaff  types.EntityType = "Staff"
	typeClient types.EntityType = "Client"
	typeSystem types.EntityType = "System"
	typeRole   types.EntityType = "Role"
	typeGroup  types.EntityType = "GroupRole"
	typeAction types.EntityType = "Action"
)

// The parts of the program that act without a person, as the policies name
// them.
const (
	SysInstall   core.Ref = "sys_install"   // prepares an empty system
	SysClock     core.Ref = "sys_clock"     // records that a time is over
	SysSignin    core.Ref = "sys_signin"    // acts before anybody is known
	SysPayments  core.Ref = "sys_payments"  // speaks with payment providers
	SysPlatform  core.Ref = "sys_platform"  // speaks with trading platforms
	SysRates     core.Ref = "sys_rates"     // reads exchange rates from their source
	SysFindings  core.Ref = "sys_findings"  // raises what other domains found
	SysDirectory core.Ref = "sys_directory" // asks for the roles of groups outside
	SysCLI       core.Ref = "sys_cli"       // the command line, where no colleague is named
)

func staffUID(ref core.Ref) types.EntityUID { return types.NewEntityUID(typeStaff, types.String(ref)) }
