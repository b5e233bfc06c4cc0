package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"

	"vouchsafe/access"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/adapters/outlet/siemsim"
	"vouchsafe/adapters/sandpay/sandpaysim"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// verb is one word after the program's name.
type verb struct {
	name, usage, meaning string
	run                  func(c *cli, ctx context.Context, args []string) error
}

func verbs() []verb {
	return []verb{
		{"demo", "[--data DIR] [--listen ADDR] [--seed-only] [--json]", "make a demonstration broker with half a year of history, and serve it", ownArgs(demoMain)},
		{"serve", "--config FILE", "serve an installation", ownArgs(serveMain)},
		{"migrate", "(--config FILE | --data DIR)", "bring the databases to this program's shape; with --config, make a new installation", (*cli).migrate},
		{"found", "FIRM.json (--config FILE | --data DIR)", "enter the first entities and people of an empty installation, and print their first passwords", (*cli).foundFirm},
		{"doctor", "(--config FILE | --data DIR)", "look at settings, keys, logs and jobs; writes nothing", (*cli).doctor},
		{"pack", "KIND ID -o FILE (--config FILE | --data DIR) [--as STAFF] [--after DAY] [--before DAY]", "write the evidence pack of a client, staff, withdrawal or intervention", (*cli).pack},
		{"verify", "FILE | --leaf LEAF --proof PROOF | (--data DIR | --config FILE), each [--key KEYS] [--witness KEY]… [--policy TRUST] [--json]", "check a pack, one entry, or a whole installation, and how far outside witnesses agree; writes nothing", (*cli).verify},
		{"events", "QUERY (--config FILE | --data DIR) [--as STAFF] [--limit N] [--json | --format csv|jsonl|ocsf|ecs|cef [-o FILE]]", "search the evidence, or export what a search finds", (*cli).events},
		{"export", "tiles -o DIR (--config FILE | --data DIR) [--as STAFF] [--log LOG]", "write the logs as C2SP tlog-tiles, for tools that others wrote", (*cli).export},
		{"witness", "new NAME | trust LOG.PUB | serve [--listen ADDR] | status, each with --dir DIR", "for outsiders: cosign the checkpoints of a firm's logs with a key of your own (C2SP tlog-witness)", (*cli).witness},
		{"sim", "mt5 | psp | siem", "run a simulator of the trading platform, of the payment provider, or of a syslog receiver", (*cli).sim},
		{"bench", "[--events N] [--engine sqlite|postgres] [--dsn URL] [--dir DIR] [--json]", "measure the program against what this machine can do at best", (*cli).bench},
		{"version", "", "tell which build this is", (*cli).version},
	}
}

// cli is one call of the program.
type cli struct {
	stdin    io.Reader
	out, err io.Writer
	code     int // what a verb with own arguments or a simulator returned
}

// errFound ends a verb whose findings were printed; errUsage one whose usage
// was.
var (
	errFound = errors.New("found")
	errUsage = errors.New("usage")
)

// Main runs one verb and returns the exit code: 0 good, 1 the check found
// something, 2 it could not be done or checked.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &cli{stdin: stdin, out: stdout, err: stderr}
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		c.usage(stdout)
		return map[bool]int{true: ExitNoCheck, false: ExitGood}[len(args) == 0]
	}
	for _, v := range verbs() {
		if v.name != args[0] {
			continue
		}
		switch err := v.run(c, ctx, args[1:]); {
		case err == nil:
			return c.code
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprintf(stdout, "vouchsafe %s %s\n\n%s\n", v.name, v.usage, v.meaning)
			return ExitGood
		case errors.Is(err, errFound):
			return ExitFound
		case errors.Is(err, errUsage):
			fmt.Fprintf(stderr, "usage: vouchsafe %s %s\n", v.name, v.usage)
			return ExitNoCheck
		default:
			fmt.Fprintf(stderr, "vouchsafe %s: %s\n", v.name, faultText(err))
			return ExitNoCheck
		}
	}
	fmt.Fprintf(stderr, "vouchsafe: there is no verb %q; try vouchsafe help\n", oneLine(args[0]))
	return ExitNoCheck
}

func (c *cli) usage(w io.Writer) {
	fmt.Fprint(w, "vouchsafe: a forex broker's back office that can prove what it did\n\n")
	for _, v := range verbs() {
		fmt.Fprintf(w, "  vouchsafe %s\n      %s\n", strings.TrimSpace(v.name+" "+v.usage), v.meaning)
	}
	fmt.Fprint(w, "\nExit codes: 0 good, 1 the check found something (each finding on a line), 2 it could not be done or checked.\n")
}

// ownArgs is a verb that parses its arguments and tells its exit code itself.
func ownArgs(run func(args []string, out, errw io.Writer) int) func(*cli, context.Context, []string) error {
	return func(c *cli, _ context.Context, args []string) error {
		c.code = run(args, c.out, c.err)
		return nil
	}
}

func (c *cli) sim(_ context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "-h", "-help", "--help":
		return flag.ErrHelp
	case "mt5":
		c.code = mt5sim.Main(args[1:], c.out, c.err)
	case "psp":
		c.code = sandpaysim.Main(args[1:], c.out, c.err)
	case "siem":
		c.code = siemsim.Main(args[1:], c.out, c.err)
	default:
		return errUsage
	}
	return nil
}

// faultText is an error for the operator: a fault's words and its fields, the
// cause of anything else.
func faultText(err error) string {
	f, ok := errors.AsType[*core.Fault](err)
	if !ok {
		return oneLine(err.Error())
	}
	text := f.Text
	if cause := errors.Unwrap(f); cause != nil {
		text += " (" + cause.Error() + ")"
	}
	if f.Event != "" {
		text += " Recorded as " + f.Event + "."
	}
	return oneLine(text)
}

// oneLine keeps text on its line and a terminal from obeying it.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, "?"))
}

// flags begins the flags of a verb.
func (c *cli) flags(verb string) *flag.FlagSet {
	fs := flag.NewFlagSet(verb, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// parse reads flags and arguments in any order and demands so many arguments.
func parse(fs *flag.FlagSet, args []string, least, most int) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			break
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
	if len(rest) < least || len(rest) > most {
		return nil, errUsage
	}
	return rest, nil
}

// where says which installation a verb works on.
type where struct{ data, config string }

func (w *where) add(fs *flag.FlagSet) {
	fs.StringVar(&w.data, "data", "", "folder of the installation")
	fs.StringVar(&w.config, "config", "", "configuration file")
}

func (w *where) given() bool { return w.data != "" || w.config != "" }

func (w *where) load() (Config, error) {
	switch {
	case w.data != "" && w.config != "", !w.given():
		return Config{}, errors.New("name the installation by --data DIR or by --config FILE")
	case w.config != "":
		return LoadConfig(w.config)
	}
	return DataConfig(w.data)
}

// operator is who acts: the member of staff who is named, or else the one whom
// the configuration names as the machine's operator, or else the command line
// itself, which sees no personal values. How they were authenticated says that
// it was by holding the machine.
func operator(w *where, as string) (evidence.Actor, error) {
	if as == "" {
		cfg, err := w.load()
		if err != nil {
			return evidence.Actor{}, err
		}
		if as = string(cfg.Operator); as == "" {
			return evidence.Actor{Ref: access.SysCLI}, nil
		}
	}
	ref := core.Ref(as)
	if !ref.Valid() || ref.Kind() != core.KindStaff {
		return evidence.Actor{}, core.InvalidField("as", "The operator must be the reference of a member of staff: st_….")
	}
	return evidence.Actor{Ref: ref, Factors: []string{"operating-system"}}, nil
}
