// Package keys holds one key per person (client, staff member, partner) and
// what is derived from it: the tag that marks the person's events without
// naming them, the salts of digests, and the cipher of disclosures. Destroying
// a person's key makes tags unlinkable and disclosures unreadable for ever;
// no proof depends on it.
//
// Keys live in a database of their own, wrapped by a key-encryption key (KEK)
// from a file or the environment, so that backups of the main database never
// hold them. A key is made before the transaction that first needs it commits;
// a rolled-back transaction leaves an unused key, which is harmless.
//
// Records that are not persons (cases, withdrawals, accounts, …) have tags
// too; their tag keys are derived from one installation secret kept in the
// same place, since there is nothing personal to erase.
package keys
