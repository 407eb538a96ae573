package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/bencode"

	"wtptui/cmd/wtptui/e2e/peers"
)

// homeTrackerURLs are the tracker's addresses as a home lists them, best first.
var homeTrackerURLs = []string{webTrackerURL, trackerURLs["UDP"], trackerURLs["HTTPS"]}

// Links, torrents and records of a site that was published at a home contain the home's tracker, by which a person who
// knows nothing else gets the site.
func TestPublishedSitesNameTheHomeTracker(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.UnboundTool) {
		return
	}
	h := startTrackerHome(t)
	const name = "published.wtp.test"
	published := publish(t, h.Wtptui, makeSmallSite(t), "--name", name)
	torrent := filepath.Join(t.TempDir(), "site.torrent")
	putFile(t, filepath.Dir(torrent), filepath.Base(torrent), h.Run(t, "export", "--torrent", name))
	magnet := strings.TrimSpace(h.Run(t, "export", "--magnet", name))

	var file struct {
		Announce string     `bencode:"announce"`
		List     [][]string `bencode:"announce-list"`
	}
	content, err := os.ReadFile(torrent)
	if err == nil {
		err = bencode.Unmarshal(content, &file)
	}
	if err != nil || file.Announce != homeTrackerURLs[0] || !slices.Equal(slices.Concat(file.List...), homeTrackerURLs) {
		t.Errorf("the .torrent file names %q and %q: %v", file.Announce, file.List, err)
	}
	if link, err := url.Parse(magnet); err != nil || !slices.Equal(link.Query()["tr"], homeTrackerURLs) {
		t.Errorf("the magnet link is %s: %v", magnet, err)
	}
	var records []string
	for _, domain := range []string{name, "www." + name} {
		for _, text := range []string{
			"wtpkey=" + published.Infohash, "wtptracker=" + trackerURLs["UDP"], "wtptracker=" + webTrackerURL,
		} {
			records = append(records, fmt.Sprintf("%s. 300 IN TXT %q", domain, text))
		}
	}
	if got := slices.Sorted(slices.Values(published.Records)); !slices.Equal(got, records) {
		t.Errorf("the records are\n%s", strings.Join(got, "\n"))
	}

	dns := peers.StartUnbound(t)
	dns.SetRecords(t, published.Records...)
	for what, address := range map[string]string{
		"a torrent file": torrent, "a magnet link": magnet, "a domain": "wtp://" + name + "/",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newVisitor(t, h.roots, dns)
			w.Start(t)
			w.Run(t, "add", address)
			host := published.Infohash
			if what == "a domain" {
				host = name
			}
			site := w.WaitSeeding(t, waitLong, host)
			checkSameSite(t, w, waitLong, site.LocalURL, published.dir)
		})
	}
}

// newVisitor prepares a wtptui on another person's machine, without trackers.
func newVisitor(t *testing.T, roots string, dns *peers.Unbound) *peers.Wtptui {
	t.Helper()
	var all []byte
	for _, file := range []string{roots, dns.Cert} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	trusted := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(trusted, all, 0o600); err != nil {
		t.Fatal(err)
	}
	w := peers.NewWtptui(t, binaryPath(t),
		"--peer-host", peers.FreeHost(t), "--tracker", "none", "--stun", "none", "--doh", dns.URL)
	w.Setenv("SSL_CERT_FILE="+trusted, "SSL_CERT_DIR=/nowhere")
	return w
}

// What the tracker does is counted in the metrics of its operator.
func TestHomeTrackerIsInMetrics(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.BittorrentTracker) {
		return
	}
	metrics := fmt.Sprintf("%s:%d", peers.HomeAddress, peers.FreePort(t))
	h := startTrackerHome(t, "--metrics-listen", metrics, "--listen-public")
	site := h.List(t)[0]
	// count is what the metrics say.
	count := func() map[string]float64 {
		got := map[string]float64{}
		_, text := getURL(t, "http://"+metrics+"/metrics")
		for line := range strings.Lines(text) {
			var value float64
			name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			if short, ours := strings.CutPrefix(name, "wtptui_home_tracker_"); ours {
				if _, err := fmt.Sscan(rest, &value); err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				got[short] = value
			}
		}
		return got
	}
	ours := []*peers.TrackerClient{}
	for _, url := range []string{trackerURLs["UDP"], webTrackerURL} {
		c := peers.StartTrackerClient(t, url, site.Host, h.roots)
		c.Announce(t, peers.Started, 100)
		ours = append(ours, c)
	}
	want := map[string]float64{"swarms": 1, "peers": 2, "web_peers": 1, "sockets": 1} // The home itself is not counted.
	peers.Eventually(t, waitLong, "the metrics to say who is there", func() error {
		got := count()
		delete(got, "announces_total")
		delete(got, "refused_total")
		if !maps.Equal(got, want) {
			return fmt.Errorf("%v, not %v", got, want)
		}
		return nil
	})
	before := count()
	const more = 7
	for range more {
		ours[0].Announce(t, peers.Updated, 100)
	}
	stranger := peers.StartTrackerClient(t, trackerURLs["HTTP"], unseededHost, h.roots)
	stranger.Announce(t, peers.Started, 100)
	peers.Eventually(t, waitLong, "the metrics to count", func() error {
		got := count()
		if got["announces_total"] < before["announces_total"]+more || got["refused_total"] != before["refused_total"]+1 {
			return fmt.Errorf("%v after %v", got, before)
		}
		return nil
	})
	told := h.Run(t, "home")
	urls := strings.Join(homeTrackerURLs, " ")
	for _, part := range []string{"2 peers in 1 swarm, 1 browser", "1 refused", "at " + urls} {
		if !strings.Contains(told, part) {
			t.Errorf("wtptui home does not say %q:\n%s", part, told)
		}
	}
}

// A home without another tracker finds out by its own that both browsers and torrent clients can load what it
// publishes.
func TestProbeUsesTheHomeTracker(t *testing.T) {
	t.Parallel()
	if !runInInternet(t) {
		return
	}
	h := newTrackerHome(t)
	h.Setenv("SSL_CERT_FILE="+h.roots, "SSL_CERT_DIR=/nowhere")
	h.startServing(t, unseededHost)
	site := h.publishUnique(t, "")
	peers.Eventually(t, waitLong, "strangers to come in", func() error {
		var doc struct {
			Probe probeReport `json:"probe"`
		}
		text := h.Run(t, "publish", "--json", "--probe", site.dir)
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		if !doc.Probe.TCP.OK || !doc.Probe.WebRTC.OK { // A busy machine may need more than one try.
			return fmt.Errorf("%+v", doc.Probe)
		}
		return nil
	})
}
