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

// decided is what a person has decided about a site, and the limits over all.
type decided struct {
	Here   bool
	State  string   `json:"state"`
	Pinned bool     `json:"pinned"`
	Closed bool     `json:"no_clearnet"`
	Labels []string `json:"labels"`
	Enough int      `json:"enough"`
	Limits string
}

// decidedOf asks the engine of the dashboard.
func decidedOf(w *peers.Wtptui, t *testing.T, host string) string {
	t.Helper()
	var d decided
	for _, s := range list[struct {
		decided

		Host string `json:"host"`
	}](w, t) {
		if s.Host == host {
			d = s.decided
			d.Here = true
		}
	}
	d.Limits = strings.TrimSpace(w.Run(t, "limits"))
	return fmt.Sprintf("%+v", d)
}

// list is `wtptui ls --json`, with the fields that T has.
func list[T any](w *peers.Wtptui, t *testing.T) (sites []T) {
	t.Helper()
	if err := json.Unmarshal([]byte(w.Run(t, "ls", "--json")), &sites); err != nil {
		t.Fatal(err)
	}
	return sites
}

// deeds are what a person can do to a site and take back, in an order in which each changes something.
var deeds = []struct{ name, keys, offer string }{
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

// Whatever a person has done is taken back, one after the other, although the program was killed in between: the stack
// is the dashboard's, and what lies in the bin the engine's.
func TestUndoAfterAKill(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binary(t), "--tracker", "none")
	host := strings.Repeat("ab", 20)
	w.Start(t)
	w.Run(t, "add", "wtp://"+host)
	w.Terminate(t)

	tm := openTerminal(t, w.Dashboard(), 120, 36)
	tm.shows("Welcome to wtp", "1 All 2")
	states := []string{decidedOf(w, t, host)}
	for _, deed := range deeds {
		tm.press("/")
		tm.shows("↵ keep")
		tm.press("abab\r")
		tm.shows("1 of 2")
		tm.press(deed.keys)
		tm.shows(deed.offer)
		states = append(states, decidedOf(w, t, host))
		if last := len(states) - 1; states[last] == states[last-1] {
			t.Fatalf("%s changes nothing: %s", deed.name, states[last])
		}
	}
	peers.Eventually(t, patience, "the last deed to be written down", func() error {
		kept, err := os.ReadFile(filepath.Join(w.DataDir, "screen.json"))
		if err == nil && !strings.Contains(string(kept), `"evict"`) {
			err = errors.New("it is not")
		}
		return err
	})
	tm.signal(syscall.SIGKILL)
	tm.isLeft(128 + int(syscall.SIGKILL))

	tm = openTerminal(t, w.Dashboard(), 120, 36)
	tm.shows("Welcome to wtp", "1 All 1")
	for i := len(deeds) - 1; i >= 0; i-- {
		tm.press("u")
		peers.Eventually(t, patience, deeds[i].name+" to be taken back", func() error {
			if got := decidedOf(w, t, host); got != states[i] {
				return fmt.Errorf("it is\n%s, it was\n%s\n%s", got, states[i], tm.screen)
			}
			return nil
		})
	}
	tm.press("u")
	tm.shows("There is nothing to undo")
	tm.press("U")
	peers.Eventually(t, patience, "the pin to be done again", func() error {
		if got := decidedOf(w, t, host); got != states[1] {
			return fmt.Errorf("it is\n%s, it was\n%s", got, states[1])
		}
		return nil
	})
	tm.press("q")
	tm.isLeft(0)
}

// Each of two dashboards takes back what was done from it, also after both were killed; a second one looks like the
// first.
func TestTwoDashboardsUndoTheirOwn(t *testing.T) {
	t.Parallel()
	w := peers.StartWtptui(t, binary(t), "--tracker", "none")
	hosts := []string{strings.Repeat("ab", 20), strings.Repeat("cd", 20)}
	for _, host := range hosts {
		w.Run(t, "add", "wtp://"+host)
	}
	open := func() *terminal {
		tm := openTerminal(t, w.Dashboard(), 120, 36)
		tm.shows("Welcome to wtp", "1 All 3")
		return tm
	}
	did := func(i int, file string) *terminal {
		tm := open()
		tm.press("/")
		tm.shows("↵ keep")
		tm.press(hosts[i][:6] + "\r")
		tm.shows("1 of 3")
		tm.press("p")
		tm.shows("u: unpin")
		peers.Eventually(t, patience, "the pin to be written down", func() error {
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
		tm.isLeft(128 + int(syscall.SIGKILL))
	}
	pinnedAre := func(want ...string) {
		t.Helper()
		peers.Eventually(t, patience, fmt.Sprintf("%q to be pinned", want), func() error {
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
	second.shows("Undone: pin")
	pinnedAre(hosts[0])
	second.press("u")
	second.shows("There is nothing to undo")
	first.press("u")
	first.shows("Undone: pin")
	pinnedAre()
}
