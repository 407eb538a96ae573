//go:build !windows

package register

import "os/exec"

// launcherScript starts words with what a browser adds.
func launcherScript(words []string) string {
	return "#!/bin/sh\nexec " + shellWords(words) + " native-host -- \"$@\"\n"
}

func isOnPath(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// There is no registry: the manifest's place is all.

func (c Companion) point(browser, string) error          { return nil }
func (c Companion) unpoint(browser) error                { return nil }
func (c Companion) pointsTo(browser, string) (ours bool) { return true }
