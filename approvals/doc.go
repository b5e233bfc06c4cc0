// Package approvals holds the firm's approval rules: per legal entity and
// action, who must agree to what, as versions that are adopted and never
// edited.
//
// # A version
//
//	written ──proposed──▶ waits ──a senior compliance officer agrees──▶ adopted ──▶ in force ──the next one starts──▶ past
//
// Rules are text, one a line, the first that matches decides
// (command.ParseRules says how they are written). A version is in force from
// its start until the next one starts; which was in force on any day can
// always be answered. Until an entity has adopted a version, the rules that
// are built into the program hold, which are version 0.
//
// Rules add to what the program demands by itself and never take away from it:
// no version makes a maker their own checker.
//
// Each decision keeps the rule, its words and its inputs in its evidence
// (command.RuleSet.Demand). So a draft can be tried on what was decided
// before, and whoever approves it is shown what would have gone another way.
package approvals
