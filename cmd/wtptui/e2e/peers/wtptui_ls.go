package peers

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// Site is one row of `wtptui ls --json`, with the fields that are documented and used here.
type Site struct {
	Host      string     `json:"host"`
	InfoHash  string     `json:"infohash"`
	LocalURL  string     `json:"local_url"`
	Title     string     `json:"title"`
	State     string     `json:"state"` // resolving, metadata, downloading, seeding, paused, found or error.
	Pinned    bool       `json:"pinned"`
	ExpiresAt *time.Time `json:"expires_at"` // Nil when it never does.
	Size      int64      `json:"size"`       // Bytes.
	Completed int64      `json:"completed"`  // Bytes, verified.
	Peers     int        `json:"peers"`
	Copies    int        `json:"copies"`     // Complete ones elsewhere; -1 unknown.
	WebCopies int        `json:"web_copies"` // Those that browsers reach; -1 unknown.
	Error     string     `json:"error"`
}

// List returns the rows of `wtptui ls --json`.
func (w *Wtptui) List(t testing.TB) []Site {
	t.Helper()
	out := w.Run(t, "ls", "--json")
	var sites []Site
	if err := json.Unmarshal([]byte(out), &sites); err != nil {
		t.Fatalf("wtptui ls --json: %v:\n%s", err, out)
	}
	return sites
}

// Find returns the site of that host from the list.
func (w *Wtptui) Find(t testing.TB, host string) (Site, bool) {
	t.Helper()
	for _, s := range w.List(t) {
		if s.Host == host {
			return s, true
		}
	}
	return Site{}, false
}

// Detail is what `wtptui show --json` prints, with the fields that are used here.
type Detail struct {
	Site  Site `json:"site"`
	Files []struct {
		Path string `json:"path"`
	} `json:"files"`
	Trackers []struct {
		URL    string `json:"url"`
		Status string `json:"status"`
		Error  string `json:"error"`
	} `json:"trackers"`
}

// Show returns what `wtptui show --json` prints of one site.
func (w *Wtptui) Show(t testing.TB, host string) Detail {
	t.Helper()
	out := w.Run(t, "show", "--json", host)
	var d Detail
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("wtptui show --json: %v:\n%s", err, out)
	}
	return d
}

// WaitSite waits until the site of that host is in the list and ok returns nil for it, and returns it.
func (w *Wtptui) WaitSite(t testing.TB, limit time.Duration, host, what string, ok func(Site) error) Site {
	t.Helper()
	var site Site
	Eventually(t, limit, host+" "+what, func() error {
		var found bool
		if site, found = w.Find(t, host); !found {
			return fmt.Errorf("not in the list")
		}
		return ok(site)
	})
	return site
}

// WaitSeeding waits until all of the site of that host has been downloaded.
func (w *Wtptui) WaitSeeding(t testing.TB, limit time.Duration, host string) Site {
	t.Helper()
	return w.WaitSite(t, limit, host, "to be seeding", func(s Site) error {
		if s.State != "seeding" {
			return fmt.Errorf("%s: %d of %d bytes %s", s.State, s.Completed, s.Size, s.Error)
		}
		return nil
	})
}
