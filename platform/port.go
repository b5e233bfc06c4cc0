package platform

import (
	"context"
	"time"

	"vouchsafe/command"
	"vouchsafe/core"
)

// Platform is a trading platform's manager interface as this firm uses it.
// Every write sends at most one request on the wire and is never re-sent by
// any layer below; reads may be repeated once after re-authentication.
//
// A write's error is nil exactly when its Certainty is Applied. Amounts are in
// minor units of the account's currency.
type Platform interface {
	Name() string // stable id of the server in configuration, for example "mt5-eu"
	Reader
	Writer
}

// Reader is the reading half of a platform.
type Reader interface {
	// Clock samples the server's clock between two of ours.
	Clock(ctx context.Context) (ClockSample, error)
	// Account reads one account. A missing one is core.Unknown "no-such-account".
	Account(ctx context.Context, login int64) (AccountState, error)
	// Deals reads all deals of the given logins in the half-open window of
	// server time [from, to). Complete is false when rows moved while paging.
	Deals(ctx context.Context, logins []int64, from, to time.Time) (DealScan, error)
	// Find looks for the effect of a posting by its tag, in the deals of the
	// account since the given server time. Absence once proves nothing.
	Find(ctx context.Context, op command.Op, login int64, since time.Time) ([]Deal, error)
}

// Writer is the writing half of a platform.
type Writer interface {
	// Create opens an account under a login that we chose. A login that exists
	// already is read back and compared: equal is Applied, different Rejected.
	Create(ctx context.Context, op command.Op, a NewAccount) (Receipt, command.Certainty, error)
	// Change sets group, rights or leverage, and reads every field back: a
	// silently ignored value is Rejected with code "not-applied".
	Change(ctx context.Context, op command.Op, login int64, p Patch) (Receipt, command.Certainty, error)
	// Post books one balance-type deal. The comment begins with op.Tag.
	Post(ctx context.Context, op command.Op, login int64, p Posting) (Receipt, command.Certainty, error)
}

// ClockSample pairs the server's clock with ours. Server is the server's wall
// clock written as if it were UTC, as MT5 reports it.
type ClockSample struct {
	Before, After core.Instant
	Server        time.Time
}

// Offset is the server's distance from UTC, to the nearest quarter of an hour.
func (c ClockSample) Offset() time.Duration {
	mid := c.Before.Add(c.After.Sub(c.Before) / 2)
	return c.Server.Sub(mid.Time()).Round(15 * time.Minute)
}

// AccountState is an account as the platform shows it.
type AccountState struct {
	Login          int64
	Group          string
	Rights         int64 // MT5 user rights bit mask
	Leverage       int
	Currency       string
	Balance        int64 // minor units
	Credit         int64
	Registered     time.Time // server time; with the login it is the account's identity
	TradeDisabled  bool
	Enabled        bool
	Name           string // empty also when the manager lacks the personal-data right
	PersonalHidden bool   // true when that right is missing
}

// NewAccount is an account to be opened. Passwords never appear in logs,
// evidence or errors.
type NewAccount struct {
	Login            int64
	Name             string
	Group            string
	Leverage         int
	Rights           int64
	MainPassword     string
	InvestorPassword string
}

// Patch is a change of account settings; nil fields stay as they are.
type Patch struct {
	Group    *string
	Leverage *int
	// RightsMask selects the bits of Rights that are set to RightsValue.
	RightsMask, RightsValue int64
}

// Posting kinds, numbered as MT5 deal actions.
const (
	PostBalance    = 2
	PostCredit     = 3
	PostCharge     = 4
	PostCorrection = 5
	PostBonus      = 6
)

// Posting is one balance-type deal to be booked.
type Posting struct {
	Action  int   // PostBalance and so on
	Minor   int64 // signed, minor units of Currency
	Digits  int   // currency digits
	Comment string
}

// Deal is one deal of any kind read from the platform. Raw is the wire record
// as received; its digest is stored when the deal is first seen.
type Deal struct {
	Ticket     int64
	Login      int64
	Action     int
	Reason     int
	Dealer     int64
	Time       time.Time // server wall clock as if UTC
	Minor      int64     // profit field in minor units
	Comment    string
	ModifyFlag int64
	ExternalID string
	Raw        []byte
}

// DealScan is the result of reading a window.
type DealScan struct {
	Deals    []Deal
	Complete bool
}

// Receipt is the platform's own word for a write.
type Receipt struct {
	Ticket     int64 // deal ticket; zero for changes that book none
	Code       string
	ServerTime time.Time
	Request    [32]byte // SHA-256 of the request without secrets
	Answer     [32]byte // SHA-256 of the answer
	After      AccountState
}
