//go:build !windows

package e2e_test

import (
	"slices"
	"strings"
	"testing"
)

// A screen reader reads the lines of the screen from left to right, as they are written: with --ascii there is nothing
// in them that it would spell out, a site's line says its state as a word, and what changes is all that is written
// again.
func TestScreenReader(t *testing.T) {
	atEverySize(t, func(tm *terminal) {
		tm.shows("docs.example", ":42069 open", "q quit")
		screen := tm.screen.String()
		for i, line := range strings.Split(screen, "\n") {
			for _, r := range line {
				if r > '~' || r < ' ' {
					tm.t.Fatalf("line %d has the character %q: %s", i, r, line)
				}
			}
		}
		lines := strings.Split(screen, "\n")
		words := func(i int) []string { return strings.Fields(lines[i]) }
		if head := words(0); head[0] != "wtptui" || !strings.Contains(lines[0], "online") {
			tm.t.Errorf("the first line does not say what this is: %q", lines[0])
		}
		if !strings.Contains(lines[1], "[1 All 1,000]") {
			tm.t.Errorf("the second line does not say which view this is: %q", lines[1])
		}
		sites := 0
		for i := firstRow; i < len(lines) && len(words(i)) > 3; i++ {
			row := words(i)
			if row[0] == ">" {
				row = row[1:]
			}
			if strings.Contains(lines[i], "[Peers") { // the inspector
				break
			}
			if len(row[0]) == 1 { // the mark of a state
				row = row[1:]
			}
			switch row[0] {
			case "CACHE", "PIN", "LOAD", "MINE", "ERROR", "PAUSE", "FIND", "REST", "CHECK":
				sites++
			default:
				tm.t.Errorf("line %d says no state: %q", i, lines[i])
			}
		}
		if sites < 10 {
			tm.t.Errorf("%d lines are sites:\n%s", sites, screen)
		}

		if strings.Contains(screen, "[Peers") {
			tm.press("v")
			tm.hides("[Peers")
		}
		cursorAt := func(host string) {
			tm.t.Helper()
			tm.await("the cursor at "+host, func() bool {
				return slices.ContainsFunc(strings.Split(tm.screen.String(), "\n"), func(line string) bool {
					return strings.HasPrefix(line, ">") && strings.Contains(line, host)
				})
			})
		}
		tm.press("j")
		cursorAt("nowhere.example")
		written, _ := tm.output()
		tm.press("k")
		cursorAt("docs.example")
		after, _ := tm.output()
		if n := len(after) - len(written); n > 4000 {
			tm.t.Errorf("a step of the cursor writes %d bytes", n)
		}
	}, "--ascii")
}
