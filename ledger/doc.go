// Package ledger is the firm's double-entry book: append-only entries on
// accounts, integers only. It is the one thing that several domains write
// jointly, inside their own commands.
//
// # What is promised
//
//   - The lines of a journal sum to zero per currency; a journal that does not
//     is refused before anything is written.
//   - Entries and journals are never changed. A correction is a journal that
//     reverses another, and a journal is reversed at most once.
//   - A wallet's availability is posted minus held. No journal and no hold
//     takes it below zero unless the account says that it may go negative.
//   - A hold is opened once per record and ends once: released or captured.
//
// # Accounts
//
// client_wallet (one per client and currency), platform_clearing (money on its
// way to or from a trading platform), psp_clearing (per PSP merchant account),
// bank, fees, fx_difference, chargeback_receivable, partner_wallet,
// partner_payable. Wallets keep a running balance; clearing accounts are hot
// and are summed instead.
//
// Signs: plus on a wallet is money that the firm owes its owner; the other
// side of a client's deposit is minus on psp_clearing, money that the PSP
// holds for the firm.
package ledger
