//go:build !windows

package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// decisions are a person's settings of a site, and the limits for all sites.
type decisions struct {
	Here   bool
	State  string   `json:"state"`
	Pinned bool     `json:"pinned"`
	Closed bool     `json:"no_clearnet"`
	Labels []string `json:"labels"`
	Enough int      `json:"enough"`
	Limits string
}

// readDecisions asks the engine of the dashboard.
func readDecisions(w *peers.Wtptui, t *testing.T, host string) string {
	t.Helper()
	var d decisions
	for _, s := range listJSON[struct {
		decisions

		Host string `json:"host"`
	}](w, t) {
		if s.Host == host {
			d = s.decisions
			d.Here = true
		}
	}
	d.Limits = strings.TrimSpace(w.Run(t, "limits"))
	return fmt.Sprintf("%+v", d)
}

// listJSON returns what `wtptui ls --json` prints, with the fields that T has.
func listJSON[T any](w *peers.Wtptui, t *testing.T) (sites []T) {
	t.Helper()
	if err := json.Unmarshal([]byte(w.Run(t, "ls", "--json")), &sites); err != nil {
		t.Fatal(err)
	}
	return sites
}

// undoableActions are the actions on a site that can be undone, in an order in which each changes something.
var undoableActions = []struct{ name, keys, offer string }{
	{"pin", "p", "u: unpin"},
	{"pause", "x", "u: resume"},
	{"clearnet", "B", "u: let"},
	{"label", "lmirror\r", "u: take the label mirror off"},
	{"enough", "K7\r", "u: let"},
	{"limits", "Ld50K\r", "u: lift the limits"},
	{"unpin", "p", "u: pin"},
	{"resume", "x", "u: pause"},
	{"evict", "d", "u: bring back"},
}

// All that a person has done is undone, one action after the other, although the program was killed in between: the
// dashboard keeps the stack, and the engine what was removed.
func TestUndoWorksAfterAKill(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	host := strings.Repeat("ab", 20)
	w.Start(t)
	w.Run(t, "add", "wtp://"+host)
	w.Terminate(t)

	tm := openTerminal(t, w.DashboardCommand(), 120, 36)
	tm.waitShown("Welcome to wtp", "1 All 2")
	states := []string{readDecisions(w, t, host)}
	for _, deed := range undoableActions {
		tm.press("/")
		tm.waitShown("↵ keep")
		tm.press("abab\r")
		tm.waitShown("1 of 2")
		tm.press(deed.keys)
		tm.waitShown(deed.offer)
		states = append(states, readDecisions(w, t, host))
		if last := len(states) - 1; states[last] == states[last-1] {
			t.Fatalf("%s changes nothing: %s", deed.name, states[last])
		}
	}
	peers.Eventually(t, screenTimeout, "the last deed to be written down", func() error {
		kept, err := os.ReadFile(filepath.Join(w.DataDir, "screen.json"))
		if err == nil && !strings.Contains(string(kept), `"evict"`) {
			err = errors.New("it is not")
		}
		return err
	})
	tm.signal(syscall.SIGKILL)
	tm.checkLeft(128 + int(syscall.SIGKILL))

	tm = openTerminal(t, w.DashboardCommand(), 120, 36)
	tm.waitShown("Welcome to wtp", "1 All 1")
	for i := len(undoableActions) - 1; i >= 0; i-- {
		tm.press("u")
		peers.Eventually(t, screenTimeout, undoableActions[i].name+" to be taken back", func() error {
			if got := readDecisions(w, t, host); got != states[i] {
				return fmt.Errorf("it is\n%s, it was\n%s\n%s", got, states[i], tm.screen)
			}
			return nil
		})
	}
	tm.press("u")
	tm.waitShown("There is nothing to undo")
	tm.press("U")
	peers.Eventually(t, screenTimeout, "the pin to be done again", func() error {
		if got := readDecisions(w, t, host); got != states[1] {
			return fmt.Errorf("it is\n%s, it was\n%s", got, states[1])
		}
		return nil
	})
	tm.press("q")
	tm.checkLeft(0)
}

// Each of two dashboards undoes what was done in it, also after both were killed. The second one looks like the first.
func TestEachOfTwoDashboardsUndoesItsOwnActions(t *testing.T) {
	t.Parallel()
	w := peers.StartWtptui(t, binaryPath(t), "--tracker", "none")
	hosts := []string{strings.Repeat("ab", 20), strings.Repeat("cd", 20)}
	for _, host := range hosts {
		w.Run(t, "add", "wtp://"+host)
	}
	open := func() *terminal {
		tm := openTerminal(t, w.DashboardCommand(), 120, 36)
		tm.waitShown("Welcome to wtp", "1 All 3")
		return tm
	}
	did := func(i int, file string) *terminal {
		tm := open()
		tm.press("/")
		tm.waitShown("↵ keep")
		tm.press(hosts[i][:6] + "\r")
		tm.waitShown("1 of 3")
		tm.press("p")
		tm.waitShown("u: unpin")
		peers.Eventually(t, screenTimeout, "the pin to be written down", func() error {
			kept, err := os.ReadFile(filepath.Join(w.DataDir, file))
			if err == nil && !strings.Contains(string(kept), hosts[i]) {
				err = errors.New("it is not")
			}
			return err
		})
		return tm
	}
	first, second := did(0, "screen.json"), did(1, "screen-2.json")
	for _, tm := range []*terminal{first, second} {
		tm.signal(syscall.SIGKILL)
		tm.checkLeft(128 + int(syscall.SIGKILL))
	}
	pinnedAre := func(want ...string) {
		t.Helper()
		peers.Eventually(t, screenTimeout, fmt.Sprintf("%q to be pinned", want), func() error {
			var got []string
			for _, host := range hosts {
				if site, ok := w.Find(t, host); ok && site.Pinned {
					got = append(got, host)
				}
			}
			if !slices.Equal(got, want) {
				return fmt.Errorf("%q are", got)
			}
			return nil
		})
	}
	pinnedAre(hosts...)
	first, second = open(), open()
	second.press("u")
	second.waitShown("Undone: pin")
	pinnedAre(hosts[0])
	second.press("u")
	second.waitShown("There is nothing to undo")
	first.press("u")
	first.waitShown("Undone: pin")
	pinnedAre()
}
