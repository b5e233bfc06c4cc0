package v1

import "vouchsafe/elsewhere"

// elsewhereRoutes are those of the register of access elsewhere.
func (s *Server) elsewhereRoutes() []endpoint {
	return []endpoint{
		all("GET /elsewhere/systems", "List the systems elsewhere in which people have accounts", elsewhere.ListSystemsQuery),
		write[elsewhere.RecordSystem]("POST /elsewhere/systems", "Put a system elsewhere on record"),
		write[elsewhere.ChangeSystem]("POST /elsewhere/systems/{system}/change", "Change a system elsewhere, or retire it"),
		list("GET /elsewhere/accounts", "List accounts that people have elsewhere", elsewhere.AccountsQuery(s.People),
			noting("show is open, closed or due: the open ones of those who left. Everybody sees their own.")),
		write[elsewhere.RecordAccount]("POST /elsewhere/systems/{system}/accounts", "Put a person's account elsewhere on record"),
		write[elsewhere.ChangeAccount]("POST /elsewhere/accounts/{account}/change", "Change what is on record about an account elsewhere"),
		write[elsewhere.CloseAccount]("POST /elsewhere/accounts/{account}/close", "Say that an account elsewhere is closed, with proof; a second person agrees"),
	}
}
