package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"vouchsafe/access"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/oversight"
	"vouchsafe/store"
)

// Site is a new, empty installation to be measured. The program opens it;
// nothing in it differs from one that serves, except that nobody signs in.
type Site struct {
	Store     *store.Store
	Road      *command.Road
	Log       *evidence.Log
	Sequencer *evidence.Sequencer
	Signers   evidence.Signers
	Outside   evidence.OutsideStore
	Records   oversight.Records
	// Seal runs the sequencer, woken by commits, until ctx ends.
	Seal func(ctx context.Context)
	// Dir is a folder for the twin on SQLite, DSN the database on PostgreSQL.
	Dir, DSN string
}

// Firm is who acts and who is acted on.
type Firm struct {
	Entity  core.Ref
	Officer evidence.Actor // compliance, who runs the commands
	Auditor evidence.Actor // who reads
	Staff   []core.Ref
	Clients []core.Ref
}

var install = evidence.Actor{Ref: access.SysInstall}

// Found makes a legal entity, staff with roles, and clients, all by commands.
func (s *Site) Found(ctx context.Context, clientCount int) (*Firm, error) {
	f := &Firm{}
	out, err := s.Road.Run(ctx, install, "", access.CreateEntity{
		Code: "bench", Name: "Bench Markets Ltd", Jurisdiction: "CY", Regulator: "CySEC", Licence: "CIF 000/00", Currency: "EUR",
	})
	if err != nil {
		return nil, err
	}
	f.Entity = out.Subject
	for i, roles := range [][]access.Role{{access.Compliance}, {access.Auditor}, {access.Support}, {access.Payments}, {access.Dealing}} {
		actor, err := s.hire(ctx, f.Entity, i, roles)
		if err != nil {
			return nil, err
		}
		f.Staff = append(f.Staff, actor.Ref)
		switch i {
		case 0:
			f.Officer = actor
		case 1:
			f.Auditor = actor
		}
	}
	f.Clients = make([]core.Ref, clientCount)
	return f, each(clientCount, 1, func(i int) error {
		out, err := s.Road.Run(ctx, f.Officer, "", client(f.Entity, i))
		f.Clients[i] = out.Subject
		return err
	})
}

func (s *Site) hire(ctx context.Context, entity core.Ref, i int, roles []access.Role) (evidence.Actor, error) {
	out, err := s.Road.Run(ctx, install, "", access.CreateStaff{
		Entity: entity, Name: fmt.Sprintf("Colleague Number%c", 'A'+i), Email: fmt.Sprintf("colleague%d@bench.example", i), Line: access.SecondLine,
	})
	if err != nil {
		return evidence.Actor{}, err
	}
	until := s.Road.Clock.Now().Add(80 * 24 * time.Hour)
	for _, role := range roles {
		if _, err := s.Road.Run(ctx, install, "", access.BootstrapGrant{Holder: out.Subject, Role: role, Entity: entity, Until: until}); err != nil {
			return evidence.Actor{}, err
		}
	}
	return evidence.Actor{
		Ref: out.Subject, Session: core.NewRef(core.KindSession, s.Road.Clock.Now(), s.Road.Entropy), IP: fmt.Sprintf("192.0.2.%d", 10+i),
		Factors: []string{"password", "totp"}, StepUp: true,
	}, nil
}

func client(entity core.Ref, i int) clients.CreateClient {
	return clients.CreateClient{
		Entity: entity, Name: "Client Number " + letters(i), Email: fmt.Sprintf("client%d@mail.example", i),
		Phone: fmt.Sprintf("+357%08d", i), Address: fmt.Sprintf("%d Linden Street, Limassol", i%200+1), Country: "CY",
		BirthDate: fmt.Sprintf("%d-%02d-%02d", 1950+i%50, i%12+1, i%28+1), Nationality: "CY",
	}
}

// letters spells a number in letters, for names.
func letters(n int) string {
	out := ""
	for range 5 {
		out = string(rune('a'+n%26)) + out
		n /= 26
	}
	return string(out[0]-32) + out[1:]
}

// each calls fn for 0 to n-1 from so many goroutines and returns the first
// error.
func each(n, senders int, fn func(i int) error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	next := 0
	for range senders {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := failed != nil || i >= n
				mu.Unlock()
				if stop {
					return
				}
				if err := fn(i); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return failed
}
