package ui

import (
	"strings"
	"testing"

	"wtptui/engine/fake"
)

// No window covers the header, however many lines it would like: whether the engine is online, and what is wrong, is to
// be seen at any time. Nor does any cover the footer, which says how to close it.
func TestWindowsLeaveTheHeader(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 36}} {
		for _, key := range []string{"s", "c", "Y", ",", "L", "l", "?", ":", "a", "D", "K", "W", "!", "b", "P"} {
			d := newDriver(t, size[0], size[1], withWarnings)
			header, warning := d.line(0), d.line(1)
			d.press(key)
			if d.m.screen.windows.shown == nil {
				t.Fatalf("%s opens no window", key)
			}
			if d.line(0) != header || d.line(1) != warning {
				t.Errorf("at %v %s covers the header:\n%s\n%s", size, key, d.line(0), d.line(1))
			}
			if !strings.Contains(d.line(-1), "esc") && !strings.Contains(d.line(-1), "n no") {
				t.Errorf("at %v %s covers the footer: %q", size, key, d.line(-1))
			}
		}
	}
}

// With a thousand sites on eighty columns every view has its key and its number, whichever of them is shown.
func TestEveryViewIsCountedAtEightyColumns(t *testing.T) {
	d := newDriver(t, 80, 24, func(_ *Config, o *fake.Options) { o.Scripts = fake.DemoWithMany(1000) })
	for _, key := range []string{"1", "2", "3", "4", "5", "E", "e"} {
		d.press(key)
		fields := strings.FieldsFunc(d.line(1), func(r rune) bool { return strings.ContainsRune(" []", r) })
		if len(fields) != 3*7 {
			t.Errorf("%s: %q", key, d.line(1))
		}
		if !strings.Contains(d.line(1), "["+key+" ") {
			t.Errorf("%s is not marked: %q", key, d.line(1))
		}
	}
}
