// Package bench measures the promises of speed as ratios.
//
// A number of events per second says something about a machine; the ratio to
// what the same machine can do at best, measured in the same run, says
// something about the program. So every measurement here is a pair: the road
// and a bare insert of the same rows (store/bare), a timeline and the bare
// indexed query, verification and a bare read with the tree rebuilt. The two
// of a pair take turns, several times, and the ratio of each turn is kept:
// what else the machine does meanwhile hits both.
//
// docs/performance.md explains each number, the aim it is held against, and
// what dominates it. Measurements never fail a test for being slow.
package bench
