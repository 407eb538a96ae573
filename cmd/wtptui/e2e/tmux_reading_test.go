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
		tm.waitShown("docs.example", ":42069 open", "q quit")
		screen := tm.screen.String()
		lines := strings.Split(screen, "\n")
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
		if n := checkStateWords(tm, lines[firstSiteLine:]); n < 10 {
			tm.t.Errorf("%d lines are sites:\n%s", n, screen)
		}

		if strings.Contains(screen, "[Peers") {
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

// checkStateWords checks that the lines of sites, which end before the inspector, contain their states as words, and
// returns their number.
func checkStateWords(tm *terminal, lines []string) (sites int) {
	tm.t.Helper()
	states := []string{"CACHE", "PIN", "LOAD", "MINE", "ERROR", "HALT", "DISK", "REST"}
	for _, line := range lines {
		words := strings.Fields(strings.TrimPrefix(line, ">"))
		if len(words) < 4 || strings.Contains(line, "[Peers") {
			return sites
		}
		if !slices.Contains(states, words[0]) {
			tm.t.Errorf("a site's line says no state: %q", line)
		}
		sites++
	}
	return sites
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
