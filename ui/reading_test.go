package ui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

var (
	// siteRow matches a row of the table: the cursor, the mark, and the state as a word before the site's name.
	siteRow = regexp.MustCompile(`^[> ][* ] (ERROR|DISK|HALT|FIND|VERIF|LOAD|REST|MINE|PIN|CACHE) +\S`)
	// spoken matches what a screen reader reads as a word: it has a letter or a digit.
	spoken = regexp.MustCompile(`[A-Za-z0-9]`)
	// decoration matches a run of signs that is read sign by sign.
	decoration = regexp.MustCompile(`[-=#_|~^*+.]{3,}`)
)

// silent are the signs that may be on their own: the cursor, the mark, the signs for no value and for a cut text, the
// check mark, and keys.
var silent = map[string]bool{
	">": true, "*": true, ">*": true, "-": true, "?": true, "~": true, "+": true, "/": true, ":": true,
}

// With --ascii the main screen suits a screen reader: states and directions are words, nothing is drawn, and only the
// row of the cursor begins with its sign.
func TestMainScreenCanBeReadAloud(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 60}} {
		d := newDriver(t, size[0], size[1], asciiOnly)
		d.press("j", "space", "j", "d")
		d.advance(3 * time.Second)
		at := fmt.Sprintf("%dx%d", size[0], size[1])
		cursors, rows := 0, 0
		for line := range strings.SplitSeq(d.screen(), "\n") {
			if siteRow.MatchString(line) {
				rows++
			}
			if strings.HasPrefix(line, ">") {
				cursors++
			}
			if run := decoration.FindString(line); run != "" {
				t.Errorf("%s: %q is drawn in %q", at, run, line)
			}
			for _, word := range strings.Fields(line) {
				if !spoken.MatchString(word) && !silent[word] && strings.Trim(word, "?") != "" {
					t.Errorf("%s: %q says nothing in %q", at, word, line)
				}
			}
		}
		if cursors != 1 || rows != len(d.m.conn.snap.Sites) {
			t.Errorf("%s: %d cursors, and %d rows of %d sites:\n%s", at, cursors, rows, len(d.m.conn.snap.Sites), d.screen())
		}
		for _, words := range []string{"online", "down ", "up ", "down/s", "1 error"} {
			if !strings.Contains(d.screen(), words) {
				t.Errorf("%s: %q is not to be read:\n%s", at, words, d.screen())
			}
		}
	}
}

// On a first run without network the screen says so, and what to do.
func TestFirstRunWithoutNetworkCanBeRead(t *testing.T) {
	d := newDriver(t, 80, 24, asciiOnly, noSites)
	snap := d.m.conn.snap
	snap.Status = engine.Status{PeerPort: 42069, DHTNodes: 0, ServeURL: "http://localhost:7780/"}
	d.m.follower.handleSnapshot(snap)
	d.mustShow("offline", "no web", "There is no site yet. Three things to do:", "adds a site", "any browser", ":42069")
	if line := d.line(0); strings.Contains(line, "online") {
		t.Errorf("the header is %q", line)
	}
}
