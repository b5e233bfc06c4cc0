// Package judges lets programs that nobody here wrote judge the evidence:
// transparency-dev's Merkle tree and Tessera's fsck. It is a module of its own
// so that the product does not depend on them.
package judges
