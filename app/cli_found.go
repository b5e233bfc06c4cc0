package app

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"vouchsafe/access"
	"vouchsafe/core"
	"vouchsafe/evidence"
)

// Firm is what `found` reads: the legal entities and the first people of an
// empty installation.
type Firm struct {
	Entities []access.CreateEntity `json:"entities"`
	Staff    []FirstStaff          `json:"staff"`
}

// FirstStaff is a person who is there from the first day. Everybody later is
// entered, and every later role requested and approved, in the usual way.
type FirstStaff struct {
	access.CreateStaff
	Roles []FirstRole `json:"roles"`
}

// FirstRole is a role of the first day. Without Days a privileged role lasts a
// month, any other a year.
type FirstRole struct {
	Role   access.Role `json:"role"`
	Entity core.Ref    `json:"entity"`
	Days   int         `json:"days"`
}

func (r FirstRole) length() time.Duration {
	const day = 24 * time.Hour
	switch {
	case r.Days != 0:
		return time.Duration(r.Days) * day
	case r.Role.Privileged():
		return 30 * day
	}
	return 365 * day
}

// readFirm reads the file and refuses what would fail half-way.
func readFirm(path string) (f Firm, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return f, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return f, fmt.Errorf("%s: %w", path, err)
	}
	return f, f.validate()
}

// validate demands that what is written is well-formed, and that two different
// people can ask for and approve roles: nobody else could ever let them in.
func (f Firm) validate() error {
	known := map[core.Ref]bool{access.Group: true}
	for _, e := range f.Entities {
		if err := e.Validate(); err != nil {
			return fmt.Errorf("entity %q: %w", e.Code, err)
		}
		known[e.Subject()] = true
	}
	taken := map[string]bool{}
	admins, seniors := map[int]bool{}, map[int]bool{}
	for i, s := range f.Staff {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("staff %q: %w", s.Email, err)
		}
		address := strings.ToLower(strings.TrimSpace(s.Email))
		if !known[s.Entity] || taken[address] {
			return fmt.Errorf("staff %q: the entity is not in the file, or the address stands there twice", s.Email)
		}
		taken[address] = true
		for _, r := range s.Roles {
			if !r.Role.Valid() || !known[r.Entity] || r.Days < 0 || r.Days > 365 {
				return fmt.Errorf("staff %q: role %q in %q for %d days is not one that can be given", s.Email, r.Role, r.Entity, r.Days)
			}
			admins[i] = admins[i] || r.Entity == access.Group && r.Role == access.SystemAdmin
			seniors[i] = seniors[i] || r.Entity == access.Group && r.Role == access.SeniorCompliance
		}
	}
	for a := range admins {
		for s := range seniors {
			if a != s && admins[a] && seniors[s] {
				return nil
			}
		}
	}
	return errors.New("a firm begins with at least two people: one who is system_admin and another who is senior_compliance, both in en_group, so that one asks for roles and the other approves")
}

// foundFirm enters the first entities and people into an empty installation and
// prints their first passwords, once. It is refused as soon as anybody is
// there: it is no way in for whoever holds the machine later.
func (c *cli) foundFirm(ctx context.Context, args []string) error {
	fs := c.flags("found")
	var w where
	w.add(fs)
	rest, err := parse(fs, args, 1, 1)
	if err != nil {
		return err
	}
	firm, err := readFirm(rest[0])
	if err != nil {
		return err
	}
	a, err := openToAct(ctx, &w)
	if err != nil {
		return err
	}
	defer a.Close()
	var people int
	if err := a.Store.Reader().QueryRow(ctx, "SELECT count(*) FROM staff").Scan(&people); err != nil {
		return err
	}
	if people > 0 || a.Config.Demo {
		return errors.New("this installation has people already: a system administrator enters others, and a colleague approves their roles")
	}
	if err := c.enterFirm(ctx, a, firm); err != nil {
		return fmt.Errorf("%w. What was entered before stays on record; begin again with a new folder and database", err)
	}
	if err := a.settled(ctx); err != nil {
		return err
	}
	return a.keepKeys(ctx)
}

func (c *cli) enterFirm(ctx context.Context, a *App, firm Firm) error {
	by := evidence.Actor{Ref: access.SysInstall, Factors: []string{"operating-system"}}
	for _, e := range firm.Entities {
		if _, err := a.Road.Run(ctx, by, "", e); err != nil {
			return fmt.Errorf("entity %q: %s", e.Code, faultText(err))
		}
		fmt.Fprintf(c.out, "entity    %s  %s\n", e.Subject(), oneLine(e.Name))
	}
	for _, s := range firm.Staff {
		if err := c.enterPerson(ctx, a, by, s); err != nil {
			return fmt.Errorf("staff %q: %s", s.Email, faultText(err))
		}
	}
	fmt.Fprint(c.out, "\nThe passwords and generator keys stand nowhere else. Give each person theirs; they change both under Account.\n")
	return nil
}

func (c *cli) enterPerson(ctx context.Context, a *App, by evidence.Actor, s FirstStaff) error {
	out, err := a.Road.Run(ctx, by, "", s.CreateStaff)
	if err != nil {
		return err
	}
	for _, r := range s.Roles {
		grant := access.BootstrapGrant{Holder: out.Subject, Role: r.Role, Entity: r.Entity, Until: a.Clock.Now().Add(r.length())}
		if _, err := a.Road.Run(ctx, by, "", grant); err != nil {
			return err
		}
	}
	var secret [32]byte // 12 bytes of password, 20 of the generator's seed
	core.SystemEntropy{}.Read(secret[:])
	text := base32.StdEncoding.WithPadding(base32.NoPadding)
	password, seed := text.EncodeToString(secret[:12]), secret[12:]
	if _, err := a.Domains.Auth.Enrol(ctx, by, out.Subject, password, seed); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "staff     %s  %s\n  sign-in    %s\n  password   %s\n  generator  %s\n", out.Subject, oneLine(s.Name), s.Email, password, text.EncodeToString(seed))
	return nil
}
