package e2e_test

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// DEC private modes, set by h and reset by l.
	privateMode = regexp.MustCompile(`\x1b\[\?([0-9;]+)([hl])`)
	// Keyboard enhancements: a program pushes and pops flags (> and <), or sets them (=). The alternate screen has a
	// stack of its own. https://sw.kovidgoyal.net/kitty/keyboard-protocol/
	keyboardFlags = regexp.MustCompile(`\x1b\[([<>=])([0-9;]*)u`)
	// xterm's modifyOtherKeys, reset when no value is given.
	otherKeys = regexp.MustCompile(`\x1b\[>4(?:;([0-9]+))?m`)
)

// initialModes are the modes that are on in every terminal from the start: wrapping at the right edge, and the cursor.
var initialModes = map[string]bool{"7": true, "25": true}

// checkModesRestored returns an error for every mode of a terminal that the output has changed and not restored.
func checkModesRestored(written string) error {
	var left []error
	modes := maps.Clone(initialModes)
	for _, m := range privateMode.FindAllStringSubmatch(written, -1) {
		for mode := range strings.SplitSeq(m[1], ";") {
			modes[mode] = m[2] == "h"
		}
	}
	for _, mode := range slices.Sorted(maps.Keys(modes)) {
		if modes[mode] != initialModes[mode] {
			left = append(left, fmt.Errorf("private mode %s is on: %t", mode, modes[mode]))
		}
	}
	depth := 0
	for _, m := range keyboardFlags.FindAllStringSubmatch(written, -1) {
		switch {
		case m[1] == ">":
			depth++
		case m[1] == "<":
			depth = max(depth-1, 0)
		case m[2] != "0" && !strings.HasPrefix(m[2], "0;"):
			left = append(left, fmt.Errorf("keyboard flags are set: %q", m[0]))
		}
	}
	if depth != 0 {
		left = append(left, fmt.Errorf("%d keyboard flags are still on the stack", depth))
	}
	if all := otherKeys.FindAllStringSubmatch(written, -1); len(all) > 0 {
		if value := all[len(all)-1][1]; value != "" && value != "0" {
			left = append(left, fmt.Errorf("modifyOtherKeys is %s", value))
		}
	}
	return errors.Join(left...)
}

func TestLeftModes(t *testing.T) {
	const on = "\x1b[?1049h\x1b[?25l\x1b[?2004;1002h\x1b[>4;2m\x1b[>1u"
	for written, want := range map[string]int{
		"":                                   0,
		on:                                   6,
		on + "\x1b[?1049l\x1b[?25h":          4,
		on + "\x1b[?1049;2004;1002l\x1b[<1u": 2,
		on + "\x1b[>4m\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[?1002l": 0,
		"\x1b[?7l":                      1,
		"\x1b[=1;1u":                    1,
		"\x1b[?2026$p\x1b[?u\x1b[=0;1u": 0, // Questions change nothing.
	} {
		err := checkModesRestored(written)
		got := 0
		if err != nil {
			got = strings.Count(err.Error(), "\n") + 1
		}
		if got != want {
			t.Errorf("after %q: %v, want %d modes", written, err, want)
		}
	}
}
