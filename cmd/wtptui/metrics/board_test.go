package metrics_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// TestBoard compares the Grafana board with what is told: it asks for nothing else, and leaves nothing out.
func TestBoard(t *testing.T) {
	var hub watch.Hub
	defer hub.Close()
	hub.Publish(busy())
	s, root := start(t, &hub)
	s.Observe(engine.Request{Status: 200})
	told := scrape(t, root, anything)

	data, err := os.ReadFile("../packaging/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			for _, name := range regexp.MustCompile(`wtptui_\w+`).FindAllString(target.Expr, -1) {
				name = strings.TrimSuffix(name, "_bucket")
				shown[name] = true
				if told[name] == nil {
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
