package app

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// tool names this program and its version, as packs tell it.
func tool() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return "vouchsafe " + info.Main.Version
	}
	return "vouchsafe (devel)"
}

// version tells which build this is: version, commit where the build knows it,
// compiler and platform, on one line.
func (c *cli) version(_ context.Context, args []string) error {
	if _, err := parse(c.flags("version"), args, 0, 0); err != nil {
		return err
	}
	commit := "commit not recorded"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = "commit " + s.Value
			}
		}
	}
	fmt.Fprintf(c.out, "%s, %s, %s %s/%s\n", tool(), commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
