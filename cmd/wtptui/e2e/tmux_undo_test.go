//go:build !windows

package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

const (
	ctrlR = "\x12"
	esc   = "\x1b"
)

// Somebody takes back what was done, does it again by either key, and cannot do again what something else has followed.
func TestRedo(t *testing.T) {
	atEverySize(t, func(tm *terminal) {
		before := pinned(tm)
		tm.press("p")
		tm.shows("Pinned", "u: unpin")
		pinsBecome(tm, before+1)
		for _, redo := range []string{"U", ctrlR} {
			tm.press("u")
			tm.shows("Undone: pin", "U: pin")
			pinsBecome(tm, before)
			tm.press(redo)
			tm.shows("Redone: pin", "u: unpin")
			pinsBecome(tm, before+1)
		}
		tm.press("u")
		pinsBecome(tm, before)
		tm.press("x")
		tm.shows("u: resume")
		tm.press("U")
		tm.shows("There is nothing to redo")
		if n := pinned(tm); n != before {
			tm.t.Errorf("%d sites are pinned, %d were", n, before)
		}
		tm.press(":")
		tm.shows("↵ do it")
		tm.press("undo")
		tm.row("undo", "resume") // It says what would come back.
		tm.press(esc)
		tm.hides("↵ do it")
		tm.press("q")
		tm.isLeft(0)
	})
}

// Somebody puts a label on sites, picks by it, takes it back, and bounds what all sites of a label take together.
func TestLabelling(t *testing.T) {
	atEverySize(t, func(tm *terminal) {
		tm.press("gVjjV") // Three are marked.
		tm.shows("3 marked")
		tm.press("l")
		tm.shows("Labels of")
		tm.press("weekly\r")
		tm.shows("Labelled", "u: take the label weekly off")
		tm.press(esc) // The marks go first.
		tm.hides("3 marked")
		filterTo(tm, "label:weekly", "3")
		tm.press("u")
		tm.shows("0 of 1,000")
		tm.press("U")
		tm.shows("3 of 1,000")
		tm.press(esc)
		tm.hides("/label:weekly")

		tm.press("L")
		tm.row("Label weekly", "none")
		tm.press("3")
		tm.shows("Limits of the label weekly")
		tm.press("u")
		tm.shows("Upload limit")
		tm.press("50K\r")
		tm.shows("Limits of the label weekly", "u: lift the limits of the label weekly")
		peers.Eventually(tm.t, patience, "the limit to be in force", func() error {
			tm.press("L")
			row := tm.row("Label weekly")
			tm.press(esc)
			if tm.hides("Rate limits"); !strings.Contains(row, "upload 50.0 KB/s") {
				return fmt.Errorf("it is %s", row)
			}
			return nil
		})
		tm.press("u")
		tm.shows("Undone: set the limits of the label weekly")
	})
}
