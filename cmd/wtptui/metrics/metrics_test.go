package metrics_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.uber.org/goleak"

	"wtptui/cmd/wtptui/metrics"
	"wtptui/engine"
	"wtptui/engine/watch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func busySnapshot() engine.Snapshot {
	recent := engine.At(time.Now().Add(-time.Hour))
	at := engine.At(time.Unix(1_700_000_000, 0))
	return engine.Snapshot{
		Sites: []engine.Site{
			{Host: "a.example", State: engine.Seeding, Pinned: true, Completed: 10, Downloaded: 1000, Uploaded: 1, Copies: -1},
			{Host: "b.example", State: engine.Downloading, Completed: 5, Downloaded: 50},
			{Host: "c.example", State: engine.Seeding, Mine: true, Own: true, Pinned: true, Copies: 3},
			{Host: "welcome.example", State: engine.Seeding, Mine: true, Pinned: true, Copies: 0},
			{Host: "f.example", State: engine.Seeding, Size: 1, Completed: 1, Copies: 0},
			{Host: "d.example", State: engine.Found},
			{
				Host: engine.PublicKey{1}.Host(), State: engine.Failed, Copies: -1,
				Record: engine.Record{ReadAt: recent, Nearest: 8, Found: 5, PutAt: recent, Nodes: 7},
			},
			{
				Host: "e.example", State: engine.Failed, Copies: -1,
				Record: engine.Record{Infohash: "a", PutAt: at, Nodes: 8, Error: "nobody takes it"},
			},
		},
		Status: engine.Status{
			Version: "1 \"quoted\"\\\n", StartedAt: at, Online: true, PortOpen: true, DHTNodes: 12, WebTrackers: 1,
			CacheUsed: 5, CacheLimit: 7,
			Disk:   engine.Disk{Free: 3000, Needed: 1000},
			Queue:  engine.Queue{LookUps: 4, Torrents: 5, Announces: 6},
			Names:  engine.Names{Good: 7, Failing: 8, Disagreeing: 9},
			Bin:    engine.Bin{Period: 60, Sites: 2, Bytes: 11},
			Limits: engine.Limits{Down: 100}, Warnings: []string{"one"},
			Scrub: engine.Scrub{
				Period: 600, Host: "a.example", Waiting: "for power", Bytes: 500, Pieces: 2, Damaged: 1, Unchecked: 4, Oldest: at,
			},
			Homes: []engine.Home{
				{Name: "www.home.test", Host: "a.example", Requests: 7, Bytes: 900, WebSeed: 300, Uploaded: 1},
				{Name: "off.home.test", Host: "gone.example", Off: true},
			},
			HomeTracker: engine.HomeTracker{
				URLs: []string{"wss://www.home.test/announce"}, Swarms: 3, Peers: 16, WebPeers: 4, Sockets: 5,
				Announces: 8211, Refused: 37,
			},
			Trackers: []engine.Tracker{
				{URL: "udp://good.example:1/announce", Status: "working", Last: at},
				{URL: "https://secret.example/0123passkey/announce", Status: "working", Last: at},
				{URL: "https://secret.example/4567passkey/announce", Status: "failing", Last: at},
				{URL: "wss://idle.example", Status: "idle"},
			},
			Resolvers: []engine.Resolver{
				{URL: "https://doh.example/dns-query", Last: at, Took: 25e6},
				{URL: "https://dead.example/", Last: at, Took: 5e9, Error: "timeout"},
				{URL: "https://unasked.example/"},
			},
		},
	}
}

// startServer starts a server for an engine whose snapshots hub publishes.
func startServer(t *testing.T, hub *watch.Hub) (s *metrics.Server, root string) {
	t.Helper()
	s = metrics.New(metrics.Config{
		Engine: hub, Beats: func() uint64 { return 1 },
		Peers:       func() map[engine.Via]int { return map[engine.Via]int{engine.TCP: 3, engine.WebRTC: 2} },
		Transferred: func() (down, up int64) { return 3000, 40 },
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Serve(ln); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
		wg.Wait()
		http.DefaultClient.CloseIdleConnections()
	})
	return s, "http://" + ln.Addr().String()
}

func get(t *testing.T, url, host string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// scrape reads /metrics with Prometheus' own parser, as soon as ready returns true for the result.
func scrape(t *testing.T, root string, ready func(map[string]*dto.MetricFamily) bool) map[string]*dto.MetricFamily {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		code, body := get(t, root+"/metrics", "")
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(body))
		if code == http.StatusOK && err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if code == http.StatusOK && ready(families) {
			return families
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited for the metrics: %d\n%s", code, body)
		}
	}
}

// sampleValue returns the value of the sample with these labels, each as name=value.
func sampleValue(t *testing.T, families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		var have []string
		for _, l := range m.GetLabel() {
			have = append(have, l.GetName()+"="+l.GetValue())
		}
		if strings.Join(have, ",") == strings.Join(labels, ",") {
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	t.Errorf("there is no %s%q", name, labels)
	return -1
}

func always(map[string]*dto.MetricFamily) bool { return true }

func TestEveryMetric(t *testing.T) {
	var hub watch.Hub
	defer hub.Close()
	hub.Publish(busySnapshot())
	s, root := startServer(t, &hub)
	s.Observe(engine.Request{Status: 200, Bytes: 1000, Wait: 2e6, Took: 3e6})
	s.Observe(engine.Request{Status: 504, Wait: 31e9, Took: 31e9, Pieces: 4})
	got := scrape(t, root, always)
	for _, tc := range []struct {
		name   string
		labels []string
		want   float64
	}{
		{"wtptui_build_info", []string{"version=1 \"quoted\"\\\n"}, 1},
		{"wtptui_start_time_seconds", nil, 1_700_000_000},
		{"wtptui_online", nil, 1},
		{"wtptui_warnings", nil, 1},
		{"wtptui_sites", []string{"state=seeding"}, 4},
		{"wtptui_sites", []string{"state=downloading"}, 1},
		{"wtptui_sites", []string{"state=error"}, 2},
		{"wtptui_sites", []string{"state=found"}, 1},
		{"wtptui_kept_sites", []string{"by=found"}, 1},
		{"wtptui_site_copies", []string{"by=pinned", "copies=unknown"}, 1},
		{"wtptui_site_copies", []string{"by=cached", "copies=0"}, 1},
		{"wtptui_site_copies", []string{"by=mine", "copies=0"}, 0},
		{"wtptui_site_copies", []string{"by=mine", "copies=2-4"}, 1},
		{"wtptui_disk_free_bytes", nil, 3000},
		{"wtptui_disk_needed_bytes", nil, 1000},
		{"wtptui_queue_length", []string{"queue=look_ups"}, 4},
		{"wtptui_queue_length", []string{"queue=torrents"}, 5},
		{"wtptui_queue_length", []string{"queue=announces"}, 6},
		{"wtptui_names", []string{"state=good"}, 7},
		{"wtptui_names", []string{"state=failing"}, 8},
		{"wtptui_names", []string{"state=disagreeing"}, 9},
		{"wtptui_responsive", nil, 1},
		{"wtptui_resting_sites", nil, 0},
		{"wtptui_records", []string{"state=kept"}, 1},
		{"wtptui_records", []string{"state=not_kept"}, 1},
		{"wtptui_record_errors", nil, 1},
		{"wtptui_record_least_nodes", nil, 0},
		{"wtptui_record_oldest_put_timestamp_seconds", nil, 1_700_000_000},
		{"wtptui_kept_sites", []string{"by=mine"}, 2},
		{"wtptui_kept_sites", []string{"by=pinned"}, 1},
		{"wtptui_kept_sites", []string{"by=cached"}, 4},
		{"wtptui_content_bytes", nil, 16},
		{"wtptui_cache_used_bytes", nil, 5},
		{"wtptui_cache_limit_bytes", nil, 7},
		{"wtptui_bin_sites", nil, 2},
		{"wtptui_bin_bytes", nil, 11},
		{"wtptui_peers", []string{"via=TCP"}, 3},
		{"wtptui_peers", []string{"via=uTP"}, 0},
		{"wtptui_peers", []string{"via=WebRTC"}, 2},
		{"wtptui_peer_port_open", nil, 1},
		{"wtptui_web_trackers_connected", nil, 1},
		{"wtptui_dht_nodes", nil, 12},
		{"wtptui_limit_bytes_per_second", []string{"direction=down"}, 100},
		{"wtptui_tracker_up", []string{"tracker=udp://good.example:1"}, 1},
		{"wtptui_tracker_up", []string{"tracker=https://secret.example"}, 0},
		{"wtptui_tracker_last_announce_seconds", []string{"tracker=udp://good.example:1"}, 1_700_000_000},
		{"wtptui_resolver_up", []string{"resolver=https://doh.example"}, 1},
		{"wtptui_resolver_up", []string{"resolver=https://dead.example"}, 0},
		{"wtptui_resolver_seconds", []string{"resolver=https://doh.example"}, .025},
		{"wtptui_requests_total", []string{"code=200"}, 1},
		{"wtptui_requests_total", []string{"code=504"}, 1},
		{"wtptui_response_bytes_total", nil, 1000},
		{"wtptui_transferred_bytes_total", []string{"direction=down"}, 3000},
		{"wtptui_transferred_bytes_total", []string{"direction=up"}, 40},
		{"wtptui_request_pieces_total", nil, 4},
		{"wtptui_home_requests_total", []string{"name=www.home.test"}, 7},
		{"wtptui_home_bytes_total", []string{"name=www.home.test", "way=home"}, 600},
		{"wtptui_home_bytes_total", []string{"name=www.home.test", "way=webseed"}, 300},
		{"wtptui_home_bytes_total", []string{"name=www.home.test", "way=swarm"}, 1},
		{"wtptui_home_bytes_total", []string{"name=off.home.test", "way=home"}, 0},
		{"wtptui_home_off", []string{"name=www.home.test"}, 0},
		{"wtptui_home_off", []string{"name=off.home.test"}, 1},
		{"wtptui_home_tracker_swarms", nil, 3},
		{"wtptui_home_tracker_peers", nil, 16},
		{"wtptui_home_tracker_web_peers", nil, 4},
		{"wtptui_home_tracker_sockets", nil, 5},
		{"wtptui_home_tracker_announces_total", nil, 8211},
		{"wtptui_home_tracker_refused_total", nil, 37},
		{"wtptui_scrub_bytes_total", nil, 500},
		{"wtptui_scrub_pieces_total", nil, 2},
		{"wtptui_scrub_damaged_pieces_total", nil, 1},
		{"wtptui_scrub_waiting", nil, 1},
		{"wtptui_scrub_period_seconds", nil, 600},
		{"wtptui_scrub_unchecked_torrents", nil, 4},
		{"wtptui_scrub_oldest_check_timestamp_seconds", nil, 1_700_000_000},
	} {
		if v := sampleValue(t, got, tc.name, tc.labels...); v != tc.want {
			t.Errorf("%s%q is %v, want %v", tc.name, tc.labels, v, tc.want)
		}
	}
	if n := len(got["wtptui_tracker_up"].GetMetric()); n != 2 {
		t.Errorf("%d trackers, want 2: one that has not been asked has no health", n)
	}
	wait := got["wtptui_request_wait_seconds"].GetMetric()[0].GetHistogram()
	if wait.GetSampleCount() != 2 || wait.GetSampleSum() != 31.002 || wait.GetBucket()[1].GetCumulativeCount() != 1 {
		t.Errorf("wait %v", wait)
	}
	if sampleValue(t, got, "wtptui_goroutines") < 1 {
		t.Error("no goroutine")
	}
	if _, body := get(t, root+"/metrics", ""); strings.Contains(body, "a.example") ||
		strings.Contains(body, engine.PublicKey{1}.Host()) || strings.Contains(body, "passkey") {
		t.Errorf("a host or a secret is told:\n%s", body)
	}
}

func TestHealthFollowsTheEngine(t *testing.T) {
	var hub watch.Hub
	hub.Publish(busySnapshot())
	_, root := startServer(t, &hub)
	scrape(t, root, always)
	if code, body := get(t, root+"/healthz", ""); code != http.StatusOK || body != "ok\n" {
		t.Errorf("%d %q", code, body)
	}
	hub.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		if code, _ := get(t, root+"/healthz", ""); code == http.StatusServiceUnavailable {
			break
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatal("still healthy after the engine's end")
		}
	}
	if code, _ := get(t, root+"/metrics", ""); code != http.StatusServiceUnavailable {
		t.Errorf("metrics of no engine: %d", code)
	}
}

func TestForeignHostsAndMethodsAreRejected(t *testing.T) {
	var hub watch.Hub
	defer hub.Close()
	hub.Publish(busySnapshot())
	_, root := startServer(t, &hub)
	scrape(t, root, always)
	for _, tc := range []struct {
		path, host string
		want       int
	}{
		{"/metrics", "localhost:1", 200},
		{"/metrics", "evil.example", 421},
		{"/healthz", "127.0.0.1.evil.example:80", 421},
		{"/", "", 404},
		{"/debug/pprof/", "", 404},
		{"/debug/vars", "", 404},
	} {
		if code, _ := get(t, root+tc.path, tc.host); code != tc.want {
			t.Errorf("%s as %q: %d, want %d", tc.path, tc.host, code, tc.want)
		}
	}
	res, err := http.Post(root+"/metrics", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", res.StatusCode)
	}
}
