//go:build !windows

package e2e_test

import (
	"regexp"
	"strings"
	"testing"
)

// matchPosition matches the position and the number of matches of a search, as the last lines of the screen show them.
var matchPosition = regexp.MustCompile(`(\d+) of (\d+) `)

// checkSearch searches for a text with /, and goes through all of its matches with n and back with N.
func checkSearch(tm *terminal, text string) {
	tm.t.Helper()
	tm.press("/")
	tm.waitShown("↵ keep")
	tm.press(text + "\r")
	tm.waitShown("/"+text, "n next")
	at := func() (string, string) {
		line := tm.waitRow("/"+text, "n next")
		m := matchPosition.FindStringSubmatch(line)
		if m == nil {
			tm.t.Fatalf("no count of matches in %q", line)
		}
		return m[1], m[2]
	}
	first, all := at()
	if all == "0" {
		tm.t.Fatalf("%q is not found on\n%s", text, tm.screen)
	}
	if all == "1" {
		tm.t.Fatalf("%q is there once only, which n cannot show", text)
	}
	tm.press("n")
	tm.waitOutput("the next match", func() bool { now, _ := at(); return now != first })
	tm.press("N")
	tm.waitOutput("the match before", func() bool { now, _ := at(); return now == first })
	tm.press(esc)
	tm.waitHidden("n next")
}

// Every list, tab and window is searched by the same keys.
func TestEveryListIsSearchedByTheSameKeys(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		tm.press("?")
		tm.waitShown("First steps")
		checkSearch(tm, "address")
		tm.press(esc)
		tm.waitHidden("First steps")

		tm.press("!")
		tm.waitShown("What has happened")
		checkSearch(tm, "added")
		tm.press(esc)
		tm.waitHidden("What has happened")

		tm.press(",")
		tm.waitShown("Settings")
		checkSearch(tm, "co")
		tm.press(esc)
		tm.waitHidden("Settings")

		filterSites(tm, "docs.example", "1")
		tm.press("\r")
		tm.waitShown("[Overview]")
		for _, tab := range []struct{ key, name, text string }{
			{"2", "[Peers", "libtorrent"}, {"3", "[Files", "page"}, {"4", "[Trackers", "tracker"}, {"7", "[Log", "ed"},
		} {
			tm.press(tab.key)
			tm.waitShown(tab.name)
			checkSearch(tm, tab.text)
		}
	})
}

// The line of views does not move while a filter is typed, whatever numbers it contains.
func TestLineOfViewsStaysWhileFiltering(t *testing.T) {
	// starts are the columns at which the names of the views begin.
	starts := func(line string) (at [5]int) {
		for i, name := range []string{"1 All", "2 Pin", "3 Cac", "4 Loa", "5 Min"} {
			at[i] = strings.Index(line, name)
		}
		return at
	}
	runDemoAtEachSize(t, func(tm *terminal) {
		before := starts(tm.waitRow("1 All", "2 Pin"))
		standStill := func() {
			tm.t.Helper()
			tm.mu.Lock()
			frames := tm.frames
			tm.mu.Unlock()
			for _, frame := range append(frames, tm.screen.String()) {
				line := strings.Split(frame, "\n")[1]
				for i, at := range starts(line) {
					if at >= 0 && at != before[i] { // What is not there has not been written yet, or the filter covers it.
						tm.t.Fatalf("view %d has moved from column %d to %d: %s", i+1, before[i], at, line)
					}
				}
			}
		}
		tm.press("/")
		tm.waitShown("↵ keep")
		standStill()
		typed := ""
		for _, key := range strings.Split("garden", "") {
			tm.press(key)
			typed += key
			tm.waitRow("/"+typed, "of 1,000")
			standStill()
		}
		tm.press("\r")
		tm.waitShown("/garden", " of 1,000", "↵ details")
		standStill()
	})
}
