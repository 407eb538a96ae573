package metrics_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// scrapeBusyEngine returns all metrics of a busy engine.
func scrapeBusyEngine(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	var hub watch.Hub
	defer hub.Close()
	hub.Publish(busySnapshot())
	s, root := startServer(t, &hub)
	s.Observe(engine.Request{Status: 200})
	return scrape(t, root, always)
}

var metricName = regexp.MustCompile(`\b(?:wtptui|process|go)_\w+`)

// metricNames returns the names of the metrics in an expression.
func metricNames(expr string) []string {
	names := metricName.FindAllString(expr, -1)
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, "_bucket")
	}
	return names
}

// dependsOnSystem has the metrics that only some systems have.
var dependsOnSystem = map[string]bool{
	"process_cpu_seconds_total": true, "process_start_time_seconds": true, "process_resident_memory_bytes": true,
	"process_open_fds": true, "process_max_fds": true,
}

// TestBoardShowsAllMetrics compares the Grafana board with the metrics: it uses no others, and shows all.
func TestBoardShowsAllMetrics(t *testing.T) {
	exported := scrapeBusyEngine(t)
	data, err := os.ReadFile("../packaging/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	shown, panels := map[string]bool{}, map[int]bool{}
	for _, p := range board.Panels {
		if panels[p.ID] {
			t.Errorf("two panels have the number %d", p.ID)
		}
		panels[p.ID] = true
		for _, target := range p.Targets {
			for _, name := range metricNames(target.Expr) {
				shown[name] = true
				if exported[name] == nil && !dependsOnSystem[name] {
					t.Errorf("%s asks for %s, which is not exported", p.Title, name)
				}
			}
		}
	}
	for name := range exported {
		if !shown[name] {
			t.Errorf("%s is on no panel", name)
		}
	}
}

// TestAlertsUseExportedMetrics compares the alert rules with the metrics. promtool tries the rules in the end-to-end
// tests.
func TestAlertsUseExportedMetrics(t *testing.T) {
	exported := scrapeBusyEngine(t)
	data, err := os.ReadFile("../packaging/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	names := metricNames(string(data))
	if len(names) < 20 {
		t.Errorf("the rules name only %q", names)
	}
	for _, name := range names {
		if exported[name] == nil && !dependsOnSystem[name] {
			t.Errorf("a rule asks for %s, which is not exported", name)
		}
	}
}
