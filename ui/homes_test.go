package ui

import (
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/keys"
)

func (d *driver) homeIsOff() bool { return d.m.conn.snap.Status.Homes[0].Off }

// A site is taken off its home after a question that names its address, and put back at once.
func TestTakeOffHome(t *testing.T) {
	d := newDriver(t, 120, 36, withHome)
	d.selectOnMain("blog.me")
	d.mustShow("⌂ https://blog.me/  12,345 requests  1.2 GB by HTTP")
	d.press("H")
	d.mustShow("Take My blog (blog.me) off its home?", "https://blog.me/", "410 Gone", "H puts it back")
	d.press("n")
	if d.homeIsOff() {
		t.Fatal("it was taken off without a yes")
	}
	d.press("H", "y")
	if !d.homeIsOff() {
		t.Fatal("it is still on")
	}
	d.mustShow("Taken off blog.me: visitors get 410 Gone", "taken off: visitors get 410 Gone")
	d.press("enter", "1")
	d.mustShow("Public at  https://blog.me/  taken off: visitors get 410 Gone")
	d.press("H")
	if d.homeIsOff() {
		t.Fatal("it is still off")
	}
	d.mustShow("Public again: blog.me", "Public at  https://blog.me/  12,345 requests")
	d.press("u")
	if d.homeIsOff() {
		t.Error("it was taken off by undo")
	}
}

// A public site is not evicted without a question that says so.
func TestEvictingAPublicSiteAsks(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) {
		o.Homes = []engine.Home{{Name: "mirror.example", URL: "https://mirror.example/", Host: "wiki.pub"}}
	})
	d.selectOnMain("wiki.pub")
	d.press("d")
	d.mustShow("Evict Wiki mirror (wiki.pub)?", "Visitors of https://mirror.example/ get 410 Gone")
	d.press("y")
	if !d.homeIsOff() {
		t.Error("an evicted site is public")
	}
	d.press("u")
	d.selectOnMain("wiki.pub")
	d.press("d")
	if strings.Contains(d.screen(), "410 Gone from then on") {
		t.Errorf("it asks about a home that is off:\n%s", d.screen())
	}
}

// The palette says why there is nothing to be taken off.
func TestNoHome(t *testing.T) {
	d := newDriver(t, 120, 36, withHome)
	for _, tt := range []struct{ host, want string }{{"blog.me", ""}, {"wiki.pub", "the site has no public home"}} {
		d.selectOnMain(tt.host)
		if why := d.m.screen.unavailableReason(keys.Binding{Action: keys.PublicHome, Scope: keys.Verbs}); why != tt.want {
			t.Errorf("%s: %q, want %q", tt.host, why, tt.want)
		}
	}
	d.press("H")
	d.mustShow("Wiki mirror (wiki.pub) has no public home")
}
