package command

import "vouchsafe/evidence"

// The events of the road itself.
var (
	EventProposed  = evidence.Register("command.proposal.opened", evidence.Authorization, "A command that needs other people's approval was frozen as a proposal.")
	EventApproved  = evidence.Register("command.proposal.approved", evidence.Authorization, "A second person agreed to the exact payload of a proposal.")
	EventDeclined  = evidence.Register("command.proposal.refused", evidence.Authorization, "An approver refused a proposal; it is closed.")
	EventClosed    = evidence.Register("command.proposal.closed", evidence.Authorization, "A fully approved proposal was not executed, because the check in the executing transaction said no.")
	EventWithdrawn = evidence.Register("command.proposal.withdrawn", evidence.Authorization, "The maker took a proposal back before it was decided.")
	EventExpired   = evidence.Register("command.proposal.expired", evidence.Authorization, "A proposal was not decided in time.")
	EventDenied    = evidence.Register("command.run.denied", evidence.Authorization, "Policy denied a command or query; nothing was changed or shown.")
	EventFlooded   = evidence.Register("command.run.flooded", evidence.Authorization, "Further denials of one actor within a minute, counted in one event.")
	EventRefused   = evidence.Register("command.run.refused", evidence.Authorization, "A rule of the firm refused a command; nothing was changed.")
	EventShown     = evidence.Register("command.data.shown", evidence.DataRead, "Personal data was shown in the clear.")
	EventSearched  = evidence.Register("command.data.searched", evidence.DataRead, "Records or evidence were searched.")
	EventExported  = evidence.Register("command.data.exported", evidence.DataRead, "Data left the system as a file.")
)
