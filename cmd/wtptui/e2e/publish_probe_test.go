package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// probeReport is what a probe prints, with the fields that are used here.
type probeReport struct {
	TCP     probeResult `json:"tcp"`
	WebRTC  probeResult `json:"webrtc"`
	Verdict string      `json:"verdict"`
}

type probeResult struct {
	OK    bool   `json:"ok"`
	Took  int64  `json:"took"`
	Peers int    `json:"peers"`
	Why   string `json:"why"`
}

// A peer elsewhere reports who can load a site: all, torrent clients alone, or nobody, and why.
func TestProbeReportsWhoCanLoadASite(t *testing.T) {
	t.Parallel()
	both := peers.StartTracker(t, peers.TrackerOptions{})
	const dead = "http://127.0.0.1:1/announce" // No program is given that port by chance.
	for name, tt := range map[string]struct {
		trackers []string
		tcp, web bool
		verdict  string
		why      string
	}{
		"everybody": {[]string{both.HTTP, both.WS}, true, true, "browsers and torrent clients can load it", ""},
		"only torrent clients": {
			[]string{both.HTTP},
			true, false, "only torrent clients can load it, browsers cannot: ",
			"no WebTorrent tracker is configured",
		},
		"nobody": {[]string{dead}, false, false, "nobody can load it. ", "refuses the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startWeb(t, tt.trackers)
			p := publish(t, w, makeSmallSite(t))
			if tt.tcp {
				both.WaitEvent(t, waitLong, p.Infohash, peers.Started, w.PeerPort)
			}
			var doc struct {
				Host  string      `json:"host"`
				Probe probeReport `json:"probe"`
			}
			peers.Eventually(t, 2*waitLong, "the verdict", func() error {
				// A busy machine may need more than one try to meet over WebRTC.
				text := w.Run(t, "publish", "--json", "--probe", p.dir)
				if err := json.Unmarshal([]byte(text), &doc); err != nil || doc.Host == "" {
					t.Fatalf("%v:\n%s", err, text)
				}
				if r := doc.Probe; r.TCP.OK != tt.tcp || r.WebRTC.OK != tt.web {
					return fmt.Errorf("%+v", r)
				}
				return nil
			})
			r := doc.Probe
			if !strings.HasPrefix(r.Verdict, tt.verdict) || !strings.Contains(r.Verdict, tt.why) {
				t.Errorf("the verdict is %+v", r)
			}
			for _, way := range []probeResult{r.TCP, r.WebRTC} {
				if way.OK != (way.Why == "") || way.OK != (way.Peers > 0 && way.Took > 0) && !strings.Contains(way.Why, "met") {
					t.Errorf("%+v", way)
				}
			}
		})
	}
}
