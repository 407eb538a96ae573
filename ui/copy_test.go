package ui

import (
	"strings"
	"testing"
)

func TestCopyMenu(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	hash := d.mustSite("docs.example").Infohash
	for key, want := range map[string]string{
		"w": "wtp://docs.example/", "m": "magnet:?xt=urn:btih:" + hash + "&dn=Example%20Docs", "i": hash,
		"l": "http://docs-example.localhost:7780/", "t": `docs.example. TXT "wtpkey=` + hash + `"`,
	} {
		d.press("Y", key)
		d.mustHide("╭─ Copy")
		if d.clipboard != want {
			t.Errorf("%s copied %q, want %q", key, d.clipboard, want)
		}
	}
	d.selectSite("nowhere.example")
	d.press("Y", "m")
	d.mustShow("There is nothing to copy")
}

// Anybody can open a site at its home, and a page or file of it below that; without a home the menu says how to make
// one.
func TestCopyLinkForAnyone(t *testing.T) {
	d := newDriver(t, 120, 36, withHome)
	d.selectOnMain("blog.me")
	d.press("Y")
	d.mustShow("a link for anyone  https://blog.me/")
	d.press("a")
	if d.clipboard != "https://blog.me/" {
		t.Errorf("copied %q", d.clipboard)
	}
	d.press("enter", "3", "j", "Y")
	d.mustShow("a link for anyone  https://blog.me/404.html")
	d.press("a")
	if d.clipboard != "https://blog.me/404.html" {
		t.Errorf("copied %q of a file", d.clipboard)
	}
	d.press("H", "y", "Y")
	d.mustShow("a link for anyone  none yet")
	d.press("a")
	d.mustShow("No link for anyone yet", "`wtptui serve --home NAME` or `wtptui publish --loader DIR` makes one")
	d.press("H", "esc")

	d.press("A", "Y")
	d.mustShow("a link for anyone  1 of 14 sites")
	d.press("a")
	if d.clipboard != "https://blog.me/" {
		t.Errorf("copied %q of all sites", d.clipboard)
	}
}

// Links to a pinned site name the tracker of the homes; links to any other one do not.
func TestCopyNamesTheHomeTracker(t *testing.T) {
	d := newDriver(t, 120, 36, withHome)
	d.selectOnMain("blog.me")
	hash := d.mustSite("blog.me").Infohash
	d.press("Y")
	d.mustShow("TXT record", `blog.me. TXT "wtpkey=`+hash)
	d.press("esc")
	for key, want := range map[string]string{
		"m": "magnet:?xt=urn:btih:" + hash + "&dn=My%20blog&tr=wss%3A%2F%2Fblog.me%2Fannounce" +
			"&tr=udp%3A%2F%2Fblog.me%3A6969%2Fannounce&tr=https%3A%2F%2Fblog.me%2Fannounce",
		"t": `blog.me. TXT "wtpkey=` + hash + `"` + "\n" + `blog.me. TXT "wtptracker=wss://blog.me/announce"` + "\n" +
			`blog.me. TXT "wtptracker=udp://blog.me:6969/announce"`,
	} {
		d.press("Y", key)
		if d.clipboard != want {
			t.Errorf("%s copied %q, want %q", key, d.clipboard, want)
		}
	}
	d.selectSite("docs.example")
	for _, key := range []string{"m", "t"} {
		d.press("Y", key)
		if strings.Contains(d.clipboard, "announce") {
			t.Errorf("%s copied %q of a site that is not pinned", key, d.clipboard)
		}
	}
}
