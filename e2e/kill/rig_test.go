package kill

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/evidence/keys"
	"vouchsafe/store"
	"vouchsafe/store/storetest"
)

// rig is the outside: it starts the program, kills it, and remembers what was
// acknowledged.
type rig struct {
	t    *testing.T
	o    orders
	rng  *rand.Rand
	life int

	mu    sync.Mutex
	acked []acked
	open  []request // sent, and the answer never came
	sent  int
}

// request is one call as a client keeps it until it is answered.
type request struct {
	path, actor, key string
	body             any
	ref              core.Ref
}

// acked is a request with the answer that came.
type acked struct {
	request
	answer
}

func newRig(t *testing.T, engine store.Engine) *rig {
	t.Helper()
	dir := t.TempDir()
	r := &rig{t: t, o: orders{Dir: dir, Database: "sqlite:" + filepath.Join(dir, "main.db")}, rng: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))}
	if engine == store.Postgres {
		r.o.Database = storetest.PostgresURL(t)
	}
	r.must(keys.GenerateKEK(filepath.Join(dir, "kek.json")))
	_, err := evidence.GenerateSigner(filepath.Join(dir, "log.key"), host)
	r.must(err)
	for dsn, set := range map[string]store.MigrationSet{r.o.Database: store.MainMigrations, "sqlite:" + filepath.Join(dir, "keys.db"): store.KeyMigrations} {
		s, err := store.Open(t.Context(), store.Options{DSN: dsn})
		r.must(err)
		r.must(s.Migrate(t.Context(), set, io.Discard))
		r.must(s.Close())
	}
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// child is one life of the program.
type child struct {
	cmd  *exec.Cmd
	base string
	errs *bytes.Buffer
	in   io.Closer
}

// start begins the next life: its clocks are past all leases of the last.
func (r *rig) start() *child {
	r.t.Helper()
	o := r.o
	o.Ahead = time.Duration(r.life) * 10 * time.Minute
	r.life++
	text, err := json.Marshal(o)
	r.must(err)
	c := &child{cmd: exec.CommandContext(r.t.Context(), os.Args[0]), errs: &bytes.Buffer{}}
	c.cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	c.cmd.Stderr = c.errs
	out, err := c.cmd.StdoutPipe()
	r.must(err)
	c.in, err = c.cmd.StdinPipe()
	r.must(err)
	r.must(c.cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = c.cmd.Wait()
		r.t.Fatalf("the program does not start again: %v\n%s", err, c.errs)
	}
	c.base = "http://" + strings.TrimSpace(line)
	return c
}

// kill ends it as the kernel does, at once.
func (r *rig) kill(c *child) {
	r.t.Helper()
	r.must(c.cmd.Process.Kill())
	err := c.cmd.Wait()
	if x, ok := errors.AsType[*exec.ExitError](err); !ok || x.ExitCode() != -1 {
		r.t.Fatalf("the program ended before it was killed: %v\n%s", err, c.errs)
	}
}

// send makes one call. It returns false when no answer came.
func send(ctx context.Context, base string, q request) (answer, bool) {
	var a answer
	body, err := json.Marshal(q.body)
	if err != nil {
		return a, false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+q.path, bytes.NewReader(body))
	if err != nil {
		return a, false
	}
	req.Header.Set("Actor", q.actor)
	req.Header.Set("Idempotency-Key", q.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, false
	}
	defer res.Body.Close()
	return a, json.NewDecoder(res.Body).Decode(&a) == nil
}

// do sends a request and remembers what came of it. An answer that says that
// the outcome is not known is no answer.
func (r *rig) do(base string, q request) (answer, bool) {
	a, ok := send(r.t.Context(), base, q)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent++
	switch {
	case !ok || a.Code == store.ErrCommitUnknown.Code || a.Code == "too-busy":
		r.open = append(r.open, q)
		return a, false
	case a.Code == "":
		r.acked = append(r.acked, acked{q, a})
	}
	return a, a.Code == ""
}

// load is one client: it first asks again for what it was never answered, with
// the same keys, and goes on until the program dies.
func (r *rig) load(base string, rng *rand.Rand, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		r.mu.Lock()
		var q request
		again := len(r.open) > 0
		if again {
			q, r.open = r.open[0], r.open[1:]
		}
		n := r.sent
		r.mu.Unlock()
		if !again {
			q = draw(rng, n, r.o.Liar)
		}
		a, ok := r.do(base, q)
		if !ok {
			if a.Code == "" {
				return // dead
			}
			continue
		}
		if a.State == command.StateProposed && q.actor == "st_ann" {
			r.do(base, request{
				path: "/decide", actor: "st_lea", key: "d" + q.key, ref: q.ref,
				body: command.Decide{Proposal: a.Proposal, Hash: a.Hash, Approve: rng.IntN(5) > 0, Words: "Looked at and decided."},
			})
		}
	}
}

// draw makes a new request; only of money coming in, which nobody has to
// approve and nothing refuses, where the answers are made up.
func draw(rng *rand.Rand, n int, madeUp bool) request {
	client := core.Ref(fmt.Sprintf("cl_%d", rng.IntN(wallets)))
	ref := core.Ref(fmt.Sprintf("wd_%d.%016x", n, rng.Uint64()))
	q := request{actor: "st_ann", key: string(ref), ref: ref}
	if madeUp || rng.IntN(3) == 0 {
		q.path, q.body = "/run/"+string(rigIn{}.Action()), rigIn{Ref: ref, Client: client, Minor: 1 + rng.Int64N(2*large)}
		return q
	}
	minor := 1 + rng.Int64N(large/2)
	if rng.IntN(6) == 0 {
		minor += large
	}
	q.path, q.body = "/run/"+string(rigOut{}.Action()), rigOut{Ref: ref, Client: client, Minor: minor}
	return q
}

// round is one life under load, ended at a random moment after the first
// acknowledgement. It returns how many acknowledgements came.
func (r *rig) round(most time.Duration) int {
	r.t.Helper()
	before := len(r.acked)
	c := r.start()
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		rng := rand.New(rand.NewPCG(r.rng.Uint64(), 7))
		clients.Go(func() { r.load(c.base, rng, stop) })
	}
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) && r.count() == before {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(time.Duration(r.rng.Int64N(int64(most))))
	r.kill(c)
	close(stop)
	clients.Wait()
	return r.count() - before
}

func (r *rig) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.acked)
}
