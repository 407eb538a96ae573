package ui

import (
	"regexp"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// sgrColor finds an SGR sequence that sets a colour.
var sgrColor = regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m`)

func TestNoColorMeansNone(t *testing.T) {
	for _, value := range []string{"1", "yes", "0", "false"} {
		d := newDriver(t, 120, 36, withEnviron("NO_COLOR="+value))
		d.send(colorProfile(colorprofile.TrueColor))
		if c := sgrColor.FindString(d.m.display.frame.draw()); c != "" {
			t.Errorf("NO_COLOR=%s: the frame has %q", value, c)
		}
		if d.m.cfg.Color != colorprofile.ASCII {
			t.Errorf("NO_COLOR=%s: the renderer's profile is %v", value, d.m.cfg.Color)
		}
	}
	if d := newDriver(t, 120, 36, withEnviron("NO_COLOR=")); !sgrColor.MatchString(d.m.display.frame.draw()) {
		t.Error("an empty NO_COLOR took the colours away")
	}
}

func TestTooSmallSaysSoAndQuits(t *testing.T) {
	d := newDriver(t, 50, 12)
	d.mustShow("60×16", "50×12", "q quits")
	d.press("d", "D", "enter", "p")
	d.resize(120, 36)
	d.mustShow("[1 All 14]")
	d.mustHide("Evicted", "Remove", "✓ Pinned")
	d.resize(20, 3)
	if d.press("q"); !d.quit {
		t.Error("q does not quit")
	}
}
