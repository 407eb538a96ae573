package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// The linker sets these in released builds: -X main.release=1.2.3, and the commit as in build, if it is known. A commit
// that ends in "+changes" has local changes.
var release, commit, committed string

// changes is the suffix of a commit with local changes.
const changes = "+changes"

// build describes what this program was built from, and for which platform.
type build struct {
	// Version is the release, or "unreleased", followed by the beginning of the commit if that is known.
	Version string `json:"version"`
	// Released reports whether this is a release.
	Released bool `json:"released"`
	// Commit is the full hash of the commit that the program was built from; empty if it is not known.
	Commit string `json:"commit"`
	// Changed reports whether the source code had changes that are not in the commit.
	Changed bool `json:"changed"`
	// Committed is the time of the commit; null if it is not known.
	Committed engine.Time `json:"committed"`
	// Go is the version of the Go toolchain, such as go1.26.8.
	Go string `json:"go"`
	// System is the operating system that the program was built for, in Go's terms: darwin, linux, windows.
	System string `json:"system"`
	// Processor is the processor architecture that the program was built for, in Go's terms: amd64, arm64.
	Processor string `json:"processor"`
}

// thisBuild describes this program. Without values from the linker it uses what the Go command has recorded when it
// built in a checkout.
func thisBuild() build {
	var found []debug.BuildSetting
	if release == "" && commit == "" {
		if info, ok := debug.ReadBuildInfo(); ok {
			found = info.Settings
		}
	}
	return describeBuild(release, commit, committed, found)
}

func describeBuild(release, commit, committed string, settings []debug.BuildSetting) build {
	b := build{
		Version: release, Released: release != "", Go: runtime.Version(), System: runtime.GOOS, Processor: runtime.GOARCH,
	}
	b.Commit, b.Changed = strings.CutSuffix(commit, changes)
	if !b.Released && commit == "" {
		for _, s := range settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = s.Value
			case "vcs.time":
				committed = s.Value
			case "vcs.modified":
				b.Changed = s.Value == "true"
			}
		}
	}
	if at, err := time.Parse(time.RFC3339, committed); err == nil {
		b.Committed = engine.At(at)
	}
	if b.Released {
		return b
	}
	b.Version = "unreleased"
	if b.Commit != "" {
		b.Version += "-" + b.Commit[:min(12, len(b.Commit))]
		if b.Changed {
			b.Version += changes
		}
	}
	return b
}

// version returns the release, or the commit that the program was built from.
func version() string { return thisBuild().Version }

func versionCommand(env environment) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and what it was built from",
		GroupID: groupRun,
		Args:    exactArgs(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return printJSON(env.stdout, thisBuild())
			}
			thisBuild().print(env.stdout)
			return nil
		},
	}
	addJSONFlag(cmd, &asJSON)
	return cmd
}

func (b build) print(w io.Writer) {
	fmt.Fprintln(w, "wtptui", b.Version)
	from, at := b.Commit, ""
	if b.Changed {
		from += " with changes"
	}
	if !b.Committed.IsZero() {
		at = b.Committed.String()
	}
	printFields(w, "commit", from, "committed", at, "go", b.Go, "platform", b.System+"/"+b.Processor)
}
