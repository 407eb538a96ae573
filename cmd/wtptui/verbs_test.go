package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"wtptui/engine"
)

// batchEngine is an engine that records the number of sites in each request. It refuses one of the sites.
type batchEngine struct {
	engine.Engine

	sizes   []int
	refused string
	end     context.CancelFunc // called with the second request
}

func (p *batchEngine) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	p.sizes = append(p.sizes, len(hosts))
	if p.end != nil && len(p.sizes) == 2 {
		p.end()
		return ctx.Err()
	}
	for _, host := range hosts {
		if host == p.refused {
			return &engine.Failures{
				Each: []*engine.Error{{Op: string(verb), Host: host, Kind: engine.NotFound, Msg: "it is not here"}},
			}
		}
	}
	return nil
}

// With many sites the outcome is printed after each batch, and a failure does not affect the other sites.
func TestVerbWorksInBatches(t *testing.T) {
	var hosts []string
	for i := range 2*batchSize + 50 {
		hosts = append(hosts, fmt.Sprintf("%040x", i))
	}
	var stdout, stderr strings.Builder
	c := newClient(environment{stdout: &stdout, stderr: &stderr}, &settings{})
	p := &batchEngine{refused: hosts[batchSize+7]}
	err := c.applyVerb(t.Context(), p, engine.Pin, hosts)
	if !errors.Is(err, errReported) || fmt.Sprint(p.sizes) != fmt.Sprint([]int{batchSize, batchSize, 50}) {
		t.Errorf("%v, asked for %v at once", err, p.sizes)
	}
	lines := strings.Count(stdout.String(), "pinned ")
	if lines != len(hosts)-1 || stderr.String() != "wtptui: "+p.refused+": it is not here\n" {
		t.Errorf("%d are told of, and\n%s", lines, stderr.String())
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = c.applyVerb(ctx, &batchEngine{end: cancel}, engine.Pin, hosts)
	want := fmt.Sprintf("interrupted after %d of %d", batchSize, len(hosts))
	if !strings.Contains(engine.Message(err), want) {
		t.Errorf("interrupted, it says %q, want %q", engine.Message(err), want)
	}
}
