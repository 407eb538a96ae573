package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A visit of a site is found in the metrics that Prometheus reads.
func TestMetricsCountAVisit(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none", "--metrics-listen", "127.0.0.1:0")
	m := regexp.MustCompile(`msg=metrics url=(http://\S+)/metrics\n`).FindStringSubmatch(w.Log())
	if m == nil {
		t.Fatalf("the log does not say where the metrics are:\n%s", w.Log())
	}
	root := m[1]
	welcome := w.List(t)[0]
	if status, _, err := w.Get(t.Context(), welcome.LocalURL, "index.html"); err != nil || status != http.StatusOK {
		t.Fatalf("%d, %v", status, err)
	}
	if status, _, err := w.Get(t.Context(), welcome.LocalURL, "missing.html"); err != nil ||
		status != http.StatusNotFound {
		t.Fatalf("%d, %v", status, err)
	}
	families := map[string]*dto.MetricFamily{}
	text := ""
	peers.Eventually(t, waitLong, "both requests to be counted", func() error {
		code, body := getURL(t, root+"/metrics")
		text = body
		if code != http.StatusOK {
			return fmt.Errorf("%d %s", code, body)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		var err error
		if families, err = parser.TextToMetricFamilies(strings.NewReader(body)); err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if n := families["wtptui_request_wait_seconds"].GetMetric()[0].GetHistogram().GetSampleCount(); n != 2 {
			return fmt.Errorf("%d requests:\n%s", n, body)
		}
		return nil
	})
	for _, name := range []string{
		"wtptui_sites", "wtptui_peers", "wtptui_cache_used_bytes", "wtptui_transferred_bytes_total",
		"wtptui_requests_total", "wtptui_disk_free_bytes",
	} {
		if families[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	if free := families["wtptui_disk_free_bytes"].GetMetric()[0].GetGauge().GetValue(); free <= 0 {
		t.Errorf("%v bytes of disk are free", free)
	}
	t.Run("promtool", func(t *testing.T) {
		peers.Require(t, peers.PrometheusTool)
		runPromtool(t, text, "check", "metrics")
	})
	if code, body := getURL(t, root+"/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("healthz: %d %q", code, body)
	}
	// The pages' own port never tells them.
	for _, path := range []string{"metrics", "healthz"} {
		if code, _ := getURL(t, w.Root+path); code != http.StatusNotFound {
			t.Errorf("/%s on the pages' port: %d, want 404", path, code)
		}
	}
}

// If the port for metrics is taken, the start fails: an operator should hear that there are none.
func TestMetricsOnATakenPortAreRefused(t *testing.T) {
	t.Parallel()
	first := startWtptui(t, "--tracker", "none")
	taken := strings.TrimSuffix(strings.TrimPrefix(first.Root, "http://localhost:"), "/")
	second := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	_, stderr, code := second.RunCode(t, "serve", "--listen", "127.0.0.1:0", "--peer-host", "127.0.0.1",
		"--peer-port", "0",
		"--no-dht", "--no-lsd", "--no-upnp", "--tracker", "none", "--metrics-listen", "127.0.0.1:"+taken)
	if code != 1 || !strings.Contains(stderr, "address already in use: choose another address with --metrics-listen") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// getURL returns the status and the body of a URL on loopback.
func getURL(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
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
