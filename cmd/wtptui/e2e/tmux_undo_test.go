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

// What was undone is done again by either key, until another action follows.
func TestRedoUntilAnotherAction(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		before := pinnedCount(tm)
		tm.press("p")
		tm.waitShown("Pinned", "u: unpin")
		waitPinnedCount(tm, before+1)
		for _, redo := range []string{"U", ctrlR} {
			tm.press("u")
			tm.waitShown("Undone: pin", "U: pin")
			waitPinnedCount(tm, before)
			tm.press(redo)
			tm.waitShown("Redone: pin", "u: unpin")
			waitPinnedCount(tm, before+1)
		}
		tm.press("u")
		waitPinnedCount(tm, before)
		tm.press("x")
		tm.waitShown("u: resume")
		tm.press("U")
		tm.waitShown("There is nothing to redo")
		if n := pinnedCount(tm); n != before {
			tm.t.Errorf("%d sites are pinned, %d were", n, before)
		}
		tm.press(":")
		tm.waitShown("↵ do it")
		tm.press("undo")
		tm.waitRow("undo", "resume") // It says what would come back.
		tm.press(esc)
		tm.waitHidden("↵ do it")
		tm.press("q")
		tm.checkLeft(0)
	})
}

// A person labels sites, filters by the label, undoes that, and limits what all sites of a label take together.
func TestLabelsGroupAndLimitSites(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		tm.press("gVjjV") // Three are marked.
		tm.waitShown("3 marked")
		tm.press("l")
		tm.waitShown("Labels of")
		tm.press("weekly\r")
		tm.waitShown("Labelled", "u: take the label weekly off")
		tm.press(esc) // The marks go first.
		tm.waitHidden("3 marked")
		filterSites(tm, "label:weekly", "3")
		tm.press("u")
		tm.waitShown("0 of 1,000")
		tm.press("U")
		tm.waitShown("3 of 1,000")
		tm.press(esc)
		tm.waitHidden("/label:weekly")

		tm.press("L")
		tm.waitRow("Label weekly", "none")
		tm.press("3")
		tm.waitShown("Limits of the label weekly")
		tm.press("u")
		tm.waitShown("Upload limit")
		tm.press("50K\r")
		tm.waitShown("Limits of the label weekly", "u: lift the limits of the label weekly")
		peers.Eventually(tm.t, screenTimeout, "the limit to be in force", func() error {
			tm.press("L")
			row := tm.waitRow("Label weekly")
			tm.press(esc)
			if tm.waitHidden("Rate limits"); !strings.Contains(row, "upload 50.0 KB/s") {
				return fmt.Errorf("it is %s", row)
			}
			return nil
		})
		tm.press("u")
		tm.waitShown("Undone: set the limits of the label weekly")
	})
}
