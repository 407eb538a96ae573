package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/engine/swarm"
)

const (
	// resolveTimeout is how long the names of a count may take to resolve, and maxResolves how many are resolved at a
	// time.
	resolveTimeout = 30 * time.Second
	maxResolves    = 8
)

// copyCounter counts the copies of the sites of a pin list. The resolver returns their infohashes, and trackers and the
// DHT who has them.
type copyCounter struct {
	swarm interface {
		CountCopies(ctx context.Context, queries []swarm.CopiesQuery) []swarm.CopiesAnswer
	}
	names interface {
		Resolve(ctx context.Context, host string) (resolve.Answer, error)
	}
}

// CountCopies implements pinlist.Counter.
func (c *copyCounter) CountCopies(ctx context.Context, sites []pinlist.CountRequest) []pinlist.CountResult {
	queries, trackers := c.resolve(ctx, sites)
	results := make([]pinlist.CountResult, len(sites))
	var resolved []swarm.CopiesQuery
	var indexes []int
	for i, q := range queries {
		results[i] = pinlist.CountResult{Infohash: q.Infohash, Trackers: trackers[i], Copies: -1}
		if q.Infohash != "" {
			resolved, indexes = append(resolved, q), append(indexes, i)
		}
	}
	for i, a := range c.swarm.CountCopies(ctx, resolved) {
		n := &results[indexes[i]]
		n.Copies, n.Fetching, n.Met = a.Copies, a.Fetching, a.Met
	}
	return results
}

// resolve returns a query for each site, and the trackers that came with the names that had to be resolved. A query
// whose name could not be resolved has no infohash.
func (c *copyCounter) resolve(
	ctx context.Context, sites []pinlist.CountRequest,
) (queries []swarm.CopiesQuery, trackers [][]string) {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	queries, trackers = make([]swarm.CopiesQuery, len(sites)), make([][]string, len(sites))
	slots := make(chan struct{}, maxResolves)
	var wg sync.WaitGroup
	for i, a := range sites {
		addr, err := engine.ParseAddress(a.Address)
		if err != nil {
			continue
		}
		queries[i] = swarm.CopiesQuery{Infohash: a.Infohash, Trackers: slices.Concat(addr.Trackers, a.Trackers)}
		if a.Infohash != "" {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if answer, err := c.names.Resolve(ctx, addr.Host); err == nil {
				queries[i].Infohash, trackers[i] = answer.Infohash, answer.Trackers
				queries[i].Trackers = slices.Concat(addr.Trackers, answer.Trackers)
			}
		})
	}
	wg.Wait()
	return queries, trackers
}
