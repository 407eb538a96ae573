package webtorrent

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A tracker that a person configured may be anywhere, but not lead from there into private networks.
func TestConfiguredTrackerCannotRedirectInside(t *testing.T) {
	inside := newTestTracker(t)
	outside := httptest.NewServer(http.RedirectHandler(strings.Replace(inside.url, "ws:", "http:", 1), http.StatusFound))
	defer outside.Close()
	c := newTestClient(t, "a", nil)
	spec, _ := newSpec(0, strings.Replace(outside.URL, "http:", "ws:", 1))
	tor := c.Add(spec)
	eventually(t, "the refusal", func() bool { return tor.Trackers()[0].Status == "failing" })
	if e := tor.Trackers()[0].Error; !strings.Contains(e, "not a public address") {
		t.Errorf("it failed since: %s", e)
	}
	if n := len(inside.all()); n != 0 {
		t.Errorf("the redirect was followed: %d connections", n)
	}
}

func TestRedirectsAreLimited(t *testing.T) {
	outside := httptest.NewServer(http.RedirectHandler("/again", http.StatusFound))
	defer outside.Close()
	c := newTestClient(t, "a", nil)
	spec, _ := newSpec(0, strings.Replace(outside.URL, "http:", "ws:", 1))
	tor := c.Add(spec)
	eventually(t, "the refusal", func() bool { return strings.Contains(tor.Trackers()[0].Error, "redirects without end") })
}
