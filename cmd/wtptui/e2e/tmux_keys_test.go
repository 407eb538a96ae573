//go:build !windows

package e2e_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pinnedTab matches the view of pinned sites in the line of views, whose name is cut on a small terminal.
var pinnedTab = regexp.MustCompile(`2 Pin\w* ([\d,]+)`)

// firstSiteLine is the line of the screen with the first site: header, homes, views and headings are above it.
const firstSiteLine = 4

// pinnedCount returns how many sites are pinned according to the screen.
func pinnedCount(tm *terminal) int {
	tm.t.Helper()
	m := pinnedTab.FindStringSubmatch(tm.screen.String())
	if m == nil {
		tm.t.Fatalf("no view of pinned sites on\n%s", tm.screen)
	}
	n, _ := strconv.Atoi(strings.ReplaceAll(m[1], ",", "")) // It consists of digits.
	return n
}

// waitPinnedCount waits until that many sites are pinned.
func waitPinnedCount(tm *terminal, n int) {
	tm.t.Helper()
	tm.waitOutput(strconv.Itoa(n)+" pinned sites", func() bool {
		m := pinnedTab.FindStringSubmatch(tm.screen.String())
		return len(m) > 1 && strings.ReplaceAll(m[1], ",", "") == strconv.Itoa(n)
	})
}

// cursorLine returns the number and the text of the line with the cursor; -1 if there is none.
func cursorLine(tm *terminal) (row int, text string) {
	for i, line := range strings.Split(tm.screen.String(), "\n") {
		if strings.HasPrefix(line, "▸") {
			return i, line
		}
	}
	return -1, ""
}

// waitCursorAt waits until the cursor is on that line of the screen, and returns the line.
func waitCursorAt(tm *terminal, row int) string {
	tm.t.Helper()
	var text string
	tm.waitOutput("the cursor on line "+strconv.Itoa(row), func() bool {
		var at int
		at, text = cursorLine(tm)
		return at == row
	})
	return text
}

// A person ends a filter with Esc and begins the next one before tmux has stopped waiting for an escape sequence:
// nothing of what is typed may become an action on a site.
func TestTypingRightAfterEscChangesNoSite(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		tm.press("/")
		tm.waitShown("↵ keep")
		tm.press("garden\r")
		tm.waitShown("/garden")
		before := pinnedCount(tm)
		tm.press("\x1b/pdx") // In one go: tmux passes Esc and / on as one key.
		tm.waitShown("/pdx", "0 of 1,000")
		for _, verb := range []string{"Evicted", "Paused", "Pinned slow", "Unpinned"} {
			tm.waitHidden(verb)
		}
		tm.press("\x1b")
		tm.waitHidden("/pdx")
		if after := pinnedCount(tm); after != before {
			tm.t.Errorf("%d sites are pinned, %d were", after, before)
		}
		tm.waitShown("1 All 1,000")
		tm.press("q")
		tm.checkLeft(0)
	})
}

// A person pins the site under the cursor, moves to the next line, and pins that, in several orders. Three keys pin
// three sites, and the cursor moves down.
func TestThreePinKeysPinThreeSites(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		want := pinnedCount(tm)
		for _, way := range []string{"", "/!is:pinned\r", "S", ">"} { // Each after the one before.
			tm.press(way)
			if strings.HasPrefix(way, "/") {
				tm.waitShown(" of 1,000")
			}
			tm.press("g")
			row := firstSiteLine
			for range 3 {
				waitCursorAt(tm, row)
				want++
				tm.press("p")
				waitPinnedCount(tm, want)
				if now, _ := cursorLine(tm); now != row {
					tm.t.Fatalf("%q: after p the cursor is on line %d, it was on %d\n%s", way, now, row, tm.screen)
				}
				tm.press("j")
				row++
			}
		}
		tm.press("q")
		tm.checkLeft(0)
	})
}
