// Package static embeds everything that a browser loads besides HTML: the
// stylesheet, fonts, the icon sprite, htmx and our own small ES modules.
//
// The promise: every URL that Path returns names its content. The name carries
// a hash of the bytes, so the answer may be kept for ever and a changed file is
// a new URL. Stylesheets in css/ are served as one file, in name order (the
// cascade layers, declared in the first, make the order harmless); references
// from CSS to fonts and between modules are rewritten to the hashed names.
//
// Nothing is fetched from elsewhere at build or run time. Third-party files
// are listed with their licences in VENDORED.md and pinned by SHA256SUMS.
package static
