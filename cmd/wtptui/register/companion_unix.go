//go:build !windows

package register

import "os/exec"

// launcherScript returns a script that runs words with the arguments of the browser.
func launcherScript(words []string) string {
	return "#!/bin/sh\nexec " + shellWords(words) + " native-host -- \"$@\"\n"
}

func isOnPath(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// Without a registry, the place of the manifest is all that counts.

func (c Companion) point(browser, string) error          { return nil }
func (c Companion) unpoint(browser) error                { return nil }
func (c Companion) pointsTo(browser, string) (ours bool) { return true }
