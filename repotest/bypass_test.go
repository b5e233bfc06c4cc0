package repotest

import (
	"go/ast"
	"slices"
	"testing"
)

// beside lists the functions that use the store besides the road (command.Run,
// Approve and Ask), each with what it does there. None of them changes a
// recorded row: a transaction that did would not commit, since only the road
// gives events to the log.
var beside = map[string]string{
	"access/auth.go reader":                  "what a proof is compared with, before its command begins and reads it again",
	"access/auth_session.go Sweep":           "operational rows: counters and spent challenges that are over",
	"access/auth_session.go touch":           "an operational row: when a session was last used",
	"access/policy_adopt.go Adopt":           "which policies decide, before they are adopted",
	"access/policy_adopt.go adopt":           "whether these policies are on record already, before they are adopted",
	"access/review_sweep.go SweepReviews":    "which reviews are open; what follows goes by the road",
	"access/review_sweep.go sweepReview":     "whether something is undecided; that it is closed goes by the road",
	"access/review_sweep.go openDue":         "whose turn for a review has come; that it is opened goes by the road",
	"access/review_sweep.go RegisterReviews": "hands the store to what finds out when roles were last used",
	"app/reactions_review.go reviewChanged":  "what a change puts to review; that it is opened goes by the road",
	"app/cli_bench_site.go BenchSite":        "hands the store to the benches",
	"app/cli_found.go foundFirm":             "whether somebody is on the staff already",
	"app/cli_open.go Close":                  "opens and closes",
	"app/cli_open.go latestEvent":            "the time of the newest event, for the clock of a demo",
	"app/cli_open.go openToLook":             "opens and closes",
	"app/cli_open.go settled":                "how far logs are sealed",
	"app/cli_ops.go doctor":                  "how far logs are sealed, and which jobs are dead",
	"app/cli_verify.go verifyAll":            "verification, which trusts nothing above the store",
	"app/demo_main.go personas":              "who can be signed in as with one click",
	"access/membership.go AskForGroups":      "which role a group outside asks for, for the job that asks by the road",
	"app/demo_signin.go linkDemo":            "who is to be linked in the demo; the link is made by the road",
	"app/demo_money.go agree":                "the demo's own proposals",
	"app/demo_story.go trading":              "the demo's own account",
	"app/demo_world.go decide":               "the demo's own proposals",
	"app/demo_world.go held":                 "the demo's own grants",
	"app/open.go Close":                      "opens and closes",
	"app/open.go Open":                       "opens and closes",
	"app/run.go Logs":                        "names of logs",
	"app/run.go Verify":                      "verification, which trusts nothing above the store",
	"app/serve.go names":                     "names of colleagues, which no colleague may not know",
	"app/introduce.go caseOwners":            "references of colleagues who may own a case, for those who may give it away",
	"access/notice.go MailNotices":           "where a notice goes, for the job that mails it to its own reader",
	"app/reactions_staff.go readsOf":         "how often a leaver read what; the sum becomes a finding by the road",
	"app/elsewhere.go watchElsewhere":        "accounts elsewhere of leavers; what is found goes by the road",
	"app/elsewhere.go watchAccount":          "whether the holder left",
	"app/elsewhere.go watchDeals":            "what a leaver's login did on a platform",
	"app/elsewhere.go found":                 "whether a finding is known already",
	"app/wire.go expire":                     "what the clock has ended; that it is recorded goes by the road",
	"app/locks.go locks":                     "overdue reviews of emergency access and exceptions that end; what is recorded goes by the road",
	"app/toxic.go searchToxic":               "who holds a toxic combination; what is found, and that it is no more, goes by the road",
	"app/toxic.go raiseToxic":                "how often the same was found before",
	"app/toxic.go newest":                    "the event that proves that a finding is no more",
	"app/leavers.go leavers":                 "whose employment has ended; that they leave goes by the road",
	"app/wire.go wire":                       "which contents documents name, for the sweep of the others",
	"app/metrics.go Metrics":                 "measures of the log, which are about nobody",
	"app/witnesses.go wireWitnesses":         "hands the store to the duty that keeps cosignatures",
	"oversight/connection.go Connect":        "which connections are on record already",
	"oversight/stream.go Step":               "which logs there are to be delivered",
	"oversight/stream.go begin":              "whether a stream has begun",
	"oversight/stream.go log":                "up to where a log was delivered",
	"oversight/stream.go batch":              "the entries to be delivered",
	"oversight/stream.go write":              "an operational row: up to where a log was delivered, and the jobs that deliver",
	"oversight/stream.go deliverOne":         "the entry to be delivered, of which only public values leave",
	"oversight/log_contest.go Contest":       "whether a witness said so before",
	"rates/sheet_record.go Import":           "which rates are on record already",
	"app/rates.go readRates":                 "which legal entities there are",
	"oversight/reading_flag.go WatchReading": "who read how much within the hour, and whom that was told of",
	"oversight/log_watch.go Watch":           "measures of the log, and which are on record already",
	"cases/finding_raise.go HandleJobs":      "whether a finding is known already",
	"onboarding/intake.go Take":              "whether policy lets somebody upload, before the file is taken",
	"oversight/beat.go Beat":                 "when the last sign of life was",
	"oversight/event_view.go story":          "by which record policy lets a reader see an event; it is shown by Ask",
	"oversight/resolve.go Resolve":           "which references a reader may know, by policy",
	"oversight/store.go LoadQuery":           "an operational row: a search of one's own",
	"oversight/store.go SaveQuery":           "an operational row: a search of one's own",
	"oversight/store.go Seals":               "how far logs are sealed",
	"payments/driver.go creditJob":           "the row that the next command is about",
	"payments/driver.go send":                "the row that the next command is about",
	"payments/driver.go submit":              "the row that the next command is about",
	"payments/driver_status.go status":       "the row that the next command is about",
	"payments/sweep.go enqueue":              "an operational row: a job, which decides nothing",
	"payments/sweep.go missing":              "the rows that the PSP's list is compared with",
	"payments/sweep.go resume":               "the rows that jobs should be busy with",
	"payments/sweep.go takeDeposit":          "the row that the next command is about",
	"payments/sweep.go takePayout":           "the row that the next command is about",
	"payments/sweep.go waiting":              "the rows that the PSP's list is compared with",
	"platform/attempt_record.go recorded":    "the offset of the server's clock",
	"platform/driver.go drive":               "the row that the next command is about",
	"platform/driver.go nameFor":             "the name under which an account is opened",
	"platform/driver.go send":                "the row that the next command is about",
	"platform/sweep.go sweep":                "the rows that the platform is compared with",
	"platform/sweep.go deals":                "the rows that the platform is compared with",
	"platform/sweep.go due":                  "the rows that the platform is compared with",
	"platform/sweep.go swept":                "the rows that the platform is compared with",
}

// theRoad are the packages of which the road is made, and the benches that
// measure it.
var theRoad = []string{"store", "evidence", "jobs", "command", "bench"}

// bypasses finds code that could read or write rows on another way than the
// road: a use of a Store, which the road's own field makes possible without an
// import, and a call that gives an event to the log.
func bypasses(r *repo) (found []finding) {
	used := map[string]bool{}
	for f := range r.code(product) {
		if slices.Contains(theRoad, top(f.path)) {
			continue
		}
		for _, d := range f.syntax.Decls {
			fn, _ := d.(*ast.FuncDecl)
			name := f.path
			if fn != nil {
				name += " " + fn.Name.Name
			}
			methods := map[ast.Expr]bool{} // called, so no field
			ast.Inspect(d, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					methods[call.Fun] = true
				}
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				switch {
				case sel.Sel.Name == "Store" && !methods[sel] && !isPackage(sel.X, "store"):
					if used[name] = true; beside[name] == "" {
						found = append(found, r.at(sel.Pos(), "uses a store besides the road: change rows by command.Run and show them by command.Ask, or say in repotest/bypass_test.go why %s need not", name))
					}
				case (sel.Sel.Name == "Append" || sel.Sel.Name == "AppendMany") && methods[sel] && isLog(sel.X):
					found = append(found, r.at(sel.Pos(), "gives an event to the log besides the road: return it from a command"))
				}
				return true
			})
		}
	}
	for name := range beside {
		if len(r.files) > 100 && !used[name] { // not in a planted repository
			found = append(found, finding{"repotest/bypass_test.go:1", name + " uses no store any more: take it off the list"})
		}
	}
	return found
}

// isPackage reports whether e is the name of a package, as in store.Store.
func isPackage(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// isLog reports whether e reads like a log: x.Log, or a variable named log.
func isLog(e ast.Expr) bool {
	switch v := e.(type) {
	case *ast.SelectorExpr:
		return v.Sel.Name == "Log"
	case *ast.Ident:
		return v.Name == "log" || v.Name == "l"
	}
	return false
}

func TestNothingBypassesTheRoad(t *testing.T) {
	const reads = "package console\n\nfunc (s *Server) page() { clients.ByID(s.Road.Store.Reader(), \"cl_a\") }"
	rule{check: bypasses, planted: map[string]string{
		"web/console/a.go":           reads,
		"web/console/a_test.go":      reads,
		"api/v1/a.go":                "package v1\n\nvar all = func(s *Server) any { st := s.Road.Store; return st }",
		"api/v1/b.go":                "package v1\n\nfunc (s *Server) who() { command.Ask(s.Road); s.seen.Store(true) }",
		"payments/a.go":              "package payments\n\nfunc (d *Driver) pay() { d.Road.Store.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return nil }) }",
		"payments/sweep.go":          "package payments\n\nfunc (d *Driver) enqueue() { d.Road.Store.Write(ctx, f) }\n\nfunc (d *Driver) other() { d.Road.Store.Write(ctx, f) }",
		"payments/b.go":              "package payments\n\nfunc apply(tx *command.Tx) { d.Road.Log.Append(ctx, tx.Store(), stamp, event) }",
		"app/import.go":              "package app\n\nfunc bring(a *App, s *store.Store) { a.Log.AppendMany(ctx, tx, list) }",
		"command/road.go":            "package command\n\nfunc (rd *Road) Run() { rd.Store.Write(ctx, f) }",
		"adapters/mt5/a.go":          "package mt5\n\nfunc load(c *Client) { c.Store.Reader() }",
		"payments/paymentstest/a.go": "package paymentstest\n\nfunc rig(r *Rig) { r.Road.Store.Reader() }",
	}, want: []string{
		"web/console/a.go:3", "api/v1/a.go:3", "payments/a.go:3", "payments/sweep.go:5", "payments/b.go:3", "app/import.go:3", "adapters/mt5/a.go:3",
	}}.enforce(t)
}
