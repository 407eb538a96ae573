//go:build !windows

package e2e_test

import (
	"strings"
	"testing"
)

// filterSites types a filter and waits until that many sites are left.
func filterSites(tm *terminal, filter, left string) {
	tm.t.Helper()
	tm.press("/")
	tm.waitShown("↵ keep")
	tm.press(filter + "\r")
	tm.waitShown(left + " of 1,000")
}

// A person evicts a pinned site and undoes that, is asked before the last copy or many sites go, and finds nothing
// selected on a page that has just been opened.
func TestDestructiveKeysAskAndCanBeUndone(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		filterSites(tm, "Wiki mirror", "1")
		tm.press("d")
		tm.waitShown("Evicted Wiki mirror", "u", "1d", "1 All 999")
		tm.press("u")
		tm.waitShown("Brought back", "1 of 1,000")
		tm.press("\r")
		tm.waitShown("[Overview]", "open: its pages may ask")
		tm.press("\r") // Again: nothing is selected yet.
		tm.waitShown("open: its pages may ask")
		tm.press("G\r") // A version is selected, which is not switched to unasked.
		tm.waitShown("Switch Wiki mirror", "▸ No")
		tm.press("\r")
		tm.waitHidden("▸ No")
		tm.waitHidden("stays at")
		tm.press("\x1b")
		tm.waitShown("1 of 1,000")
		tm.press("\x1b")
		tm.waitHidden("/Wiki mirror")

		filterSites(tm, "is:last", "31")
		tm.press("gd")
		tm.waitShown("last known copy", "▸ No")
		tm.press("\r")
		tm.waitHidden("▸ No")
		tm.press("\x1b")
		tm.waitHidden("/is:last")

		filterSites(tm, "is:pinned", "259")
		tm.press("A")
		tm.waitShown("259 marked")
		tm.press("d")
		tm.waitShown("Evict 237 sites?", "237 of them are pinned", "4 of them are the last", "Left out: ", "(and 21", "▸ No")
		tm.press("\x1b")
		tm.waitHidden("▸ No")
		if n := pinnedCount(tm); n != 259 {
			tm.t.Errorf("%d sites are pinned, 259 were", n)
		}
	})
}

// A person finds the sites that are about to die and those with errors, searches sites, themes and texts, and sees
// which filters apply, at any size.
func TestSitesThemesAndTextsAreFoundAtAnySize(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		tm.waitShown(":42069 open", "✗ 29")
		tm.press("E")
		tm.waitShown("[E ")
		tm.waitLine("the rarest first", func(line string) bool {
			return strings.HasPrefix(line, "▸") && strings.Contains(line, "!0")
		})
		tm.press("e")
		tm.waitShown("[e Err")
		tm.press("1")
		tm.waitShown("[1 All 1,000]")

		tm.press(":")
		tm.waitShown("↵ do it")
		tm.press("light")
		tm.waitShown("theme")
		tm.press("\x1b")
		tm.waitHidden("↵ do it")
		tm.press(":")
		tm.waitShown("↵ do it")
		tm.press("wiki mir")
		tm.waitLine("the site", func(line string) bool { return strings.Contains(line, "▸ Wiki mirror") })
		tm.press("\r")
		tm.waitHidden("↵ do it")
		tm.waitLine("the cursor on it", func(line string) bool {
			return strings.HasPrefix(line, "▸") && strings.Contains(line, "wiki.pub")
		})

		tm.press("\r")
		tm.waitShown("[Overview]")
		tm.press("3")
		tm.waitShown("[Files")
		tm.press("/")
		tm.waitShown("↵ keep")
		tm.press("page-1\r")
		tm.waitRow("▸", "page-1")
		tm.press("nnnnn")
		tm.waitRow("▸", "page-119")
		tm.press("\x1b")
		tm.waitHidden("n next")
		tm.press("\x1b")
		tm.waitShown("1 All 1,000")

		tm.press("?")
		tm.waitShown("First steps")
		tm.press("/")
		tm.waitShown("↵ keep")
		tm.press("undo\r")
		tm.waitShown("1 of ")
		tm.press("\x1b")
		tm.waitHidden("n next")
		tm.press("\x1b")
		tm.waitShown("1 All 1,000")
	})
}
