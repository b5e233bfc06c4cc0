package console

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"vouchsafe/access"
	"vouchsafe/cases"
	"vouchsafe/clients"
	"vouchsafe/command"
	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/onboarding"
	"vouchsafe/oversight"
	"vouchsafe/payments"
	"vouchsafe/rates"
	"vouchsafe/store"
)

// What policy sees of the tables of payments and cases.
func init() {
	access.Columns(core.KindWithdrawal, "entity", map[string]string{"client": "client"})
	access.Columns(core.KindDeposit, "entity", map[string]string{"client": "client"})
	access.Columns(core.KindCase, "entity", map[string]string{"owner": "owner", "client": "subject"})
	access.Columns(core.KindProposal, "entity", map[string]string{"action": "action", "maker": "maker"})
}

// cashiers are the people of the house who have to do with money.
var cashiers = []struct {
	name, entity string
	role         access.Role
}{
	{"pia", "en_cy", access.Payments},
	{"lea", "en_cy", access.PaymentsLead},
	{"sina", "en_cy", access.SeniorCompliance},
	{"pim", "en_sc", access.Payments},
	{"ib", "en_cy", access.IBManager},
}

// till is the house with clients' money: the real rules of payments over a
// provider that the test speaks for.
type till struct {
	*house
	blocks  map[core.Ref]string // what stands against a client, by client
	client  core.Ref
	foreign core.Ref
	details map[string]core.Ref // bank details of the client, by holder
}

// silentPSP is a provider that is never reached: the tests say what it did.
type silentPSP struct{ payments.PSP }

func (silentPSP) Name() string { return "sandpay" }

func (t *till) Refusals(_ context.Context, _ store.Reader, client core.Ref, _ string, _ core.Instant) ([]command.Refusal, error) {
	if text := t.blocks[client]; text != "" {
		return []command.Refusal{{Code: "blocked", Text: text}}, nil
	}
	return nil, nil
}

func (*till) Profile(context.Context, store.Reader, core.Ref) (string, string, error) {
	return "eu", "EUR", nil
}

func (*till) Basics(ctx context.Context, r store.Reader, client core.Ref) (core.Ref, string, error) {
	c, err := clients.Service{}.Client(ctx, r, client)
	if f := core.AsFault(err); f != nil && f.Kind == core.Unknown {
		return "", "", nil
	}
	return c.Entity, c.Name, err
}

func (*till) Destination(ctx context.Context, r store.Reader, detail core.Ref) (payments.Destination, error) {
	b, err := clients.Service{}.BankDetail(ctx, r, detail)
	if f := core.AsFault(err); f != nil && f.Kind == core.Unknown {
		return payments.Destination{}, nil
	}
	return payments.Destination{Client: b.Client, Holder: b.Holder, Account: b.Account, Bank: b.Bank, Currency: b.Currency, Active: b.Active, Changed: b.ChangedAt}, err
}

func (*till) ByReference(ctx context.Context, r store.Reader, text string) (core.Ref, error) {
	return clients.Service{}.ByReference(ctx, r, text)
}

func (t *till) EntityOf(ctx context.Context, r store.Reader, ref core.Ref) (core.Ref, error) {
	if ref.Kind() == core.KindWithdrawal {
		w, err := payments.WithdrawalByID(ctx, r, ref)
		if err != nil || w == nil {
			return "", err
		}
		return w.Entity, nil
	}
	return t.house.EntityOf(ctx, r, ref)
}

// openTill makes a client in en_cy with two confirmed bank details, one in her
// name and one in another, and a client in en_sc.
func openTill(t *testing.T) *till {
	t.Helper()
	x := &till{house: openHouse(t, true), blocks: map[core.Ref]string{}, details: map[string]core.Ref{}}
	deps := payments.Deps{
		Clearance: x, Entities: x, Cases: cases.Service{}, Clients: x, Rates: rates.Book{}, Tags: payments.Tagger{Key: make([]byte, 32)}, Clock: x.Clock, Wall: x.wall, Group: access.Group,
		Routes: []payments.Route{{Entity: "en_cy", PSP: silentPSP{}, Merchant: "aurum-cy"}, {Entity: "en_sc", PSP: silentPSP{}, Merchant: "aurum-sc"}},
	}
	payments.Register(x.Road.Registry, deps)
	cases.Register(x.Road.Registry, x, x)
	for _, p := range cashiers {
		x.hire(p.name, core.Ref(p.entity), p.role)
	}
	x.server.Payments = deps
	x.server.Records = x
	x.server.Onboarding = onboarding.Domain{Clients: clients.Service{}, Policy: onboarding.DefaultPolicy()}
	x.server.Packs = &oversight.Packs{Log: x.Road.Log, Signers: x.signer, Records: x, Tool: "test"}
	x.server.Settled = func(ctx context.Context) error {
		_, err := x.seq.Step(ctx)
		return err
	}
	sue, sam := x.staff("sue"), x.staff("sam")
	in := clients.CreateClient{Entity: "en_cy", Name: "Adelheid Canaryname", Email: "adelheid@canarymail.example", Country: "CY", BirthDate: "1984-02-29", Nationality: "DE", Phone: "+35799123456", Address: "7 Canarystreet, Limassol"}
	x.client = x.Do(sue, in).Subject
	for holder, account := range map[string]string{"Adelheid Canaryname": "DE89370400440532013000", "Heidemarie Canarywitz": "GB29NWBK60161331926819"} {
		out := x.Do(sue, clients.AddBankDetail{Client: x.client, Holder: holder, Account: account, Currency: "EUR", Reason: "client_request", Words: "As in the form."})
		x.details[holder] = x.Approve(x.staff("maria"), out.Proposal).Subject
	}
	in.Entity, in.Name, in.Email = "en_sc", "Ferdinand Farname", "far@mail.example"
	x.foreign = x.Do(sam, in).Subject
	x.Clock.Advance(100 * time.Hour)
	x.deposit("po_in1", "Adelheid Canaryname", 500_000)
	x.pay(payments.CreditDeposit{Deposit: x.newest("/deposits")})
	return x
}

func (t *till) staff(name string) evidence.Actor {
	return evidence.Actor{Ref: t.who[name], IP: "192.0.2.77", StepUp: true}
}

func (t *till) pay(in command.Input) command.Outcome {
	t.t.Helper()
	return t.Do(evidence.Actor{Ref: access.SysPayments}, in)
}

// deposit has the provider tell of money that arrived.
func (t *till) deposit(id, payer string, minor int64) {
	t.t.Helper()
	t.Clock.Advance(time.Minute)
	t.pay(payments.RecordDeposit{
		PSP: "sandpay", Merchant: "aurum-cy", Transaction: id, Status: "succeeded", Phase: payments.PhasePaid, Method: "card",
		Reference: clients.PaymentReference(t.client), Payer: payer, Account: "DE02CANARYPAYER", Minor: minor, Currency: "EUR", Arrived: t.Clock.Now(), Answer: strings.Repeat("ab", 32),
	})
}

// newest is the record that a list shows first, to who may see everything.
func (t *till) newest(list string) core.Ref {
	t.t.Helper()
	m := regexp.MustCompile(`href="` + list + `/([a-z0-9_]+)"`).FindStringSubmatch(t.as("pia").get(list, http.StatusOK).body)
	if m == nil {
		t.t.Fatalf("%s lists nothing", list)
	}
	return core.Ref(m[1])
}

// send drives an approved withdrawal to its end: one request, its answer, the
// provider's status, and its list.
func (t *till) send(wd core.Ref, amount int64) {
	t.t.Helper()
	t.pay(payments.BeginAttempt{Withdrawal: wd})
	t.pay(payments.RecordAttempt{Withdrawal: wd, Number: 1, Certainty: command.Applied, Transaction: "po_out1", Status: "pending", Answer: strings.Repeat("cd", 32)})
	t.Clock.Advance(time.Minute)
	t.pay(payments.SyncStatus{Withdrawal: wd, Transaction: "po_out1", From: payments.ExecSubmitted, Phase: payments.PhasePaid, Status: "paid", Same: true, Answer: strings.Repeat("ef", 32)})
	t.pay(payments.RecordSettlement{Movement: wd, Transaction: "po_out1", Minor: amount, Currency: "EUR"})
}
