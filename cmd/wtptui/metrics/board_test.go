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

// everything is all that is told of a busy engine.
func everything(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	var hub watch.Hub
	defer hub.Close()
	hub.Publish(busy())
	s, root := start(t, &hub)
	s.Observe(engine.Request{Status: 200})
	return scrape(t, root, anything)
}

var metric = regexp.MustCompile(`\b(?:wtptui|process|go)_\w+`)

// named are the metrics that an expression names.
func named(expr string) []string {
	names := metric.FindAllString(expr, -1)
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, "_bucket")
	}
	return names
}

// notEverywhere are the metrics that only some systems tell.
var notEverywhere = map[string]bool{
	"process_cpu_seconds_total": true, "process_start_time_seconds": true, "process_resident_memory_bytes": true,
	"process_open_fds": true, "process_max_fds": true,
}

// TestBoard compares the Grafana board with what is told: it asks for nothing else, and leaves nothing out.
func TestBoard(t *testing.T) {
	told := everything(t)
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
			for _, name := range named(target.Expr) {
				shown[name] = true
				if told[name] == nil && !notEverywhere[name] {
					t.Errorf("%s asks for %s, which is not told", p.Title, name)
				}
			}
		}
	}
	for name := range told {
		if !shown[name] {
			t.Errorf("%s is on no panel", name)
		}
	}
}

// TestAlerts compares the alert rules with what is told. promtool tries them in the end-to-end tests.
func TestAlerts(t *testing.T) {
	told := everything(t)
	data, err := os.ReadFile("../packaging/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	names := named(string(data))
	if len(names) < 20 {
		t.Errorf("the rules name only %q", names)
	}
	for _, name := range names {
		if told[name] == nil && !notEverywhere[name] {
			t.Errorf("a rule asks for %s, which is not told", name)
		}
	}
}
