package metrics_test

import (
	"os/exec"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine"
	"wtptui/engine/watch"
)

// Prometheus' own tool accepts all metrics.
func TestPromtoolAcceptsTheMetrics(t *testing.T) {
	peers.Require(t, peers.PrometheusTool)
	var hub watch.Hub
	defer hub.Close()
	hub.Publish(busySnapshot())
	s, root := startServer(t, &hub)
	s.Observe(engine.Request{Status: 200})
	scrape(t, root, always)
	_, body := get(t, root+"/metrics", "")
	cmd := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(body)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
