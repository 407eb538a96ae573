//go:build !windows

package e2e_test

import (
	"slices"
	"strings"
	"testing"
)

// A screen reader reads lines from left to right, as they are written. With --ascii there is no character that it would
// spell out, a site's line contains its state as a word, and only what changes is written again.
func TestASCIIScreenIsReadableLineByLine(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		var lines []string
		// tmux draws row by row, so the screen may be read when only some are there.
		tm.waitScreen("ten sites", func(screen string) bool {
			lines = strings.Split(screen, "\n")
			return containsAll([]string{":42069 open", "q quit"})(screen) && len(siteLines(lines)) >= 10
		})
		for i, line := range lines {
			if strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' }) {
				tm.t.Fatalf("line %d has a character that is not ASCII: %s", i, line)
			}
		}
		if !strings.HasPrefix(strings.TrimSpace(lines[0]), "wtptui") || !strings.Contains(lines[0], "online") {
			tm.t.Errorf("the first line does not say what this is: %q", lines[0])
		}
		if !strings.Contains(lines[1], "home https://blog.me/") {
			tm.t.Errorf("the second line does not say what is public: %q", lines[1])
		}
		if !strings.Contains(lines[2], "[1 All 1,000]") {
			tm.t.Errorf("the third line does not say which view this is: %q", lines[2])
		}
		checkStateWords(tm, siteLines(lines))

		if slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "[Peers") }) {
			tm.press("v")
			tm.waitHidden("[Peers")
		}
		tm.press("j")
		waitASCIICursorAt(tm, "nowhere.example")
		written, _ := tm.outputSoFar()
		tm.press("k")
		waitASCIICursorAt(tm, "docs.example")
		after, _ := tm.outputSoFar()
		if n := len(after) - len(written); n > 4000 {
			tm.t.Errorf("a step of the cursor writes %d bytes", n)
		}
	}, "--ascii")
}

// siteLines returns the lines of sites, which end before the inspector.
func siteLines(lines []string) []string {
	if len(lines) < firstSiteLine {
		return nil
	}
	lines = lines[firstSiteLine:]
	end := slices.IndexFunc(lines, func(line string) bool {
		return len(strings.Fields(strings.TrimPrefix(line, ">"))) < 4 || strings.Contains(line, "[Peers")
	})
	if end < 0 {
		return lines
	}
	return lines[:end]
}

// checkStateWords checks that the lines of sites contain their states as words.
func checkStateWords(tm *terminal, lines []string) {
	tm.t.Helper()
	states := []string{"CACHE", "PIN", "LOAD", "MINE", "ERROR", "HALT", "DISK", "REST"}
	for _, line := range lines {
		if words := strings.Fields(strings.TrimPrefix(line, ">")); !slices.Contains(states, words[0]) {
			tm.t.Errorf("a site's line says no state: %q", line)
		}
	}
}

// waitASCIICursorAt waits until the cursor is on a site's line.
func waitASCIICursorAt(tm *terminal, host string) {
	tm.t.Helper()
	tm.waitOutput("the cursor at "+host, func() bool {
		return slices.ContainsFunc(strings.Split(tm.screen.String(), "\n"), func(line string) bool {
			return strings.HasPrefix(line, ">") && strings.Contains(line, host)
		})
	})
}
