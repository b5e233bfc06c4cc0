package storetest

import (
	"context"
	crand "crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver "pgx"

	"vouchsafe/repotest/need"
)

// PostgresURL returns the URL of a fresh, empty PostgreSQL database (UTF-8,
// collated "C") that is dropped when the test ends.
//
// The server is private, shared by all test binaries of one user, and started
// by the first that asks: a unix socket in a directory only that user may
// enter. It stops when no test process has been alive for five minutes.
// VOUCHSAFE_PG_URL names an existing server's administrator instead. Without
// PostgreSQL the test is skipped, or fails where VOUCHSAFE_REQUIRE names pg.
//
// Where the machine has room, the server keeps its files in memory: nothing
// here cuts the power, and to a process that is killed a file in memory is as
// durable as one on a disk. Measurements ask for PostgresOnDisk.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	return fresh(tb, sharedServer, empty)
}

// PostgresOnDisk is PostgresURL on a server that keeps its files on the disk.
func PostgresOnDisk(tb testing.TB) string {
	tb.Helper()
	return fresh(tb, diskServer, empty)
}

func empty(*url.URL) (string, error) { return "template0", nil }

// fresh copies a database for a test.
func fresh(tb testing.TB, server func() (*url.URL, error), template func(*url.URL) (string, error)) string {
	tb.Helper()
	admin, err := server()
	if err != nil {
		need.Missing(tb, "pg", err.Error())
	}
	from, err := template(admin)
	if err != nil {
		tb.Fatalf("make a PostgreSQL database to copy: %v", err)
	}
	fresh, err := createDatabase(admin, from)
	if err != nil {
		tb.Fatalf("create a PostgreSQL database for this test: %v", err)
	}
	tb.Cleanup(func() {
		if err := dropDatabase(admin, fresh); err != nil {
			tb.Errorf("drop this test's PostgreSQL database: %v", err)
		}
	})
	return fresh.String()
}

// Bin returns the directory of the newest PostgreSQL server programs on this
// machine (initdb, pg_ctl, postgres), or "" when there are none. Rigs that
// kill servers start their own from here.
func Bin() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return pgVersion(b) - pgVersion(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0])
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

func pgVersion(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// sharedServer and diskServer return the administrator's URL of the server for
// this process.
var (
	sharedServer = sync.OnceValues(func() (*url.URL, error) { return serverIn(quickDir()) })
	diskServer   = sync.OnceValues(func() (*url.URL, error) { return serverIn(os.TempDir()) })
)

// memory is where Linux keeps files in memory, and room what must be free there.
const (
	memory = "/dev/shm"
	room   = 3 << 30
)

// quickDir is where temporary files of tests are written fastest.
func quickDir() string {
	var fs syscall.Statfs_t
	if syscall.Statfs(memory, &fs) == nil && fs.Bavail*uint64(fs.Bsize) >= room {
		return memory
	}
	return os.TempDir()
}

func serverIn(dir string) (*url.URL, error) {
	if given := os.Getenv("VOUCHSAFE_PG_URL"); given != "" {
		return url.Parse(given)
	}
	if Bin() == "" {
		return nil, errors.New("no PostgreSQL server programs in /usr/lib/postgresql/*/bin or on the PATH")
	}
	as, err := serverUser()
	if err != nil {
		return nil, err
	}
	root := filepath.Join(dir, fmt.Sprintf("vouchsafe-pg-%d", os.Getuid()))
	return (&server{root: root, as: as, poll: "5"}).acquire()
}

// serverUser is who runs the server: PostgreSQL refuses root, so root lends it
// to the user that Debian's package makes; anybody else runs it as themselves.
func serverUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return &syscall.Credential{Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid()), NoSetGroups: true}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root: %w", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// server is the PostgreSQL of one root directory:
//
//	users    every living test process holds a shared lock on it; who gets it
//	         exclusively may stop the server
//	start    locked while one process starts the server for all
//	current  the run directory of the newest server
//	run-*/   data, log and socket of one server; its watchdog removes it
type server struct {
	root  string
	as    *syscall.Credential
	poll  string   // seconds between two looks of the watchdog, which gives up after 60
	users *os.File // open, and so locked, as long as this process lives; see holders
}

// holders refers to every server that this process holds: a lock's file that
// nothing refers to is collected, closed, and with it unlocked, and a server in
// use looks idle to its watchdog.
var holders sync.Map

// acquire keeps the server alive for this process, starting it if need be.
func (s *server) acquire() (_ *url.URL, err error) {
	if err := s.own(); err != nil {
		return nil, err
	}
	if s.users, err = lock(filepath.Join(s.root, "users"), syscall.LOCK_SH); err != nil {
		return nil, err
	}
	holders.Store(s, true)
	starting, err := lock(filepath.Join(s.root, "start"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer starting.Close()
	current, _ := os.ReadFile(filepath.Join(s.root, "current"))
	if admin := socketURL(string(current)); len(current) > 0 && adminExec(admin, "SELECT 1") == nil {
		return admin, nil
	}
	return s.start()
}

// own makes the root directory, or refuses one that somebody else made.
func (s *server) own() error {
	if err := os.Mkdir(s.root, 0o700); err == nil {
		return os.Chown(s.root, int(s.as.Uid), int(s.as.Gid))
	}
	info, err := os.Lstat(s.root)
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || stat.Uid != s.as.Uid {
		return fmt.Errorf("%s belongs to somebody else: remove it", s.root)
	}
	return nil
}

func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}

// start replaces whatever an earlier server left by a new one and its watchdog.
// The caller holds both locks.
func (s *server) start() (*url.URL, error) {
	stale, _ := filepath.Glob(filepath.Join(s.root, "run-*"))
	for _, dir := range stale {
		_ = s.command(filepath.Join(Bin(), "pg_ctl"), "stop", "-D", filepath.Join(dir, "data"), "-m", "immediate").Run()
		_ = os.RemoveAll(dir)
	}
	run := filepath.Join(s.root, "run-"+strings.ToLower(crand.Text()[:6]))
	data := filepath.Join(run, "data")
	options := "-k " + run + " -c listen_addresses='' -c max_connections=300 -c fsync=on"
	for _, c := range []*exec.Cmd{
		s.command("mkdir", run),
		s.command(filepath.Join(Bin(), "initdb"), "-D", data, "-U", "postgres", "-A", "trust",
			"--locale=C", "--encoding=UTF8", "--no-sync"),
		s.command(filepath.Join(Bin(), "pg_ctl"), "start", "-w", "-t", "60", "-D", data,
			"-l", filepath.Join(run, "log"), "-o", options),
	} {
		if out, err := c.CombinedOutput(); err != nil {
			log, _ := os.ReadFile(filepath.Join(run, "log"))
			return nil, fmt.Errorf("%s: %w\n%s%s", filepath.Base(c.Path), err, out, log)
		}
	}
	if err := s.watch(run); err != nil {
		return nil, err
	}
	return socketURL(run), os.WriteFile(filepath.Join(s.root, "current"), []byte(run), 0o666)
}

// watchdog polls until no test process has been seen for $4 polls in a row or
// the server is gone, then stops the server and removes its run directory.
// Arguments: run directory, bin directory, seconds between polls, polls.
const watchdog = `run=$1; bin=$2; idle=0; exec 9<"$run/../users"
while [ $idle -lt "$4" ] && sleep "$3" && "$bin/pg_ctl" status -D "$run/data" >/dev/null; do
	if flock -n -x 9; then idle=$((idle+1)); [ $idle -ge "$4" ] || flock -u 9; else idle=0; fi
done
"$bin/pg_ctl" stop -D "$run/data" -m immediate
rm -rf "$run"`

func (s *server) watch(run string) error {
	c := s.command("sh", "-c", watchdog, "watchdog", run, Bin(), s.poll, "60")
	c.SysProcAttr.Setsid = true
	if err := c.Start(); err != nil {
		return err
	}
	return c.Process.Release()
}

func (s *server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = s.root
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	return c
}

func socketURL(run string) *url.URL {
	return &url.URL{
		Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {run}, "sslmode": {"disable"}}.Encode(),
	}
}

func createDatabase(admin *url.URL, template string) (*url.URL, error) {
	fresh := *admin
	fresh.Path = "/vouchsafe_" + strings.ToLower(crand.Text()[:16])
	return &fresh, adminExec(admin, "CREATE DATABASE "+fresh.Path[1:]+
		" TEMPLATE "+template+" ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
}

func dropDatabase(admin, fresh *url.URL) error {
	return adminExec(admin, "DROP DATABASE IF EXISTS "+fresh.Path[1:]+" WITH (FORCE)")
}

func adminExec(admin *url.URL, statement string) error {
	db, err := sql.Open("pgx", admin.String())
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return err
}
