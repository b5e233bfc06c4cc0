// Command vouchsafe is the whole product: console, portals, API, jobs and
// sealing as `serve`, and the verbs of an operator and of whoever checks us.
package main

import (
	"os"

	"vouchsafe/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
