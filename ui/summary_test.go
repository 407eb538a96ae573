package ui

import (
	"strings"
	"testing"
)

// On a wide screen the inspector has a summary of the site beside every section. Its place does not depend on the
// selected site, also for one with an error, and its lines do not run into the section's.
func TestSummaryStaysInPlace(t *testing.T) {
	d := newDriver(t, 200, 60)
	want := -1
	for _, host := range []string{"docs.example", "nowhere.example", "wiki.pub", "maps.example.net"} {
		d.selectSite(host)
		for range 4 {
			d.press("]")
			at := -1
			for y := range 60 {
				if strings.Contains(d.line(y), " │  Peers      ") {
					at = y
				}
			}
			if want < 0 {
				want = at
			}
			if at < 0 || at != want {
				t.Fatalf("%s: the summary begins at line %d, not %d:\n%s", host, at, want, d.screen())
			}
		}
	}
	d.resize(159, 60)
	d.mustHide(" │  Peers      ")
}
