//go:build !windows

package e2e_test

import (
	"strings"
	"testing"
)

// filterTo picks sites by a filter, of which so many are left.
func filterTo(tm *terminal, filter, left string) {
	tm.t.Helper()
	tm.press("/")
	tm.shows("↵ keep")
	tm.press(filter + "\r")
	tm.shows(left + " of 1,000")
}

// Somebody sends a pinned site away and has it back, is asked before the last copy and before many sites go, and finds
// nothing selected on a page that has just opened.
func TestSafeHands(t *testing.T) {
	atEverySize(t, func(tm *terminal) {
		filterTo(tm, "Wiki mirror", "1")
		tm.press("d")
		tm.shows("Evicted Wiki mirror", "u", "1d", "1 All 999")
		tm.press("u")
		tm.shows("Brought back", "1 of 1,000")
		tm.press("\r")
		tm.shows("[Overview]", "open: its pages may ask")
		tm.press("\r") // Again: nothing is selected yet.
		tm.shows("open: its pages may ask")
		tm.press("G\r") // A version is selected, which is not switched to unasked.
		tm.shows("Switch Wiki mirror", "▸ No")
		tm.press("\r")
		tm.hides("▸ No")
		tm.hides("stays at")
		tm.press("\x1b")
		tm.shows("1 of 1,000")
		tm.press("\x1b")
		tm.hides("/Wiki mirror")

		filterTo(tm, "is:last", "31")
		tm.press("gd")
		tm.shows("last known copy", "▸ No")
		tm.press("\r")
		tm.hides("▸ No")
		tm.press("\x1b")
		tm.hides("/is:last")

		filterTo(tm, "is:pinned", "259")
		tm.press("A")
		tm.shows("259 marked")
		tm.press("d")
		tm.shows("Evict 237 sites?", "237 of them are pinned", "4 of them are the last", "Left out: ", "(and 21", "▸ No")
		tm.press("\x1b")
		tm.hides("▸ No")
		if n := pinned(tm); n != 259 {
			tm.t.Errorf("%d sites are pinned, 259 were", n)
		}
	})
}

// Somebody looks for what is about to die and for what went wrong, finds sites, themes and texts, and sees what is in
// force at any size.
func TestFindingAndReading(t *testing.T) {
	atEverySize(t, func(tm *terminal) {
		tm.shows(":42069 open", "✗ 29")
		tm.press("E")
		tm.shows("[E ")
		tm.line("the rarest first", func(line string) bool { return strings.HasPrefix(line, "▸") && strings.Contains(line, "!0") })
		tm.press("e")
		tm.shows("[e Err")
		tm.press("1")
		tm.shows("[1 All 1,000]")

		tm.press(":")
		tm.shows("↵ do it")
		tm.press("light")
		tm.shows("theme")
		tm.press("\x1b")
		tm.hides("↵ do it")
		tm.press(":")
		tm.shows("↵ do it")
		tm.press("wiki mir")
		tm.line("the site", func(line string) bool { return strings.Contains(line, "▸ Wiki mirror") })
		tm.press("\r")
		tm.hides("↵ do it")
		tm.line("the cursor on it", func(line string) bool { return strings.HasPrefix(line, "▸") && strings.Contains(line, "wiki.pub") })

		tm.press("\r")
		tm.shows("[Overview]")
		tm.press("3")
		tm.shows("[Files")
		tm.press("/")
		tm.shows("↵ keep")
		tm.press("page-1\r")
		tm.row("▸", "page-1")
		tm.press("nnnnn")
		tm.row("▸", "page-119")
		tm.press("\x1b")
		tm.hides("n next")
		tm.press("\x1b")
		tm.shows("1 All 1,000")

		tm.press("?")
		tm.shows("First steps")
		tm.press("/")
		tm.shows("↵ keep")
		tm.press("undo\r")
		tm.shows("1 of ")
		tm.press("\x1b")
		tm.hides("n next")
		tm.press("\x1b")
		tm.shows("1 All 1,000")
	})
}
