package storetest

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"vouchsafe/repotest/need"
)

func TestPostgresURLGivesEachCallItsOwnEmptyDatabase(t *testing.T) {
	t.Parallel()
	for range 2 {
		db, err := sql.Open("pgx", PostgresURL(t))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(`CREATE TABLE one_per_database (id text)`); err != nil {
			t.Fatal(err)
		}
		for setting, want := range map[string]string{"fsync": "on", "server_encoding": "UTF8", "lc_collate": "C"} {
			var got string
			if err := db.QueryRow(`SELECT current_setting($1)`, setting).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q (%v), want %q", setting, got, err, want)
			}
		}
	}
}

func TestPostgresDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var given string
	t.Run("using it", func(t *testing.T) { given = PostgresURL(t) })
	db, err := sql.Open("pgx", given)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err == nil {
		t.Errorf("%s outlived its test", given)
	}
}

// TestServerIsReplacedAndStopped kills a private server, sees it replaced, lets
// go of it, and sees the watchdog stop it and clean up.
func TestServerIsReplacedAndStopped(t *testing.T) {
	t.Parallel()
	if os.Getenv("VOUCHSAFE_PG_URL") == "" && Bin() == "" {
		need.Missing(t, "pg", "no PostgreSQL server programs")
	}
	s := privateServer(t)
	first := runDirectory(t, s)
	kill := exec.Command("sh", "-c", `kill -9 $(head -n 1 "$1"/data/postmaster.pid)`, "kill", first)
	if out, err := kill.CombinedOutput(); err != nil {
		t.Fatalf("kill: %v\n%s", err, out)
	}
	s.users.Close()
	second := runDirectory(t, s)
	if first == second {
		t.Fatalf("the killed server in %s was not replaced", first)
	}
	if _, err := os.Stat(filepath.Join(second, "data")); err != nil {
		t.Fatal(err)
	}
	s.letGo(t)
}

// TestAServerInUseStaysLocked: nobody refers to the server any more but this
// process still lives, so no watchdog may find it idle.
func TestAServerInUseStaysLocked(t *testing.T) {
	t.Parallel()
	if os.Getenv("VOUCHSAFE_PG_URL") == "" && Bin() == "" {
		need.Missing(t, "pg", "no PostgreSQL server programs")
	}
	root := func() string {
		s := privateServer(t)
		runDirectory(t, s)
		return s.root
	}()
	for range 5 { // a file is closed some time after it was collected
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
	users, err := os.OpenFile(filepath.Join(root, "users"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(users.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		t.Errorf("the server could be stopped while this process lives: lock gives %v", err)
	}
	users.Close()
	holders.Range(func(s, _ any) bool {
		if s.(*server).root == root {
			s.(*server).letGo(t)
		}
		return true
	})
}

// letGo unlocks the server and waits for its watchdog to stop it and clean up.
func (s *server) letGo(t *testing.T) {
	s.users.Close()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		left, _ := filepath.Glob(filepath.Join(s.root, "run-*"))
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the watchdog left %v", left)
		}
	}
}

// privateServer is a server of this test's own, watched every 50 ms.
func privateServer(t *testing.T) *server {
	t.Helper()
	as, err := serverUser()
	if err != nil {
		need.Missing(t, "pg", err.Error())
	}
	top, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	if err := os.Chmod(top, 0o755); err != nil {
		t.Fatal(err)
	}
	return &server{root: filepath.Join(top, "server"), as: as, poll: "0.05"}
}

// runDirectory acquires the server and returns the directory that it runs in.
func runDirectory(t *testing.T, s *server) string {
	t.Helper()
	admin, err := s.acquire()
	if err != nil {
		t.Fatal(err)
	}
	if err := adminExec(admin, "SELECT 1"); err != nil {
		t.Fatalf("the server at %s does not answer: %v", admin, err)
	}
	return admin.Query().Get("host")
}
