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

// The linker sets these in builds that are given to people: -X main.release=1.2.3, and the commit as in build, if it is
// known. A commit with "+changes" behind it is that with changes.
var release, commit, committed string

// changes stands behind a commit if what was built is not just that commit.
const changes = "+changes"

// build is what this program was built from, and for what.
type build struct {
	// Version is the release, or "unreleased", with the beginning of the commit if that is known.
	Version string `json:"version"`
	// Released is whether this is a release.
	Released bool `json:"released"`
	// Commit is the full name of the commit that the program was built from; empty if it is not known.
	Commit string `json:"commit"`
	// Changed is whether the source code had changes that are not in the commit.
	Changed bool `json:"changed"`
	// Committed is the time of the commit; null if it is not known.
	Committed engine.Time `json:"committed"`
	// Go is the version of the Go toolchain, such as go1.26.8.
	Go string `json:"go"`
	// System is the operating system that the program was built for, as Go calls it: darwin, linux, windows.
	System string `json:"system"`
	// Processor is the processor architecture that the program was built for, as Go calls it: amd64, arm64.
	Processor string `json:"processor"`
}

// thisBuild describes this program. Where the linker has not set anything, it is what the Go command found out when it
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

func versionCommand(w world) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and what it was built from",
		GroupID: groupRun,
		Args:    exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return printJSON(w.stdout, thisBuild())
			}
			thisBuild().print(w.stdout)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
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
	fields(w, "commit", from, "committed", at, "go", b.Go, "platform", b.System+"/"+b.Processor)
}
