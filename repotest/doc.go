// Package repotest holds tests about the repository itself.
//
// What ARCHITECTURE.md promises about the code is checked here, from the
// sources and with nothing but the standard library: which way imports point,
// how deep and how wide they go, how long files and functions are, that
// everything exported is documented, that only the store writes SQL, that
// clocks and chance are injected, that no test is skipped unseen, that every
// dependency has a written reason, and that generated files are current.
//
// Every rule is one test with two parts. "can fail" plants a small violation
// in memory and demands exactly the findings it should give; "holds" reads the
// checkout (tracked files and new ones that are not ignored, whatever their
// build constraints). A finding names file and line and says what to do.
// Other modules (tools, judges) and testdata folders are not judged as code.
package repotest
