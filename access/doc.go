// Package access knows the firm's legal entities, its staff, and who holds
// which role where, for how long and why. It decides every act by policies
// that stand in readable files.
//
// # Entity walls
//
// A role is held in one legal entity and gives nothing in another. For every
// request the person is presented to the policies with exactly the roles that
// they hold in the record's entity at that moment; who holds none there is
// answered as if the record did not exist. Records without an entity belong to
// the group (Group), which is one more place to hold roles in. The one way
// across stands in the policies by name: the group's own administrators and
// senior compliance look after access in every entity (see grants.cedar).
//
// # Grants
//
//	(request) ──approved by another──▶ granted ──revoke──▶ revoked
//	(bootstrap, by the installer) ───▶ granted ──its end──▶ expired
//
// Nobody asks for, or approves, a grant to themselves. A grant begins when it
// is approved, or later if asked so; its end is fixed and never moved, and
// takes effect by the clock whether or not the expiry is recorded yet.
// Privileged roles are held for a limited time, which each entity sets.
// Revoking protects and happens at once. Bootstrap grants exist so that there
// is somebody to approve the first request; once an entity has a requested
// grant, its bootstrap is over for good.
//
// # Policies
//
// Cedar, one file for each part of the firm, every policy named by @id. They
// are validated strictly against the schema when the program starts, and it
// does not start otherwise. The schema is also the catalogue of actions: an
// act that it does not know is denied. An error while deciding is a deny with
// the error on record, because an erroring prohibition must not open a door.
//
// Lists are filtered by the same policies: what remains of them when only the
// row is unknown becomes a condition over declared columns. What cannot be
// translated exactly refuses the list; it never widens it.
package access
