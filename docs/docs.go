// Package docs holds the guide for the people who use the product. The program
// carries it, so that it fits the version that runs.
package docs

import "embed"

// Guide is the folder guide/ with one Markdown file a page.
//
//go:embed guide/*.md
var Guide embed.FS
